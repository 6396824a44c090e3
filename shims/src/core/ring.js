/**
 * @module A byte pipe between two threads: a ring in shared memory with one
 * writer and one reader. It owns the cursors and the wake-ups; the reader may
 * sleep (through its waiter's bell), the writer never does.
 */
import { BELL_COUNT } from "../wait.js";
import { EMPTY } from "./stream.js";

/** @import { Sink, Source } from "./stream.js" */
/** @import { Event } from "../wait.js" */

/** So many bytes in the ring, or some that were too many for it. */
/** @typedef {{ length?: number, chunk?: Uint8Array }} Piece */

/** Words of the header: bytes read, bytes written (both wrap), state. */
const HEAD = 0;
const TAIL = 1;
const STATE = 2;
const HEADER = 16;

const OPEN = 0;
const ENDED = 1;
const BROKEN = 2;

/**
 * @param {number} [capacity] a power of two
 * @returns {SharedArrayBuffer}
 */
export function newRing(capacity = 1 << 16) {
  return new SharedArrayBuffer(HEADER + capacity);
}

/** @returns {Int32Array} what a waiter and those who feed it share */
export function newBell() {
  return new Int32Array(new SharedArrayBuffer(8));
}

/**
 * Wakes the thread that sleeps on the bell, if one does.
 * @param {Int32Array} bell
 */
export function ring(bell) {
  Atomics.add(bell, BELL_COUNT, 1);
  Atomics.notify(bell, BELL_COUNT);
}

/**
 * Calls back when a word of shared memory is no longer what was seen.
 * @param {Int32Array} cells
 * @param {number} index
 * @param {number} seen
 * @param {() => void} wake
 * @returns {() => void}
 */
export function onChange(cells, index, seen, wake) {
  let live = true;
  const call = () => {
    if (!live) return;
    live = false;
    clearTimeout(id);
    wake();
  };
  const { waitAsync } = /** @type {any} */ (Atomics);
  const watches = typeof waitAsync === "function";
  // Engines before 2024 have no waitAsync: look again, at typing speed. Where it
  // is, the timer keeps the event loop alive, which waiting alone does not.
  const id = setTimeout(call, watches ? 100 : 4);
  if (watches) {
    const { async, value } = waitAsync(cells, index, seen);
    if (async) void value.then(call);
    else queueMicrotask(call);
  }
  return () => {
    live = false;
    clearTimeout(id);
  };
}

/**
 * Calls back when the bell rings, or at once if that has come to pass already.
 * @param {Int32Array} bell
 * @param {() => boolean} ready
 * @param {() => void} wake
 * @returns {() => void}
 */
export function onBell(bell, ready, wake) {
  // The count first: what happens after it is seen makes it differ.
  const seen = Atomics.load(bell, BELL_COUNT);
  if (!ready()) return onChange(bell, BELL_COUNT, seen, wake);
  queueMicrotask(wake);
  return () => {};
}

/** The end that writes. */
export class RingWriter {
  /** Whether the reader has gone. */
  #left = false;
  /** @type {Int32Array} */
  #cells;
  #bytes;
  #bell;

  /**
   * @param {SharedArrayBuffer} buffer
   * @param {Int32Array} [bell] the reader's, if it listens for one
   */
  constructor(buffer, bell) {
    this.#cells = new Int32Array(buffer, 0, HEADER / 4);
    this.#bytes = new Uint8Array(buffer, HEADER);
    this.#bell = bell;
  }

  get size() {
    return this.#bytes.length;
  }

