/**
 * @module Lists of numbers, and what other lists need before their elements. Knows element types as typed arrays.
 */
import { allocate, checkList } from "./memory.js";

/** @typedef {import("./memory.js").Memory} Memory */

/**
 * A list of a number type as a typed array of its own.
 * @template {import("./types.d.ts").NumberArray} T
 * @param {Memory} mem
 * @param {number} ptr
 * @param {number} length
 * @param {import("./types.d.ts").NumberArrayConstructor<T>} Numbers
 * @returns {T}
 */
export function loadNumbers(mem, ptr, length, Numbers) {
  const size = Numbers.BYTES_PER_ELEMENT;
  checkList(mem, ptr, length, size, size);
  // Engines copy a typed array without a call into their depths; an array buffer they do not.
  const view = new Numbers(mem.u8.buffer, ptr, length);
  return /** @type {T} */ (view.slice());
}

/**
 * The same for `list<u8>`, where the view is there already.
 * @param {Memory} mem
 * @param {number} ptr
 * @param {number} length
 * @returns {Uint8Array}
 */
export function loadBytes(mem, ptr, length) {
  checkList(mem, ptr, length, 1, 1);
  return mem.u8.slice(ptr, ptr + length);
}

/**
 * @template {import("./types.d.ts").NumberArray} T
 * @param {Memory} mem
 * @param {any} v a typed array, or any iterable of what it takes
 * @param {import("./types.d.ts").NumberArrayConstructor<T>} Numbers
 * @returns {number}
 */
export function storeNumbers(mem, v, Numbers) {
  const list = v instanceof Numbers ? v : Numbers.from(toArray(v));
  const { length } = list;
  const size = Numbers.BYTES_PER_ELEMENT;
  const ptr = allocate(mem, length, size, size);
  new Numbers(mem.u8.buffer, ptr, length).set(/** @type {any} */ (list));
  mem.length = length;
  return ptr;
}

/**
 * @param {Memory} mem
 * @param {any} v a Uint8Array, or any iterable of what it takes
 * @returns {number}
 */
export function storeBytes(mem, v) {
  const bytes = v instanceof Uint8Array ? v : Uint8Array.from(toArray(v));
  const { length } = bytes;
  const ptr = allocate(mem, length, 1, 1);
  mem.u8.set(bytes, ptr);
  mem.length = length;
  return ptr;
}

/**
 * A list as an array.
 * @param {any} v
 * @returns {any[]}
 */
export function toArray(v) {
  return Array.isArray(v) ? v : [...v];
}

/**
 * The elements of a fixed-length list, which have to be that many.
 * @param {any} v
 * @param {number} length
 * @returns {any}
 */
export function exactly(v, length) {
  const list = typeof v?.length === "number" ? v : Array.from(v);
  if (list.length !== length)
    throw new TypeError(`expected ${length} elements, got ${list.length}`);
  return list;
}

/**
 * The entries of a map.
 * @param {any} v a Map, other entries, or an object
 * @returns {[any, any][]}
 */
export function toEntries(v) {
  return typeof v?.[Symbol.iterator] === "function"
    ? Array.from(v)
    : Object.entries(v);
}
