/**
 * @module One linear memory as lifting and lowering see it, with its realloc. Knows bytes and ranges, no types.
 */
import { trap } from "./trap.js";

/** A memory, its realloc and the views of its buffer, which are made anew only when it has grown. */
export class Memory {
  /** @type {any} the memory, from the moment on that there is one */
  memory;
  /** @type {any} */
  realloc;
  u8 = new Uint8Array(0);
  /** @type {any} a DataView, from the first look on */
  view;
  /** The second half of what a string or list was lowered to: its length in code units or elements. */
  length = 0;
  /** @type {Uint8Array<ArrayBuffer> | undefined} where strings are encoded aside */
  scratch;
  /** @type {DataView<ArrayBuffer> | undefined} the same bytes */
  words;
}

/**
 * Checks a range before a byte of it is touched, and renews the views when growth has detached them.
 * @param {Memory} mem
 * @param {number} ptr
 * @param {number} byteLength
 * @param {number} align
 */
export function checkRange(mem, ptr, byteLength, align) {
  if (mem.u8.length === 0) refresh(mem);
  if (ptr & (align - 1)) trap("unaligned pointer");
  if (ptr + byteLength > mem.u8.length) trap("pointer out of bounds of memory");
}

/** @param {Memory} mem */
export function refresh(mem) {
  const { buffer } = mem.memory;
  mem.u8 = new Uint8Array(buffer);
  mem.view = new DataView(buffer);
}

/**
 * Room for `length` elements from the `realloc` option; what it returns is checked.
 * @param {Memory} mem
 * @param {number} length
 * @param {number} size
 * @param {number} align
 * @returns {number}
 */
export function allocate(mem, length, size, align) {
  const ptr = mem.realloc(0, 0, align, length * size) >>> 0;
  checkList(mem, ptr, length, size, align);
  return ptr;
}

/**
 * Checks the place of a list or string, and its length: `CanonicalABI.md#loading`, `MAX_LIST_BYTE_LENGTH` and
 * `MAX_STRING_BYTE_LENGTH`.
 * @param {Memory} mem
 * @param {number} ptr
 * @param {number} length
 * @param {number} size
 * @param {number} align
 */
export function checkList(mem, ptr, length, size, align) {
  if (length * size > 0xfffffff) trap("list or string too long");
  checkRange(mem, ptr, length * size, align);
}

/**
 * Stores what a string or list has just been lowered to.
 * @param {Memory} mem
 * @param {number} ptr
 * @param {number} begin
 */
export function storePair(mem, ptr, begin) {
  mem.view.setUint32(ptr, begin, true);
  mem.view.setUint32(ptr + 4, mem.length, true);
}

/**
 * `storePair` for a 64-bit memory.
 * @param {Memory} mem
 * @param {number} ptr
 * @param {number} begin
 */
export function storePair64(mem, ptr, begin) {
  mem.view.setBigUint64(ptr, BigInt(begin), true);
  mem.view.setBigUint64(ptr + 8, BigInt(mem.length), true);
}

/**
 * A 64-bit realloc as one that takes and returns numbers.
 * @param {(old: bigint, oldByteLength: bigint, align: bigint, byteLength: bigint) => bigint} realloc
 */
export function realloc64(realloc) {
  return (
    /** @type {number} */ a,
    /** @type {number} */ b,
    /** @type {number} */ c,
    /** @type {number} */ d,
  ) =>
    Number(
      BigInt.asUintN(64, realloc(BigInt(a), BigInt(b), BigInt(c), BigInt(d))),
    );
}