  /** How many bytes it takes now. */
  get room() {
    const tail = Atomics.load(this.#cells, TAIL) >>> 0;
    const used = (tail - (Atomics.load(this.#cells, HEAD) >>> 0)) >>> 0;
    return this.size - used;
  }

  /**
   * Writes what there is room for.
   * @param {Uint8Array} chunk
   * @returns {number}
   */
  tryWrite(chunk) {
    const { size } = this;
    const tail = Atomics.load(this.#cells, TAIL) >>> 0;
    const n = Math.min(chunk.length, this.room);
    const at = tail % size;
    const first = Math.min(n, size - at);
    this.#bytes.set(chunk.subarray(0, first), at);
    this.#bytes.set(chunk.subarray(first, n), 0);
    Atomics.store(this.#cells, TAIL, (tail + n) | 0);
    if (n > 0) this.#ring();
    return n;
  }

  /**
   * Writes all of it, as the reader makes room.
   * @param {Uint8Array} chunk
   */
  async write(chunk) {
    for (let rest = chunk; rest.length > 0 && !this.#left;) {
      const seen = Atomics.load(this.#cells, HEAD);
      rest = rest.subarray(this.tryWrite(rest));
      if (rest.length > 0)
        await new Promise((resolve) => {
          onChange(this.#cells, HEAD, seen, () => resolve(undefined));
        });
    }
  }

  /** The reader has gone: what is written goes nowhere, and nobody waits for room. */
  leave() {
    this.#left = true;
  }

  /** @param {{ broken?: boolean }} [how] */
  close({ broken = false } = {}) {
    Atomics.store(this.#cells, STATE, broken ? BROKEN : ENDED);
    this.#ring();
  }

  #ring() {
    if (this.#bell) ring(this.#bell);
  }
}

/**
 * The end that writes, where that is the thread that may sleep. What a message brought
 * along would be garbage over there that nobody there made, which V8 does not hurry
 * to collect; through the ring it takes none.
 * @param {SharedArrayBuffer} buffer
 * @param {Int32Array} bell this thread's
 * @param {(piece: Piece) => void} tell in a message, which keeps the order
 * @returns {Sink}
 */
export function ringSink(buffer, bell, tell) {
  const writer = new RingWriter(buffer);
  // A writer that was told of every gap would fill it with crumbs.
  const permit = () => (writer.room * 2 < writer.size ? 0 : writer.room);
  const ready = () => permit() > 0;
  return {
    permit,
    write(bytes) {
      // What was written before there was anywhere to go may be more than fits.
      if (bytes.length > writer.room) return tell({ chunk: bytes });
      writer.tryWrite(bytes);
      tell({ length: bytes.length });
    },
    flush: () => {},
    event: {
      shared: true,
      ready,
      onReady: (wake) => onBell(bell, ready, wake),
    },
  };
}

/**
 * The other end of a `ringSink`: turns what it told into bytes, each once and in order.
 * @param {SharedArrayBuffer} buffer
 * @param {Int32Array} bell of the thread that writes
 * @returns {(piece: Piece) => Uint8Array}
 */
export function ringTaker(buffer, bell) {
  const source = ringSource(buffer, bell);
  return ({ length = 0, chunk }) => {
    const bytes = chunk ?? source.read(length) ?? EMPTY;
    ring(bell);
    return bytes;
  };
}

/**
 * The end that reads, as a source a thread may sleep for.
 * @param {SharedArrayBuffer} buffer
 * @param {Int32Array} bell
 * @returns {Source}
 */
export function ringSource(buffer, bell) {
  const cells = new Int32Array(buffer, 0, HEADER / 4);
  const bytes = new Uint8Array(buffer, HEADER);
  const size = bytes.length;
  const available = () =>
    ((Atomics.load(cells, TAIL) >>> 0) - (Atomics.load(cells, HEAD) >>> 0)) >>>
    0;
  const state = () => Atomics.load(cells, STATE);
  /** @type {Event} */
  const event = {
    shared: true,
    ready: () => available() > 0 || state() !== OPEN,
    onReady: (wake) => onBell(bell, event.ready, wake),
  };
  return {
    event,
    read(max) {
      // The state first: what was written before the end is still to be read.
      const ended = state();
      const n = Math.min(max, available());
      if (n === 0) {
        if (ended === BROKEN) throw new Error("the other end broke");
        return ended === ENDED ? undefined : new Uint8Array(0);
      }
      const head = Atomics.load(cells, HEAD) >>> 0;
      const at = head % size;
      const out = new Uint8Array(n);
      const first = Math.min(n, size - at);
      out.set(bytes.subarray(at, at + first));
      out.set(bytes.subarray(0, n - first), first);
      Atomics.store(cells, HEAD, (head + n) | 0);
      Atomics.notify(cells, HEAD);
      return out;
    },
  };
}
