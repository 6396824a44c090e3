/**
 * @module A component of the `wasi:http/proxy` world as a service: instances and
 * the life of a request. It refuses to know what a platform's requests and
 * responses are: a `Call` brings one in and takes its answer out.
 */
import { Places } from "../core/places.js";
import { NULL_SINK } from "../core/stream.js";
import { wasi } from "../index.js";
import { detectBlocking } from "../wait.js";
import { failure } from "./errors.js";
import { fromLatin1 } from "./fields.js";
import { IncomingRequest, ResponseOutparam } from "./types.js";

/** @import { Blocking } from "../wait.js" */
/** @import { Host } from "../host.js" */
/** @import { HandlerOptions, Component } from "../fetch-handler.js" */
/** @import { ErrorCode } from "./errors.js" */
/** @import { OutgoingBody } from "./body.js" */
/** @import { Entry } from "./fields.js" */
/** @import { Inlet, Outlet, OutgoingResponse, Scheme } from "./types.js" */

/**
 * The head of a request, as `incoming-request` tells it.
 * @typedef {object} ArrivingHead
 * @property {string} method
 * @property {string | undefined} pathWithQuery
 * @property {Scheme | undefined} scheme
 * @property {string | undefined} authority
 * @property {Entry[]} headers may be a getter: many guests never look
 */

/**
 * One request of a platform, and the way for its answer.
 * @typedef {object} Call
 * @property {ArrivingHead} head
 * @property {(waits: boolean) => Inlet | Promise<Inlet>} inlet
 *   The body; all of it, where the guest cannot wait for the rest.
 * @property {(status: number, headers: Entry[], body: boolean, waits: boolean) => Outlet} answer
 *   The head of the answer, once. Where the body goes, or the outlet's `finish`
 *   at once where there is none. A guest that cannot wait may write without end.
 * @property {(status: number, headers: Entry[]) => boolean} [inform]
 *   Sends a 1xx before the answer, where the platform can; whether it did.
 * @property {() => Request} request for those who are told of errors
 * @property {boolean} [fed] whether its bodies go through another thread
 */

/** @typedef {{ tag: "ok", val: OutgoingResponse } | { tag: "err", val: ErrorCode }} Answer */

/** @type {unique symbol} */
const BUSY = Symbol("busy");

const TOO_LATE = "the component took too long";

/** For a guest whose answer is not wanted any more. @type {Outlet} */
const NOWHERE = {
  sink: { ...NULL_SINK, permit: () => -1 },
  finish: () => {},
  abort: () => {},
};

export class Service {
  #pool;
  #options;

  /**
   * @param {Component} component
   * @param {HandlerOptions} options
   */
  constructor(component, options) {
    this.#pool = new Pool(component, options);
    this.#options = options;
  }

  /**
   * @param {Call} call is answered, whatever happens
   * @returns {Promise<void>} the guest is done with it
   */
  async handle(call) {
    let slot;
    try {
      slot = await this.#pool.take(call);
    } catch (error) {
      this.#options.onError?.(error, call.request());
      if (error === BUSY) plain(call, 503, "too many requests");
      else refuse(call, error, this.#options);
      return;
    }
    const healthy = await new Served(call, slot, this.#options).run();
    // The guest is done: nobody is left for what it has not waited for.
    slot.host.close();
    this.#pool.give(slot, healthy);
  }
}

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
  #places;
  /** @type {Slot[]} */
  #idle = [];
  /** Probed once, not for each instance. @type {Blocking | undefined} */
  #blocking;
  /** The export's full name: the same in all instances. @type {string | undefined} */
  #name;

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
    this.#places = new Places(
      typeof most === "number" ? Math.min(most, maxConcurrent) : maxConcurrent,
    );
  }

  /**
   * @param {Call} call
   * @returns {Promise<Slot>}
   */
  async take(call) {
    if (!(await this.#places.take(this.#options.maxWaiting))) throw BUSY;
    const idle = this.#idle.pop();
    if (idle) return idle;
    try {
      return await this.#make(call);
    } catch (error) {
      this.#places.give();
      throw error;
    }
  }

  /**
   * @param {Call} call
   * @returns {Promise<Slot>}
   */
  async #make(call) {
    const host = this.#host(call);
    const component = this.#component;
    const exports = await (typeof component === "function"
      ? component(host.imports)
      : component.instantiate(host.imports));
    const name = (this.#name ??= Object.keys(exports).find((key) =>
      /^wasi:http\/incoming-handler(@|$)/.test(key),
    ));
    if (!name)
      throw new Error(
        "this component is no server: it exports no wasi:http/incoming-handler",
      );
    const face = exports[name];
    return { host, handle: (request, out) => face.handle(request, out) };
  }

  /**
   * @param {Call} call
   * @returns {Host}
   */
  #host(call) {
    const { host: grants = {} } = this.#options;
    if (typeof grants !== "function")
      return wasi({
        blocking: (this.#blocking ??= detectBlocking()),
        ...grants,
      });
    // A platform may have to make the Request first: only for those who want it.
    return grants.length === 0
      ? /** @type {() => Host} */ (grants)()
      : grants(call.request());
  }

  /**
   * @param {Slot} slot
   * @param {boolean} healthy whether it may serve again
   */
  give(slot, healthy) {
    if (this.#reused && healthy) this.#idle.push(slot);
    this.#places.give();
  }
}

/** One request on its way through an instance. */
class Served {
  #call;
  #slot;
  #options;
  #answered = false;
  /** Where the response's body goes, while it is neither whole nor broken. @type {Outlet | undefined} */
  #open;
  /** @type {OutgoingBody | undefined} */
  #body;

