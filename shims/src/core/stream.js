/**
 * @module Byte sources and sinks: where the bytes of a stream come from and go
 * to, with back-pressure. Below every face of WASI: no tags, no resources, no
 * bigint. A source or sink never waits by itself; it says when it is ready.
 */
import { ALWAYS, Signal } from "../wait.js";

/** @import { Event } from "../wait.js" */

/**
 * @typedef {object} Source
 * @property {(max: number) => Uint8Array | undefined} read
 *   Up to `max` bytes; empty when there are none now; undefined at the end. The
 *   bytes are only valid until the next call. Throws when the source failed.
 * @property {Event} event ready when `read` has something to say
 * @property {() => void} [close] called when the reader has gone
 */

/**
 * @typedef {object} Sink
 * @property {() => number} permit
 *   How many bytes `write` takes now; 0 when it has to drain, -1 when it is
 *   closed. Throws when an earlier write failed.
 * @property {(bytes: Uint8Array) => void} write takes over `bytes`
 * @property {() => void} flush
 *   From now on `permit` is 0 until everything has been passed on.
 * @property {(bytes: Uint8Array) => boolean | undefined} [pass]
 *   `write` and `flush` in one, of 4 KB at most: true when nothing is left to wait for,
 *   undefined when nothing was done.
 * @property {Event} event ready when `permit` is not 0
 * @property {() => void} [close] called when the writer has gone
 */

export const EMPTY = new Uint8Array(0);

/** What a queueing sink takes before its reader must catch up. */
export const HIGH_WATER = 64 * 1024;

/** A source that has ended. @type {Source} */
export const CLOSED_SOURCE = { read: () => undefined, event: ALWAYS };

/** A sink that takes everything to nowhere. @type {Sink} */
export const NULL_SINK = {
  permit: () => HIGH_WATER,
  write: () => {},
  flush: () => {},
  event: ALWAYS,
};

/**
 * @param {Uint8Array} bytes
 * @returns {Source}
 */
export function bytesSource(bytes) {
  let at = 0;
  return {
    event: ALWAYS,
    read(max) {
      if (at >= bytes.length) return undefined;
      const chunk = bytes.subarray(at, at + max);
      at += chunk.length;
      return chunk;
    },
  };
}

/**
 * Reads a producer one chunk ahead at most, so that back-pressure is the producer's
 * own. While it answers at once the source is always ready.
 * @param {() => Uint8Array | undefined | Promise<Uint8Array | undefined>} next
 *   the next chunk, or the end
 * @param {() => void} [close]
 * @returns {Source}
 */
export function pullSource(next, close) {
  const signal = new Signal();
  /** @type {Uint8Array | undefined} */
  let chunk = EMPTY;
  let pulling = false;
  /** @type {{ error: unknown } | undefined} */
  let failed;
  const pull = () => {
    // An empty chunk says nothing: ask again.
    while (!pulling && !failed && chunk && chunk.length === 0) {
      try {
        const value = next();
        if (isPromise(value)) follow(value);
        else chunk = value;
      } catch (error) {
        failed = { error };
      }
    }
  };
  const follow = (/** @type {PromiseLike<Uint8Array | undefined>} */ value) => {
    pulling = true;
    const done = (/** @type {() => void} */ note) => {
      pulling = false;
      note();
      pull();
      if (!pulling) signal.fire();
    };
    value.then(
      (got) => done(() => void (chunk = got)),
      (error) => done(() => void (failed = { error })),
    );
  };
  return {
    event: {
      ready() {
        pull();
        return failed !== undefined || !chunk || chunk.length > 0;
      },
      onReady: (wake) => signal.onReady(wake),
    },
    read(max) {
      pull();
      if (failed) throw failed.error;
      if (!chunk) return undefined;
      const taken = chunk.subarray(0, max);
      chunk = chunk.subarray(taken.length);
      return taken;
    },
    close() {
      if (chunk) close?.();
      chunk = undefined;
    },
  };
}

