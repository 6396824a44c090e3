/**
 * @module The transport over Node's own clients. In the clear it speaks HTTP/1.1; over
 * TLS what the server chooses (ALPN), HTTP/2 if it can. It owns which connection a
 * request takes, and when one may go again; what is said over them is `node-http1.js`'s
 * and `node-http2.js`'s.
 */
import { isIP } from "node:net";
import { connect } from "node:tls";
import { Stale, nodeFailure, resetOf } from "./node-errors.js";
import { Http1 } from "./node-http1.js";
import { Http2 } from "./node-http2.js";

/** @import { SecureContextOptions, TLSSocket } from "node:tls" */
/** @import { OutgoingBytes, RequestHead, Transport, TransportResponse } from "./exchange.js" */

/**
 * A request on its way.
 * @typedef {object} Sending
 * @property {RequestHead} head
 * @property {OutgoingBytes} body
 * @property {AbortSignal} signal
 * @property {() => void} connected
 */

/**
 * @typedef {object} ClientOptions
 * @property {SecureContextOptions} [tls]
 *   as `tls.connect` takes them: certificates to trust (`ca`), one to show (`cert`, `key`)
 */

/** What goes again by itself (RFC 9110, section 9.2.2): twice is as good as once. */
const IDEMPOTENT = /^(?:GET|HEAD|OPTIONS|PUT|DELETE)$/;
/** A server may be on its way out; not for ever. */
const TRIES = 3;

/**
 * @param {ClientOptions} [options]
 * @returns {Transport}
 */
export function nodeTransport({ tls = {} } = {}) {
  const client = new Client(tls);
  /** @type {Transport} */
  const transport = (head, body, signal, connected) =>
    client.send({ head, body, signal, connected });
  return Object.assign(transport, { tellsConnected: true });
}

class Client {
  #tls;
  #http1;
  /**
   * What a server speaks, by host and port: a connection, or one that is being made, or
   * nothing but HTTP/1.1, which then has its connections elsewhere.
   * @type {Map<string, Http2 | Asking | "HTTP/1.1">}
   */
  #known = new Map();

  /** @param {SecureContextOptions} tls */
  constructor(tls) {
    this.#tls = tls;
    this.#http1 = new Http1(tls);
  }

  /**
   * @param {Sending} sending
   * @returns {Promise<TransportResponse>}
   */
  async send(sending) {
    const { head, signal } = sending;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#attempt(sending);
      } catch (error) {
        if (!(error instanceof Stale)) throw nodeFailure(error);
        const { unseen, cause } = error;
        if (resetOf(cause) === "HTTP_1_1_REQUIRED")
          this.#known.set(new URL(head.url).host, "HTTP/1.1");
        const may = !head.hasBody && (unseen || IDEMPOTENT.test(head.method));
        if (!may || tries === TRIES || signal.aborted) throw nodeFailure(cause);
      }
    }
  }

  /**
   * @param {Sending} sending
   * @returns {Promise<TransportResponse>}
   */
  async #attempt(sending) {
    const { head, signal, connected } = sending;
    if (!head.url.startsWith("https:")) return this.#http1.send(sending);
    const url = new URL(head.url);
    const known = this.#known.get(url.host);
    if (known === "HTTP/1.1") return this.#http1.send(sending);
    if (known instanceof Http2 && known.open) {
      connected();
      return known.send(sending);
    }
    const asking = known instanceof Asking ? known : this.#ask(url);
    const socket = await asking.answer(signal);
    connected();
    const now = this.#known.get(url.host);
    // One of those who asked takes the connection that was made.
    return now instanceof Http2
      ? now.send(sending)
      : this.#http1.send(sending, socket);
  }

  /** @param {URL} url */
  #ask({ host, hostname, origin, port }) {
    const forget = (/** @type {Http2 | Asking} */ what) => {
      if (this.#known.get(host) === what) this.#known.delete(host);
    };
    const name = hostname.replace(/^\[|\]$/g, "");
    const asking = new Asking(
      {
        ...this.#tls,
        host: name,
        port: Number(port || 443),
        // An address is no name that a server could look for (RFC 6066).
        servername: isIP(name) ? "" : name,
      },
      (socket) => {
        if (socket.alpnProtocol !== "h2")
          return void this.#known.set(host, "HTTP/1.1");
        const session = new Http2(socket, origin);
        session.onceClosed(() => forget(session));
        this.#known.set(host, session);
      },
    );
    asking.onceFailed(() => forget(asking));
    this.#known.set(host, asking);
    return asking;
  }
}

/** A connection that is being made, for all who want one there. */
class Asking {
  #socket;
  #waiting = 0;
  #taken = false;
  #answer;

  /**
   * @param {import("node:tls").ConnectionOptions} options
   * @param {(socket: TLSSocket) => void} agreed called before anybody is answered
   */
  constructor(options, agreed) {
    const ALPNProtocols = ["h2", "http/1.1"];
    const socket = (this.#socket = connect({ ...options, ALPNProtocols }));
    this.#answer = new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("close", () => reject(ended()));
      socket.once("secureConnect", () => {
        agreed(socket);
        resolve(undefined);
      });
    });
    this.#answer.catch(() => {});
  }

  /** @param {() => void} failed */
  onceFailed(failed) {
    this.#answer.catch(failed);
  }

  /**
   * @param {AbortSignal} signal when all who wait have gone, so does the connection
   * @returns {Promise<TLSSocket | undefined>} the connection, for one of them
   */
  async answer(signal) {
    this.#waiting++;
    /** @type {() => void} */
    let stop = () => {};
    const stopped = new Promise((_, reject) => {
      stop = () => {
        if (--this.#waiting === 0) this.#socket.destroy();
        reject(signal.reason);
      };
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
    });
    try {
      await Promise.race([this.#answer, stopped]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
    if (this.#taken) return undefined;
    this.#taken = true;
    return this.#socket;
  }
}

function ended() {
  const error = new Error("the connection ended before TLS was established");
  return Object.assign(error, { code: "ECONNRESET" });
}
