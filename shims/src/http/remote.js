/**
 * @module Exchanges for a thread that sleeps: another thread makes the request,
 * and what comes back arrives through shared memory, in frames.
 */
import { newRing, onBell, ringSink, ringTaker } from "../core/ring.js";
import { HttpFailure } from "./errors.js";
import { exchange } from "./exchange.js";
import {
  FrameReader,
  FrameWriter,
  newFrames,
  packEntries,
  readyOf,
  unpackEntries,
} from "./frames.js";

/** @import { Piece } from "../core/ring.js" */
/** @import { Exchange, RequestHead, Transport } from "./exchange.js" */
/** @import { Entry } from "./fields.js" */

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
    const upload = newRing();
    post({ type: "http", id, head, ring, upload });
    const sink = ringSink(upload, bell, (piece) =>
      post({ type: "http-body", id, piece }),
    );
    const ready = () => reader.end !== undefined || sink.event.ready();
    this.head = reader.head;
    this.trailers = reader.trailers;
    this.body = { ...reader.body, close: () => this.abort() };
    this.sink = {
      ...sink,
      event: {
        shared: true,
        ready,
        onReady: (/** @type {() => void} */ wake) => onBell(bell, ready, wake),
      },
      permit: () => {
        const { end } = reader;
        if (end && "error" in end) throw new HttpFailure(end.error);
        return end ? -1 : sink.permit();
      },
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
    if (message.type === "http-body") serving?.body(message.piece);
    else if (message.type === "http-end")
      serving?.finish(unpackEntries(message.trailers));
    else if (message.type === "http-abort") serving?.abort();
  };
}

/** One request on behalf of a sleeper. */
class Serving {
  #exchange;
  #writer;
  #take;
  /** Uploads follow one another. */
  #uploaded = Promise.resolve();

  /**
   * @param {Transport} transport
   * @param {{ head: RequestHead, ring: SharedArrayBuffer,
   *   upload: SharedArrayBuffer }} message
   * @param {Int32Array} bell
   */
  constructor(transport, { head, ring, upload }, bell) {
    this.#exchange = exchange(transport, head);
    this.#writer = new FrameWriter(ring, bell);
    this.#take = ringTaker(upload, bell);
    this.done = this.#run();
  }

  /** @param {Piece} piece */
  body(piece) {
    const { sink } = this.#exchange;
    this.#uploaded = this.#uploaded.then(async () => {
      let permit = -1;
      try {
        while ((permit = sink.permit()) === 0) await readyOf(sink.event);
      } catch {
        // The request has failed; its frame says so.
      }
      const chunk = this.#take(piece);
      // A chunk may be more than the pipe's room; it takes it whole.
      if (permit > 0) sink.write(chunk);
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
