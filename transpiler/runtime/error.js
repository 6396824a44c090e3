/**
 * @module Errors that are values of components. Knows nothing of traps.
 */

/** The guest returned the error case of a `result`; `payload` is its value. */
export class ComponentError extends Error {
  /** @param {any} payload */
  constructor(payload) {
    super(
      typeof payload === "string" ? payload : "the component returned an error",
    );
    this.payload = payload;
  }
  /** @override */
  get name() {
    return "ComponentError";
  }
}

/**
 * The error case of a host function's `result`: the payload of what it threw, or what it threw. An `Error` without a payload
 * is a failure of the host, not a value, and goes on being thrown.
 * @param {any} e
 * @returns {any}
 */
export function errorPayload(e) {
  if (typeof e === "object" && e && "payload" in e) return e.payload;
  if (e instanceof Error) throw e;
  return e;
}

/**
 * What an import answered that may not answer with a promise, which would be taken for a value.
 * @template T
 * @param {string} name
 * @param {T} v
 * @returns {T}
 */
export function given(name, v) {
  if (v instanceof Promise)
    throw new TypeError(
      `${name} returned a promise: list it in asyncImports (--async-imports) when you transpile`,
    );
  return v;
}

/**
 * A value that is no case of a variant, enum or result.
 * @param {string} type
 * @param {unknown} v
 * @returns {TypeError}
 */
export function badCase(type, v) {
  return new TypeError(
    `not a case of ${type}: ${typeof v === "object" ? JSON.stringify(v) : String(v)}`,
  );
}
