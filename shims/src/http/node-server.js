/**
 * @module A fetch handler behind `node:http`: requests in, responses out, with
 * back-pressure, trailers and aborts passed on. It owns the translation and
 * nothing else. A handler of ours is talked to in its own words, streams; any
 * other gets a `Request`.
 */
import { STATUS_CODES } from "node:http";
import { Readable } from "node:stream";
import { HIGH_WATER, bytesSource } from "../core/stream.js";
import { Signal } from "../wait.js";
import { failure } from "./errors.js";
import { Later } from "./exchange.js";
import { latin1 } from "./fields.js";

/** @import { IncomingMessage, ServerResponse } from "node:http" */
/** @import { FetchHandler } from "../fetch-handler.js" */
/** @import { Source } from "../core/stream.js" */
/** @import { Entry } from "./fields.js" */
/** @import { ArrivingHead, Call, Service } from "./serving.js" */
/** @import { Inlet, Outlet } from "./types.js" */

/**
 * A listener for `http.createServer`.
 * @param {FetchHandler} handler
 * @returns {(message: IncomingMessage, response: ServerResponse) => Promise<void>}
 */
export function nodeListener(handler) {
  /** @type {{ service?: Service }} */
  const { service } = /** @type {any} */ (handler);
  if (service)
    return (message, response) =>
      service.handle(new NodeCall(message, response));
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
 * One request of `node:http`.
 * @implements {Call}
 */
class NodeCall {
  #message;
  #response;
  /** @type {ArrivingHead} */
  head;

  /**
   * @param {IncomingMessage} message
   * @param {ServerResponse} response
   */
  constructor(message, response) {
    this.#message = message;
    this.#response = response;
    const { method = "GET", url = "/" } = message;
    const secure = "encrypted" in message.socket;
    // A proxy's request names the whole URL; its authority is what counts.
    const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url);
    this.head = {
      method,
      pathWithQuery: absolute ? absolute[2] || "/" : url,
      scheme: { tag: secure ? "HTTPS" : "HTTP" },
      authority: absolute?.[1] ?? message.headers.host ?? "localhost",
      get headers() {
        return entriesOf(message.rawHeaders);
      },
    };
  }

  /** @returns {Request} without its body */
  request() {
    const { method = "GET" } = this.#message;
    const { pathWithQuery = "/", authority, scheme } = this.head;
    const base = `${scheme?.tag.toLowerCase()}://${authority}`;
    const url = URL.canParse(base + pathWithQuery)
      ? base + pathWithQuery
      : "http://localhost/";
    const headers = headersIn(this.#message);
    // Request knows no CONNECT and no TRACE.
    const known = !/^(?:connect|trace|track)$/i.test(method);
    const request = new Request(url, { headers, ...(known && { method }) });
    return known
      ? request
      : Object.defineProperty(request, "method", { value: method });
  }

  /**
   * @param {boolean} waits
   * @returns {Inlet | Promise<Inlet>}
   */
  inlet(waits) {
    const message = this.#message;
    /** @type {Later<Entry[] | undefined>} */
    const trailers = new Later();
    const { headers } = message;
    if (!headers["transfer-encoding"] && !Number(headers["content-length"])) {
      trailers.resolve(undefined);
      return { trailers, body: bytesSource(new Uint8Array(0)) };
    }
    return waits
      ? { trailers, body: messageSource(message, trailers) }
      : wholeMessage(message, trailers);
  }

  /**
   * @param {number} status
   * @param {Entry[]} entries
   * @returns {boolean}
   */
  inform(status, entries) {
    const { headersSent, socket } = this.#response;
    // A pipelined request has no turn yet: what it says would come out of order.
    if (headersSent || !socket) return false;
    // HTTP/1.0 does not know them, so that they go nowhere (RFC 9110, section 15.2).
    if (this.#message.httpVersion === "1.0") return true;
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n`;
    for (const [name, value] of entries)
      if (!/^content-length$/i.test(name))
        head += `${name}: ${latin1(value)}\r\n`;
    // Node has a function for three of them, which look at their headers.
    socket.write(`${head}\r\n`, "latin1");
    return true;
  }

  /**
   * @param {number} status
   * @param {Entry[]} entries
   * @param {boolean} hasBody
   * @param {boolean} waits
   * @returns {Outlet}
   */
  answer(status, entries, hasBody, waits) {
    const { method, httpVersion } = this.#message;
    const none = method === "HEAD" || [204, 205, 304].includes(status);
    const told = entries.some(([name]) => /^content-length$/i.test(name));
    const unknown = hasBody && !none && !told;
    return new ResponseOutlet(this.#response, {
      status,
      entries,
      unknown,
      chunked: unknown && httpVersion !== "1.0",
      capacity: waits ? HIGH_WATER : Infinity,
    });
  }
}

/**
 * @typedef {object} OutletOptions
 * @property {number} status
 * @property {Entry[]} entries
 * @property {boolean} unknown there is a body, whose length the guest does not tell
 * @property {boolean} chunked so that it may have trailers
 * @property {number} capacity what waits in Node at most; Infinity for a guest that cannot wait
 */

/**
 * The body of a response, straight into Node's. The head waits for what the guest
 * does before it first suspends, and the first flush is free: a response that is
 * whole by then goes out in one piece, with its length.
 * @implements {Outlet}
 */
class ResponseOutlet {
  #response;
  #how;
  #begun = false;
  #ended = false;
  #flushes = 0;
  /** The first chunk, until more is known. @type {Uint8Array | undefined} */
  #held;
  /** Bytes that Node has not passed on to the system yet. */
  #queued = 0;
  /** @type {unknown} */
  #failed;
  #room = new Signal();

  /**
   * @param {ServerResponse} response
   * @param {OutletOptions} how
   */
  constructor(response, how) {
    this.#response = response;
    this.#how = how;
    this.sink = {
      event: {
        ready: () => this.#permit() !== 0,
        onReady: (/** @type {() => void} */ wake) => this.#room.onReady(wake),
      },
      permit: () => {
        if (this.#failed) throw this.#failed;
        return this.#permit();
      },
      write: (/** @type {Uint8Array} */ bytes) => this.#write(bytes),
      flush: () => this.#flush(),
    };
    response.once("close", () => this.#gone());
    queueMicrotask(() => this.#begin());
  }

  /** The client does not listen any more. */
  #gone() {
    if (this.#ended) return;
    this.#failed ??= failure("connection-terminated");
    this.#room.fire();
  }

  #permit() {
    if (this.#failed || this.#ended) return -1;
    const { capacity } = this.#how;
    if (capacity === Infinity) return 1 << 20;
    if (this.#flushes > 1 && this.#queued > 0) return 0;
    const room = capacity - this.#queued;
    // A writer that was told of every gap would fill it with crumbs.
    return room * 2 < capacity ? 0 : room;
  }

  /** @param {Uint8Array} bytes taken over */
  #write(bytes) {
    if (this.#failed || this.#ended) return;
    if (!this.#begun && !this.#held) {
      this.#held = bytes;
    } else {
      this.#begin();
      this.#pass(bytes);
    }
  }

  /** @param {Uint8Array} bytes */
  #pass(bytes) {
    this.#queued += bytes.length;
    this.#response.write(bytes, () => {
      this.#queued -= bytes.length;
      this.#room.fire();
    });
  }

  #flush() {
    this.#flushes++;
    const waits = this.#how.capacity !== Infinity;
    if (waits && this.#flushes === 1) return;
    this.#begin();
    // Who cannot wait holds this thread until it is done: now or never.
    if (!waits) this.#response.socket?.uncork();
  }

  /**
   * Sends the head, and what was held back.
   * @param {string[]} [more] headers that follow from what is known by now
   */
  #begin(more = []) {
    if (this.#begun || this.#failed) return;
    this.#begun = true;
    const { status, entries, chunked } = this.#how;
    const raw = [];
    for (const [name, value] of entries)
      // Node refuses it where no trailers can follow.
      if (chunked || !/^trailer$/i.test(name)) raw.push(name, latin1(value));
    this.#response.writeHead(status, [...raw, ...more]);
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#pass(held);
    // Node would send a head without a body in UTF-8; with one, as bytes.
    else if (!this.#ended && isAscii(raw)) this.#response.flushHeaders();
  }

  /** @param {Entry[] | undefined} trailers */
  finish(trailers) {
    if (this.#failed || this.#ended) return;
    this.#ended = true;
    const response = this.#response;
    if (trailers?.length && this.#how.chunked) {
      this.#begin(["trailer", trailers.map(([name]) => name).join(", ")]);
      response.addTrailers(
        trailers.map(
          ([name, value]) =>
            /** @type {[string, string]} */ ([name, latin1(value)]),
        ),
      );
      response.end();
    } else if (this.#begun) {
      response.end();
    } else {
      const held = this.#held;
      this.#held = undefined;
      const length = String(held?.length ?? 0);
      this.#begin(this.#how.unknown ? ["content-length", length] : []);
      response.end(held);
    }
    this.#room.fire();
  }

  /** @param {unknown} reason */
  abort(reason) {
    if (this.#failed || this.#ended) return;
    // Nothing was sent: there is still a status that says so.
    const silent = !this.#begun && this.#flushes === 0;
    if (!silent) this.#begin();
    this.#failed = reason;
    this.#held = undefined;
    this.#room.fire();
    const response = this.#response;
    if (silent) {
      response.writeHead(500).end("internal server error\n");
    } else {
      // What the guest flushed goes out; it must not look whole.
      response.socket?.uncork();
      response.destroy();
    }
  }
}

/** @param {string[]} texts */
function isAscii(texts) {
  return texts.every((text) => /^[\0-\x7f]*$/.test(text));
}

/**
 * A request's body as it comes: chunks by reference, and no more of them than the
 * guest takes.
 * @param {IncomingMessage} message
 * @param {Later<Entry[] | undefined>} trailers
 * @returns {Source}
 */
function messageSource(message, trailers) {
  /** @type {Uint8Array[]} */
  const queue = [];
  let queued = 0;
  let ended = false;
  /** @type {unknown} */
  let failed;
  const signal = new Signal();
  const onData = (/** @type {Uint8Array} */ chunk) => {
    queue.push(chunk);
    queued += chunk.length;
    if (queued >= HIGH_WATER) message.pause();
    signal.fire();
  };
  const breaks = () => {
    if (ended || failed) return;
    failed = failure("connection-terminated");
    trailers.reject({ tag: "connection-terminated" });
    signal.fire();
  };
  message
    .on("data", onData)
    .once("end", () => {
      ended = true;
      trailers.resolve(trailersOf(message));
      signal.fire();
    })
    .once("error", breaks)
    .once("close", breaks);
  return {
    event: {
      ready: () => queue.length > 0 || ended || failed !== undefined,
      onReady: (wake) => signal.onReady(wake),
    },
    read(max) {
      const chunk = queue[0];
      if (!chunk) {
        if (failed) throw failed;
        return ended ? undefined : new Uint8Array(0);
      }
      const taken = chunk.subarray(0, max);
      if (taken.length === chunk.length) queue.shift();
      else queue[0] = chunk.subarray(taken.length);
      queued -= taken.length;
      if (queued < HIGH_WATER) message.resume();
      return taken;
    },
    close() {
      // The rest is read away, so that the connection can be used again.
      message.off("data", onData);
      queue.length = 0;
      message.resume();
    },
  };
}

/**
 * A request's body for a guest that cannot wait.
 * @param {IncomingMessage} message
 * @param {Later<Entry[] | undefined>} trailers
 * @returns {Promise<Inlet>}
 */
async function wholeMessage(message, trailers) {
  const chunks = [];
  for await (const chunk of message) chunks.push(chunk);
  trailers.resolve(trailersOf(message));
  return { trailers, body: bytesSource(Buffer.concat(chunks)) };
}

/** @param {IncomingMessage} message @returns {Entry[] | undefined} */
function trailersOf({ rawTrailers }) {
  return rawTrailers.length > 0 ? entriesOf(rawTrailers) : undefined;
}

/**
 * @param {string[]} raw names and values in turns
 * @returns {Entry[]}
 */
function entriesOf(raw) {
  /** @type {Entry[]} */
  const entries = [];
  for (let i = 0; i < raw.length; i += 2)
    entries.push([raw[i].toLowerCase(), Buffer.from(raw[i + 1], "latin1")]);
  return entries;
}

/** @param {IncomingMessage} message @returns {Headers} */
function headersIn({ rawHeaders }) {
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (!rawHeaders[i].startsWith(":"))
      headers.append(rawHeaders[i], rawHeaders[i + 1]);
  return headers;
}

/**
 * @param {IncomingMessage} message
 * @param {AbortSignal} signal
 * @returns {Request}
 */
function requestOf(message, signal) {
  const { method = "GET", url = "/" } = message;
  const secure = "encrypted" in message.socket;
  const host = message.headers.host ?? "localhost";
  /** @type {RequestInit & { duplex?: "half" }} */
  const init = { method, headers: headersIn(message), signal };
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
