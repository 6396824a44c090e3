/**
 * @module Exchanges for a thread that sleeps: another thread makes the request,
 * and what comes back arrives through shared memory. It owns the frames and both
 * their ends.
 */
import { newRing, onBell, ring, ringSource, RingWriter } from "../core/ring.js";
import { HttpFailure, codeOf } from "./errors.js";
import { exchange } from "./exchange.js";
import { fromLatin1, latin1 } from "./fields.js";

/** @import { Event } from "../wait.js" */
/** @import { ErrorCode } from "./errors.js" */
/** @import { Exchange, RequestHead, Transport } from "./exchange.js" */
/** @import { Entry } from "./fields.js" */

/** Frames: kind, length in 32 bits, payload. */
const HEAD = 1;
const DATA = 2;
const END = 3;
const FAILED = 4;
const PREFIX = 5;

/** What may be under way to the other thread. */
const WINDOW = 64 * 1024;
const RING = 1 << 18;

/** @param {unknown} value */
function toJson(value) {
  return new TextEncoder().encode(
    JSON.stringify(value, (_, v) =>
      typeof v === "bigint" ? { big: String(v) } : v,
    ),
  );
}

/** @param {Uint8Array} bytes */
function fromJson(bytes) {
  return JSON.parse(new TextDecoder().decode(bytes), (_, v) =>
    typeof v?.big === "string" ? BigInt(v.big) : v,
  );
}

/** @param {Entry[] | undefined} entries */
function packEntries(entries) {
  return entries?.map(([name, value]) => [name, latin1(value)]);
}

/**
 * @param {Array<[string, string]> | undefined} packed
 * @returns {Entry[] | undefined}
 */
function unpackEntries(packed) {
  return packed?.map(([name, value]) => [name, fromLatin1(value)]);
}

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
  #source;
  /** Bytes of a frame that has not come in whole. */
  #partial = new Uint8Array(0);
  /** Of a data frame, what is still to be read. */
  #left = 0;
  /** @type {{ value: { status: number, headers: Entry[] } } | { error: ErrorCode } | undefined} */
  #head;
  /** @type {{ value: Entry[] | undefined } | { error: ErrorCode } | undefined} */
  #end;

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
    const buffer = newRing(RING);
    this.#source = ringSource(buffer, bell);
    const acks = new Int32Array(new SharedArrayBuffer(4));
    post({ type: "http", id, head, ring: buffer, acks });
    let sent = 0;
    const permit = () =>
      this.#end ? -1 : WINDOW - ((sent - Atomics.load(acks, 0)) | 0);
    /** @type {(ready: () => boolean) => Event} */
    const event = (ready) => ({
      shared: true,
      ready,
      onReady: (wake) => onBell(bell, ready, wake),
    });
    const exchange = this;
    this.head = {
      event: event(() => this.#step(() => this.#head !== undefined)),
      get result() {
        exchange.head.event.ready();
        return exchange.#head;
      },
    };
    this.trailers = {
      event: event(() => this.#step(() => this.#end !== undefined)),
      get result() {
        return exchange.#end;
      },
    };
    this.body = {
      event: event(() =>
        this.#step(() => this.#left > 0 || this.#end !== undefined),
      ),
      read: (/** @type {number} */ max) => this.#read(max),
      close: () => this.abort(),
    };
    this.sink = {
      event: event(() => permit() !== 0),
      permit: () => {
        if (this.#end && "error" in this.#end)
          throw new HttpFailure(this.#end.error);
        return permit();
      },
      write: (/** @type {Uint8Array} */ bytes) => {
        sent = (sent + bytes.length) | 0;
        post({ type: "http-body", id, chunk: bytes });
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
    if (!this.#end) this.#post({ type: "http-abort", id: this.#id });
    this.#ended();
  }

  /**
   * Takes in frames until `enough`, or until there are none.
   * @param {() => boolean} enough
   */
  #step(enough) {
    while (!enough()) if (this.#left > 0 || !this.#frame()) return enough();
    return true;
  }

  /**
   * @param {number} length
   * @returns {Uint8Array | undefined} that many bytes, once they are all there
   */
  #gather(length) {
    while (this.#partial.length < length) {
      const more = this.#source.read(length - this.#partial.length);
      if (!more || more.length === 0) return undefined;
      const joined = new Uint8Array(this.#partial.length + more.length);
      joined.set(this.#partial);
      joined.set(more, this.#partial.length);
      this.#partial = joined;
    }
    return this.#partial;
  }

  /** @returns {boolean} whether a frame (of data: its beginning) came in */
  #frame() {
    const prefix = this.#gather(PREFIX);
    if (!prefix) return false;
    const kind = prefix[0];
    const length = new DataView(prefix.buffer).getUint32(1, true);
    if (kind === DATA) {
      this.#left = length;
      this.#partial = new Uint8Array(0);
      return true;
    }
    const whole = this.#gather(PREFIX + length);
    if (!whole) return false;
    this.#partial = new Uint8Array(0);
    const value = fromJson(whole.subarray(PREFIX));
    if (kind === HEAD)
      this.#head = {
        value: {
          status: value.status,
          headers: unpackEntries(value.headers) ?? [],
        },
      };
    if (kind === END) this.#end = { value: unpackEntries(value ?? undefined) };
    if (kind === FAILED) {
      this.#head ??= { error: value };
      this.#end = { error: value };
    }
    if (this.#end) this.#ended();
    return true;
  }

  /** @param {number} max */
  #read(max) {
    if (!this.body.event.ready()) return new Uint8Array(0);
    if (this.#left > 0) {
      const chunk = this.#source.read(Math.min(max, this.#left));
      this.#left -= chunk?.length ?? 0;
      return chunk ?? new Uint8Array(0);
    }
    const end = this.#end;
    if (end && "error" in end) throw new HttpFailure(end.error);
    return undefined;
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
    this.#writer = new RingWriter(buffer, bell);
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

  /**
   * @param {number} kind
   * @param {Uint8Array} payload
   */
  async #send(kind, payload) {
    const prefix = new Uint8Array(PREFIX);
    prefix[0] = kind;
    new DataView(prefix.buffer).setUint32(1, payload.length, true);
    await this.#writer.write(prefix);
    await this.#writer.write(payload);
  }

  async #run() {
    const { head, body, trailers } = this.#exchange;
    try {
      await readyOf(head.event);
      if (head.result && "error" in head.result)
        throw new HttpFailure(head.result.error);
      const { status, headers } = head.result?.value ?? {};
      await this.#send(HEAD, toJson({ status, headers: packEntries(headers) }));
      for (;;) {
        const chunk = body.read(1 << 16);
        if (chunk === undefined) break;
        if (chunk.length > 0) await this.#send(DATA, chunk);
        else await readyOf(body.event);
      }
      const { result } = trailers;
      const entries = result && "value" in result ? result.value : undefined;
      await this.#send(END, toJson(packEntries(entries) ?? null));
    } catch (error) {
      await this.#send(FAILED, toJson(codeOf(error)));
    }
    this.#writer.close();
  }
}

/**
 * @param {Event} event
 * @returns {Promise<void>}
 */
function readyOf(event) {
  return new Promise((resolve) => {
    const look = () => {
      if (event.ready()) resolve();
      else event.onReady(look);
    };
    look();
  });
}
