/**
 * @module The resources of `wasi:http/types`: requests, responses, bodies, the
 * futures between them. They own the rules of the specification (what is given
 * once, what a child forbids, which lengths must match) over exchanges and
 * streams.
 */
import { DISPOSE } from "../core/exit.js";
import { InputStream, OutputStream, Pollable, trap } from "../io.js";
import { Signal } from "../wait.js";
import { failure } from "./errors.js";
import { Fields, isToken } from "./fields.js";

/** @import { Event, Waiter } from "../wait.js" */
/** @import { Sink, Source } from "../core/stream.js" */
/** @import { ErrorCode } from "./errors.js" */
/** @import { Entry } from "./fields.js" */
/** @import { Exchange } from "./exchange.js" */

/** @typedef {{ tag: string, val?: string }} Method */
/** @typedef {{ tag: "HTTP" } | { tag: "HTTPS" } | { tag: "other", val: string }} Scheme */
/**
 * @template T
 * @typedef {{ tag: "ok", val: T } | { tag: "err", val: any }} Result
 */

/** `result` without payloads: what is thrown for its error. @returns {never} */
function refuse() {
  throw undefined;
}

const METHODS = [
  "get",
  "head",
  "post",
  "put",
  "delete",
  "connect",
  "options",
  "trace",
  "patch",
];

/**
 * @param {Method} method
 * @returns {string}
 */
export function methodName({ tag, val }) {
  return tag === "other" ? /** @type {string} */ (val) : tag.toUpperCase();
}

/**
 * @param {string} name
 * @returns {Method}
 */
export function methodOf(name) {
  const tag = name.toLowerCase();
  return METHODS.includes(tag) ? { tag } : { tag: "other", val: name };
}

/** The resource `request-options`. */
export class RequestOptions {
  /** @type {bigint | undefined} */
  #connect;
  /** @type {bigint | undefined} */
  #firstByte;
  /** @type {bigint | undefined} */
  #betweenBytes;

  connectTimeout() {
    return this.#connect;
  }

  /** @param {bigint | undefined} duration */
  setConnectTimeout(duration) {
    this.#connect = duration;
  }

  firstByteTimeout() {
    return this.#firstByte;
  }

  /** @param {bigint | undefined} duration */
  setFirstByteTimeout(duration) {
    this.#firstByte = duration;
  }

  betweenBytesTimeout() {
    return this.#betweenBytes;
  }

  /** @param {bigint | undefined} duration */
  setBetweenBytesTimeout(duration) {
    this.#betweenBytes = duration;
  }

