/**
 * @module One request and its response, as events, sources and sinks. It owns
 * timeouts, abort, and the life of the two bodies; how bytes travel is a
 * transport's business (`fetch`, `node:http`), whether this thread sleeps a
 * remote exchange's (`remote.js`).
 */
import { Pipe } from "../core/pipe.js";
import { pullSource } from "../core/stream.js";
import { Signal } from "../wait.js";
import { codeOf, failure } from "./errors.js";
import { contentLength } from "./fields.js";

/** @import { Event } from "../wait.js" */
/** @import { Sink, Source } from "../core/stream.js" */
/** @import { Entry } from "./fields.js" */
/** @import { ErrorCode } from "./errors.js" */

/**
 * @typedef {object} Timeouts milliseconds
 * @property {number} [connect]
 * @property {number} [firstByte]
 * @property {number} [betweenBytes]
 */

/**
 * What is to be sent.
 * @typedef {object} RequestHead
 * @property {string} method
 * @property {string} url
 * @property {Entry[]} headers
 * @property {boolean} hasBody
 * @property {Timeouts} timeouts
 */

/**
 * A way to send it. `body` ends with the trailers that it returns. One that knows
 * when it is connected has `tellsConnected`, and calls `connected` then.
 * @typedef {((head: RequestHead, body: OutgoingBytes, signal: AbortSignal,
 *   connected: () => void) => Promise<TransportResponse>)
 *   & { tellsConnected?: boolean }} Transport
 */

/**
 * @typedef {object} OutgoingBytes
 * @property {() => Promise<Uint8Array | undefined>} next
 * @property {() => Entry[] | undefined} trailers once `next` gave the end
 */

/**
 * @typedef {object} TransportResponse
 * @property {number} status
 * @property {Entry[]} headers
 * @property {() => Promise<Uint8Array | undefined>} next
 * @property {() => Entry[] | undefined} trailers once `next` gave the end
 */

/**
 * A value that comes, once.
 * @template T
 */
export class Later {
  /** @type {{ value: T } | { error: ErrorCode } | undefined} */
  #result;
  #signal = new Signal();

  /** @type {Event} */
  event = {
    ready: () => this.#result !== undefined,
    onReady: (wake) => this.#signal.onReady(wake),
  };

  get result() {
    return this.#result;
  }

  /** @param {T} value */
  resolve(value) {
    this.#result ??= { value };
    this.#signal.fire();
  }

  /** @param {ErrorCode} error */
  reject(error) {
    this.#result ??= { error };
    this.#signal.fire();
  }
}

/**
 * @typedef {object} Exchange
 * @property {{ event: Event,
 *   result: { value: { status: number, headers: Entry[] } } | { error: ErrorCode } | undefined }} head
 * @property {Source} body throws an HttpFailure
 * @property {{ event: Event,
 *   result: { value: Entry[] | undefined } | { error: ErrorCode } | undefined }} trailers
 * @property {Sink} sink of the request's body
 * @property {(trailers: Entry[] | undefined) => void} finish the request is whole
 * @property {(reason: unknown) => void} abort
 */

/**
 * @param {Transport} transport
 * @param {RequestHead} head
 * @param {() => void} [ended] told once: nothing goes on any more
 * @returns {Exchange}
 */
export function exchange(transport, head, ended = () => {}) {
  const controller = new AbortController();
  const pipe = new Pipe();
  /** @type {Later<{ status: number, headers: Entry[] }>} */
  const answered = new Later();
  /** @type {Later<Entry[] | undefined>} */
  const trailers = new Later();
  /** @type {Entry[] | undefined} */
  let sent;
  const { betweenBytes } = head.timeouts;
  /** @param {string} tag */
  const timedOut = (tag) => {
    const error = failure(tag);
    controller.abort(error);
    return error;
  };
  const deadlines = new Deadlines(transport, head.timeouts, timedOut);
  const response = deadlines.watch(
    transport(
      head,
      { next: () => pipe.next(), trailers: () => sent },
      controller.signal,
      () => deadlines.connected(),
    ),
  );
  response.then(
    ({ status, headers }) => answered.resolve({ status, headers }),
    (error) => {
      const code = codeOf(reasonOf(controller.signal, error));
      answered.reject(code);
      trailers.reject(code);
      pipe.fail(error);
      ended();
    },
  );
  const lengths = response.then((got) => new Length(head.method, got));
  lengths.catch(() => {});
  /** @param {unknown} reason */
  const abort = (reason) => {
    controller.abort(reason);
    pipe.fail(reason);
    ended();
  };
  return {
    head: answered,
    trailers,
    sink: pipe.sink,
    finish(entries) {
      sent = entries;
      pipe.end();
    },
    abort,
    body: pullSource(
      async () => {
        try {
          const { next, trailers: get } = await response;
          const chunk = await withTimeout(next(), betweenBytes, () =>
            timedOut("connection-read-timeout"),
          );
          (await lengths).count(chunk);
          if (!chunk) {
            trailers.resolve(get());
            ended();
          }
          return chunk;
        } catch (error) {
          const code = codeOf(reasonOf(controller.signal, error));
          trailers.reject(code);
          ended();
          throw failure(code.tag, code.val);
        }
      },
      () => abort(failure("connection-terminated")),
    ),
  };
}

