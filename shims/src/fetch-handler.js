/**
 * @module `@slipway/wasi/fetch-handler`: a component of the `wasi:http/proxy`
 * world as one standard function, `(Request) => Promise<Response>`, for service
 * workers, Deno, Bun, Workers and (through `nodeListener`) Node. It owns instances
 * and the life of a request; it refuses to know what server calls it.
 */
import { Pipe } from "./core/pipe.js";
import { bytesSource, readableSource } from "./core/stream.js";
import { codeOf, failure } from "./http/errors.js";
import { Later } from "./http/exchange.js";
import { fromLatin1, latin1 } from "./http/fields.js";
import { IncomingRequest, ResponseOutparam } from "./http/types.js";
import { wasi } from "./index.js";
import { detectBlocking } from "./wait.js";

/** @import { Blocking } from "./wait.js" */

/** @import { Host, Options } from "./host.js" */
/** @import { ErrorCode } from "./http/errors.js" */
/** @import { Inlet, OutgoingResponse, Scheme } from "./http/types.js" */

/**
 * What makes instances: what `compile` gives, or a function of imports.
 * @typedef {{ instantiate(imports: Record<string, any>):
 *     Record<string, any> | Promise<Record<string, any>> }
 *   | ((imports: Record<string, any>) =>
 *     Record<string, any> | Promise<Record<string, any>>)} Component
 */

/**
 * @typedef {object} HandlerOptions
 * @property {Options | ((request: Request) => Host)} [host]
 *   What each instance is granted; or a function that makes its host.
 * @property {"fresh" | "reuse" | number} [instances]
 *   A new one for each request (the default), one for all, or so many: those that
 *   are reused serve one request at a time, and the others wait in order.
 * @property {number} [maxConcurrent] requests at a time; the others wait in order
 * @property {number} [maxWaiting] beyond so many that wait: 503
 * @property {number} [timeoutMs] until the response's head: 504 after that
 * @property {boolean} [development] says in the response why a guest failed
 * @property {(error: unknown, request: Request) => void} [onError]
 */

/**
 * @callback FetchHandler
 * @param {Request} request
 * @param {{ waitUntil?(promise: Promise<unknown>): void }} [context]
 *   is told of what goes on after the response
 * @returns {Promise<Response>}
 */

/**
 * @param {Component} component
 * @param {HandlerOptions} [options]
 * @returns {FetchHandler}
 */
export function createFetchHandler(component, options = {}) {
  const pool = new Pool(component, options);
  return async (request, context) => {
    let slot;
    try {
      slot = await pool.take(request);
    } catch (error) {
      options.onError?.(error, request);
      if (error === BUSY) return plain(503, "too many requests");
      return refusal(error, options);
    }
    const served = new Served(request, slot, options);
    const done = served.run().then((healthy) => pool.give(slot, healthy));
    context?.waitUntil?.(done);
    return served.response;
  };
}

/** @type {unique symbol} */
const BUSY = Symbol("busy");

/**
 * An instance and the host it was made with.
 * @typedef {object} Slot
 * @property {Host} host
 * @property {(request: IncomingRequest, out: ResponseOutparam) => unknown} handle
 */

/** Makes instances, keeps those that are reused, and makes requests wait. */
class Pool {
  #component;
  #options;
  #reused;
  #limit;
  /** @type {Slot[]} */
  #idle = [];
  #busy = 0;
  /** Probed once, not for each instance. @type {Blocking | undefined} */
  #blocking;
  /** @type {Array<() => void>} */
  #waiting = [];

  /**
   * @param {Component} component
   * @param {HandlerOptions} options
   */
  constructor(component, options) {
    const { instances = "fresh", maxConcurrent = Infinity } = options;
    this.#component = component;
    this.#options = options;
    this.#reused = instances !== "fresh";
    const most = instances === "reuse" ? 1 : instances;
    this.#limit =
      typeof most === "number" ? Math.min(most, maxConcurrent) : maxConcurrent;
  }

  /**
   * @param {Request} request
   * @returns {Promise<Slot>}
   */
  async take(request) {
    if (this.#busy >= this.#limit) {
      if (this.#waiting.length >= (this.#options.maxWaiting ?? Infinity))
        throw BUSY;
      await new Promise((resolve) => {
        this.#waiting.push(() => resolve(undefined));
      });
    } else {
      this.#busy++;
    }
    const idle = this.#idle.pop();
    if (idle) return idle;
    try {
      return await this.#make(request);
    } catch (error) {
      this.#next();
      throw error;
    }
  }

  /** Whoever waits takes the place over; else it is free. */
  #next() {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#busy--;
  }

