/**
 * @module The transport over `fetch`, for browsers and whatever else has only
 * that. It owns what fetch cannot do: uploads are streamed where the engine and
 * the protocol let them, else gathered up to a limit; trailers there are none.
 */
import { failure } from "./errors.js";
import { fromLatin1, latin1 } from "./fields.js";

/** @import { OutgoingBytes, RequestHead, Transport } from "./exchange.js" */

/**
 * @typedef {object} FetchOptions
 * @property {typeof globalThis.fetch} [fetch]
 * @property {"auto" | boolean} [streaming] whether request bodies are streamed
 * @property {number} [maxBufferedBody] bytes gathered at most; 64 MiB
 * @property {boolean} [followRedirects]
 *   Whether a page's fetch may go where a response points, which may be a host
 *   that was not granted. Elsewhere the guest gets the redirect itself.
 */

/** Methods that fetch allows no body for. */
const BODILESS = new Set(["GET", "HEAD"]);

/**
 * Whether fetch streams request bodies here. One sign is not enough: WebKit looks
 * at `duplex` never and at the body's type rightly.
 * @returns {boolean}
 */
export function probeStreaming() {
  let looked = false;
  try {
    const options = {
      method: "POST",
      body: new ReadableStream(),
      get duplex() {
        looked = true;
        return "half";
      },
    };
    const { headers } = new Request("http://localhost/", options);
    return looked && !headers.has("content-type");
  } catch {
    return false;
  }
}

/**
 * @param {FetchOptions} [options]
 * @returns {Transport}
 */
export function fetchTransport(options = {}) {
  const { streaming = "auto", maxBufferedBody = 64 << 20 } = options;
  /** @type {boolean | undefined} */
  let streams;
  return async (head, body, signal) => {
    const send = options.fetch ?? globalThis.fetch;
    streams ??= streaming === "auto" ? probeStreaming() : streaming;
    const headers = new Headers();
    for (const [name, value] of head.headers)
      headers.append(name, latin1(value));
    /** @type {RequestInit & { duplex?: "half" }} */
    const init = { method: head.method, headers, signal, redirect: "manual" };
    if (isPage()) init.redirect = options.followRedirects ? "follow" : "error";
    if (head.hasBody && !BODILESS.has(head.method))
      await addBody(init, head, body, streams, maxBufferedBody);
    const response = await send(head.url, init);
    const reader = response.body?.getReader();
    return {
      status: response.status,
      headers: receivedHeaders(response.headers),
      next: async () => (reader ? (await reader.read()).value : undefined),
      trailers: () => undefined,
    };
  };
}

/**
 * Fetch has decoded the content: a guest must not do it again, and the length is
 * no longer that of what it gets.
 * @param {Headers} headers
 * @returns {Array<[string, Uint8Array]>}
 */
function receivedHeaders(headers) {
  const decoded = headers.has("content-encoding");
  return [...headers]
    .filter(([name]) => !decoded || !/^content-(encoding|length)$/.test(name))
    .map(([name, value]) => [name, fromLatin1(value)]);
}

/** In a page a redirect that is not followed is opaque: no status, no headers. */
function isPage() {
  return "document" in globalThis || "WorkerGlobalScope" in globalThis;
}

/**
 * @param {RequestInit & { duplex?: "half" }} init
 * @param {RequestHead} head
 * @param {OutgoingBytes} body
 * @param {boolean} streams
 * @param {number} limit
 */
async function addBody(init, head, body, streams, limit) {
  // Chromium streams over HTTP/2 and 3 only, which plain http never is.
  const mayStream = streams && (!isPage() || head.url.startsWith("https:"));
  // Small bodies go whole in any case: they can be sent again on a redirect.
  const { chunks, length, ended } = await gather(
    body,
    mayStream ? 1 << 16 : limit,
  );
  if (!ended && !mayStream) throw failure("HTTP-request-body-size", undefined);
  if (ended) {
    if (length > 0 || head.method !== "DELETE")
      init.body = new Blob(/** @type {BlobPart[]} */ (chunks), { type: "" });
    return;
  }
  init.duplex = "half";
  init.body = new ReadableStream(
    {
      async pull(controller) {
        const chunk = chunks.shift() ?? (await body.next());
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * @param {OutgoingBytes} body
 * @param {number} limit
 */
async function gather(body, limit) {
  /** @type {Uint8Array[]} */
  const chunks = [];
  let length = 0;
  while (length <= limit) {
    const chunk = await body.next();
    if (!chunk) return { chunks, length, ended: true };
    chunks.push(chunk);
    length += chunk.length;
  }
  return { chunks, length, ended: false };
}
