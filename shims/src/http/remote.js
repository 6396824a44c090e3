/**
 * @module Exchanges for a thread that sleeps: another thread makes the request,
 * and what comes back arrives through shared memory, in frames.
 */
import { onBell, ring } from "../core/ring.js";
import { HttpFailure } from "./errors.js";
import { exchange } from "./exchange.js";
import {
  FrameReader,
  FrameWriter,
  newFrames,
  ownMemory,
  packEntries,
  readyOf,
  unpackEntries,
} from "./frames.js";

/** @import { Exchange, RequestHead, Transport } from "./exchange.js" */
/** @import { Entry } from "./fields.js" */

/** What may be under way to the other thread. */
const WINDOW = 64 * 1024;

/**
 * Makes exchanges through the thread that `post` reaches.
 * @param {(message: any, transfer?: any[]) => void} post
 * @param {Int32Array} bell this thread's
 * @returns {(head: RequestHead, ended: () => void) => Exchange}
 */
export function remoteExchanges(post, bell) {
  let next = 0;
  return (head, ended) => new RemoteExchange(post, bell, next++, head, ended);
}

/** @implements {Exchange} */
class RemoteExchange {
  #post;
  #ended;
  #id;
  #reader;

  /**
   * @param {(message: any, transfer?: any[]) => void} post
   * @param {Int32Array} bell
   * @param {number} id
   * @param {RequestHead} head
   * @param {() => void} ended
   */
  constructor(post, bell, id, head, ended) {
    this.#post = post;
    this.#ended = ended;
    this.#id = id;
    const ring = newFrames();
    const reader = (this.#reader = new FrameReader(ring, bell, ended));
    const acks = new Int32Array(new SharedArrayBuffer(4));
    post({ type: "http", id, head, ring, acks });
    let sent = 0;
    const permit = () =>
      reader.end ? -1 : WINDOW - ((sent - Atomics.load(acks, 0)) | 0);
    const ready = () => permit() !== 0;
    this.head = reader.head;
    this.trailers = reader.trailers;
    this.body = { ...reader.body, close: () => this.abort() };
    this.sink = {
      event: {
        shared: true,
        ready,
        onReady: (/** @type {() => void} */ wake) => onBell(bell, ready, wake),
      },
      permit: () => {
        if (reader.end && "error" in reader.end)
          throw new HttpFailure(reader.end.error);
        return permit();
      },
      write: (/** @type {Uint8Array} */ bytes) => {
        sent = (sent + bytes.length) | 0;
        post({ type: "http-body", id, chunk: bytes }, ownMemory(bytes));
      },
      flush: () => {},
    };
  }

  /** @param {Entry[] | undefined} trailers */
  finish(trailers) {
    const packed = packEntries(trailers);
    this.#post({ type: "http-end", id: this.#id, trailers: packed });
  }

  abort() {
    if (!this.#reader.end) this.#post({ type: "http-abort", id: this.#id });
    this.#ended();
  }
}

/**
 * The other end: makes the requests. Returns what to call with each message.
 * @param {() => Transport} transport
 * @param {Int32Array} bell of the thread that asks
 * @returns {(message: any) => void}
 */
export function remoteServer(transport, bell) {
  /** @type {Map<number, Serving>} */
  const running = new Map();
  return (message) => {
    if (message.type === "http") {
      const serving = new Serving(transport(), message, bell);
      running.set(message.id, serving);
      void serving.done.then(() => running.delete(message.id));
      return;
    }
    const serving = running.get(message.id);
    if (message.type === "http-body") serving?.body(message.chunk);
    else if (message.type === "http-end")
      serving?.finish(unpackEntries(message.trailers));
    else if (message.type === "http-abort") serving?.abort();
  };
}

/** One request on behalf of a sleeper. */
class Serving {
  #exchange;
  #writer;
  #acks;
  #bell;
  /** Uploads follow one another. */
  #uploaded = Promise.resolve();

  /**
   * @param {Transport} transport
   * @param {{ head: RequestHead, ring: SharedArrayBuffer, acks: Int32Array }} message
   * @param {Int32Array} bell
   */
  constructor(transport, { head, ring: buffer, acks }, bell) {
    this.#exchange = exchange(transport, head);
    this.#writer = new FrameWriter(buffer, bell);
    this.#acks = acks;
    this.#bell = bell;
    this.done = this.#run();
  }

  /** @param {Uint8Array} chunk */
  body(chunk) {
    const { sink } = this.#exchange;
    this.#uploaded = this.#uploaded.then(async () => {
      try {
        // A chunk may be more than the pipe's room; it takes it whole.
        while (sink.permit() === 0) await readyOf(sink.event);
        if (sink.permit() > 0) sink.write(chunk);
      } catch {
        // The request has failed; its frame says so.
      }
      Atomics.add(this.#acks, 0, chunk.length);
      ring(this.#bell);
    });
  }

  /** @param {Entry[] | undefined} trailers */
  finish(trailers) {
    this.#uploaded = this.#uploaded.then(() => this.#exchange.finish(trailers));
  }

  abort() {
    this.#exchange.abort(new HttpFailure({ tag: "connection-terminated" }));
  }

  async #run() {
    const { head, ...inlet } = this.#exchange;
    try {
      await readyOf(head.event);
      const { result } = head;
      if (!result || "error" in result)
        throw new HttpFailure(result?.error ?? { tag: "internal-error" });
      await this.#writer.head(result.value);
      await this.#writer.body(inlet);
    } catch (error) {
      await this.#writer.failed(error);
    }
    this.#writer.close();
  }
}
