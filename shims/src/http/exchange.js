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
 * A way to send it. `body` ends with the trailers that it returns.
 * @typedef {(head: RequestHead, body: OutgoingBytes, signal: AbortSignal)
 *   => Promise<TransportResponse>} Transport
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
 * @returns {Exchange}
 */
export function exchange(transport, head) {
  const controller = new AbortController();
  const pipe = new Pipe();
  /** @type {Later<{ status: number, headers: Entry[] }>} */
  const answered = new Later();
  /** @type {Later<Entry[] | undefined>} */
  const trailers = new Later();
  /** @type {Entry[] | undefined} */
  let sent;
  const { connect, firstByte, betweenBytes } = head.timeouts;
  /** @type {Promise<TransportResponse>} */
  const response = withTimeout(
    transport(
      head,
      { next: () => pipe.next(), trailers: () => sent },
      controller.signal,
    ),
    sooner(connect, firstByte),
    () => {
      const tag =
        connect !== undefined && connect <= (firstByte ?? Infinity)
          ? "connection-timeout"
          : "connection-read-timeout";
      const error = failure(tag);
      controller.abort(error);
      return error;
    },
  );
  response.then(
    ({ status, headers }) => answered.resolve({ status, headers }),
    (error) => {
      const code = codeOf(reasonOf(controller.signal, error));
      answered.reject(code);
      trailers.reject(code);
      pipe.fail(error);
    },
  );
  return {
    head: answered,
    trailers,
    sink: pipe.sink,
    finish(entries) {
      sent = entries;
      pipe.end();
    },
    abort(reason) {
      controller.abort(reason);
      pipe.fail(reason);
    },
    body: pullSource(
      async () => {
        try {
          const { next, trailers: get } = await response;
          const chunk = await withTimeout(next(), betweenBytes, () => {
            const error = failure("connection-read-timeout");
            controller.abort(error);
            return error;
          });
          if (!chunk) trailers.resolve(get());
          return chunk;
        } catch (error) {
          const code = codeOf(reasonOf(controller.signal, error));
          trailers.reject(code);
          throw failure(code.tag, code.val);
        }
      },
      () => controller.abort(failure("connection-terminated")),
    ),
  };
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
 * Fetch cannot tell connecting from waiting for the first byte: both run at once.
 * @param {number | undefined} a
 * @param {number | undefined} b
 */
function sooner(a, b) {
  const ms = Math.min(a ?? Infinity, b ?? Infinity);
  return ms === Infinity ? undefined : ms;
}

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
    const id = setTimeout(() => reject(timedOut()), Math.min(ms, 0x7fffffff));
    promise.then(
      (value) => {
        clearTimeout(id);
        resolve(value);
      },
      (error) => {
        clearTimeout(id);
        reject(error);
      },
    );
  });
}
