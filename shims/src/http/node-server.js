/**
 * @module A fetch handler behind `node:http`: requests in, responses out, with
 * back-pressure and aborts passed on. It owns the translation and nothing else.
 */
import { Readable } from "node:stream";

/** @import { IncomingMessage, ServerResponse } from "node:http" */
/** @import { FetchHandler } from "../fetch-handler.js" */

/**
 * A listener for `http.createServer`.
 * @param {FetchHandler} handler
 * @returns {(message: IncomingMessage, response: ServerResponse) => Promise<void>}
 */
export function nodeListener(handler) {
  return async (message, response) => {
    const controller = new AbortController();
    response.on("close", () => {
      if (!response.writableFinished) controller.abort();
    });
    try {
      const answer = await handler(requestOf(message, controller.signal));
      response.writeHead(answer.status, headersOf(answer.headers));
      if (answer.body) await copy(answer.body, response);
      else response.end();
    } catch (error) {
      // Too late for a status: what was sent must not look whole.
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    }
  };
}

/**
 * @param {IncomingMessage} message
 * @param {AbortSignal} signal
 * @returns {Request}
 */
function requestOf(message, signal) {
  const { method = "GET", url = "/", rawHeaders } = message;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!rawHeaders[i].startsWith(":"))
      headers.append(rawHeaders[i], rawHeaders[i + 1]);
  const secure = "encrypted" in message.socket;
  const host = message.headers.host ?? "localhost";
  /** @type {RequestInit & { duplex?: "half" }} */
  const init = { method, headers, signal };
  if (method !== "GET" && method !== "HEAD") {
    init.body = /** @type {any} */ (Readable.toWeb(message));
    init.duplex = "half";
  }
  return new Request(
    new URL(url, `${secure ? "https" : "http"}://${host}`),
    init,
  );
}

/**
 * Pairs, so that several cookies stay several.
 * @param {Headers} headers
 * @returns {string[]}
 */
function headersOf(headers) {
  return [...headers].flat();
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {ServerResponse} response
 */
async function copy(body, response) {
  const reader = body.getReader();
  const gone = new Promise((resolve) => response.once("close", resolve));
  // What waits for the guest must learn at once that nobody listens any more.
  void gone.then(() => reader.cancel().catch(() => {}));
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (response.destroyed) return;
    if (!response.write(value))
      await Promise.race([
        gone,
        new Promise((resolve) => response.once("drain", resolve)),
      ]);
  }
  response.end();
}
