/**
 * @module What Node's clients (TLS, its parser, nghttp2) say went wrong, in the words
 * of wasi:http, where they say more than an errno does: `errors.js` knows those.
 */
import { HttpFailure, failure } from "./errors.js";

/** Alerts of TLS by number: RFC 8446, appendix B.2, and what older versions send. */
/** @type {Record<number, string>} */
const ALERTS = {
  0: "close_notify",
  10: "unexpected_message",
  20: "bad_record_mac",
  21: "decryption_failed",
  22: "record_overflow",
  30: "decompression_failure",
  40: "handshake_failure",
  41: "no_certificate",
  42: "bad_certificate",
  43: "unsupported_certificate",
  44: "certificate_revoked",
  45: "certificate_expired",
  46: "certificate_unknown",
  47: "illegal_parameter",
  48: "unknown_ca",
  49: "access_denied",
  50: "decode_error",
  51: "decrypt_error",
  60: "export_restriction",
  70: "protocol_version",
  71: "insufficient_security",
  80: "internal_error",
  86: "inappropriate_fallback",
  90: "user_canceled",
  100: "no_renegotiation",
  109: "missing_extension",
  110: "unsupported_extension",
  111: "certificate_unobtainable",
  112: "unrecognized_name",
  113: "bad_certificate_status_response",
  114: "bad_certificate_hash_value",
  115: "unknown_psk_identity",
  116: "certificate_required",
  120: "no_application_protocol",
};

/** What llhttp found that has a case of its own; the rest is HTTP-protocol-error. */
/** @type {Record<string, string>} */
const PARSER = {
  HPE_HEADER_OVERFLOW: "HTTP-response-header-section-size",
  HPE_INVALID_TRANSFER_ENCODING: "HTTP-response-transfer-coding",
  HPE_INVALID_CHUNK_SIZE: "HTTP-response-transfer-coding",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "HTTP-response-transfer-coding",
};

/** Reasons for which HTTP/2 ends a stream (RFC 9113, section 7), by name. */
/** @type {Record<string, string>} */
const RESETS = {
  NO_ERROR: "HTTP-response-incomplete",
  INTERNAL_ERROR: "connection-terminated",
  REFUSED_STREAM: "connection-limit-reached",
  CANCEL: "connection-terminated",
  CONNECT_ERROR: "connection-terminated",
  ENHANCE_YOUR_CALM: "connection-limit-reached",
  INADEQUATE_SECURITY: "TLS-protocol-error",
};

/** Those names by number, which is how Node tells of sessions. */
const RESET_NAMES = [
  ...["NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR"],
  ...["SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR"],
  ...["REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR"],
  ...["ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"],
];

/**
 * @param {any} error
 * @returns {string | undefined} the name of HTTP/2's error code in it
 */
export function resetOf({ code, message }) {
  if (!/^ERR_HTTP2_(?:STREAM|SESSION)_ERROR$/.test(code)) return undefined;
  const [, name, number] =
    /error code (?:NGHTTP2_)?(?:([A-Z]\w*)|(\d+))/.exec(message) ?? [];
  return name ?? RESET_NAMES[Number(number)];
}

/**
 * @param {any} error what Node emitted
 * @returns {unknown} the failure that it is, or the error as it was
 */
export function nodeFailure(error) {
  if (error instanceof HttpFailure) return error;
  const { code } = error;
  if (typeof code !== "string") return error;
  // OpenSSL says so of alerts that came, not of those that it sends.
  const alert = /SSL alert number (\d+)/.exec(error.message);
  if (alert) {
    const alertId = Number(alert[1]);
    const alertMessage = ALERTS[alertId];
    return failure("TLS-alert-received", { alertId, alertMessage });
  }
  if (PARSER[code]) return failure(PARSER[code]);
  const reset = resetOf(error);
  if (reset) return failure(RESETS[reset] ?? "HTTP-protocol-error");
  if (code === "ERR_HTTP2_GOAWAY_SESSION")
    return failure("connection-terminated");
  if (code.startsWith("ERR_HTTP2_")) return failure("HTTP-protocol-error");
  return error;
}

/**
 * A connection at hand ended before it had answered: the request may go again over
 * a new one, if it has no body that is gone.
 */
export class Stale extends Error {
  /**
   * @param {unknown} cause
   * @param {boolean} unseen whether the server says that it has not looked at it
   */
  constructor(cause, unseen) {
    super("a connection ended while it was idle", { cause });
    this.unseen = unseen;
  }
}
