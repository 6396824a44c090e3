/**
 * @module `wasi:http@0.2`: types and outgoing-handler. A face: it owns the grant
 * (which hosts a guest may call, and through what) and the shape of a valid
 * request; resources are in `http/types.js`, exchanges in `http/exchange.js`.
 */
import { HttpFailure, failure } from "./http/errors.js";
import { exchange } from "./http/exchange.js";
import { FutureTrailers, IncomingBody, OutgoingBody } from "./http/body.js";
import { fetchTransport } from "./http/fetch.js";
import { Fields } from "./http/fields.js";
import {
  FutureIncomingResponse,
  IncomingRequest,
  IncomingResponse,
  OutgoingRequest,
  OutgoingResponse,
  RequestOptions,
  ResponseOutparam,
  methodName,
} from "./http/types.js";

/** @import { IoError } from "./io.js" */
/** @import { Context, Options } from "./host.js" */
/** @import { Exchange, RequestHead, Transport } from "./http/exchange.js" */
/** @import { FetchOptions } from "./http/fetch.js" */

/**
 * Which requests a guest may make, and how they are made.
 * @typedef {FetchOptions & HttpGrant} HttpOptions
 *
 * @typedef {object} HttpGrant
 * @property {readonly string[]} [allow]
 *   Hosts: `example.com`, `*.example.com`, `localhost:8080`, `https://example.com`.
 *   All of them when it is left out.
 * @property {(url: URL) => URL | string} [rewrite] where a request really goes
 * @property {(url: string) => string} [corsProxy]
 *   The address to use instead, for hosts that let no page in.
 * @property {Transport} [transport] instead of fetch
 * @property {(head: RequestHead, ended: () => void) => Exchange} [exchange]
 *   Instead of a transport of this thread.
 */

/**
 * @param {string} tag
 * @param {any} [val]
 * @returns {never}
 */
function refuse(tag, val) {
  throw { tag, val };
}

/**
 * @param {Options["fetch"]} fetch
 * @returns {HttpOptions | undefined}
 */
function grantOf(fetch) {
  if (!fetch) return undefined;
  if (fetch === true) return {};
  return typeof fetch === "function" ? { fetch } : fetch;
}

/**
 * @param {string} pattern
 * @param {URL} url
 * @returns {boolean}
 */
function matches(pattern, url) {
  const [, scheme, rest] = /^(?:([a-z]+):\/\/)?(.*)$/i.exec(pattern) ?? [];
  if (scheme && `${scheme.toLowerCase()}:` !== url.protocol) return false;
  const [, host = "", port] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(rest) ?? [];
  const actual = url.port || (url.protocol === "https:" ? "443" : "80");
  if (port && port !== actual) return false;
  if (host.startsWith("*."))
    return url.hostname.endsWith(host.slice(1).toLowerCase());
  return host === "*" || host.toLowerCase() === url.hostname;
}

/**
 * @param {OutgoingRequest} request
 * @returns {URL}
 */
function urlOf(request) {
  const scheme = request.scheme() ?? { tag: "HTTPS" };
  if (scheme.tag === "other") refuse("HTTP-protocol-error");
  const authority = request.authority();
  if (!authority) refuse("HTTP-request-URI-invalid");
  const path = request.pathWithQuery() ?? "/";
  const slash = path.startsWith("/") ? "" : "/";
  try {
    return new URL(`${scheme.tag.toLowerCase()}://${authority}${slash}${path}`);
  } catch {
    return refuse("HTTP-request-URI-invalid");
  }
}

/**
 * @param {HttpOptions} grant
 * @param {OutgoingRequest} request
 * @param {RequestOptions | undefined} options
 * @returns {RequestHead}
 */
function headOf(grant, request, options) {
  let url = urlOf(request);
  if (grant.allow && !grant.allow.some((pattern) => matches(pattern, url)))
    refuse("HTTP-request-denied");
  if (grant.rewrite) url = new URL(grant.rewrite(url));
  const method = methodName(request.method());
  if (method === "CONNECT" || method === "TRACE")
    refuse("HTTP-request-method-invalid");
  const { contentLength } = request;
  if (Number.isNaN(contentLength)) refuse("HTTP-protocol-error");
  // The server would wait for what never comes.
  if (contentLength && !request.outgoingBody)
    refuse("HTTP-request-body-size", 0n);
  return {
    method,
    url: grant.corsProxy ? grant.corsProxy(url.href) : url.href,
    headers: request.sent(),
    hasBody: request.outgoingBody !== undefined,
    timeouts: options?.timeouts ?? {},
  };
}

/**
 * @param {Context} context
 * @returns {Record<string, object>}
 */
export function http({ options, waiter, onClose }) {
  /** Ends what goes on, by what ends it. @type {Set<() => void>} */
  const running = new Set();
  onClose(() => {
    for (const end of running) end();
  });
  const grant = grantOf(options.fetch);
  /** @type {Transport | undefined} */
  let transport;
  /**
   * @param {HttpOptions} grant
   * @param {RequestHead} head
   * @returns {Exchange}
   */
  const begin = (grant, head) => {
    const end = () => begun.abort(failure("connection-terminated"));
    const ended = () => void running.delete(end);
    transport ??=
      grant.transport ??
      fetchTransport({ ...grant, followRedirects: grant.allow === undefined });
    running.add(end);
    const begun = grant.exchange
      ? grant.exchange(head, ended)
      : exchange(transport, head, ended);
    return begun;
  };
  return {
    "wasi:http/types@0.2.12": {
      Fields,
      IncomingRequest,
      // The guest makes these; what it makes waits as this host does.
      OutgoingRequest: class extends OutgoingRequest {
        /** @override */
        static waiter = waiter;
      },
      OutgoingResponse: class extends OutgoingResponse {
        /** @override */
        static waiter = waiter;
      },
      RequestOptions,
      ResponseOutparam,
      IncomingResponse,
      IncomingBody,
      FutureTrailers,
      OutgoingBody,
      FutureIncomingResponse,
      httpErrorCode(/** @type {IoError} */ { cause }) {
        return cause instanceof HttpFailure ? cause.code : undefined;
      },
    },
    "wasi:http/outgoing-handler@0.2.12": {
      handle(
        /** @type {OutgoingRequest} */ request,
        /** @type {RequestOptions | undefined} */ options,
      ) {
        if (!grant) refuse("HTTP-request-denied");
        const running = begin(grant, headOf(grant, request, options));
        if (request.outgoingBody) request.outgoingBody.connect(running);
        else running.finish(undefined);
        return new FutureIncomingResponse(running, waiter);
      },
    },
  };
}
