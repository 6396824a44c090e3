/**
 * @module The JavaScript objects that stand for handles outside of a component.
 */

import { check, fail } from "./trap.js";

/** @typedef {import("./handle.js").ResourceType} ResourceType */
/** @typedef {import("./trap.js").Root} Root */

/** Engines without explicit resource management find the method under a registered symbol. */
export const dispose = /** @type {typeof Symbol.dispose} */ (
  Symbol.dispose ?? Symbol.for("dispose")
);

/**
 * The class of a guest's resource, as the glue knows it: where its objects keep their representation, and the net that drops
 * what JavaScript forgets.
 * @typedef {ResourceType & {
 *   key: symbol,
 *   proto: object,
 *   net: FinalizationRegistry<any> | undefined,
 *   fresh: any[],
 *   waiting: boolean,
 * }} GuestResource
 */

/**
 * @param {Root} root
 * @param {string} name
 * @param {((rep: any) => void) | undefined} dtor
 * @returns {GuestResource}
 */
export function guestResource(root, name, dtor) {
  /** @type {GuestResource} */
  const type = {
    name,
    drop: dtor ?? (() => {}),
    key: Symbol(name),
    proto: {},
    net: undefined,
    fresh: [],
    waiting: false,
  };
  if (dtor) {
    type.net = new FinalizationRegistry((rep) => {
      if (!root.dead) dropRep(root, type, rep);
    });
  }
  return type;
}

/**
 * Makes `object` the owner of `rep`. The net takes it at the end of the turn: a registration costs ten times what
 * everything else does, and most objects that a loop makes and gives away never need it.
 * @template {object} T
 * @param {GuestResource} type
 * @param {T} object
 * @param {any} rep
 * @returns {T}
 */
export function adopt(type, object, rep) {
  /** @type {any} */ (object)[type.key] = rep;
  if (type.net) {
    if (type.fresh.length === 64) watch(type);
    type.fresh.push(object);
    if (!type.waiting) {
      type.waiting = true;
      queueMicrotask(() => watch(type));
    }
  }
  return object;
}

/**
 * Registers the objects of this turn that are still owners.
 * @param {GuestResource} type
 */
export function watch(type) {
  for (const object of type.fresh) {
    const rep = object[type.key];
    if (rep !== undefined) type.net?.register(object, rep, object);
  }
  type.fresh.length = 0;
  type.waiting = false;
}

/**
 * An own that reaches JavaScript.
 * @param {GuestResource} type
 * @param {any} rep
 * @returns {any}
 */
export function wrapOwn(type, rep) {
  return adopt(type, Object.create(type.proto), rep);
}

/**
 * A borrow that reaches JavaScript: an object that dies with its call.
 * @param {GuestResource} type
 * @param {any} rep
 * @param {import("./handle.js").BorrowScope} scope
 * @returns {any}
 */
export function wrapBorrow(type, rep, scope) {
  const object = Object.create(type.proto);
  object[type.key] = rep;
  (scope.wrapped ??= []).push(() => (object[type.key] = undefined));
  return object;
}

/**
 * For what stands where a live object should.
 * @param {GuestResource} type
 * @returns {never}
 */
export function notLive(type) {
  throw new TypeError(`not a live ${type.name}`);
}

/**
 * The representation behind an object, which has to be alive and of that class.
 * @param {GuestResource} type
 * @param {any} object
 * @returns {any}
 */
export function repOf(type, object) {
  return object?.[type.key] ?? notLive(type);
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
  if (type.fresh.at(-1) === object) type.fresh.pop();
  else type.net?.unregister(object);
  return rep;
}

/**
 * A host object that goes to the guest, which has to be of the imported class.
 * @param {any} object
 * @param {any} Class
 * @returns {any}
 */
export function instanceOf(object, Class) {
  return object instanceof Class ? object : notInstance(Class);
}

/**
 * For what stands where an object of an imported class should.
 * @param {any} Class
 * @returns {never}
 */
export function notInstance(Class) {
  throw new TypeError(`not a ${Class.name}`);
}

/**
 * Drops a representation for the host.
 * @param {Root} root
 * @param {ResourceType} type
 * @param {any} rep
 */
export function dropRep(root, type, rep) {
  try {
    type.drop(rep);
    check(root);
  } catch (e) {
    throw fail(root, e);
  }
}

/**
 * `[Symbol.dispose]()`: once; and in a dead instance there is nothing left to drop.
 * @param {Root} root
 * @param {GuestResource} type
 * @param {any} object
 */
export function dropOwn(root, type, object) {
  if (object[type.key] === undefined) return;
  const rep = disown(type, object);
  if (!root.dead) dropRep(root, type, rep);
}

/** @param {any} object of the host's that nobody holds any more */
export function disposeOf(object) {
  object[dispose]?.();
}

/**
 * A resource type that the host implements: its objects are the representations.
 * @param {string} name
 * @returns {ResourceType}
 */
export function hostResource(name) {
  return { name, drop: disposeOf };
}
