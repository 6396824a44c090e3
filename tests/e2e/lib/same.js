/**
 * Deep equality of component values: strict, but a case without a payload may or may not have a `val` of undefined.
 * @module
 */
import assert from "node:assert/strict";

/** @param {any} value @returns {any} */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object" && !ArrayBuffer.isView(value)) {
    const entries = Object.entries(value).filter(
      ([name, v]) => name !== "val" || v !== undefined,
    );
    return Object.fromEntries(entries.map(([name, v]) => [name, plain(v)]));
  }
  return value;
}

/** @param {any} got @param {any} wanted @param {string} [message] */
export function assertSame(got, wanted, message) {
  assert.deepStrictEqual(plain(got), plain(wanted), message);
}
