/**
 * @module Imports that may block, where the engine can suspend a WebAssembly stack (JSPI): a host function that answers with a
 * promise suspends its caller; calls from the host wait for their turn meanwhile. Knows no values.
 */
import { Trap, alive, check, die, fail, failCall, trap } from "./trap.js";

/**
 * What suspension adds to a root: whether a call that may block is under way, those that wait for their turn (no queue where
 * the engine cannot suspend), the flag that the trampolines read, and the answer that their second call waits for. `waits` is
 * there while a call runs that can be suspended, and names the import that it last waited for; `calls` counts such calls.
 *
 * `exclusive` is the specification's lock of that name: a guest keeps one stack in its memory, so of the calls that may
 * suspend one runs at a time. A call that cannot suspend is over before anything else runs, and takes no lock.
 * @typedef {import("./trap.js").Root & { exclusive: boolean, queue?: (() => void)[], blocked: { value: number },
 *   pending?: Promise<any>, waits?: string, calls?: number }} BlockingRoot
 */

/** Whether the engine can suspend. */
export function canSuspend() {
  return "Suspending" in WebAssembly && "promising" in WebAssembly;
}

/**
 * The host function answered with a promise: lets the trampoline wait for it.
 * @param {BlockingRoot} root
 * @param {string} name
 * @param {Promise<any>} promise
 * @param {((value: any) => any) | undefined} finish lowers the answer
 * @param {((e: any) => any) | undefined} recover makes a value of an error, where the function can return one
 * @param {any} zero a core value of the result type, which nobody looks at
 * @returns {any}
 */
export function suspend(root, name, promise, finish, recover, zero) {
  if (!root.queue) {
    promise.catch(() => {});
    return trap(
      `${name} returned a promise, but nothing can wait for it here: the engine has no JSPI`,
    );
  }
  if (root.waits === undefined) {
    promise.catch(() => {});
    return trap(
      `${name} has to wait, and was called where nothing can: while the component is instantiated, in realloc, in post-return or in a destructor`,
    );
  }
  root.waits = name;
  root.blocked.value = 1;
  // Another call may have killed the instance meanwhile: what it left is not resumed.
  root.pending = promise
    .then(
      (value) => (check(root), finish?.(value)),
      recover && ((e) => (check(root), recover(e))),
    )
    .catch((e) => {
      throw die(root, e);
    });
  // Where the engine could not suspend after all, nobody waits for it.
  root.pending.catch(() => {});
  return zero;
}

/**
 * The slow half of every trampoline.
 * @param {BlockingRoot} root
 * @returns {any}
 */
export function suspending(root) {
  return new /** @type {any} */ (WebAssembly).Suspending(() => root.pending);
}

/**
 * A core function that may suspend.
 * @param {BlockingRoot} root
 * @param {any} f
 * @returns {any}
 */
export function promising(root, f) {
  if (!root.queue) return f;
  const call = /** @type {any} */ (WebAssembly).promising(f);
  return (/** @type {any[]} */ ...args) => {
    root.waits = "";
    return call(...args);
  };
}

/**
 * Begins a call that may block, when it need not wait.
 * @param {BlockingRoot} root
 */
export function enter(root) {
  alive(root);
  root.exclusive = true;
}

/**
 * The call that had the lock is over: the next one is due.
 * @param {BlockingRoot} root
 */
export function leave(root) {
  root.exclusive = false;
  root.queue?.shift()?.();
}

/**
 * `failCall`, for a call that has the lock.
 * @param {BlockingRoot} root
 * @param {unknown} e
 * @param {boolean} lowering
 * @returns {unknown}
 */
export function failBlocking(root, e, lowering) {
  const error = failCall(root, e, lowering);
  leave(root);
  return error;
}

/**
 * Ends a call whose core function may have suspended.
 * @param {BlockingRoot} root
 * @param {any} ret
 * @param {(ret: any) => any} finish
 * @returns {any}
 */
export function settle(root, ret, finish) {
  if (!(ret instanceof Promise)) return finish(ret);
  root.calls = (root.calls ?? 0) + 1;
  // Chromium 153 frees the stacks of suspended calls in the next macrotask only, and has room for some 60,000.
  const done = root.calls % 1000 ? ret : ret.finally(macrotask);
  return done.then(
    (value) => {
      root.waits = undefined;
      try {
        return finish(value);
      } finally {
        leave(root);
      }
    },
    (e) => {
      const why = unsuspended(root, fail(root, e));
      root.waits = undefined;
      leave(root);
      throw why;
    },
  );
}

/**
 * The engine's SuspendError, in words that help: JavaScript is on the stack between the export and the import.
 * @param {BlockingRoot} root
 * @param {any} e what killed the instance
 * @returns {unknown}
 */
function unsuspended(root, e) {
  const { SuspendError } = /** @type {any} */ (WebAssembly);
  if (!SuspendError || !root.dead) return e;
  if (!(e instanceof SuspendError || e.cause instanceof SuspendError)) return e;
  root.dead.cause = new Trap(
    `${root.waits} has to wait, but JavaScript stands between it and the export that was called: transpile with Wasm adapters`,
    { cause: e },
  );
  return root.dead.cause;
}

/** A turn of the event loop, without a timer's delay where there is a way. */
function macrotask() {
  const { setImmediate, MessageChannel } = /** @type {any} */ (globalThis);
  return new Promise((resolve) => {
    if (setImmediate) return setImmediate(resolve);
    if (!MessageChannel) return setTimeout(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(0);
  });
}

/**
 * Whether a call that may block has to wait for its turn.
 * @param {BlockingRoot} root
 */
export function mustWait(root) {
  return root.exclusive && root.queue && !root.dead;
}

/**
 * Runs `call` when those before it are through.
 * @param {BlockingRoot} root
 * @param {() => any} call
 * @returns {Promise<any>}
 */
export function later(root, call) {
  return new Promise((resolve, reject) => {
    root.queue?.push(() => {
      try {
        resolve(call());
      } catch (e) {
        reject(e);
        // A call that did not start ends no other; the next one is due.
        if (!root.exclusive) leave(root);
      }
    });
  });
}
