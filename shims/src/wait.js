/**
 * @module How a call waits. Owns the probe for what this engine offers
 * (`detectBlocking`) and the `Waiter`, which turns "until one of these events"
 * into a value at once, a Promise, or a sleeping thread. It refuses to know what
 * the events are about.
 */
import { ComponentExit } from "./core/exit.js";

/**
 * Something that can be waited for.
 * @typedef {object} Event
 * @property {() => boolean} ready
 * @property {(wake: () => void) => () => void} onReady
 *   Calls `wake` later, when `ready` may have changed; returns a function that
 *   withdraws. A wake too many is harmless, one too few hangs the guest.
 * @property {() => number} [deadline]
 *   For timers: when it becomes ready, in `performance.now()` milliseconds. A
 *   thread may sleep until then.
 * @property {boolean} [shared]
 *   Whether another thread makes it ready and rings the waiter's bell. Events
 *   that are neither timers nor shared need this thread's event loop.
 */

/** @typedef {"jspi" | "atomics" | "sync-xhr" | "none"} Blocking */

/** Index in the bell of the counter that every event of another thread bumps. */
export const BELL_COUNT = 0;
/** Index in the bell of the interrupt flag (Ctrl-C). */
export const BELL_INTERRUPT = 1;

/**
 * (module (import "" "w" (func)) (func (export "r") call 0)): the smallest
 * module that can suspend.
 */
const PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 6, 1, 0, 1, 119, 0, 0, 3,
  2, 1, 0, 7, 5, 1, 1, 114, 0, 1, 10, 6, 1, 4, 0, 16, 0, 11,
];

/**
 * Whether JSPI works here. The names alone do not tell: older V8 had another
 * API under a flag. Where bytes may not be compiled (workerd) the names must do.
 * @returns {boolean}
 */
