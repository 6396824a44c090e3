/**
 * @module A byte pipe within one thread: a sink at one end, chunks to be awaited
 * at the other, and back-pressure between. It owns the queue; a chunk passes
 * through by reference.
 */
import { Signal } from "../wait.js";
import { HIGH_WATER } from "./stream.js";

/** @import { Event } from "../wait.js" */
/** @import { Sink } from "./stream.js" */

export class Pipe {
  /** @type {Uint8Array[]} */
  #queue = [];
  #queued = 0;
  #capacity;
  #ended = false;
  #flushing = false;
  /** @type {{ error: unknown } | undefined} */
  #failed;
  #room = new Signal();
  #arrived = new Signal();
  /** Bytes that went in. */
  total = 0;

  /**
   * @param {number} [capacity] Infinity for a guest that cannot wait
   */
  constructor(capacity = HIGH_WATER) {
    this.#capacity = capacity;
    /** @type {Event} */
    const event = {
      ready: () => this.#permit() !== 0,
      onReady: (wake) => this.#room.onReady(wake),
    };
    /** @type {Sink} */
    this.sink = {
      event,
      permit: () => {
        if (this.#failed) throw this.#failed.error;
        return this.#permit();
      },
      write: (bytes) => {
        this.total += bytes.length;
        this.#queue.push(bytes);
        this.#queued += bytes.length;
        this.#arrived.fire();
      },
      flush: () => {
        this.#flushing = this.#queued > 0 && this.#capacity !== Infinity;
      },
    };
  }

  #permit() {
    if (this.#failed || this.#ended) return -1;
    if (this.#flushing) return 0;
    if (this.#capacity === Infinity) return 1 << 20;
    const room = this.#capacity - this.#queued;
    // A writer that was told of every gap would fill it with crumbs.
    return room * 2 < this.#capacity ? 0 : room;
  }

  /** @returns {Promise<Uint8Array | undefined>} the next chunk, or the end */
  async next() {
    for (;;) {
      const chunk = this.#queue.shift();
      if (chunk) {
        this.#queued -= chunk.length;
        if (this.#queued === 0) this.#flushing = false;
        this.#room.fire();
        return chunk;
      }
      if (this.#failed) throw this.#failed.error;
      if (this.#ended) return undefined;
      await new Promise((resolve) => {
        this.#arrived.onReady(() => resolve(undefined));
      });
    }
  }

  /** Whether more may be written: neither ended nor broken. */
  get open() {
    return !this.#ended && !this.#failed;
  }

  /** No more will come. */
  end() {
    this.#ended = true;
    this.#arrived.fire();
    this.#room.fire();
  }

  /**
   * Breaks both ends.
   * @param {unknown} error
   */
  fail(error) {
    if (this.#failed || (this.#ended && this.#queue.length === 0)) return;
    this.#failed = { error };
    this.#queue = [];
    this.#queued = 0;
    this.#arrived.fire();
    this.#room.fire();
  }

  /**
   * The reading end, as the platform wants it.
   * @returns {ReadableStream<Uint8Array<ArrayBuffer>>}
   */
  readable() {
    return new ReadableStream(
      {
        pull: async (controller) => {
          const chunk = await this.next();
          if (chunk) controller.enqueue(/** @type {any} */ (chunk));
          else controller.close();
        },
        cancel: (reason) => this.fail(reason ?? new Error("cancelled")),
      },
      { highWaterMark: 0 },
    );
  }
}
