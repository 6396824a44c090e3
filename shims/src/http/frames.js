/**
 * @module A message from one thread to another that may sleep, as frames in a ring
 * of shared memory: a head, data, the end with its trailers, or a failure. It owns
 * both ends of the ring, and the words in which entries and errors travel.
 */
import { newRing, onBell, ringSource, RingWriter } from "../core/ring.js";
import { HttpFailure, codeOf } from "./errors.js";
import { fromLatin1, latin1 } from "./fields.js";

/** @import { Event } from "../wait.js" */
/** @import { Source } from "../core/stream.js" */
/** @import { ErrorCode } from "./errors.js" */
/** @import { Inlet } from "./body.js" */
/** @import { Entry } from "./fields.js" */

/** Frames: kind, length in 32 bits, payload. */
const HEAD = 1;
const DATA = 2;
const END = 3;
const FAILED = 4;
const PREFIX = 5;

const RING = 1 << 18;

/** @param {unknown} value */
export function toJson(value) {
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
export function packEntries(entries) {
  return entries?.map(([name, value]) => [name, latin1(value)]);
}

/**
 * @param {Array<[string, string]> | undefined} packed
 * @returns {Entry[] | undefined}
 */
export function unpackEntries(packed) {
  return packed?.map(([name, value]) => [name, fromLatin1(value)]);
}

/** @returns {SharedArrayBuffer} for the frames of one message */
export function newFrames() {
  return newRing(RING);
}

/**
 * The end of a thread that may sleep.
 * @implements {Inlet}
 */
export class FrameReader {
  #source;
  #ended;
  /** Bytes of a frame that has not come in whole. */
  #partial = new Uint8Array(0);
  /** Of a data frame, what is still to be read. */
  #left = 0;
  /** @type {{ value: { status: number, headers: Entry[] } } | { error: ErrorCode } | undefined} */
  #head;
  /** @type {{ value: Entry[] | undefined } | { error: ErrorCode } | undefined} */
  #end;

  /**
   * @param {SharedArrayBuffer} buffer
   * @param {Int32Array} bell this thread's
   * @param {() => void} [ended] told when there will be no more
   */
  constructor(buffer, bell, ended = () => {}) {
    this.#source = ringSource(buffer, bell);
    this.#ended = ended;
    /** @type {(ready: () => boolean) => Event} */
    const event = (ready) => ({
      shared: true,
      ready,
      onReady: (wake) => onBell(bell, ready, wake),
    });
    const reader = this;
    this.head = {
      event: event(() => this.#step(() => this.#head !== undefined)),
      get result() {
        reader.head.event.ready();
        return reader.#head;
      },
    };
    this.trailers = {
      event: event(() => this.#step(() => this.#end !== undefined)),
      get result() {
        return reader.#end;
      },
    };
    /** @type {Source} */
    this.body = {
      event: event(() =>
        this.#step(() => this.#left > 0 || this.#end !== undefined),
      ),
      read: (max) => this.#read(max),
    };
  }

  /** How it ended, if it has. */
  get end() {
    return this.#end;
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

/** The end that writes. */
export class FrameWriter {
  #ring;

  /**
   * @param {SharedArrayBuffer} buffer
   * @param {Int32Array} bell of the thread that reads
   */
  constructor(buffer, bell) {
    this.#ring = new RingWriter(buffer, bell);
  }

  /**
   * @param {number} kind
   * @param {Uint8Array} payload
   */
  async #send(kind, payload) {
    // Bytes of its own, not the heap's: V8 collects what Node has read from a socket
    // when it is asked for more of the kind, and Node's own reading asks for none.
    const prefix = new Uint8Array(new ArrayBuffer(PREFIX));
    prefix[0] = kind;
    new DataView(prefix.buffer).setUint32(1, payload.length, true);
    await this.#ring.write(prefix);
    await this.#ring.write(payload);
  }

  /** @param {{ status: number, headers: Entry[] }} head */
  head({ status, headers }) {
    return this.#send(HEAD, toJson({ status, headers: packEntries(headers) }));
  }

  /**
   * All of a body, and what follows it.
   * @param {Inlet} inlet
   */
  async body({ body, trailers }) {
    for (;;) {
      const chunk = body.read(1 << 16);
      if (chunk === undefined) break;
      if (chunk.length > 0) await this.#send(DATA, chunk);
      else await readyOf(body.event);
    }
    const { result } = trailers;
    const entries = result && "value" in result ? result.value : undefined;
    await this.#send(END, toJson(packEntries(entries) ?? null));
  }

  /** @param {unknown} error */
  failed(error) {
    return this.#send(FAILED, toJson(codeOf(error)));
  }

  /** Nobody reads any more. */
  leave() {
    this.#ring.leave();
  }

  close() {
    this.#ring.close();
  }
}

/**
 * @param {Event} event
 * @returns {Promise<void>}
 */
export function readyOf(event) {
  return new Promise((resolve) => {
    const look = () => {
      if (event.ready()) resolve();
      else event.onReady(look);
    };
    look();
  });
}
