/**
 * @module The resources of `wasi:http/types` that are messages: requests and
 * responses, what is made with them, the futures between them. Their bodies are in
 * `body.js`.
 */
import { DISPOSE } from "../core/exit.js";
import { Pollable } from "../io.js";
import { IncomingBody, OutgoingBody, refuse } from "./body.js";
import { failure } from "./errors.js";
import { Family } from "./family.js";
import { Fields, contentLength, isToken } from "./fields.js";

/** @import { Waiter } from "../wait.js" */
/** @typedef {import("./body.js").Inlet} Inlet */
/** @typedef {import("./body.js").Outlet} Outlet */
/** @import { ErrorCode } from "./errors.js" */
/** @import { Entry } from "./fields.js" */
/** @import { Exchange } from "./exchange.js" */

/** @typedef {{ tag: string, val?: string }} Method */
/** @typedef {{ tag: "HTTP" } | { tag: "HTTPS" } | { tag: "other", val: string }} Scheme */
/**
 * @template T
 * @typedef {{ tag: "ok", val: T } | { tag: "err", val: any }} Result
 */

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

/** The resource `outgoing-request`. */
export class OutgoingRequest {
  #fields;
  #family = new Family("an outgoing-request");
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
    this.#fields = headers.given();
  }

  /** @returns {OutgoingBody} */
  body() {
    if (this.outgoingBody) refuse();
    const { waiter } = /** @type {typeof OutgoingRequest} */ (this.constructor);
    this.outgoingBody = new OutgoingBody(
      /** @type {Waiter} */ (waiter),
      this.contentLength,
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
    return Fields.received(this.#fields, this.#family);
  }

  /** What its headers promise; NaN where they contradict themselves. */
  get contentLength() {
    return contentLength(this.#fields);
  }

  /**
   * It leaves the guest for good.
   * @returns {Entry[]} its headers
   */
  sent() {
    this.#family.leave("sent");
    return this.#fields;
  }

  [DISPOSE]() {
    this.#family.leave("dropped");
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
  #family = new Family("an outgoing-response");
  #status = 200;
  /** @type {OutgoingBody | undefined} */
  outgoingBody;
  /** How its streams wait: each host has a subclass. @type {Waiter | undefined} */
  static waiter;

  /** @param {Fields} headers */
  constructor(headers) {
    this.#fields = headers.given();
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
    return Fields.received(this.#fields, this.#family);
  }

  /** What its headers promise; NaN where they contradict themselves. */
  get contentLength() {
    return contentLength(this.#fields);
  }

  /**
   * It leaves the guest for good.
   * @returns {Entry[]} its headers
   */
  sent() {
    this.#family.leave("sent");
    return this.#fields;
  }

  [DISPOSE]() {
    this.#family.leave("dropped");
  }

  /** @returns {OutgoingBody} */
  body() {
    if (this.outgoingBody) refuse();
    const { waiter } = /** @type {typeof OutgoingResponse} */ (
      this.constructor
    );
    this.outgoingBody = new OutgoingBody(
      /** @type {Waiter} */ (waiter),
      this.contentLength,
      "response",
    );
    return this.outgoingBody;
  }
}

/** The resource `incoming-response`. */
export class IncomingResponse {
  #head;
  #inlet;
  #waiter;
  #consumed = false;
  #family = new Family("an incoming-response");

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
    return Fields.received(this.#head.headers, this.#family);
  }

  /** @returns {IncomingBody} */
  consume() {
    if (this.#consumed) refuse();
    this.#consumed = true;
    return new IncomingBody(this.#inlet, this.#waiter);
  }

  [DISPOSE]() {
    this.#family.leave("dropped");
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
  #family = new Family("an incoming-request");

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
    return Fields.received(this.#head.headers, this.#family);
  }

  /** @returns {IncomingBody} */
  consume() {
    if (this.#consumed) refuse();
    this.#consumed = true;
    return new IncomingBody(this.#inlet, this.#waiter);
  }

  [DISPOSE]() {
    this.#family.leave("dropped");
    if (!this.#consumed) this.#inlet.body.close?.();
  }
}

/** The resource `response-outparam`. */
export class ResponseOutparam {
  #answer;
  #inform;
  #used = false;

  /**
   * @param {(response: Result<OutgoingResponse>) => void} answer
   * @param {(status: number, headers: Entry[]) => boolean} [inform]
   *   sends a 1xx; whether it could
   */
  constructor(answer, inform = () => false) {
    this.#answer = answer;
    this.#inform = inform;
  }

  /**
   * @param {number} status
   * @param {Fields} headers
   */
  sendInformational(status, headers) {
    const entries = headers.given();
    /** @type {ErrorCode} */
    let code = { tag: "HTTP-protocol-error" };
    if (status < 100 || status > 199) throw code;
    // Nothing comes after a switch of protocols that could be HTTP.
    if (status !== 101 && this.#inform(status, entries)) return;
    code = { tag: "internal-error", val: `this server sends no ${status}` };
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