/**
 * A sink over a function. While the function returns nothing it is synchronous
 * and always ready; once it returns a Promise, what follows is queued.
 * @param {(bytes: Uint8Array) => unknown} write
 * @param {{ flush?: () => unknown, close?: () => unknown }} [more]
 * @returns {Sink}
 */
export function callSink(write, more = {}) {
  return new CallSink(write, more);
}

/** @implements {Sink} */
class CallSink {
  #write;
  #more;
  #signal = new Signal();
  /** @type {Uint8Array[]} */
  #queue = [];
  #queued = 0;
  #busy = false;
  #flushing = false;
  /** @type {{ error: unknown } | undefined} */
  #failed;
  #closed = false;

  /**
   * @param {(bytes: Uint8Array) => unknown} write
   * @param {{ flush?: () => unknown, close?: () => unknown }} more
   */
  constructor(write, more) {
    this.#write = write;
    this.#more = more;
    this.event = {
      ready: () => !this.#busy || this.#blockedPermit() !== 0,
      onReady: (/** @type {() => void} */ wake) => this.#signal.onReady(wake),
    };
  }

  permit() {
    if (this.#failed) {
      const { error } = this.#failed;
      this.#failed = undefined;
      this.#closed = true;
      throw error;
    }
    return this.#closed ? -1 : this.#blockedPermit();
  }

