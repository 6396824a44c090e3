/**
 * Slipway in Node, Deno and Bun: the transpiler's Wasm is a file beside, and a `file:` URL can be a component.
 * @module
 */
import { readFile } from "node:fs/promises";
import { createSlipway } from "./slipway.js";

/** @type {import('./types.js').Platform} */
const platform = {
  async loadTranspiler() {
    const wasm = new URL("../dist/transpiler.wasm", import.meta.url);
    const [{ init }, module] = await Promise.all([
      import("../dist/transpiler.js"),
      readFile(wasm).then((bytes) => WebAssembly.compile(bytes)),
    ]);
    return () => init(module);
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

export const { transpile, compile } = createSlipway(platform);
export { TranspileError } from "./errors.js";
