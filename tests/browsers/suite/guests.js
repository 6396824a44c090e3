/**
 * In the place of `tests/e2e/lib/harness.js` where a suite runs in an engine of its own: guests come from the server and are
 * transpiled by our transpiler in that engine. What needs tsc or the command is not here.
 * @module
 */
import { transpile } from "slipway";
import { ground, guestBytes, importText } from "./ground.js";
import { NotHere } from "./not-here.js";

/**
 * @typedef {object} Built
 * @property {string} name
 * @property {Record<string, any>} files
 * @property {Array<[string, string]>} imports
 * @property {Array<[string, string]>} exports
 */

/**
 * @param {string} guest
 * @param {import('slipway').Options} [options]
 * @returns {Promise<Built>}
 */
export async function transpiled(guest, options = {}) {
  const adapters = ground.has.wasmAdapters ? "wasm" : "js";
  const name = options.name ?? guest;
  const bytes = await guestBytes(guest);
  const made = await transpile(bytes, { adapters, ...options, name });
  return { name, ...made };
}

/** @param {Built} built @returns {Promise<any>} */
export function load({ name, files }) {
  return importText(String(files[`${name}.js`]));
}

/**
 * @param {Built} built
 * @param {Record<string, any>} imports
 * @returns {Promise<any>}
 */
export async function instantiate(built, imports) {
  const { instantiate: make } = await load(built);
  return make(
    (/** @type {string} */ path) => WebAssembly.compile(built.files[path]),
    imports,
  );
}

/** @param {string} what @returns {() => never} */
const left = (what) => () => {
  throw new NotHere(`${what}: left to tests/e2e`);
};

export const assertTypes = left("types");
export const slipway = left("the command");
export const buildGuest = left("files of guests");
