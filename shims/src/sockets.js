/**
 * @module `wasi:sockets@0.2`, not granted: the interfaces are there, so that
 * components link, and every way to a socket or a name answers `access-denied`.
 * It owns the resource classes that a granted network will extend.
 */

/** @import { Context } from "./host.js" */

/** The resource `network`: a capability that here grants nothing. */
export class Network {}

/** @returns {never} */
function denied() {
  throw "access-denied";
}

/**
 * A resource class whose instances never come to be: what makes them refuses.
 * Its methods are there for glue that looks them up when it links.
 * @template {string} Method
 * @param {readonly Method[]} methods
 * @returns {new () => Record<Method, (...args: any[]) => never>}
 */
function closedResource(methods) {
  const Resource = class {};
  for (const name of methods)
    Object.defineProperty(Resource.prototype, name, { value: denied });
  return /** @type {any} */ (Resource);
}

const ADDRESSES = /** @type {const} */ ([
  "localAddress",
  "remoteAddress",
  "addressFamily",
]);
const BIND = /** @type {const} */ (["startBind", "finishBind"]);
const BUFFERS = /** @type {const} */ ([
  ...["receiveBufferSize", "setReceiveBufferSize"],
  ...["sendBufferSize", "setSendBufferSize"],
]);

const TcpSocket = /* @__PURE__ */ closedResource([
  ...ADDRESSES,
  ...BIND,
  ...BUFFERS,
  ...["startConnect", "finishConnect", "startListen", "finishListen"],
  ...["accept", "isListening", "setListenBacklogSize"],
  ...["keepAliveEnabled", "setKeepAliveEnabled"],
  ...["keepAliveIdleTime", "setKeepAliveIdleTime"],
  ...["keepAliveInterval", "setKeepAliveInterval"],
  ...["keepAliveCount", "setKeepAliveCount"],
  ...["hopLimit", "setHopLimit", "subscribe", "shutdown"],
]);
const UdpSocket = /* @__PURE__ */ closedResource([
  ...ADDRESSES,
  ...BIND,
  ...BUFFERS,
  ...["stream", "unicastHopLimit", "setUnicastHopLimit", "subscribe"],
]);
const ResolveAddressStream = /* @__PURE__ */ closedResource([
  "resolveNextAddress",
  "subscribe",
]);
const IncomingDatagramStream = /* @__PURE__ */ closedResource([
  "receive",
  "subscribe",
]);
const OutgoingDatagramStream = /* @__PURE__ */ closedResource([
  ...["checkSend", "send", "subscribe"],
]);

/**
 * The face of `wasi:sockets`, of which nothing is granted.
 * @param {Context} _context
 * @returns the interfaces, by full name
 */
export function sockets(_context) {
  const network = new Network();
  return {
    "wasi:sockets/network@0.2.12": {
      Network,
      networkErrorCode: () => undefined,
    },
    "wasi:sockets/instance-network@0.2.12": { instanceNetwork: () => network },
    "wasi:sockets/ip-name-lookup@0.2.12": {
      ResolveAddressStream,
      resolveAddresses: denied,
    },
    "wasi:sockets/tcp@0.2.12": { TcpSocket },
    "wasi:sockets/tcp-create-socket@0.2.12": { createTcpSocket: denied },
    "wasi:sockets/udp@0.2.12": {
      UdpSocket,
      IncomingDatagramStream,
      OutgoingDatagramStream,
    },
    "wasi:sockets/udp-create-socket@0.2.12": { createUdpSocket: denied },
  };
}
