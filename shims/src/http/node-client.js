/**
 * @module The transport over `node:http` and `node:https`: streaming both ways,
 * trailers, separate timeouts for connecting and for the first byte, and errors
 * that say what they are.
 */
import nodeHttp from "node:http";
import nodeHttps from "node:https";
import { failure } from "./errors.js";
import { fromLatin1, latin1 } from "./fields.js";

/** @import { IncomingMessage } from "node:http" */
/** @import { OutgoingBytes, RequestHead, Transport, TransportResponse } from "./exchange.js" */
/** @import { Entry } from "./fields.js" */

/**
 * @returns {Transport}
 */
export function nodeTransport() {
  // One pool per host; idle connections keep no process alive.
  const agents = {
    http: new nodeHttp.Agent({ keepAlive: true }),
    https: new nodeHttps.Agent({ keepAlive: true }),
  };
  /** @type {Transport} */
  const transport = (head, body, signal, connected) =>
    new Promise((resolve, reject) => {
      const secure = head.url.startsWith("https:");
      const { request } = secure ? nodeHttps : nodeHttp;
      const sent = request(head.url, {
        method: head.method,
        headers: rawHeaders(head),
        agent: secure ? agents.https : agents.http,
      });
      const stop = () => {
        sent.destroy(asError(signal.reason));
      };
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      sent.on("error", (error) =>
        reject(signal.aborted ? signal.reason : error),
      );
      sent.on("socket", (socket) => {
        if (!socket.connecting) connected();
        else socket.once(secure ? "secureConnect" : "connect", connected);
      });
      sent.on("response", (message) => resolve(responseOf(message)));
      void upload(sent, head, body).catch((error) =>
        sent.destroy(asError(error)),
      );
    });
  return Object.assign(transport, { tellsConnected: true });
}

/** @param {unknown} reason */
function asError(reason) {
  return reason instanceof Error ? reason : failure("connection-terminated");
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
 * @param {import("node:http").ClientRequest} sent
 * @param {RequestHead} head
 * @param {OutgoingBytes} body
 */
async function upload(sent, head, body) {
  // Sent at once, not with the first byte of a body that may take its time.
  if (head.hasBody) sent.flushHeaders();
  for (;;) {
    const chunk = await body.next();
    if (!chunk) break;
    if (!sent.write(chunk) && !sent.destroyed) await drained(sent);
  }
  const trailers = body.trailers();
  if (trailers && head.hasBody)
    sent.addTrailers(
      trailers.map(
        ([name, value]) =>
          /** @type {[string, string]} */ ([name, latin1(value)]),
      ),
    );
  sent.end();
}

/**
 * @param {import("node:http").ClientRequest} sent
 * @returns {Promise<void>}
 */
function drained(sent) {
  return new Promise((resolve) => {
    const done = () => {
      sent.off("drain", done);
      sent.off("close", done);
      resolve();
    };
    sent.on("drain", done);
    sent.on("close", done);
  });
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
export function entriesOf(raw) {
  /** @type {Entry[]} */
  const entries = [];
  for (let i = 0; i < raw.length; i += 2)
    entries.push([raw[i], fromLatin1(raw[i + 1])]);
  return entries;
}