  /** In milliseconds, as the core counts. */
  get timeouts() {
    const ms = (/** @type {bigint | undefined} */ ns) =>
      ns === undefined ? undefined : Math.ceil(Number(ns) / 1e6);
    return {
      connect: ms(this.#connect),
      firstByte: ms(this.#firstByte),
      betweenBytes: ms(this.#betweenBytes),
    };
  }
}

/** Where an outgoing body goes, decided when its message is sent. */
/**
 * @typedef {object} Outlet
 * @property {Sink} sink
 * @property {(trailers: Entry[] | undefined) => void} finish
 * @property {(reason: unknown) => void} abort
 */

/** The resource `outgoing-body`. */
export class OutgoingBody {
  /** @type {Outlet | undefined} */
  #outlet;
  #connected = new Signal();
  #waiter;
  #expected;
  #kind;
  #written = 0;
  #taken = false;
  #streaming = false;
  /** @type {"open" | "finished" | "dropped"} */
  #state = "open";
  /** @type {Entry[] | undefined} */
  #trailers;

  /**
   * @param {Waiter} waiter
   * @param {number | undefined} expected the content's length, if it was told
   * @param {"request" | "response"} kind
   */
  constructor(waiter, expected, kind) {
    this.#waiter = waiter;
    this.#expected = expected;
    this.#kind = kind;
  }

  /**
   * The message is on its way: here is where its body goes.
   * @param {Outlet} outlet
   */
  connect(outlet) {
    this.#outlet = outlet;
    if (this.#state === "finished") outlet.finish(this.#trailers);
    if (this.#state === "dropped") outlet.abort(incomplete());
    this.#connected.fire();
  }

  /** @returns {OutputStream} */
  write() {
    if (this.#taken) refuse();
    this.#taken = true;
    this.#streaming = true;
    return new OutputStream(this.#sink(), this.#waiter);
  }

  /**
   * Until the message is sent there is room for nothing; after that for what the
   * outlet takes, and never for more than was announced.
   * @returns {Sink}
   */
  #sink() {
    const outlet = () => this.#outlet;
    return {
      event: {
        get shared() {
          return outlet()?.sink.event.shared;
        },
        ready: () => this.#outlet?.sink.event.ready() ?? false,
        onReady: (wake) =>
          this.#outlet
            ? this.#outlet.sink.event.onReady(wake)
            : this.#connected.onReady(wake),
      },
      permit: () => this.#outlet?.sink.permit() ?? 0,
      write: (bytes) => {
        this.#written += bytes.length;
        if (this.#written > (this.#expected ?? Infinity))
          throw this.#wrongSize();
        this.#outlet?.sink.write(bytes);
      },
      flush: () => this.#outlet?.sink.flush(),
      close: () => void (this.#streaming = false),
    };
  }

  #wrongSize() {
    return failure(`HTTP-${this.#kind}-body-size`, BigInt(this.#written));
  }

  /**
   * @param {OutgoingBody} body
   * @param {Fields | undefined} trailers
   */
  static finish(body, trailers) {
    if (body.#streaming)
      throw trap("wasi:http: outgoing-body.finish while its stream is open");
    body.#state = "finished";
    body.#trailers = trailers?.entries();
    if (body.#written !== (body.#expected ?? body.#written)) {
      const error = body.#wrongSize();
      body.#state = "dropped";
      body.#outlet?.abort(error);
      throw error.code;
    }
    body.#outlet?.finish(body.#trailers);
  }

  [DISPOSE]() {
    if (this.#state !== "open") return;
    this.#state = "dropped";
    this.#outlet?.abort(incomplete());
  }
}

/** A body that was dropped without `finish`: what was sent of it is not whole. */
function incomplete() {
  return failure("connection-terminated");
}

/** The resource `outgoing-request`. */
export class OutgoingRequest {
  #fields;
  /** @type {Method} */
  #method = { tag: "get" };
  /** @type {string | undefined} */
  #path;
  /** @type {Scheme | undefined} */
  #scheme;
  /** @type {string | undefined} */
  #authority;
  /** @type {OutgoingBody | undefined} */
  outgoingBody;
  /** How its streams wait: each host has a subclass. @type {Waiter | undefined} */
  static waiter;

  /** @param {Fields} headers */
  constructor(headers) {
    this.#fields = headers;
  }

  /** @returns {OutgoingBody} */
  body() {
    if (this.outgoingBody) refuse();
    const { waiter } = /** @type {typeof OutgoingRequest} */ (this.constructor);
    this.outgoingBody = new OutgoingBody(
      /** @type {Waiter} */ (waiter),
      this.#fields.contentLength(),
      "request",
    );
    return this.outgoingBody;
  }

  /** @returns {Method} */
  method() {
    return this.#method;
  }

  /** @param {Method} method */
  setMethod(method) {
    if (method.tag === "other" && !isToken(method.val ?? "")) refuse();
    this.#method = method;
  }

  /** @returns {string | undefined} */
  pathWithQuery() {
    return this.#path;
  }

  /** @param {string | undefined} path */
  setPathWithQuery(path) {
    if (path !== undefined && !/^[^\s#\0-\x1f\x7f"<>\\^`{|}]*$/.test(path))
      refuse();
    this.#path = path;
  }

  /** @returns {Scheme | undefined} */
  scheme() {
    return this.#scheme;
  }

  /** @param {Scheme | undefined} scheme */
  setScheme(scheme) {
    if (scheme?.tag === "other" && !/^[a-z][a-z0-9+.-]*$/i.test(scheme.val))
      refuse();
    this.#scheme = scheme;
  }

  /** @returns {string | undefined} */
  authority() {
    return this.#authority;
  }

  /** @param {string | undefined} authority */
  setAuthority(authority) {
    if (authority !== undefined && !isAuthority(authority)) refuse();
    this.#authority = authority;
  }

  /** @returns {Fields} */
  headers() {
    return this.#fields.view();
  }
}

/**
 * `host`, `host:port`, with or without user information.
 * @param {string} text
 */
function isAuthority(text) {
  const match =
    /^(?:[\w\-.~!$&'()*+,;=:%]*@)?(?:\[[\da-f:.]+\]|[\w\-.~!$&'()*+,;=%]+)(?::(\d*))?$/i.exec(
      text,
    );
  return match !== null && Number(match[1] ?? 0) <= 65535;
}

/** The resource `outgoing-response`. */
export class OutgoingResponse {
  #fields;
  #status = 200;
  /** @type {OutgoingBody | undefined} */
  outgoingBody;
  /** How its streams wait: each host has a subclass. @type {Waiter | undefined} */
  static waiter;

  /** @param {Fields} headers */
  constructor(headers) {
    this.#fields = headers;
  }

  /** @returns {number} */
  statusCode() {
    return this.#status;
  }

  /** @param {number} status */
  setStatusCode(status) {
    if (status < 100 || status > 999) refuse();
    this.#status = status;
  }

  /** @returns {Fields} */
  headers() {
    return this.#fields.view();
  }

  /** @returns {OutgoingBody} */
  body() {
    if (this.outgoingBody) refuse();
    const { waiter } = /** @type {typeof OutgoingResponse} */ (
      this.constructor
    );
    this.outgoingBody = new OutgoingBody(
      /** @type {Waiter} */ (waiter),
      this.#fields.contentLength(),
      "response",
    );
    return this.outgoingBody;
  }
}

/**
 * What comes in with a message: a source and what follows it.
 * @typedef {object} Inlet
 * @property {Source} body
 * @property {Exchange["trailers"]} trailers
 */

/** The resource `incoming-body`. */
export class IncomingBody {
  #inlet;
  #waiter;
  #taken = false;
  #streaming = false;
  #finished = false;

  /**
   * @param {Inlet} inlet
   * @param {Waiter} waiter
   */
  constructor(inlet, waiter) {
    this.#inlet = inlet;
    this.#waiter = waiter;
  }

  /** @returns {InputStream} */
  stream() {
    if (this.#taken) refuse();
    this.#taken = true;
    this.#streaming = true;
    const { body } = this.#inlet;
    return new InputStream(
      {
        event: body.event,
        read: (max) => body.read(max),
        // The rest may still be wanted, for its trailers.
        close: () => void (this.#streaming = false),
      },
      this.#waiter,
    );
  }

  /**
   * @param {IncomingBody} body
   * @returns {FutureTrailers}
   */
  static finish(body) {
    if (body.#streaming)
      throw trap("wasi:http: incoming-body.finish while its stream is open");
    body.#finished = true;
    return new FutureTrailers(body.#inlet, body.#waiter);
  }

  [DISPOSE]() {
    if (!this.#finished) this.#inlet.body.close?.();
  }
}

/** The resource `future-trailers`. */
export class FutureTrailers {
  #inlet;
  #waiter;
  #taken = false;

  /**
   * @param {Inlet} inlet
   * @param {Waiter} waiter
   */
  constructor(inlet, waiter) {
    this.#inlet = inlet;
    this.#waiter = waiter;
  }

  /** Reads away what is left of the body: the trailers come after it. */
  #drain() {
    const { body } = this.#inlet;
    try {
      while (body.event.ready()) if (!body.read(1 << 20)) return;
    } catch {
      // The trailers tell.
    }
  }

  /** @returns {Event} */
  get #event() {
    const { body, trailers } = this.#inlet;
    return {
      shared: trailers.event.shared,
      ready: () => {
        this.#drain();
        return trailers.event.ready();
      },
      onReady: (wake) => {
        const cancels = [
          trailers.event.onReady(wake),
          body.event.onReady(wake),
        ];
        return () => {
          for (const cancel of cancels) cancel();
        };
      },
    };
  }

  subscribe() {
    return new Pollable(this.#event, this.#waiter);
  }

  /** @returns {Result<Result<Fields | undefined>> | undefined} */
  get() {
    if (this.#taken) return { tag: "err", val: undefined };
    this.#drain();
    const { result } = this.#inlet.trailers;
    if (!result) return undefined;
    this.#taken = true;
    if ("error" in result)
      return { tag: "ok", val: { tag: "err", val: result.error } };
    const fields = result.value && Fields.received(result.value);
    return { tag: "ok", val: { tag: "ok", val: fields } };
  }

  [DISPOSE]() {
    this.#inlet.body.close?.();
  }
}

/** The resource `incoming-response`. */
export class IncomingResponse {
  #head;
  #inlet;
  #waiter;
  #consumed = false;

  /**
   * @param {{ status: number, headers: Entry[] }} head
   * @param {Inlet} inlet
   * @param {Waiter} waiter
   */
  constructor(head, inlet, waiter) {
    this.#head = head;
    this.#inlet = inlet;
    this.#waiter = waiter;
  }

  /** @returns {number} */
  status() {
    return this.#head.status;
  }

  /** @returns {Fields} */
  headers() {
    return Fields.received(this.#head.headers);
  }

  /** @returns {IncomingBody} */
  consume() {
    if (this.#consumed) refuse();
    this.#consumed = true;
    return new IncomingBody(this.#inlet, this.#waiter);
  }

  [DISPOSE]() {
    if (!this.#consumed) this.#inlet.body.close?.();
  }
}

/** The resource `future-incoming-response`. */
export class FutureIncomingResponse {
  #exchange;
  #waiter;
  #taken = false;

  /**
   * @param {Exchange} exchange
   * @param {Waiter} waiter
   */
  constructor(exchange, waiter) {
    this.#exchange = exchange;
    this.#waiter = waiter;
  }

  subscribe() {
    return new Pollable(this.#exchange.head.event, this.#waiter);
  }

  /** @returns {Result<Result<IncomingResponse>> | undefined} */
  get() {
    const { result } = this.#exchange.head;
    if (!result) return undefined;
    if (this.#taken) return { tag: "err", val: undefined };
    this.#taken = true;
    if ("error" in result)
      return { tag: "ok", val: { tag: "err", val: result.error } };
    const response = new IncomingResponse(
      result.value,
      this.#exchange,
      this.#waiter,
    );
    return { tag: "ok", val: { tag: "ok", val: response } };
  }

  [DISPOSE]() {
    if (!this.#taken) this.#exchange.abort(failure("connection-terminated"));
  }
}

/** The resource `incoming-request`. */
export class IncomingRequest {
  #head;
  #inlet;
  #waiter;
  #consumed = false;

  /**
   * @param {{ method: string, pathWithQuery: string | undefined,
   *   scheme: Scheme | undefined, authority: string | undefined,
   *   headers: Entry[] }} head
   * @param {Inlet} inlet
   * @param {Waiter} waiter
   */
  constructor(head, inlet, waiter) {
    this.#head = head;
    this.#inlet = inlet;
    this.#waiter = waiter;
  }

  /** @returns {Method} */
  method() {
    return methodOf(this.#head.method);
  }

  pathWithQuery() {
    return this.#head.pathWithQuery;
  }

  scheme() {
    return this.#head.scheme;
  }

  authority() {
    return this.#head.authority;
  }

  /** @returns {Fields} */
  headers() {
    return Fields.received(this.#head.headers);
  }

  /** @returns {IncomingBody} */
  consume() {
    if (this.#consumed) refuse();
    this.#consumed = true;
    return new IncomingBody(this.#inlet, this.#waiter);
  }

  [DISPOSE]() {
    if (!this.#consumed) this.#inlet.body.close?.();
  }
}

/** The resource `response-outparam`. */
export class ResponseOutparam {
  #answer;
  #used = false;

  /** @param {(response: Result<OutgoingResponse>) => void} answer */
  constructor(answer) {
    this.#answer = answer;
  }

  /**
   * @param {number} status
   * @param {Fields} _headers
   */
  sendInformational(status, _headers) {
    /** @type {ErrorCode} */
    const code =
      status >= 100 && status <= 199
        ? { tag: "internal-error", val: "informational responses: unsupported" }
        : { tag: "HTTP-protocol-error" };
    throw code;
  }

  /**
   * @param {ResponseOutparam} param
   * @param {Result<OutgoingResponse>} response
   */
  static set(param, response) {
    param.#used = true;
    param.#answer(response);
  }

  [DISPOSE]() {
    if (this.#used) return;
    const val = { tag: "internal-error", val: "the guest sent no response" };
    this.#answer({ tag: "err", val });
  }
}