/** The body of a response against what its head said: not every transport looks. */
class Length {
  #expected;
  #got = 0;

  /**
   * @param {string} method
   * @param {TransportResponse} response
   */
  constructor(method, { status, headers }) {
    const bodiless = method === "HEAD" || status === 204 || status === 304;
    // What was decoded has another length than what was sent.
    const coded = headers.some(([name]) => /^content-encoding$/i.test(name));
    const told = bodiless || coded ? undefined : contentLength(headers);
    this.#expected = Number.isNaN(told) ? undefined : told;
  }

  /** @param {Uint8Array | undefined} chunk or the end */
  count(chunk) {
    this.#got += chunk?.length ?? 0;
    if (this.#expected === undefined) return;
    if (this.#got > this.#expected)
      throw failure("HTTP-response-body-size", BigInt(this.#got));
    if (!chunk && this.#got < this.#expected)
      throw failure("HTTP-response-incomplete");
  }
}

/**
 * Platforms answer an abort with an AbortError; the reason says more.
 * @param {AbortSignal} signal
 * @param {unknown} error
 */
function reasonOf(signal, error) {
  return signal.aborted ? signal.reason : error;
}

/**
 * The times until a connection and until the first byte. Where a transport cannot
 * tell one from the other (fetch), both together bound both.
 */
class Deadlines {
  #timeouts;
  #timedOut;
  #splits;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #over = false;
  /** @type {(error: Error) => void} */
  #reject = () => {};

  /**
   * @param {Transport} transport
   * @param {Timeouts} timeouts
   * @param {(tag: string) => Error} timedOut
   */
  constructor({ tellsConnected = false }, timeouts, timedOut) {
    this.#timeouts = timeouts;
    this.#timedOut = timedOut;
    this.#splits = tellsConnected;
  }

  /**
   * @template T
   * @param {Promise<T>} response
   * @returns {Promise<T>}
   */
  watch(response) {
    const { connect, firstByte } = this.#timeouts;
    if (connect === undefined && firstByte === undefined) return response;
    if (this.#splits) this.#arm(connect, "connection-timeout");
    else if (firstByte === undefined) this.#arm(connect, "connection-timeout");
    else this.#arm((connect ?? 0) + firstByte, "connection-read-timeout");
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      response.then(resolve, reject).finally(() => {
        this.#over = true;
        clearTimeout(this.#timer);
      });
    });
  }

  connected() {
    clearTimeout(this.#timer);
    if (!this.#over)
      this.#arm(this.#timeouts.firstByte, "connection-read-timeout");
  }

  /**
   * @param {number | undefined} ms
   * @param {string} tag
   */
  #arm(ms, tag) {
    if (ms === undefined) return;
    this.#timer = setTimeout(
      () => this.#reject(this.#timedOut(tag)),
      Math.min(ms, LONGEST),
    );
  }
}

/** setTimeout takes 31 bits of milliseconds. */
const LONGEST = 0x7fffffff;

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number | undefined} ms
 * @param {() => Error} timedOut
 * @returns {Promise<T>}
 */
function withTimeout(promise, ms, timedOut) {
  if (ms === undefined) return promise;
  return new Promise((resolve, reject) => {
    const id = setTimeout(() => reject(timedOut()), Math.min(ms, LONGEST));
    promise.then(resolve, reject).finally(() => clearTimeout(id));
  });
}
