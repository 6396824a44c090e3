/**
 * @module Exchanges for a thread that waits by synchronous requests, and shares no
 * memory: the page makes the HTTP requests, and what comes back is among the
 * letters that the thread asks for. It owns those letters and both their ends.
 */
import { EMPTY } from "../core/stream.js";
import { Signal } from "../wait.js";
import { HttpFailure, codeOf } from "./errors.js";
import { Later, exchange } from "./exchange.js";

/** @import { Event } from "../wait.js" */
/** @import { ErrorCode } from "./errors.js" */
/** @import { Exchange, RequestHead, Transport } from "./exchange.js" */
/** @import { Entry } from "./fields.js" */

/** What may be under way in each direction that nobody has taken yet. */
const WINDOW = 256 * 1024;

/** The thread's end: makes exchanges, and is given the letters about them. */
export class PostedExchanges {
  /** @type {Map<number, PostedExchange>} */
  #running = new Map();
  #next = 0;
  #post;

  /** @param {(message: any) => void} post to the page */
  constructor(post) {
    this.#post = post;
  }

  /**
   * @param {RequestHead} head
   * @param {() => void} [ended] told once: nothing goes on any more
   * @returns {Exchange}
   */
  begin(head, ended = () => {}) {
    const id = this.#next++;
    const begun = new PostedExchange(this.#post, id, () => {
      if (this.#running.delete(id)) ended();
    });
    this.#running.set(id, begun);
    this.#post({ type: "http", id, head });
    return begun;
  }

  /** @param {any} letter */
  receive(letter) {
    this.#running.get(letter.id)?.receive(letter);
  }
}

/** @implements {Exchange} */
class PostedExchange {
  /** @type {Later<{ status: number, headers: Entry[] }>} */
  head = new Later();
  /** @type {Later<Entry[] | undefined>} */
  trailers = new Later();
  #post;
  #id;
  #over;
  /** @type {Uint8Array[]} */
  #chunks = [];
  /** Of the request's body: sent and not taken yet. */
  #underWay = 0;
  #changed = new Signal();

  /**
   * @param {(message: any) => void} post
   * @param {number} id
   * @param {() => void} over
   */
  constructor(post, id, over) {
    this.#post = post;
    this.#id = id;
    this.#over = over;
    this.head.event.shared = true;
    this.trailers.event.shared = true;
    this.body = {
      event: this.#event(
        () => this.#chunks.length > 0 || this.trailers.result !== undefined,
      ),
      read: (/** @type {number} */ max) => this.#read(max),
      close: () => this.abort(),
    };
    this.sink = {
      event: this.#event(
        () => this.#underWay < WINDOW || this.trailers.result !== undefined,
      ),
      permit: () => {
        const { result } = this.trailers;
        if (result && "error" in result) throw new HttpFailure(result.error);
        return result ? -1 : WINDOW - this.#underWay;
      },
      write: (/** @type {Uint8Array} */ chunk) => {
        this.#underWay += chunk.length;
        post({ type: "http-body", id, chunk });
      },
      flush: () => {},
    };
  }

  /**
   * @param {() => boolean} ready
   * @returns {Event}
   */
  #event(ready) {
    const onReady = (/** @type {() => void} */ wake) =>
      this.#changed.onReady(wake);
    return { shared: true, ready, onReady };
  }

  /** @param {number} max */
  #read(max) {
    const [chunk] = this.#chunks;
    if (chunk) {
      const taken = chunk.subarray(0, max);
      if (chunk.length > max) this.#chunks[0] = chunk.subarray(max);
      else this.#chunks.shift();
      this.#post({ type: "http-taken", id: this.#id, n: taken.length });
      return taken;
    }
    const { result } = this.trailers;
    if (result && "error" in result) throw new HttpFailure(result.error);
    return result ? undefined : EMPTY;
  }

  /** @param {any} letter */
  receive(letter) {
    switch (letter.type) {
      case "http-head":
        this.head.resolve(letter.head);
        break;
      case "http-chunk":
        this.#chunks.push(letter.chunk);
        break;
      case "http-room":
        this.#underWay -= letter.n;
        break;
      case "http-done":
        this.trailers.resolve(letter.trailers);
        this.#over();
        break;
      case "http-failed":
        this.head.reject(letter.error);
        this.trailers.reject(letter.error);
        this.#over();
    }
    this.#changed.fire();
  }

  /** @param {Entry[] | undefined} trailers */
  finish(trailers) {
    this.#post({ type: "http-end", id: this.#id, trailers });
  }

  abort() {
    if (this.trailers.result) return;
    this.#post({ type: "http-abort", id: this.#id });
    const error = /** @type {ErrorCode} */ ({ tag: "connection-terminated" });
    this.receive({ type: "http-failed", error });
  }
}

