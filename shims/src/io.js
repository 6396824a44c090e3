/**
 * @module `wasi:io@0.2`: error, poll and streams. A face: it owns the resource
 * classes and the words of WASI, over sources, sinks and events of the core. It
 * refuses to know where bytes come from.
 */
import { DISPOSE } from "./core/exit.js";
import { EMPTY } from "./core/stream.js";

/** @import { Event, Waiter } from "./wait.js" */
/** @import { Source, Sink } from "./core/stream.js" */
/** @import { Context } from "./host.js" */

/** What one read hands to the guest at most; it may always ask again. */
const MOST = 1 << 20;
/** What a blocking write may carry, as the WIT says. */
const MOST_BLOCKING = 4096;

/** @typedef {{ tag: "closed" } | { tag: "last-operation-failed", val: IoError }} StreamError */

/** @returns {StreamError} */
const closed = () => ({ tag: "closed" });

/**
 * A mistake of the guest that WASI answers with a trap.
 * @param {string} message
 * @returns {Error}
 */
export function trap(message) {
  return new Error(message);
}

/** The resource `error`. What failed is kept, for the face that can tell more. */
export class IoError {
  /** @type {unknown} */
  cause;

  /** @param {unknown} cause */
  constructor(cause) {
    this.cause = cause;
  }

  /** @returns {string} */
  toDebugString() {
    const cause = /** @type {any} */ (this.cause);
    if (cause instanceof Error) return `${cause.name}: ${cause.message}`;
    if (typeof cause?.tag === "string") {
      const { val } = cause;
      return typeof val === "string" ? `${cause.tag}: ${val}` : cause.tag;
    }
    return String(cause);
  }
}

/** The resource `pollable`: an event, and the way its host waits. */
export class Pollable {
  #event;
  #waiter;

  /**
   * @param {Event} event
   * @param {Waiter} waiter
   */
  constructor(event, waiter) {
    this.#event = event;
    this.#waiter = waiter;
  }

  /** @returns {boolean} */
  ready() {
    return this.#event.ready();
  }

  /** @returns {void | Promise<void>} */
  block() {
    return this.#waiter.wait([this.#event]);
  }

