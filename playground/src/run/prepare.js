/**
 * What an instance is made from: the JavaScript in the form that `instantiate` exports, and the core modules compiled. Made
 * once a component; every worker gets the same modules.
 * @module
 */

/**
 * @typedef {object} Runnable
 * @property {string} code
 * @property {Map<string, WebAssembly.Module>} modules
 */

/**
 * @param {typeof import('slipway').transpile} transpile
 * @param {Uint8Array} bytes
 * @returns {Promise<Runnable>}
 */
export async function prepare(transpile, bytes) {
  const { files } = await transpile(bytes, {
    name: "component",
    instantiation: "async",
    typescript: false,
  });
  const code = files["component.js"];
  if (typeof code !== "string")
    throw new Error("the transpiler made no component.js");
  const compiled = Object.entries(files).flatMap(([path, contents]) =>
    contents instanceof Uint8Array
      ? [compile(path, /** @type {Uint8Array<ArrayBuffer>} */ (contents))]
      : [],
  );
  return { code, modules: new Map(await Promise.all(compiled)) };
}

/**
 * @param {string} path
 * @param {Uint8Array<ArrayBuffer>} contents
 * @returns {Promise<[string, WebAssembly.Module]>}
 */
async function compile(path, contents) {
  return [path, await WebAssembly.compile(contents)];
}
