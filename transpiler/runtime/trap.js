/**
 * @module What ends an instance: traps, and the one state (`root`) that remembers the first of them.
 * Knows nothing of values, memories or handles.
 */

/**
 * One per top-level instantiation. `dead` is set once, by whatever killed it; a trap anywhere poisons the whole. Nothing
 * keeps the host from calling in again while the guest has called out: the specification has no `may_enter` any more.
 * @typedef {{ dead: { cause: unknown } | undefined }} Root
 */

/** The guest broke: its instance is dead, and each later call says so with the first trap as `cause`. */
export class Trap extends Error {
  /** @override */
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
  if (root.dead) throw new Trap("the instance is dead", root.dead);
}

/**
 * What to throw when something came out of core code. Host errors have been noted by `die` on their way in, so what is
 * new here comes from the engine or from a lift: a trap.
 * @param {Root} root
 * @param {any} e
 * @returns {unknown}
 */
export function fail(root, e) {
  if (!(e instanceof Trap))
    e = new Trap(e?.message ?? "exception", { cause: e });
  root.dead ??= { cause: e };
  return root.dead.cause;
}

/**
 * Kills the instance before `e` is thrown through guest code, which could catch and forget it.
 * @param {Root} root
 * @param {unknown} e
 * @returns {unknown}
 */
export function die(root, e) {
  root.dead ??= {
    cause:
      e instanceof WebAssembly.RuntimeError
        ? new Trap(e.message, { cause: e })
        : e,
  };
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
 * `fail`, for a call that lowers its arguments in memory: an argument of the wrong shape is the caller's mistake and leaves
 * the instance alive. It shows as a TypeError; whatever else comes out of lowering may have come out of realloc.
 * @param {Root} root
 * @param {unknown} e
 * @param {boolean} lowering whether the core function has not been called yet
 * @returns {unknown}
 */
export function failCall(root, e, lowering) {
  return root.dead || !lowering || !(e instanceof TypeError)
    ? fail(root, e)
    : e;
}

/**
 * The flags of a component instance, `MAY_LEAVE` at the start: a plain object, or a `WebAssembly.Global` where wasm
 * adapters share it.
 * @typedef {{ value: number }} Flags
 */

/**
 * Traps when a lowered function or a built-in is called from inside realloc or post-return.
 * @param {Flags} flags
 */
export function checkLeave(flags) {
  if (!(flags.value & 1)) trap("cannot leave component instance");
}

/**
 * `f` as it runs for realloc and post-return: the instance may not be left meanwhile.
 * @template {(...args: any[]) => any} F
 * @param {Flags} flags
 * @param {F} f
 * @returns {F} takes up to four arguments, which realloc has
 */
export function staying(flags, f) {
  return /** @type {any} */ (
    (
      /** @type {any} */ a,
      /** @type {any} */ b,
      /** @type {any} */ c,
      /** @type {any} */ d,
    ) => {
      flags.value &= ~1;
      const result = f(a, b, c, d);
      flags.value |= 1;
      return result;
    }
  );
}