  /**
   * The indices of the pollables that are ready, of which there is at least one.
   * @param {readonly Pollable[]} list
   * @param {Waiter} waiter
   * @returns {number[] | Promise<number[]>}
   */
  static poll(list, waiter) {
    if (list.length === 0) throw trap("wasi:io/poll: poll of an empty list");
    for (;;) {
      const ready = [];
      for (let i = 0; i < list.length; i++)
        if (list[i].#event.ready()) ready.push(i);
      if (ready.length > 0) return ready;
      const waiting = waiter.wait(list.map((pollable) => pollable.#event));
      if (waiting) return waiting.then(() => Pollable.poll(list, waiter));
    }
  }
}

/** The resource `input-stream`. */
export class InputStream {
  /** @type {Source} */
  #source;
  #waiter;
  #shared;
  #closed = false;

  /**
   * @param {Source} source
   * @param {Waiter} waiter
   * @param {boolean} [shared] it has other handles, and ends with none of them
   */
  constructor(source, waiter, shared = false) {
    this.#source = source;
    this.#waiter = waiter;
    this.#shared = shared;
  }

  /**
   * @param {bigint} len
   * @returns {Uint8Array}
   */
  read(len) {
    return this.#read(len > MOST ? MOST : Number(len));
  }

  /**
   * @param {number} max
   * @returns {Uint8Array}
   */
  #read(max) {
    if (this.#closed) throw closed();
    if (max === 0) return EMPTY;
    let chunk;
    try {
      chunk = this.#source.read(max);
    } catch (error) {
      this.#closed = true;
      throw failure(error);
    }
    if (chunk !== undefined) return chunk;
    this.#closed = true;
    throw closed();
  }

  /**
   * @param {bigint} len
   * @returns {Uint8Array | Promise<Uint8Array>}
   */
  blockingRead(len) {
    const max = len > MOST ? MOST : Number(len);
    const chunk = this.#read(max);
    if (chunk.length > 0 || max === 0) return chunk;
    return this.#waiter.until(this.#source.event, () => {
      const chunk = this.#read(max);
      return chunk.length > 0 ? chunk : undefined;
    });
  }

  /**
   * @param {bigint} len
   * @returns {bigint}
   */
  skip(len) {
    return BigInt(this.read(len).length);
  }

  /**
   * @param {bigint} len
   * @returns {bigint | Promise<bigint>}
   */
  blockingSkip(len) {
    const chunk = this.blockingRead(len);
    if (chunk instanceof Promise)
      return chunk.then(({ length }) => BigInt(length));
    return BigInt(chunk.length);
  }

  /** @returns {Pollable} */
  subscribe() {
    return new Pollable(this.event, this.#waiter);
  }

  /** Ready when `read` has something to say; a closed stream always has. */
  get event() {
    return orClosed(this.#source.event, () => this.#closed);
  }

  [DISPOSE]() {
    this.#closed = true;
    if (!this.#shared) this.#source.close?.();
  }
}

/** The resource `output-stream`. */
export class OutputStream {
  /** @type {Sink} */
  #sink;
  #waiter;
  #shared;
  /** What the guest may still write on the strength of its last check. */
  #permit = 0;
  #closed = false;

  /**
   * @param {Sink} sink
   * @param {Waiter} waiter
   * @param {boolean} [shared] it has other handles, and ends with none of them
   */
  constructor(sink, waiter, shared = false) {
    this.#sink = sink;
    this.#waiter = waiter;
    this.#shared = shared;
  }

  /** @returns {number} */
  #check() {
    if (this.#closed) throw closed();
    let permit;
    try {
      permit = this.#sink.permit();
    } catch (error) {
      this.#closed = true;
      throw failure(error);
    }
    if (permit < 0) {
      this.#closed = true;
      throw closed();
    }
    this.#permit = permit;
    return permit;
  }

  /**
   * Calls the sink; if that fails, it was the last operation.
   * @param {Uint8Array} bytes
   */
  #put(bytes) {
    try {
      this.#sink.write(bytes);
    } catch (error) {
      this.#closed = true;
      throw failure(error);
    }
  }

  /**
   * What most writes are: all of it, at once.
   * @param {Uint8Array} bytes
   * @returns {boolean | undefined} as the sink's
   */
  #pass(bytes) {
    if (this.#closed || bytes.length === 0 || !this.#sink.pass)
      return undefined;
    try {
      const passed = this.#sink.pass(bytes);
      if (passed) this.#permit = 0;
      return passed;
    } catch (error) {
      this.#closed = true;
      throw failure(error);
    }
  }

  #flush() {
    try {
      this.#sink.flush();
    } catch (error) {
      this.#closed = true;
      throw failure(error);
    }
    this.#permit = 0;
  }

  /** @returns {bigint} */
  checkWrite() {
    return BigInt(this.#check());
  }

  /** @param {Uint8Array} contents */
  write(contents) {
    if (contents.length > this.#permit)
      throw trap(
        `wasi:io/streams: write of ${contents.length} bytes where check-write permitted ${this.#permit}`,
      );
    if (this.#closed) throw closed();
    this.#permit -= contents.length;
    if (contents.length > 0) this.#put(contents);
  }

  /**
   * @param {Uint8Array} contents
   * @returns {void | Promise<void>}
   */
  blockingWriteAndFlush(contents) {
    if (contents.length > MOST_BLOCKING)
      throw trap(
        `wasi:io/streams: blocking-write-and-flush of ${contents.length} bytes, more than ${MOST_BLOCKING}`,
      );
    const passed = this.#pass(contents);
    if (passed) return undefined;
    if (passed === undefined && this.#check() < contents.length)
      return this.#writeRest(contents);
    if (passed === undefined && contents.length > 0) this.#put(contents);
    return this.blockingFlush();
  }

  /**
   * @param {Uint8Array} contents
   * @returns {void | Promise<void>}
   */
  #writeRest(contents) {
    let rest = contents;
    const written = this.#waiter.until(this.#sink.event, () => {
      const permit = this.#check();
      if (permit === 0) return undefined;
      const part = rest.subarray(0, permit);
      rest = rest.subarray(part.length);
      this.#put(part);
      return rest.length === 0 ? true : undefined;
    });
    if (written instanceof Promise)
      return written.then(() => this.blockingFlush());
    return this.blockingFlush();
  }

  flush() {
    if (this.#closed) throw closed();
    this.#check();
    this.#flush();
  }

  /** @returns {void | Promise<void>} */
  blockingFlush() {
    if (this.#closed) throw closed();
    this.#flush();
    if (this.#sink.event.ready()) return this.#flushed();
    const done = this.#waiter.until(this.#sink.event, () =>
      this.#sink.event.ready() ? true : undefined,
    );
    return done instanceof Promise
      ? done.then(() => this.#flushed())
      : this.#flushed();
  }

  /**
   * A flush that closed the stream has succeeded; one that failed says so.
   * @returns {void}
   */
  #flushed() {
    try {
      if (this.#sink.permit() < 0) this.#closed = true;
    } catch (error) {
      this.#closed = true;
      throw failure(error);
    }
  }

  /** @returns {Pollable} */
  subscribe() {
    return new Pollable(this.event, this.#waiter);
  }

  /** Ready when `check-write` permits something or has an error to tell. */
  get event() {
    return orClosed(this.#sink.event, () => this.#closed);
  }

  /** @param {bigint} len */
  writeZeroes(len) {
    if (len > this.#permit)
      throw trap(
        `wasi:io/streams: write-zeroes of ${len} bytes where check-write permitted ${this.#permit}`,
      );
    this.write(new Uint8Array(Number(len)));
  }

  /**
   * @param {bigint} len
   * @returns {void | Promise<void>}
   */
  blockingWriteZeroesAndFlush(len) {
    if (len > MOST_BLOCKING)
      throw trap(
        `wasi:io/streams: blocking-write-zeroes-and-flush of ${len} bytes, more than ${MOST_BLOCKING}`,
      );
    return this.blockingWriteAndFlush(new Uint8Array(Number(len)));
  }

  /**
   * @param {InputStream} src
   * @param {bigint} len
   * @returns {bigint}
   */
  splice(src, len) {
    const permit = BigInt(this.#check());
    const chunk = src.read(len < permit ? len : permit);
    // A source's bytes are valid until its next call; a sink keeps them.
    if (chunk.length > 0) this.write(chunk.slice());
    return BigInt(chunk.length);
  }

  /**
   * @param {InputStream} src
   * @param {bigint} len
   * @returns {bigint | Promise<bigint>}
   */
  blockingSplice(src, len) {
    const moved = this.splice(src, len);
    if (moved > 0n || len === 0n) return moved;
    const both = bothReady(this.event, src.event);
    return this.#waiter.until(both, () => {
      const moved = this.splice(src, len);
      return moved > 0n ? moved : undefined;
    });
  }

  [DISPOSE]() {
    this.#closed = true;
    if (!this.#shared) this.#sink.close?.();
  }
}

/**
 * @param {Event} event
 * @param {() => boolean} closed
 * @returns {Event}
 */
function orClosed(event, closed) {
  return {
    get shared() {
      return event.shared;
    },
    ready: () => closed() || event.ready(),
    onReady: (wake) => event.onReady(wake),
  };
}

/**
 * @param {Event} a
 * @param {Event} b
 * @returns {Event}
 */
function bothReady(a, b) {
  return {
    ready: () => a.ready() && b.ready(),
    shared: (a.shared || a.ready()) && (b.shared || b.ready()),
    onReady: (wake) => (a.ready() ? b : a).onReady(wake),
  };
}

/**
 * @param {unknown} error
 * @returns {StreamError}
 */
function failure(error) {
  return { tag: "last-operation-failed", val: new IoError(error) };
}

/**
 * The face of `wasi:io`: error, poll, streams. The others need it.
 * @param {Context} context
 * @returns the interfaces, by full name
 */
export function io({ waiter }) {
  return {
    "wasi:io/error@0.2.12": { Error: IoError },
    "wasi:io/poll@0.2.12": {
      Pollable,
      poll: (/** @type {Pollable[]} */ list) => Pollable.poll(list, waiter),
    },
    "wasi:io/streams@0.2.12": { InputStream, OutputStream },
  };
}
