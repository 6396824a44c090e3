/**
 * @module One connection of HTTP/2, by `node:http2`, and requests over it. It owns
 * how long it stays; who is given one is `node-client.js`'s.
 */
import { connect, constants } from "node:http2";
import { failure } from "./errors.js";
import { fromLatin1, latin1 } from "./fields.js";
import { Stale, resetOf } from "./node-errors.js";
import { asError, upload } from "./node-upload.js";

/** @import { ClientHttp2Session, ClientHttp2Stream } from "node:http2" */
/** @import { TLSSocket } from "node:tls" */
/** @import { RequestHead, TransportResponse } from "./exchange.js" */
/** @import { Entry } from "./fields.js" */
/** @import { Sending } from "./node-client.js" */

/** A connection that nobody has used for so long is closed, in milliseconds. */
const IDLE = 30_000;
/** What may be under way of one response: 64 KiB, the default, is little far away. */
const WINDOW = 1 << 20;

export class Http2 {
  #session;
  #used = false;
  #streams = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #leaving = false;

  /**
   * @param {TLSSocket} socket that has agreed on HTTP/2
   * @param {string} origin
   */
  constructor(socket, origin) {
    this.#session = connect(origin, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: WINDOW },
    });
    this.#session.once("connect", (session) =>
      session.setLocalWindowSize(4 * WINDOW),
    );
    // Each stream is told of it; idle, it is nobody's concern.
    this.#session.on("error", () => {});
    this.#session.on("goaway", () => (this.#leaving = true));
    this.#rest();
  }

  /** Whether it takes requests. */
  get open() {
    const { closed, destroyed } = this.#session;
    return !closed && !destroyed && !this.#leaving;
  }

  /** Told when it is closed. @param {() => void} gone */
  onceClosed(gone) {
    this.#session.once("close", gone);
  }

  /** With nobody waiting for it, it keeps no process alive. */
  #rest() {
    this.#session.unref();
    this.#timer = setTimeout(() => this.#session.close(), IDLE);
    this.#timer.unref();
  }

  /**
   * @param {Sending} sending
   * @returns {Promise<TransportResponse>}
   */
  send({ head, body, signal }) {
    const stream = this.#begin(head);
    const reused = this.#used;
    this.#used = true;
    return new Promise((resolve, reject) => {
      const stop = () => {
        reject(signal.reason);
        cancel(stream);
      };
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      const fail = (/** @type {any} */ error) =>
        reject(this.#failure(error, reused));
      stream.on("error", fail);
      // A connection that ends closes its streams, and may say nothing else.
      stream.once("close", () => fail(failure("connection-terminated")));
      // What is told before the answer ("headers", "continue") goes by.
      stream.once("response", (/** @type {any[]} */ ...[headers, , raw]) =>
        resolve(responseOf(stream, headers[":status"], raw)),
      );
      /** @type {Array<[string, string]> | undefined} */
      let last;
      stream.once("wantTrailers", () =>
        stream.sendTrailers(last ? headersOf(last) : {}),
      );
      if (!head.hasBody) return;
      void upload(stream, head, body, (trailers) => (last = trailers)).catch(
        (error) => {
          reject(asError(error));
          cancel(stream);
        },
      );
    });
  }

  /**
   * Of a request that had no answer.
   * @param {any} error
   * @param {boolean} reused whether the connection was there before it
   */
  #failure(error, reused) {
    const reset = resetOf(error) ?? "";
    const unseen = /^(?:REFUSED_STREAM|HTTP_1_1_REQUIRED)$/.test(reset);
    return unseen || (reused && !this.open) ? new Stale(error, unseen) : error;
  }

  /**
   * @param {RequestHead} head
   * @returns {ClientHttp2Stream}
   */
  #begin({ method, url, headers, hasBody }) {
    const { host, pathname, protocol, search } = new URL(url);
    const entries = headers.map(
      ([name, value]) =>
        /** @type {[string, string]} */ ([name, latin1(value)]),
    );
    const stream = this.#session.request(
      {
        ...headersOf(entries),
        ":method": method,
        ":scheme": protocol.slice(0, -1),
        ":authority": host,
        ":path": pathname + search,
      },
      { endStream: !hasBody, waitForTrailers: hasBody },
    );
    if (this.#streams++ === 0) {
      clearTimeout(this.#timer);
      this.#session.ref();
    }
    stream.once("close", () => {
      if (--this.#streams === 0 && this.open) this.#rest();
    });
    return stream;
  }
}

/** @param {ClientHttp2Stream} stream */
function cancel(stream) {
  stream.close(constants.NGHTTP2_CANCEL);
  stream.destroy();
}

/**
 * @param {ClientHttp2Stream} stream
 * @param {number} status
 * @param {string[]} raw
 * @returns {TransportResponse}
 */
function responseOf(stream, status, raw) {
  const chunks = stream[Symbol.asyncIterator]();
  /** @type {Entry[] | undefined} */
  let trailers;
  stream.once("trailers", (/** @type {any[]} */ ...[, , raw]) => {
    trailers = entriesOf(raw);
  });
  return {
    status,
    headers: entriesOf(raw),
    async next() {
      try {
        const { done, value } = await chunks.next();
        if (!done) return value;
      } catch {
        throw failure("HTTP-response-incomplete");
      }
      // The end of a connection is no end of the message.
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR)
        throw failure("HTTP-response-incomplete");
      return undefined;
    },
    trailers: () => trailers,
  };
}

/**
 * As `node:http2` takes them: several values of a name are a list.
 * @param {Array<[string, string]>} entries
 * @returns {Record<string, string | string[]>}
 */
function headersOf(entries) {
  /** @type {Record<string, string | string[]>} */
  const headers = Object.create(null);
  for (const [name, value] of entries) {
    const lower = name.toLowerCase();
    // HTTP/2 knows no other value (RFC 9113, section 8.2.2).
    if (lower === "te" && value !== "trailers") continue;
    const before = headers[lower];
    headers[lower] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}

/**
 * @param {string[]} raw names and values in turns
 * @returns {Entry[]} without what HTTP/2 itself says
 */
function entriesOf(raw) {
  /** @type {Entry[]} */
  const entries = [];
  for (let i = 0; i < raw.length; i += 2)
    if (!raw[i].startsWith(":")) entries.push([raw[i], fromLatin1(raw[i + 1])]);
  return entries;
}
