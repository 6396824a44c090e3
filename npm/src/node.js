/**
 * Slipway in Node, Deno and Bun: the transpiler's Wasm is a file beside, and a `file:` URL can be a component.
 * @module
 */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createSlipway } from "./slipway.js";

/**
 * Reads and compiles in this thread: a millisecond, where waiting for other threads takes ten. The engine compiles a function
 * when it is first called.
 * @param {string} name
 */
const loadWasm = (name) =>
  new WebAssembly.Module(
    readFileSync(new URL(`../dist/${name}`, import.meta.url)),
  );

/** @type {import('./types.js').Platform} */
const platform = {
  async loadTranspiler() {
    const { init } = await import("../dist/transpiler.js");
    const module = loadWasm("transpiler.wasm");
    return () => init(module);
  },
  async loadSecondary() {
    return loadWasm("transpiler.secondary.wasm");
  },
  async open(url) {
    return url.protocol === "file:" ? readFile(url) : fetch(url);
  },
  importText: (text, name) =>
    // The last line gives stack traces a name in place of all of the code.
    import(
      `data:text/javascript;base64,${Buffer.from(`${text}\n//# sourceURL=slipway:${name}`).toString("base64")}`
    ),
};

/**
 * @typedef {import('./types.js').Component} Component
 * @typedef {import('./types.js').InstantiateOptions} InstantiateOptions
 * @typedef {import('./types.js').NameAndKind} NameAndKind
 * @typedef {import('./types.js').Options} Options
 * @typedef {import('./types.js').Source} Source
 * @typedef {import('./types.js').Transpiled} Transpiled
 * @typedef {import('./types.js').World} World
 * @typedef {import('./types.js').WorldExtern} WorldExtern
 * @typedef {import('./types.js').WorldType} WorldType
 */

export const { transpile, compile } = createSlipway(platform);
export { TranspileError } from "./errors.js";
