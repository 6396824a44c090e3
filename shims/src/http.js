/**
 * @module `wasi:http@0.2`, not granted yet: the interfaces are there, so that
 * components link; a request is answered `HTTP-request-denied`.
 */

/** @import { Context } from "./host.js" */

/** @typedef {{}} HttpOptions */

/** @returns {never} */
function denied() {
  throw { tag: "HTTP-request-denied" };
}

/** Class → methods and statics of it. */
const CLASSES = {
  Fields: [
    ["get", "has", "set", "delete", "append", "entries", "clone"],
    ["fromList"],
  ],
  IncomingRequest: [
    ["method", "pathWithQuery", "scheme", "authority", "headers", "consume"],
    [],
  ],
  OutgoingRequest: [
    [
      "body",
      "method",
      "setMethod",
      "pathWithQuery",
      "setPathWithQuery",
      "scheme",
      "setScheme",
      "authority",
      "setAuthority",
      "headers",
    ],
    [],
  ],
  RequestOptions: [
    [
      "connectTimeout",
      "setConnectTimeout",
      "firstByteTimeout",
      "setFirstByteTimeout",
      "betweenBytesTimeout",
      "setBetweenBytesTimeout",
    ],
    [],
  ],
  ResponseOutparam: [["sendInformational"], ["set"]],
  IncomingResponse: [["status", "headers", "consume"], []],
  IncomingBody: [["stream"], ["finish"]],
  FutureTrailers: [["subscribe", "get"], []],
  OutgoingResponse: [["statusCode", "setStatusCode", "headers", "body"], []],
  OutgoingBody: [["write"], ["finish"]],
  FutureIncomingResponse: [["subscribe", "get"], []],
};

/**
 * @param {Context} _context
 * @returns {Record<string, object>}
 */
export function http(_context) {
  /** @type {Record<string, unknown>} */
  const types = { httpErrorCode: () => undefined };
  for (const [name, [methods, statics]] of Object.entries(CLASSES)) {
    const Resource = class {};
    for (const method of methods)
      Object.defineProperty(Resource.prototype, method, { value: denied });
    for (const method of statics)
      Object.defineProperty(Resource, method, { value: denied });
    types[name] = Resource;
  }
  return {
    "wasi:http/types@0.2.12": types,
    "wasi:http/outgoing-handler@0.2.12": { handle: denied },
  };
}
