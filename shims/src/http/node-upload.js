/**
 * @module A request's body into one of Node's streams, at the stream's pace. What it
 * is a stream of does not matter here.
 */
import { failure } from "./errors.js";
import { latin1 } from "./fields.js";

/** @import { ClientRequest } from "node:http" */
/** @import { ClientHttp2Stream } from "node:http2" */
/** @import { OutgoingBytes, RequestHead } from "./exchange.js" */

/** @param {unknown} reason */
export function asError(reason) {
  return reason instanceof Error ? reason : failure("connection-terminated");
}

/**
 * @param {ClientRequest | ClientHttp2Stream} to
 * @param {RequestHead} head
 * @param {OutgoingBytes} body
 * @param {(trailers: Array<[string, string]> | undefined) => void} before
 *   called with what ends the body, before it ends
 */
export async function upload(to, head, body, before) {
  // Sent at once, not with the first byte of a body that may take its time.
  if (head.hasBody && "flushHeaders" in to) to.flushHeaders();
  for (;;) {
    const chunk = await body.next();
    if (!chunk) break;
    if (!to.write(chunk) && !to.destroyed) await drained(to);
  }
  const trailers = head.hasBody ? body.trailers() : undefined;
  before(trailers?.map(([name, value]) => [name, latin1(value)]));
  to.end();
}

/**
 * @param {ClientRequest | ClientHttp2Stream} to
 * @returns {Promise<void>}
 */
function drained(to) {
  return new Promise((resolve) => {
    const done = () => {
      to.off("drain", done);
      to.off("close", done);
      resolve();
    };
    to.on("drain", done);
    to.on("close", done);
  });
}
