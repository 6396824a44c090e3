/**
 * @module The transport over `fetch`, for browsers and whatever else has only
 * that. It owns what fetch cannot do: uploads are streamed where the engine and
 * the protocol let them, else gathered up to a limit; trailers there are none.
 */
import { failure } from "./errors.js";
import { fromLatin1, latin1 } from "./fields.js";
import { isServer, probeStreaming } from "./streaming.js";

/** @import { OutgoingBytes, Transport } from "./exchange.js" */

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
 * @param {FetchOptions} [options]
 * @returns {Transport}
 */
export function fetchTransport(options = {}) {
  const { streaming = "auto", maxBufferedBody = 64 << 20 } = options;
  const page = isPage();
  /** Chromium streams over HTTP/2 and 3 only: origins that speak neither. */
  const old = new Set();
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
    if (page && options.followRedirects) init.redirect = "follow";
    const { origin, protocol } = new URL(head.url);
    let upload;
    if (head.hasBody && !BODILESS.has(head.method)) {
      const may = !page || (protocol === "https:" && !old.has(origin));
      upload = new Upload(body, maxBufferedBody);
      await upload.addTo(init, streams && may);
    }
    let response;
    try {
      response = await send(head.url, init);
    } catch (error) {
      // Which is all that is told of a server that cannot take a stream. As long
      // as nothing was asked of ours nothing has been sent: it may go again, whole.
      if (!page || !upload?.untouched || signal.aborted) throw error;
      old.add(origin);
      await upload.addTo(init, false);
      response = await send(head.url, init);
    }
    if (response.type === "opaqueredirect")
      throw failure(
        "internal-error",
        "a redirect: a page's fetch does not show where to, and following it could leave the hosts that were allowed",
      );
    return {
      status: response.status,
      headers: receivedHeaders(response.headers),
      next: chunksOf(response.body),
      trailers: () => undefined,
    };
  };
}

/** What is asked for at once: workerd gives 4 kB at a time unasked. */
const CHUNK = 1 << 16;

/**
 * @param {ReadableStream<Uint8Array<ArrayBuffer>> | null} body
 * @returns {() => Promise<Uint8Array | undefined>}
 */
function chunksOf(body) {
  if (!body) return async () => undefined;
  try {
    const reader = body.getReader({ mode: "byob" });
    return async () => {
      const { done, value } = await reader.read(new Uint8Array(CHUNK));
      return done ? undefined : value;
    };
  } catch {
    const reader = body.getReader();
    return async () => (await reader.read()).value;
  }
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
  const browser = "document" in globalThis || "WorkerGlobalScope" in globalThis;
  return browser && !isServer();
}

/** What small bodies are gathered up to, even where they could be streamed. */
const SMALL = 1 << 16;

/** A request's body, gathered or streamed. */
class Upload {
  #body;
  #limit;
  /** @type {Uint8Array[]} */
  #chunks = [];
  #length = 0;
  #ended = false;
  /** Whether it was given away as a stream of which nothing has been taken. */
  untouched = false;

  /**
   * @param {OutgoingBytes} body
   * @param {number} limit
   */
  constructor(body, limit) {
    this.#body = body;
    this.#limit = limit;
  }

  /**
   * @param {RequestInit & { duplex?: "half" }} init
   * @param {boolean} streams
   */
  async addTo(init, streams) {
    // Small bodies go whole in any case: they can be sent again on a redirect.
    await this.#gather(streams ? SMALL : this.#limit);
    this.untouched = false;
    delete init.duplex;
    if (!this.#ended) {
      if (!streams) throw failure("HTTP-request-body-size", undefined);
      this.untouched = true;
      init.duplex = "half";
      init.body = this.#stream();
    } else if (this.#length > 0 || init.method !== "DELETE") {
      const parts = /** @type {BlobPart[]} */ (this.#chunks);
      init.body = new Blob(parts, { type: "" });
    }
  }

  /** @param {number} limit */
  async #gather(limit) {
    while (!this.#ended && this.#length <= limit) {
      const chunk = await this.#body.next();
      if (chunk) {
        this.#chunks.push(chunk);
        this.#length += chunk.length;
      } else {
        this.#ended = true;
      }
    }
  }

  #stream() {
    return new ReadableStream(
      {
        pull: async (controller) => {
          this.untouched = false;
          const chunk = this.#chunks.shift() ?? (await this.#body.next());
          if (chunk) controller.enqueue(chunk);
          else controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  }
}