  /**
   * @param {Call} call
   * @param {Slot} slot
   * @param {HandlerOptions} options
   */
  constructor(call, slot, options) {
    this.#call = call;
    this.#slot = slot;
    this.#options = options;
  }

  /** @returns {Promise<boolean>} whether the instance is still good */
  async run() {
    const { timeoutMs } = this.#options;
    const call = this.#call;
    const { host, handle } = this.#slot;
    let late = false;
    const tooLate = () => {
      late = true;
      if (!this.#answered) plain(call, 504, TOO_LATE);
      this.#answered = true;
    };
    const limit = performance.now() + (timeoutMs ?? Infinity);
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            tooLate();
            host.interrupt();
          }, timeoutMs);
    const inTime = () => {
      clearTimeout(timer);
      host.waiter.interruptAt(Infinity);
    };
    try {
      const arriving = call.inlet(this.#waits);
      const inlet = arriving instanceof Promise ? await arriving : arriving;
      const incoming = new IncomingRequest(call.head, inlet, host.waiter);
      const answer = (/** @type {Answer} */ result) => {
        inTime();
        this.#settle(result);
      };
      const out = new ResponseOutparam(
        answer,
        (status, headers) =>
          !this.#answered && (call.inform?.(status, headers) ?? false),
      );
      host.waiter.interruptAt(limit);
      await handle(incoming, out);
      if (!this.#answered)
        throw new Error("the component returned without a response");
      this.#leftOpen();
      return !late;
    } catch (error) {
      // No timer runs while a guest keeps the thread asleep.
      if (!this.#answered && performance.now() >= limit) tooLate();
      this.#options.onError?.(
        late ? new Error(TOO_LATE) : error,
        call.request(),
      );
      if (!this.#answered) refuse(call, error, this.#options);
      this.#answered = true;
      this.#open?.abort(failure("internal-error", String(error)));
      return false;
    } finally {
      inTime();
    }
  }

  /**
   * No guest runs any more: a body that is open now would stay so. One without a
   * byte may pass for whole: componentize-js leaves that of its 500 so when a
   * handler throws. Of any other nobody knows what is missing.
   */
  #leftOpen() {
    const outlet = this.#open;
    if (!outlet) return;
    const error = failure(
      "internal-error",
      "the component left its body unfinished",
    );
    this.#options.onError?.(error, this.#call.request());
    if (this.#body?.empty) outlet.finish(undefined);
    else outlet.abort(error);
  }

  /** Only a host that suspends, or whose thread others feed, can wait for a body. */
  get #waits() {
    const { blocking } = this.#slot.host;
    const { fed = false } = this.#call;
    return blocking === "jspi" || (blocking === "atomics" && fed);
  }

  /** @param {Answer} result */
  #settle(result) {
    const response = result.tag === "ok" ? result.val : undefined;
    if (this.#answered) return response?.outgoingBody?.connect(NOWHERE);
    if (!response) {
      const { tag, val } = /** @type {{ val: ErrorCode }} */ (result).val;
      const error = failure(tag, val);
      this.#options.onError?.(error, this.#call.request());
      refuse(this.#call, error, this.#options);
    } else if (Number.isNaN(response.contentLength)) {
      plain(this.#call, 502, "the component's content-length is none");
      response.outgoingBody?.connect(NOWHERE);
    } else if (response.statusCode() < 200 || response.statusCode() > 599) {
      const text = `the component answered ${response.statusCode()}`;
      plain(this.#call, 502, text);
      response.outgoingBody?.connect(NOWHERE);
    } else if (this.#lacksBody(response)) {
      const text = `the component told of ${response.contentLength} bytes and sent no body`;
      plain(this.#call, 502, text);
    } else {
      this.#begin(response);
    }
    this.#answered = true;
  }

  /**
   * Whether its client would wait for what never comes. What HEAD and 304 tell is the
   * length of something else.
   * @param {OutgoingResponse} response
   */
  #lacksBody(response) {
    const { contentLength, outgoingBody } = response;
    const other =
      this.#call.head.method === "HEAD" || response.statusCode() === 304;
    return contentLength && !outgoingBody && !other;
  }

  /** @param {OutgoingResponse} response */
  #begin(response) {
    const { outgoingBody } = response;
    const outlet = this.#call.answer(
      response.statusCode(),
      response.sent(),
      outgoingBody !== undefined,
      this.#waits,
    );
    if (!outgoingBody) return outlet.finish(undefined);
    this.#open = outlet;
    this.#body = outgoingBody;
    outgoingBody.connect({
      sink: outlet.sink,
      finish: (trailers) => {
        this.#open = undefined;
        outlet.finish(trailers);
      },
      abort: (reason) => {
        this.#open = undefined;
        outlet.abort(reason);
      },
    });
  }
}

/**
 * @param {Call} call
 * @param {number} status
 * @param {string} text
 */
export function plain(call, status, text) {
  /** @type {Entry[]} */
  const headers = [["content-type", fromLatin1("text/plain; charset=utf-8")]];
  const outlet = call.answer(status, headers, true, false);
  outlet.sink.write(new TextEncoder().encode(`${text}\n`));
  outlet.finish(undefined);
}

/**
 * @param {Call} call
 * @param {unknown} error
 * @param {HandlerOptions} options
 */
export function refuse(call, error, { development = false }) {
  if (!development) return plain(call, 500, "internal server error");
  const text = error instanceof Error ? (error.stack ?? error.message) : error;
  plain(call, 500, `the component failed\n\n${String(text)}`);
}
