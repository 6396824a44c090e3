/**
 * @module One request over HTTP/1.1, by `node:http` and `node:https`: streaming both
 * ways, trailers, and when it was connected.
 */
import nodeHttp from "node:http";
import nodeHttps from "node:https";
import { failure } from "./errors.js";
import { fromLatin1, latin1 } from "./fields.js";
import { Stale } from "./node-errors.js";
import { asError, upload } from "./node-upload.js";

/** @import { ClientRequest, IncomingMessage } from "node:http" */
/** @import { SecureContextOptions, TLSSocket } from "node:tls" */
/** @import { RequestHead, TransportResponse } from "./exchange.js" */
/** @import { Entry } from "./fields.js" */
/** @import { Sending } from "./node-client.js" */

/** Connections that are used again; idle ones keep no process alive. */
export class Http1 {
  #clear = new nodeHttp.Agent({ keepAlive: true });
  #secure;

  /** @param {SecureContextOptions} tls */
  constructor(tls) {
    this.#secure = new SecureAgent({ ...tls, keepAlive: true });
  }

  /**
   * @param {Sending} sending
   * @param {TLSSocket} [socket] a connection that is there already
   * @returns {Promise<TransportResponse>}
   */
  send({ head, body, signal, connected }, socket) {
    return new Promise((resolve, reject) => {
      const secure = head.url.startsWith("https:");
      const { request } = secure ? nodeHttps : nodeHttp;
      const options = {
        method: head.method,
        headers: rawHeaders(head),
        agent: secure ? this.#secure : this.#clear,
        [AT_HAND]: socket,
      };
      const sent = request(head.url, options);
      const stop = () => {
        sent.destroy(asError(signal.reason));
      };
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      sent.on("error", (error) =>
        reject(signal.aborted ? signal.reason : errorOf(sent, error)),
      );
      sent.on("socket", (taken) => {
        // An idle one came first.
        if (socket && taken !== socket) socket.destroy();
        if (!taken.connecting) connected();
        else taken.once(secure ? "secureConnect" : "connect", connected);
      });
      sent.on("response", (message) => resolve(responseOf(message)));
      // No guest may ask for one. What else is told before the answer goes by.
      sent.on("upgrade", (_, upgraded) => {
        upgraded.destroy();
        reject(failure("HTTP-upgrade-failed"));
      });
      void upload(sent, head, body, (trailers) => {
        if (trailers) sent.addTrailers(trailers);
      }).catch((error) => sent.destroy(asError(error)));
    });
  }
}

/** In a request's options: the connection to use. */
const AT_HAND = Symbol("at hand");

/** Takes a connection that is there already for a new one. */
class SecureAgent extends nodeHttps.Agent {
  /**
   * @override
   * @param {any} options
   * @param {any} done
   */
  createConnection(options, done) {
    return (
      options[AT_HAND] ??
      // @ts-ignore: there, and not declared by every version of Node's types
      super.createConnection(options, done)
    );
  }
}

/**
 * @param {ClientRequest} sent
 * @param {any} error
 */
function errorOf(sent, error) {
  const idle = sent.reusedSocket && /^(?:ECONNRESET|EPIPE)$/.test(error.code);
  return idle ? new Stale(error, false) : error;
}

/**
 * Names and values in turns, as they were given: case and repetition stay.
 * @param {RequestHead} head
 * @returns {string[]}
 */
function rawHeaders({ headers, url, hasBody }) {
  const raw = ["host", new URL(url).host];
  let length = false;
  for (const [name, value] of headers) {
    raw.push(name, latin1(value));
    length ||= name.toLowerCase() === "content-length";
  }
  if (hasBody && !length) raw.push("transfer-encoding", "chunked");
  return raw;
}

/**
 * @param {IncomingMessage} message
 * @returns {TransportResponse}
 */
function responseOf(message) {
  const chunks = message[Symbol.asyncIterator]();
  return {
    status: message.statusCode ?? 0,
    headers: entriesOf(message.rawHeaders),
    async next() {
      try {
        const { done, value } = await chunks.next();
        return done ? undefined : value;
      } catch (error) {
        // The connection ended before the message did.
        if (/** @type {any} */ (error).code === "ECONNRESET")
          throw failure("HTTP-response-incomplete");
        throw error;
      }
    },
    trailers: () =>
      message.rawTrailers.length > 0
        ? entriesOf(message.rawTrailers)
        : undefined,
  };
}

/**
 * @param {string[]} raw
 * @returns {Entry[]}
 */
function entriesOf(raw) {
  /** @type {Entry[]} */
  const entries = [];
  for (let i = 0; i < raw.length; i += 2)
    entries.push([raw[i], fromLatin1(raw[i + 1])]);
  return entries;
}
