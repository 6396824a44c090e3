/**
 * @module Failures of HTTP: the `error-code` variant, and what the platforms'
 * errors mean in its words.
 */

/**
 * @typedef {object} ErrorCode
 * @property {string} tag a case of wasi:http's `error-code`
 * @property {any} [val]
 */

/** A failure on its way to a guest. */
export class HttpFailure extends Error {
  /** @param {ErrorCode} code */
  constructor(code) {
    super(typeof code.val === "string" ? `${code.tag}: ${code.val}` : code.tag);
    this.name = "HttpFailure";
    this.code = code;
  }
}

/**
 * @param {string} tag
 * @param {any} [val]
 * @returns {HttpFailure}
 */
export function failure(tag, val) {
  return new HttpFailure({ tag, val });
}

/** errno and undici's codes → cases without a payload. */
/** @type {Record<string, string>} */
const CODES = {
  ECONNREFUSED: "connection-refused",
  ECONNRESET: "connection-terminated",
  EPIPE: "connection-terminated",
  ECONNABORTED: "connection-terminated",
  UND_ERR_SOCKET: "connection-terminated",
  ETIMEDOUT: "connection-timeout",
  UND_ERR_CONNECT_TIMEOUT: "connection-timeout",
  UND_ERR_HEADERS_TIMEOUT: "HTTP-response-timeout",
  UND_ERR_BODY_TIMEOUT: "connection-read-timeout",
  EHOSTUNREACH: "destination-IP-unroutable",
  ENETUNREACH: "destination-IP-unroutable",
  EADDRNOTAVAIL: "destination-unavailable",
  HPE_INVALID_CONSTANT: "HTTP-protocol-error",
  EPROTO: "TLS-protocol-error",
};

/** What OpenSSL finds wrong with a certificate (X509_V_ERR_…), and Node with its name. */
const CERTIFICATE =
  /^(?:CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_|INVALID_(?:CA|PURPOSE)$|PATH_LENGTH_|HOSTNAME_|ERR_TLS_CERT_)/;

/**
 * Deno's fetch has no codes; its messages say what they are.
 * @type {Array<[RegExp, string, any?]>}
 */
const MESSAGES = [
  [/\bdns error\b/, "DNS-error", { rcode: undefined, infoCode: undefined }],
  [/\(Connect\):.*Connection refused/, "connection-refused"],
  [/\binvalid HTTP version\b/, "HTTP-protocol-error"],
  [/\berror reading a body from connection\b/, "connection-terminated"],
];

/**
 * @param {unknown} error what a transport threw
 * @returns {ErrorCode}
 */
export function codeOf(error) {
  if (error instanceof HttpFailure) return error.code;
  const { cause, code: own } = /** @type {any} */ (error) ?? {};
  const code = cause?.code ?? own;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return { tag: "DNS-error", val: { rcode: code, infoCode: undefined } };
  if (cause?.name === "HTTPParserError") return { tag: "HTTP-protocol-error" };
  if (typeof code === "string") {
    if (CODES[code]) return { tag: CODES[code] };
    if (code.startsWith("HPE_")) return { tag: "HTTP-protocol-error" };
    if (CERTIFICATE.test(code)) return { tag: "TLS-certificate-error" };
    if (code.startsWith("ERR_SSL_")) return { tag: "TLS-protocol-error" };
  }
  const text = `${/** @type {any} */ (error)?.message} ${cause?.message}`;
  for (const [pattern, tag, val] of MESSAGES)
    if (pattern.test(text)) return { tag, val };
  const message = error instanceof Error ? error.message : String(error);
  // Browsers do not tell a page why: that could reveal another origin.
  const hint =
    error instanceof TypeError && code === undefined
      ? " (fetch does not say why; often CORS)"
      : "";
  return { tag: "internal-error", val: `${message}${hint}` };
}
