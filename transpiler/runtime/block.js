/**
 * @module Imports that may block, where the engine can suspend a WebAssembly stack (JSPI): a host function that answers with a
 * promise suspends its caller; calls from the host wait for their turn meanwhile. Knows no values.
 */
import { die, fail, trap } from "./trap.js";

/**
 * What suspension adds to a root: calls that wait for their turn (none where the engine cannot suspend), the flag that the
 * trampolines read, and the answer that their second call waits for.
 * @typedef {import("./trap.js").Root & { queue?: (() => void)[], blocked: { value: number }, pending?: Promise<any> }} BlockingRoot
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
 * @param {(value: any) => any} finish lowers the answer
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
  root.blocked.value = 1;
  root.pending = promise.then(finish, recover).catch((e) => {
    throw die(root, e);
  });
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
  return root.queue ? /** @type {any} */ (WebAssembly).promising(f) : f;
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
  return ret
    .then(finish, (e) => {
      throw fail(root, e);
    })
    .finally(() => root.queue?.shift()?.());
}

/**
 * Whether a call that may block has to wait for its turn.
 * @param {BlockingRoot} root
 */
export function mustWait(root) {
  return root.entered && root.queue && !root.dead;
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
        root.queue?.shift()?.();
      }
    });
  });
}
