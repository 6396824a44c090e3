/**
 * @module What wasm adapters import: handles from one table to another, borrow scopes, and why they trap.
 */
import {
  BorrowScope,
  checkBorrows,
  endBorrows,
  lend,
  liftOwn,
  lowerBorrow,
  lowerOwn,
} from "./handle.js";
import { Trap, fail } from "./trap.js";

/** @typedef {import("./trap.js").Root} Root */
/** @typedef {import("./handle.js").Table} Table */
/** @typedef {import("./handle.js").ResourceType} ResourceType */

/** In the order of `TrapCode` in emit/adapter. */
export const trapMessages = [
  "cannot leave component instance",
  "unaligned pointer",
  "pointer out of bounds of memory",
  "list content out-of-bounds",
  "string content out-of-bounds",
  "list too long",
  "string too long",
  "realloc return: result not aligned",
  "realloc return: beyond end of memory",
  "invalid utf-8 encoding",
  "unpaired surrogate in utf-16 encoding",
  "invalid `char` bit pattern",
  "invalid variant discriminant",
  "uncaught exception thrown out of a component instance",
];

/**
 * Notes why an adapter is about to execute `unreachable`.
 * @param {Root} root
 */
export function noteTrap(root) {
  return (/** @type {number} */ code) => {
    root.dead ??= { cause: new Trap(trapMessages[code]) };
  };
}

/**
 * @param {Root} root
 * @param {Table} from
 * @param {Table} to
 * @param {ResourceType} type
 */
export function transferOwn(root, from, to, type) {
  return (/** @type {number} */ i) => {
    try {
      return lowerOwn(to, type, liftOwn(from, type, i));
    } catch (e) {
      throw fail(root, e);
    }
  };
}

/**
 * @param {Root} root
 * @param {BorrowScope[]} scopes
 * @param {Table} from
 * @param {Table | undefined} to none where the callee defines the resource: it gets the representation
 * @param {ResourceType} type
 */
export function transferBorrow(root, scopes, from, to, type) {
  return (/** @type {number} */ i) => {
    try {
      const scope = scopes[scopes.length - 1];
      const rep = lend(from, type, i, scope);
      return to ? lowerBorrow(to, type, rep, scope) : rep;
    } catch (e) {
      throw fail(root, e);
    }
  };
}

/** @param {BorrowScope[]} scopes */
export function enterCall(scopes) {
  return () => {
    scopes.push(new BorrowScope());
  };
}

/**
 * @param {Root} root
 * @param {BorrowScope[]} scopes
 */
export function exitCall(root, scopes) {
  return () => {
    try {
      const scope = /** @type {BorrowScope} */ (scopes.pop());
      checkBorrows(scope);
      endBorrows(scope);
    } catch (e) {
      throw fail(root, e);
    }
  };
}

/** Whether the engine knows modules with two memories. */
export function multiMemory() {
  return WebAssembly.validate(
    new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0]),
  );
}

/** The same, and `try_table`, for adapters that end core exceptions. */
export function multiMemoryAndExceptions() {
  return WebAssembly.validate(
    new Uint8Array([
      0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 5, 2, 0, 0,
      0, 0, 10, 8, 1, 6, 0, 31, 64, 0, 11, 11,
    ]),
  );
}