  #blockedPermit() {
    if (this.#failed || this.#closed) return -1;
    if (this.#flushing) return 0;
    return Math.max(HIGH_WATER - this.#queued, 0);
  }

  /** @param {Uint8Array} bytes */
  write(bytes) {
    if (this.#busy) {
      this.#queue.push(bytes);
      this.#queued += bytes.length;
      return;
    }
    const result = this.#write(bytes);
    if (isPromise(result)) {
      this.#queued = bytes.length;
      void this.#pump(result, bytes.length);
    }
  }

  /** @param {Uint8Array} bytes */
  pass(bytes) {
    const more = this.#more.flush;
    if (this.#busy || this.#failed || this.#closed || more) return undefined;
    this.write(bytes);
    return !this.#busy;
  }

  flush() {
    if (this.#busy) {
      this.#flushing = true;
      return;
    }
    const result = this.#more.flush?.();
    if (isPromise(result)) void this.#pump(result, 0, true);
  }

  /**
   * Follows what was started until nothing is left to pass on.
   * @param {PromiseLike<unknown>} started
   * @param {number} length bytes that `started` takes off the queue
   * @param {boolean} [isFlush]
   */
  async #pump(started, length, isFlush = false) {
    this.#busy = true;
    this.#flushing = isFlush;
    try {
      await started;
      this.#queued -= length;
      if (isFlush) this.#flushing = false;
      for (;;) {
        const bytes = this.#queue.shift();
        if (!bytes && !this.#flushing) break;
        if (!this.#flushing) this.#signal.fire();
        if (bytes) {
          await this.#write(bytes);
          this.#queued -= bytes.length;
        } else {
          await this.#more.flush?.();
          this.#flushing = false;
        }
      }
    } catch (error) {
      this.#failed = { error };
      this.#queue = [];
      this.#queued = 0;
    }
    this.#busy = false;
    this.#flushing = false;
    if (this.#closed) this.#more.close?.();
    this.#signal.fire();
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#busy) this.#more.close?.();
  }
}

/**
 * @template T
 * @param {T | PromiseLike<T>} value
 * @returns {value is PromiseLike<T>}
 */
function isPromise(value) {
  return typeof (/** @type {any} */ (value)?.then) === "function";
}

/**
 * A sink that hands whole lines of text to `print`, as a console wants them. A
 * line without an end (a prompt) is printed once the program pauses.
 * @param {(line: string) => void} print
 * @returns {Sink}
 */
export function lineSink(print) {
  const decoder = new TextDecoder();
  let text = "";
  let scheduled = false;
  const rest = () => {
    scheduled = false;
    if (text === "") return;
    const line = text;
    text = "";
    print(line);
  };
  return callSink(
    (bytes) => {
      text += decoder.decode(bytes, { stream: true });
      const end = text.lastIndexOf("\n");
      if (end >= 0) {
        const lines = text.slice(0, end);
        text = text.slice(end + 1);
        print(lines);
      }
      if (text !== "" && !scheduled) {
        scheduled = true;
        setTimeout(rest, 0);
      }
    },
    { close: rest },
  );
}

/**
 * What a user may give as standard input. A function is called for each chunk, when
 * the guest wants one; what it answers, or a promise of that, is the chunk, and
 * nothing is the end.
 * @typedef {string | Uint8Array | ReadableStream<Uint8Array | string>
 *   | AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>
 *   | (() => Chunk | Promise<Chunk>) | Source | null | undefined} Input
 * @typedef {Uint8Array | string | null | undefined} Chunk
 */

/**
 * What a user may give as standard output or error.
 * @typedef {((bytes: Uint8Array) => unknown) | WritableStream<Uint8Array>
 *   | Sink | null} Output
 */

/**
 * @param {Input} input
 * @returns {Source}
 */
export function toSource(input) {
  if (input === null || input === undefined) return CLOSED_SOURCE;
  if (typeof input === "string") return bytesSource(encode(input));
  if (input instanceof Uint8Array) return bytesSource(input);
  if (typeof input === "function")
    return pullSource(() => {
      const chunk = input();
      return isPromise(chunk) ? chunk.then(bytesOf) : bytesOf(chunk);
    });
  const any = /** @type {any} */ (input);
  if (typeof any.read === "function" && any.event) return any;
  if (typeof any.getReader === "function") return readableSource(any);
  if (typeof any[Symbol.asyncIterator] === "function") {
    const iterator = any[Symbol.asyncIterator]();
    return pullSource(
      async () => chunkOf(await iterator.next()),
      () => void iterator.return?.(),
    );
  }
  if (typeof any[Symbol.iterator] === "function") {
    const iterator = any[Symbol.iterator]();
    return pullSource(
      () => chunkOf(iterator.next()),
      () => void iterator.return?.(),
    );
  }
  throw new TypeError(
    "stdin must be text, bytes, a stream, an iterable or a function",
  );
}

/**
 * @param {ReadableStream<Uint8Array | string>} stream
 * @returns {Source}
 */
export function readableSource(stream) {
  const reader = stream.getReader();
  return pullSource(
    async () => chunkOf(await reader.read()),
    () => void reader.cancel().catch(() => {}),
  );
}

/**
 * @param {IteratorResult<Uint8Array | string> | { done: boolean, value?: any }} result
 * @returns {Uint8Array | undefined}
 */
function chunkOf({ done, value }) {
  return done ? undefined : bytesOf(value);
}

/**
 * @param {Chunk} chunk
 * @returns {Uint8Array | undefined}
 */
function bytesOf(chunk) {
  return typeof chunk === "string" ? encode(chunk) : (chunk ?? undefined);
}

/** @param {string} text */
function encode(text) {
  return new TextEncoder().encode(text);
}

/**
 * @param {Output | undefined} output
 * @param {(line: string) => void} print where lines go when nothing was given
 * @returns {Sink}
 */
export function toSink(output, print) {
  if (output === undefined) return lineSink(print);
  if (output === null) return NULL_SINK;
  if (typeof output === "function") return callSink(output);
  const any = /** @type {any} */ (output);
  if (typeof any.permit === "function") return any;
  if (typeof any.getWriter === "function") {
    const writer = any.getWriter();
    return callSink((bytes) => writer.write(bytes), {
      close: () => void writer.close().catch(() => {}),
    });
  }
  throw new TypeError("stdout and stderr take a function or a WritableStream");
}