export function probeJspi() {
  const wasm = /** @type {any} */ (WebAssembly);
  if (typeof wasm.Suspending !== "function") return false;
  if (typeof wasm.promising !== "function") return false;
  let module;
  try {
    module = new WebAssembly.Module(new Uint8Array(PROBE));
  } catch {
    return true;
  }
  try {
    const w = new wasm.Suspending(() => Promise.resolve());
    const { exports } = new WebAssembly.Instance(module, { "": { w } });
    const result = wasm.promising(exports.r)();
    if (!(result instanceof Promise)) return false;
    result.catch(() => {});
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether this thread may sleep. `crossOriginIsolated` is not enough: WebKitGTK
 * reports it and has no SharedArrayBuffer, and a window may never sleep.
 * @returns {boolean}
 */
export function probeAtomics() {
  try {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    return Atomics.wait(cell, 0, 0, 0) === "timed-out";
  } catch {
    return false;
  }
}

/**
 * How a blocking call waits in this place, probed.
 * @returns {Blocking}
 */
export function detectBlocking() {
  if (probeJspi()) return "jspi";
  if (probeAtomics()) return "atomics";
  return "none";
}

/**
 * Somewhere to keep those who wait for one thing, and to wake them all.
 */
export class Signal {
  /** @type {Set<() => void>} */
  #waiting = new Set();

  /**
   * @param {() => void} wake
   * @returns {() => void}
   */
  onReady(wake) {
    this.#waiting.add(wake);
    return () => void this.#waiting.delete(wake);
  }

  fire() {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

/** An event that is ready now and stays so. @type {Event} */
export const ALWAYS = {
  ready: () => true,
  onReady: (wake) => {
    queueMicrotask(wake);
    return () => {};
  },
};

/**
 * Where a thread without shared memory gets what others have for it, waiting for
 * it if it must: a synchronous request that is answered when there is something.
 * @typedef {object} Mailbox
 * @property {(ms: number) => void} wait
 *   Takes in what is there; if nothing is, waits so long at most. What comes in
 *   makes the events ready that are `shared`.
 */

/** Waits for events in the way that was chosen for a host. */
export class Waiter {
  /** @type {Blocking} */
  blocking;
  /** @type {Int32Array | undefined} */
  #bell;
  /** @type {Signal} */
  #interrupts = new Signal();
  #interrupted = false;
  /** An instant of `performance.now()`. */
  #limit = Infinity;
  #mailbox;

  /**
   * @param {Blocking} blocking
   * @param {Int32Array} [bell] rung by the other threads that feed this host
   * @param {Mailbox} [mailbox]
   */
  constructor(blocking, bell, mailbox) {
    this.blocking = blocking;
    this.#bell = bell;
    this.#mailbox = mailbox;
  }

  /** Ends the guest at the next call that waits, as Ctrl-C does. */
  interrupt() {
    this.#interrupted = true;
    this.#interrupts.fire();
  }

  /**
   * Ends the guest where it waits beyond an instant of `performance.now()`: while it
   * keeps the thread asleep, nobody here could interrupt it.
   * @param {number} instant Infinity for no limit
   */
  interruptAt(instant) {
    this.#limit = instant;
  }

  /** Throws when the guest was told to stop; 130 is what a shell reports. */
  checkInterrupt() {
    const bell = this.#bell;
    if (
      this.#interrupted ||
      (bell && Atomics.load(bell, BELL_INTERRUPT) !== 0) ||
      (this.#limit !== Infinity && performance.now() >= this.#limit)
    )
      throw new ComponentExit(130);
  }

  /**
   * Returns nothing when one of the events is ready (having slept if it must),
   * else a Promise of that.
   * @param {readonly Event[]} events
   * @returns {void | Promise<void>}
   */
  wait(events) {
    this.checkInterrupt();
    for (const event of events) if (event.ready()) return;
    if (events.every(canSleepFor)) {
      if (this.blocking === "atomics") return this.#sleep(events);
      if (this.blocking === "sync-xhr" && this.#mailbox)
        return this.#ask(this.#mailbox, events);
    }
    return this.#suspend(events);
  }

  /**
   * Runs `step` until it returns something else than undefined, waiting for the
   * event in between. The value comes at once when no wait was needed.
   * @template T
   * @param {Event} event
   * @param {() => T | undefined} step
   * @returns {T | Promise<T>}
   */
  until(event, step) {
    for (;;) {
      const result = step();
      if (result !== undefined) return result;
      const waiting = this.wait([event]);
      if (waiting) return waiting.then(() => this.until(event, step));
    }
  }

  /** @param {readonly Event[]} events */
  #sleep(events) {
    const bell = (this.#bell ??= new Int32Array(new SharedArrayBuffer(8)));
    for (;;) {
      const seen = Atomics.load(bell, BELL_COUNT);
      this.checkInterrupt();
      if (events.some((event) => event.ready())) return;
      const until = Math.min(firstDeadline(events), this.#limit);
      // A timer may fire a fraction early against performance.now(): sleep at
      // least a microsecond, and look again.
      const ms = Math.max(until - performance.now(), 0.001);
      Atomics.wait(bell, BELL_COUNT, seen, ms);
    }
  }

  /**
   * @param {Mailbox} mailbox
   * @param {readonly Event[]} events
   */
  #ask(mailbox, events) {
    for (;;) {
      const until = Math.min(firstDeadline(events), this.#limit);
      mailbox.wait(Math.max(0, until - performance.now()));
      this.checkInterrupt();
      if (events.some((event) => event.ready())) return;
    }
  }

  /**
   * @param {readonly Event[]} events
   * @returns {Promise<void>}
   */
  #suspend(events) {
    return new Promise((resolve, reject) => {
      /** @type {Array<() => void>} */
      let cancels = [];
      const look = () => {
        for (const cancel of cancels) cancel();
        cancels = [];
        try {
          this.checkInterrupt();
          if (events.some((event) => event.ready())) return resolve();
        } catch (error) {
          return reject(error);
        }
        arm();
      };
      const arm = () => {
        let woken = false;
        const wake = () => {
          if (woken) return;
          woken = true;
          look();
        };
        cancels = events.map((event) => event.onReady(wake));
        cancels.push(this.#interrupts.onReady(wake));
      };
      arm();
    });
  }
}

/**
 * @param {readonly Event[]} events
 * @returns {number} when the first timer of them runs out
 */
function firstDeadline(events) {
  let first = Infinity;
  for (const event of events)
    if (event.deadline) first = Math.min(first, event.deadline());
  return first;
}

/**
 * @param {Event} event
 * @returns {boolean}
 */
function canSleepFor(event) {
  return event.deadline !== undefined || event.shared === true;
}

/** setTimeout takes 31 bits of milliseconds. */
const LONGEST_TIMEOUT = 0x7fffffff;

/**
 * An event that becomes ready at an instant of `performance.now()`.
 * @param {number} deadline in milliseconds; Infinity never comes
 * @returns {Event}
 */
export function timer(deadline) {
  return {
    ready: () => performance.now() >= deadline,
    deadline: () => deadline,
    onReady(wake) {
      const ms = deadline - performance.now();
      // Browsers hold nested timeouts back to 4 ms; a message turn is exact.
      if (ms < 1) return nextTurn(wake);
      const id = setTimeout(wake, Math.min(Math.floor(ms), LONGEST_TIMEOUT));
      return () => clearTimeout(id);
    },
  };
}

/**
 * Calls back in the next macrotask, without a timer's delay.
 * @param {() => void} wake
 * @returns {() => void}
 */
export function nextTurn(wake) {
  const { setImmediate, clearImmediate } = globalThis;
  if (typeof setImmediate === "function") {
    const id = setImmediate(wake);
    return () => clearImmediate(id);
  }
  const { port1, port2 } = new MessageChannel();
  let live = true;
  port1.onmessage = () => {
    port1.close();
    if (live) wake();
  };
  port2.postMessage(0);
  return () => void (live = false);
}
