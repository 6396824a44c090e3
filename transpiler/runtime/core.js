/**
 * @module Core modules of an ES module: found beside it, compiled as they arrive.
 */

/**
 * @param {URL} url
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compileCore(url) {
  if (url.protocol === "file:") {
    const { readFile } = await import(/* @vite-ignore */ "node:fs/promises");
    return WebAssembly.compile(await readFile(url));
  }
  const response = await fetch(url);
  // A server that does not know the media type is no reason to fail.
  return response.headers.get("content-type") === "application/wasm"
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/**
 * The bytes of a core module that stands in the JavaScript.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function base64(text) {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
