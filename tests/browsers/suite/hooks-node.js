/**
 * Names that the suites import, in Node: see names.js.
 * @module
 */
import * as nodeModule from "node:module";
import { FILES, fileOf } from "./names.js";

const root = new URL("../../../", import.meta.url).href;

/**
 * @param {string} url
 * @returns {string}
 */
function replaced(url) {
  const file = url.startsWith(root) && FILES[url.slice(root.length)];
  return file ? root + file : url;
}

/**
 * @param {string} name
 * @param {object} context
 * @param {(name: string, context: object) => Promise<{ url: string }>} next
 */
export async function resolve(name, context, next) {
  const file = fileOf(name);
  if (file) return { url: root + file, shortCircuit: true };
  const found = await next(name, context);
  return { ...found, url: replaced(found.url) };
}

/**
 * The same for `registerHooks`, which waits for nothing.
 * @param {string} name
 * @param {any} context
 * @param {(name: string, context: any) => any} next
 */
function resolveNow(name, context, next) {
  const file = fileOf(name);
  if (file) return { url: root + file, shortCircuit: true };
  const found = next(name, context);
  return { ...found, url: replaced(found.url) };
}

// Hooks of the older kind are loaded in a thread of their own, which must not register them again.
const { registerHooks } = /** @type {any} */ (nodeModule);
if (registerHooks) registerHooks({ resolve: resolveNow });
else if (!process.env.SLIPWAY_HOOKED) {
  process.env.SLIPWAY_HOOKED = "1";
  nodeModule.register(import.meta.url);
}