  /**
   * @param {Request} request
   * @returns {Promise<Slot>}
   */
  async #make(request) {
    const { host: grants = {} } = this.#options;
    const host =
      typeof grants === "function"
        ? grants(request)
        : wasi({ blocking: (this.#blocking ??= detectBlocking()), ...grants });
    const component = this.#component;
    const exports = await (typeof component === "function"
      ? component(host.imports)
      : component.instantiate(host.imports));
    const name = Object.keys(exports).find((key) =>
      /^wasi:http\/incoming-handler(@|$)/.test(key),
    );
    if (!name)
      throw new Error(
        "this component is no server: it exports no wasi:http/incoming-handler",
      );
    return { host, handle: (a, b) => exports[name].handle(a, b) };
  }

  /**
   * @param {Slot} slot
   * @param {boolean} healthy whether it may serve again
   */
  give(slot, healthy) {
    if (this.#reused && healthy) this.#idle.push(slot);
    this.#next();
  }
}

/** One request on its way through an instance. */
class Served {
  #request;
  #slot;
  #options;
  /** @type {(response: Response) => void} */
  #respond = () => {};
  #answered = false;
  /** The response's body. @type {Pipe | undefined} */
  #pipe;
  /** @type {Promise<Response>} */
  response;

  /**
   * @param {Request} request
   * @param {Slot} slot
   * @param {HandlerOptions} options
   */
  constructor(request, slot, options) {
    this.#request = request;
    this.#slot = slot;
    this.#options = options;
    this.response = new Promise((resolve) => {
      this.#respond = resolve;
    });
  }

  /** @returns {Promise<boolean>} whether the instance is still good */
  async run() {
    const { timeoutMs } = this.#options;
    let late = false;
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            late = true;
            this.#answer(plain(504, "the component took too long"));
            this.#slot.host.interrupt();
          }, timeoutMs);
    try {
      const incoming = await this.#incoming();
      const out = new ResponseOutparam((result) => {
        clearTimeout(timer);
        this.#settle(result);
      });
      await this.#slot.handle(incoming, out);
      if (!this.#answered)
        throw new Error("the component returned without a response");
      // No guest runs any more: a body that is open now would stay so.
      if (this.#pipe?.open)
        this.#pipe.fail(
          failure("internal-error", "the component left its body unfinished"),
        );
      return !late;
    } catch (error) {
      this.#options.onError?.(error, this.#request);
      this.#answer(refusal(error, this.#options));
      this.#pipe?.fail(failure("internal-error", String(error)));
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {Response} response */
  #answer(response) {
    if (this.#answered) return;
    this.#answered = true;
    this.#respond(response);
  }

  /** Only a host that suspends can wait for the rest of a body. */
  get #waits() {
    return this.#slot.host.blocking === "jspi";
  }

  /** @returns {Promise<IncomingRequest>} */
  async #incoming() {
    const request = this.#request;
    const url = new URL(request.url);
    const scheme = url.protocol === "https:" ? "HTTPS" : "HTTP";
    return new IncomingRequest(
      {
        method: request.method,
        pathWithQuery: url.pathname + url.search,
        scheme: /** @type {Scheme} */ ({ tag: scheme }),
        authority: url.host,
        headers: [...request.headers].map(([name, value]) => [
          name,
          fromLatin1(value),
        ]),
      },
      await this.#inlet(request),
      this.#slot.host.waiter,
    );
  }

  /**
   * @param {Request} request
   * @returns {Promise<Inlet>}
   */
  async #inlet(request) {
    /** @type {Later<undefined>} */
    const trailers = new Later();
    const source = !request.body
      ? bytesSource(new Uint8Array(0))
      : this.#waits
        ? readableSource(request.body)
        : bytesSource(new Uint8Array(await request.arrayBuffer()));
    return {
      trailers,
      body: {
        event: source.event,
        close: () => source.close?.(),
        read: (max) => {
          try {
            const chunk = source.read(max);
            if (!chunk) trailers.resolve(undefined);
            return chunk;
          } catch (error) {
            const code = codeOf(error);
            trailers.reject(code);
            throw failure(code.tag, code.val);
          }
        },
      },
    };
  }

  /** @param {{ tag: "ok", val: OutgoingResponse } | { tag: "err", val: ErrorCode }} result */
  #settle(result) {
    if (result.tag === "err") {
      const { tag, val } = result.val;
      const error = failure(tag, val);
      this.#options.onError?.(error, this.#request);
      return this.#answer(refusal(error, this.#options));
    }
    const response = result.val;
    const status = response.statusCode();
    const headers = new Headers();
    for (const [name, value] of response.headers().entries())
      headers.append(name, latin1(value));
    const body = this.#body(response, status);
    if (status < 200 || status > 599)
      return this.#answer(plain(502, `the component answered ${status}`));
    this.#answer(new Response(body, { status, headers }));
  }

  /**
   * @param {OutgoingResponse} response
   * @param {number} status
   * @returns {ReadableStream<Uint8Array<ArrayBuffer>> | null}
   */
  #body(response, status) {
    const { outgoingBody } = response;
    if (!outgoingBody) return null;
    const pipe = new Pipe(this.#waits ? undefined : Infinity);
    this.#pipe = pipe;
    outgoingBody.connect({
      sink: pipe.sink,
      finish: () => pipe.end(),
      abort: (reason) => pipe.fail(reason),
    });
    const none =
      this.#request.method === "HEAD" || [204, 205, 304].includes(status);
    if (!none) return pipe.readable();
    // What the guest writes all the same goes nowhere.
    void drain(pipe);
    return null;
  }
}

/** @param {Pipe} pipe */
async function drain(pipe) {
  try {
    while (await pipe.next());
  } catch {
    // It broke off; nobody was to read it.
  }
}

/**
 * @param {number} status
 * @param {string} text
 */
function plain(status, text) {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

/**
 * @param {unknown} error
 * @param {HandlerOptions} options
 */
function refusal(error, { development = false }) {
  if (!development) return plain(500, "internal server error");
  const text = error instanceof Error ? (error.stack ?? error.message) : error;
  return plain(500, `the component failed\n\n${String(text)}`);
}
