/**
 * @module What ends an instance: traps, and the one state (`root`) that remembers the first of them.
 * Knows nothing of values, memories or handles.
 */

/**
 * One per top-level instantiation. `dead` is set once, by whatever killed it; a trap anywhere poisons the whole.
 * @typedef {{ dead: { cause: unknown } | undefined, entered?: boolean, lowering?: boolean }} Root
 */

/** The guest broke: its instance is dead, and each later call says so with the first trap as `cause`. */
export class Trap extends Error {
  get name() {
    return "Trap";
  }
}

/**
 * @param {string} why
 * @returns {never}
 */
export function trap(why) {
  throw new Trap(why);
}

/**
 * Refuses a call into a dead instance.
 * @param {Root} root
 */
export function alive(root) {
  if (root.dead) throw new Trap("the instance is dead after a trap", root.dead);
}

/**
 * What to throw when something came out of core code. Host errors have been noted by `die` on their way in, so what is
 * new here comes from the engine or from a lift: a trap.
 * @param {Root} root
 * @param {unknown} e
 * @returns {unknown}
 */
export function fail(root, e) {
  const { message = "uncaught exception" } = /** @type {Error} */ (e);
  root.dead ??= { cause: e instanceof Trap ? e : new Trap(message, { cause: e }) };
  return root.dead.cause;
}

/**
 * Kills the instance before `e` is thrown through guest code, which could catch and forget it.
 * @param {Root} root
 * @param {unknown} e
 * @returns {unknown}
 */
export function die(root, e) {
  root.dead ??= { cause: e };
  return root.dead.cause;
}

/**
 * Rethrows what killed the instance while guest code ran, if the guest has caught it; and keeps a guest that did from
 * calling out again.
 * @param {Root} root
 */
export function check(root) {
  if (root.dead) throw root.dead.cause;
}

/**
 * The host calls in. At most one such call is active at a time (`CanonicalABI.md#component-instances`, `may_enter`).
 * @param {Root} root
 */
export function enter(root) {
  if (root.dead) alive(root);
  if (root.entered) throw die(root, new Trap("cannot enter component instance"));
  root.entered = true;
}

/**
 * `fail`, for a call that lowers its arguments in memory: an argument of the wrong shape is the caller's mistake and leaves
 * the instance alive.
 * @param {Root} root
 * @param {unknown} e
 * @returns {unknown}
 */
export function failCall(root, e) {
  if (!root.lowering || root.dead || e instanceof Trap || e instanceof WebAssembly.RuntimeError) {
    return fail(root, e);
  }
  root.lowering = root.entered = false;
  return e;
}

/**
 * The `may_leave` flag of a component instance: a plain object, or a `WebAssembly.Global` where wasm adapters share it.
 * @typedef {{ value: number }} Flag
 */

/**
 * Traps when a lowered function or a built-in is called from inside realloc or post-return.
 * @param {Flag} mayLeave
 */
export function checkLeave(mayLeave) {
  if (!mayLeave.value) trap("cannot leave component instance");
}

/**
 * `f` as it runs for realloc and post-return: the instance may not be left meanwhile.
 * @template {(...args: any[]) => any} F
 * @param {Flag} mayLeave
 * @param {F} f
 * @returns {(...args: Parameters<F>) => ReturnType<F>}
 */
export function staying(mayLeave, f) {
  return (...args) => {
    mayLeave.value = 0;
    const result = f(...args);
    mayLeave.value = 1;
    return result;
  };
}

/**
 * The `may_enter` flag of the instances that a call between components enters.
 * @param {Flag} mayEnter
 */
export function enterInstance(mayEnter) {
  if (!mayEnter.value) trap("cannot enter component instance");
  mayEnter.value = 0;
}
