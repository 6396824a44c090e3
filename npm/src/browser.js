/**
 * Slipway in pages and workers: the transpiler's Wasm is fetched from beside this module, and generated JavaScript is imported
 * from a Blob.
 * @module
 */
import { createSlipway } from "./slipway.js";

/** @param {URL} url of a Wasm module */
async function loadWasm(url) {
  const response = await fetch(url);
  if (!response.ok)
    throw new Error(
      `${response.url}: ${response.status} ${response.statusText}`.trimEnd(),
    );
  // A server that does not know the type .wasm: compileStreaming would refuse.
  if (response.headers.get("content-type")?.startsWith("application/wasm"))
    return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** @type {import('./types.js').Platform} */
const platform = {
  async loadTranspiler() {
    const [{ init }, module] = await Promise.all([
      import("../dist/transpiler.js"),
      loadWasm(new URL("../dist/transpiler.wasm", import.meta.url)),
    ]);
    return () => init(module);
  },
  loadSecondary: () =>
    loadWasm(new URL("../dist/transpiler.secondary.wasm", import.meta.url)),
  open: (url) => fetch(url),
  async importText(text, name) {
    const blob = new Blob([text, `\n//# sourceURL=slipway:${name}`], {
      type: "text/javascript",
    });
    const url = URL.createObjectURL(blob);
    try {
      return await import(/* @vite-ignore */ /* webpackIgnore: true */ url);
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw new Error(
        "`compile` imports the JavaScript it makes from a blob: URL, and that is not possible here (a Content-Security-Policy without `script-src blob:`, or a service worker); transpile ahead of time instead",
        { cause },
      );
    } finally {
      URL.revokeObjectURL(url);
    }
  },
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
