/**
 * @module Handles: one table per component instance, as the specification has it, and the JavaScript objects that stand for
 * handles outside. Knows representations only as values to hand on.
 */
import { check, checkLeave, fail, trap } from "./trap.js";

/** `CanonicalABI.md#table-state`, `MAX_LENGTH` */
export const MAX_TABLE_LENGTH = 0xfffffff;

/**
 * A resource type of one instantiation.
 * @typedef {object} ResourceType
 * @property {string} name
 * @property {(rep: any) => void} drop what happens to a representation whose owner drops it
 */

/** The borrows of one call: how many the callee still holds, and what has to be given back when it returns. */
export class BorrowScope {
  borrows = 0;
  // Most calls lend nothing themselves: made when they are needed.
  /** @type {Handle[] | undefined} */
  lenders;
  /** @type {(() => void)[] | undefined} */
  wrapped;
}

/** `ResourceHandle` of the specification; one without a type is free. */
export class Handle {
  /** @type {ResourceType | undefined} */
  type;
  /** @type {any} */
  rep;
  /** Of a borrow; none for an own. @type {BorrowScope | undefined} */
  scope;
  lends = 0;
  /** Of a free one: the index that is used after it. */
  next = 0;
}

/**
 * `Table` of the specification: indices from 1, the last one freed is the next one used. What is freed stays to be used
 * again: calls that lend or give something make no garbage.
 */
export class Table {
  entries = [new Handle()];
  /** The index that is used next; 0 when none is free. */
  free = 0;
  /** For calls from outside, one within the other. */
  scope = new BorrowScope();
}

/**
 * @param {Table} table
 * @param {ResourceType} type
 * @param {any} rep
 * @param {BorrowScope | undefined} scope of a borrow; none for an own
 * @returns {number}
 */
export function addHandle(table, type, rep, scope) {
  const { entries } = table;
  const i = table.free || grow(entries);
  const handle = entries[i];
  table.free = handle.next;
  handle.type = type;
  handle.rep = rep;
  handle.scope = scope;
  return i;
}

/**
 * @param {Handle[]} entries
 * @returns {number} the index of a new one
 */
export function grow(entries) {
  if (entries.length > MAX_TABLE_LENGTH) trap("too many handles");
  return entries.push(new Handle()) - 1;
}

/**
 * @param {Table} table
 * @param {ResourceType} type
 * @param {number} i
 * @returns {Handle}
 */
export function getHandle(table, type, i) {
  const handle = table.entries[i];
  if (handle?.type !== type) noHandle(handle, type, i);
  return handle;
}

/**
 * @param {Handle | undefined} handle
 * @param {ResourceType} type
 * @param {number} i
 */
export function noHandle(handle, type, i) {
  trap(
    handle?.type
      ? `handle index ${i} is not a ${type.name}`
      : `unknown handle index ${i >>> 0}`,
  );
}

/**
 * Takes a handle out of its table.
 * @param {Table} table
 * @param {number} i
 * @param {Handle} handle
 * @returns {any} the representation
 */
export function removeHandle(table, i, handle) {
  if (handle.lends) trap("cannot remove owned resource while borrowed");
  const { rep } = handle;
  handle.type = handle.rep = undefined;
  handle.next = table.free;
  table.free = i;
  return rep;
}

/**
 * `lift_own`: the representation.
 * @param {Table} table
 * @param {ResourceType} type
 * @param {number} i
 * @returns {any}
 */
export function liftOwn(table, type, i) {
  const handle = getHandle(table, type, i);
  if (handle.scope) trap(`handle index ${i} is a borrow, not an own`);
  return removeHandle(table, i, handle);
}

/**
 * `lower_own`
 * @param {Table} table
 * @param {ResourceType} type
 * @param {any} rep
 * @returns {number}
 */
export function lowerOwn(table, type, rep) {
  return addHandle(table, type, rep, undefined);
}

/**
 * `lift_borrow`, for a callee that nobody can drop or take the handle behind: no lend is counted.
 * @param {Table} table
 * @param {ResourceType} type
 * @param {number} i
 * @returns {any}
 */
export function liftBorrow(table, type, i) {
  return getHandle(table, type, i).rep;
}

/**
 * `lift_borrow`: the handle is lent until `endBorrows`.
 * @param {Table} table
 * @param {ResourceType} type
 * @param {number} i
 * @param {BorrowScope} scope
 * @returns {any}
 */
export function lend(table, type, i, scope) {
  const handle = getHandle(table, type, i);
  handle.lends++;
  (scope.lenders ??= []).push(handle);
  return handle.rep;
}

/**
 * `deliver_resolve`: the call is over, what it borrowed is the lender's alone again.
 * @param {BorrowScope} scope
 */
export function endBorrows(scope) {
  for (const handle of scope.lenders ?? []) handle.lends--;
  for (const end of scope.wrapped ?? []) end();
}

/**
 * `lower_borrow` into an instance that does not implement the resource.
 * @param {Table} table
 * @param {ResourceType} type
 * @param {any} rep
 * @param {BorrowScope} scope
 * @returns {number}
 */
export function lowerBorrow(table, type, rep, scope) {
  scope.borrows++;
  return addHandle(table, type, rep, scope);
}

/**
 * The scope of a call from outside that neither waits nor fails while it lowers its arguments. Such calls stand one within the
 * other, so they may share a scope as long as none of them holds a borrow: each gives back what it has been lent before it ends.
 * @param {Table} table
 * @returns {BorrowScope}
 */
export function openScope({ scope }) {
  return scope.borrows ? new BorrowScope() : scope;
}

/**
 * A call may not return while its callee holds borrows of it.
 * @param {BorrowScope} scope
 */
export function checkBorrows(scope) {
  if (scope.borrows) trap("borrow handles still remain at the end of the call");
}

/**
 * `canon resource.drop`
 * @param {Table} table
 * @param {ResourceType} type
 * @param {number} i
 */
export function canonResourceDrop(table, type, i) {
  const handle = getHandle(table, type, i);
  const { scope } = handle;
  const rep = removeHandle(table, i, handle);
  if (scope) scope.borrows--;
  else type.drop(rep);
}

/**
 * What stands in a table for an error-context: its representation is the debug message.
 * @type {ResourceType}
 */
export const errorContext = { name: "error-context", drop() {} };

/**
 * `canon resource.drop` as the core function of an instance.
 * @param {import("./trap.js").Root} root
 * @param {Table} table
 * @param {ResourceType} type
 * @param {import("./trap.js").Flags} [flags] where something checks `may_leave`
 */
export function dropper(root, table, type, flags) {
  return (/** @type {number} */ i) => {
    try {
      check(root);
      if (flags) checkLeave(flags);
      canonResourceDrop(table, type, i);
    } catch (e) {
      throw fail(root, e);
    }
  };
}