/**
 * The page's end: makes the requests.
 * @param {Transport} transport
 * @param {(letter: any) => void} post to the thread
 * @returns {{ receive(message: any): void, close(): void }}
 */
export function postedServer(transport, post) {
  /** @type {Map<number, Serving>} */
  const running = new Map();
  return {
    receive({ type, id, ...message }) {
      if (type === "http") {
        const tell = (/** @type {any} */ letter) => post({ ...letter, id });
        const serving = new Serving(transport, message.head, tell);
        running.set(id, serving);
        void serving.done.then(() => running.delete(id));
        return;
      }
      const serving = running.get(id);
      if (type === "http-body") serving?.body(message.chunk);
      else if (type === "http-taken") serving?.taken(message.n);
      else if (type === "http-end") serving?.finish(message.trailers);
      else if (type === "http-abort") serving?.abort();
    },
    close: () => running.forEach((serving) => serving.abort()),
  };
}

/** One request on behalf of a thread that waits. */
class Serving {
  #exchange;
  #tell;
  #underWay = 0;
  #taken = new Signal();
  #aborted = false;
  /** Uploads follow one another. */
  #uploaded = Promise.resolve();

  /**
   * @param {Transport} transport
   * @param {RequestHead} head
   * @param {(letter: any) => void} tell
   */
  constructor(transport, head, tell) {
    this.#exchange = exchange(transport, head);
    this.#tell = tell;
    this.done = this.#run();
  }

  /** @param {Uint8Array} chunk */
  body(chunk) {
    const { sink } = this.#exchange;
    this.#uploaded = this.#uploaded.then(async () => {
      try {
        while (sink.permit() === 0) await next(sink.event);
        if (sink.permit() > 0) sink.write(chunk);
      } catch {
        // The request has failed; a letter says so.
      }
      this.#tell({ type: "http-room", n: chunk.length });
    });
  }

  /** @param {number} n */
  taken(n) {
    this.#underWay -= n;
    this.#taken.fire();
  }

  /** @param {Entry[] | undefined} trailers */
  finish(trailers) {
    this.#uploaded = this.#uploaded.then(() => this.#exchange.finish(trailers));
  }

  abort() {
    this.#aborted = true;
    this.#exchange.abort(new HttpFailure({ tag: "connection-terminated" }));
    this.#taken.fire();
  }

  async #run() {
    try {
      await this.#answer();
    } catch (error) {
      if (!this.#aborted)
        this.#tell({ type: "http-failed", error: codeOf(error) });
    }
  }

  async #answer() {
    const { head, body, trailers } = this.#exchange;
    while (!head.event.ready()) await next(head.event);
    const { result } = head;
    if (result && "error" in result) throw new HttpFailure(result.error);
    this.#tell({ type: "http-head", head: result?.value });
    for (;;) {
      const chunk = body.read(1 << 16);
      if (chunk === undefined) break;
      if (chunk.length === 0) {
        await next(body.event);
        continue;
      }
      this.#underWay += chunk.length;
      this.#tell({ type: "http-chunk", chunk });
      while (this.#underWay >= WINDOW && !this.#aborted)
        await new Promise((resolve) => {
          this.#taken.onReady(() => resolve(undefined));
        });
    }
    const { result: end } = trailers;
    const value = end && "value" in end ? end.value : undefined;
    this.#tell({ type: "http-done", trailers: value });
  }
}

/**
 * @param {Event} event
 * @returns {Promise<void>} until it may have become ready
 */
function next(event) {
  return new Promise((resolve) => {
    if (event.ready()) resolve();
    else event.onReady(() => resolve());
  });
}
