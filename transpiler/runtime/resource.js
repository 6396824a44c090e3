/**
 * @module The JavaScript objects that stand for handles outside of a component.
 */

import { check, enter, fail } from "./trap.js";

/** @typedef {import("./handle.js").ResourceType} ResourceType */

/** Engines without explicit resource management find the method under a registered symbol. */
export const dispose = /** @type {typeof Symbol.dispose} */ (
  Symbol.dispose ?? Symbol.for("dispose")
);

/**
 * The class of a guest's resource, as the glue knows it: where its objects keep their representation, and the net that
 * drops what JavaScript forgets.
 * @typedef {ResourceType & { key: symbol, net?: FinalizationRegistry<any>, proto?: object }} GuestResource
 */

/**
 * Makes `object` the owner of `rep`.
 * @template {object} T
 * @param {GuestResource} type
 * @param {T} object
 * @param {any} rep
 * @returns {T}
 */
export function adopt(type, object, rep) {
  /** @type {any} */ (object)[type.key] = rep;
  type.net?.register(object, rep, object);
  return object;
}

/**
 * An own that reaches JavaScript.
 * @param {GuestResource} type
 * @param {any} rep
 * @returns {any}
 */
export function wrapOwn(type, rep) {
  return adopt(type, Object.create(/** @type {object} */ (type.proto)), rep);
}

/**
 * A borrow that reaches JavaScript: an object that dies with its call.
 * @param {GuestResource} type
 * @param {any} rep
 * @param {import("./handle.js").BorrowScope} scope
 * @returns {any}
 */
export function wrapBorrow(type, rep, scope) {
  const object = Object.create(/** @type {object} */ (type.proto));
  object[type.key] = rep;
  scope.wrapped.push(() => (object[type.key] = undefined));
  return object;
}

/**
 * The representation behind an object, which has to be alive and of that class.
 * @param {GuestResource} type
 * @param {any} object
 * @returns {any}
 */
export function repOf(type, object) {
  const rep = object?.[type.key];
  if (rep === undefined) throw new TypeError(`not a live ${type.name}`);
  return rep;
}

/**
 * Takes the representation from its object: an own that leaves JavaScript.
 * @param {GuestResource} type
 * @param {any} object
 * @returns {any}
 */
export function disown(type, object) {
  const rep = repOf(type, object);
  object[type.key] = undefined;
  type.net?.unregister(object);
  return rep;
}

/**
 * A host object that goes to the guest, which has to be of the imported class.
 * @param {any} object
 * @param {any} Class
 * @returns {any}
 */
export function instanceOf(object, Class) {
  if (!(object instanceof Class)) throw new TypeError(`not a ${Class.name}`);
  return object;
}

/**
 * Drops a representation for the host.
 * @param {import("./trap.js").Root} root
 * @param {ResourceType} type
 * @param {any} rep
 */
export function dropRep(root, type, rep) {
  // While the instance is suspended, destructors wait for their turn.
  if (root.entered && root.queue && !root.dead)
    return void root.queue.push(() => dropRep(root, type, rep));
  enter(root);
  try {
    type.drop(rep);
    check(root);
    root.entered = false;
  } catch (e) {
    throw fail(root, e);
  }
}

/**
 * `[Symbol.dispose]()`: once; and in a dead instance there is nothing left to drop.
 * @param {import("./trap.js").Root} root
 * @param {GuestResource} type
 * @param {any} object
 */
export function dropOwn(root, type, object) {
  if (object[type.key] === undefined) return;
  const rep = disown(type, object);
  if (!root.dead) dropRep(root, type, rep);
}

/**
 * The net that catches what JavaScript forgets to dispose of.
 * @param {import("./trap.js").Root} root
 * @param {ResourceType} type
 */
export function finalizer(root, type) {
  return new FinalizationRegistry((rep) => {
    if (!root.dead) dropRep(root, type, rep);
  });
}
