/**
 * @module What ends an instance: traps, and the one state (`root`) that remembers the first of them.
 * Knows nothing of values, memories or handles.
 */

/**
 * One per top-level instantiation. `dead` is set once, by whatever killed it; a trap anywhere poisons the whole.
 * @typedef {{ dead: { cause: unknown } | undefined, entered?: boolean, lowering?: boolean, queue?: (() => void)[] }} Root
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
 * Why a call from the host cannot enter: an error of the caller while the instance is suspended, a trap while it runs.
 * @param {Root} root
 * @returns {unknown}
 */
export function busy(root) {
  alive(root);
  const trap = new Trap("cannot enter component instance");
  return root.queue ? trap : die(root, trap);
}

/**
 * The host calls in. At most one such call is active at a time: the rule of the spec's text that has `may_enter`; the suites' newer
 * one is laxer.
 * @param {Root} root
 */
export function enter(root) {
  // A dead instance stays entered, so one look is enough.
  if (root.entered) throw busy(root);
  root.entered = true;
}

/**
 * `fail`, for a call that lowers its arguments in memory: an argument of the wrong shape is the caller's mistake and leaves
 * the instance alive. It shows as a TypeError; whatever else comes out of lowering may have come out of realloc.
 * @param {Root} root
 * @param {unknown} e
 * @returns {unknown}
 */
export function failCall(root, e) {
  if (root.dead || !root.lowering || !(e instanceof TypeError))
    return fail(root, e);
  root.lowering = root.entered = false;
  return e;
}

/**
 * The flags of a component instance, `MAY_LEAVE | MAY_ENTER` at the start: a plain object, or a `WebAssembly.Global` where wasm
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
