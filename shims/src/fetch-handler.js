/**
 * @module `@slipway/wasi/fetch-handler`: a component of the `wasi:http/proxy`
 * world as one standard function, `(Request) => Promise<Response>`, for service
 * workers, Deno, Bun, Workers and (through `nodeListener`) Node. It owns what becomes
 * of `Request` and `Response`; instances and the life of a request are
 * `http/serving.js`'s, and what server calls it is nobody's business.
 */
import { Pipe } from "./core/pipe.js";
import { bytesSource, readableSource } from "./core/stream.js";
import { codeOf, failure } from "./http/errors.js";
import { Later } from "./http/exchange.js";
import { fromLatin1, latin1 } from "./http/fields.js";
import { Service } from "./http/serving.js";

/** @import { Host, Options } from "./host.js" */
/** @import { Entry } from "./http/fields.js" */
/** @import { ArrivingHead, Call } from "./http/serving.js" */
/** @import { Inlet, Outlet, Scheme } from "./http/types.js" */

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
 * @returns {FetchHandler & { service: Service }} `service` is for a server that
 *   has no use for Request and Response
 */
export function createFetchHandler(component, options = {}) {
  return handlerOf(new Service(component, options));
}

/**
 * @template {{ handle(call: Call): Promise<void> }} S
 * @param {S} service
 * @returns {FetchHandler & { service: S }}
 */
export function handlerOf(service) {
  /** @type {FetchHandler} */
  const handler = (request, context) =>
    new Promise((resolve) => {
      const done = service.handle(new FetchCall(request, resolve));
      context?.waitUntil?.(done);
    });
  return Object.assign(handler, { service });
}

/**
 * A `Request` on its way in, and its `Response`.
 * @implements {Call}
 */
class FetchCall {
  #request;
  #respond;
  /** @type {ArrivingHead} */
  head;

  /**
   * @param {Request} request
   * @param {(response: Response) => void} respond
   */
  constructor(request, respond) {
    this.#request = request;
    this.#respond = respond;
    const url = new URL(request.url);
    const scheme = url.protocol === "https:" ? "HTTPS" : "HTTP";
    this.head = {
      method: request.method,
      pathWithQuery: url.pathname + url.search,
      scheme: /** @type {Scheme} */ ({ tag: scheme }),
      authority: url.host,
      get headers() {
        return [...request.headers].map(
          ([name, value]) => /** @type {Entry} */ ([name, fromLatin1(value)]),
        );
      },
    };
  }

  request() {
    return this.#request;
  }

  /**
   * @param {boolean} waits
   * @returns {Promise<Inlet>}
   */
  async inlet(waits) {
    const request = this.#request;
    /** @type {Later<undefined>} */
    const trailers = new Later();
    // Firefox has requests with bodies, and no such property.
    const { body } = /** @type {{ body?: Request["body"] }} */ (request);
    const source =
      body === null
        ? bytesSource(new Uint8Array(0))
        : waits && body
          ? readableSource(body)
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

  /**
   * @param {number} status
   * @param {Entry[]} entries
   * @param {boolean} hasBody
   * @param {boolean} waits
   * @returns {Outlet}
   */
  answer(status, entries, hasBody, waits) {
    const headers = new Headers();
    for (const [name, value] of entries) headers.append(name, latin1(value));
    const pipe = new Pipe(waits ? undefined : Infinity);
    const none =
      this.#request.method === "HEAD" || [204, 205, 304].includes(status);
    // What the guest writes all the same goes nowhere.
    if (hasBody && none) void drain(pipe);
    const body = hasBody && !none ? pipe.readable() : null;
    this.#respond(new Response(body, { status, headers }));
    return {
      sink: pipe.sink,
      finish: () => pipe.end(),
      abort: (reason) => pipe.fail(reason),
    };
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
