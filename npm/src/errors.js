/**
 * The error that transpiling ends in. What running can end in (`Trap`, `LinkError`, `ComponentError`) belongs to the generated
 * modules.
 * @module
 */

/** Bad input: what kind (a stable code), where in the bytes, and where among the component's names. */
export class TranspileError extends Error {
  /**
   * @param {{ code: string, message: string, offset?: number | null, path?: string[] }} reason
   * @param {ErrorOptions} [options]
   */
  constructor({ code, message, offset = null, path = [] }, options) {
    super(message, options);
    /** Stable: `bad-magic`, `truncated`, `invalid`, `unsupported`, … */
    this.code = code;
    /** Byte offset in the input, where there is one. */
    this.offset = offset;
    /** Names from the outside in: `component 1`, `import "wasi:io/streams"`. */
    this.path = path;
  }

  /** @override */
  get name() {
    return "TranspileError";
  }
}

/**
 * What a Wasm call threw, as an error of ours. A RuntimeError is a panic of the transpiler, which is a bug of Slipway's.
 * @param {unknown} thrown
 * @returns {Error}
 */
export function asTranspileError(thrown) {
  if (
    thrown instanceof WebAssembly.RuntimeError ||
    thrown instanceof RangeError
  ) {
    const message = `the transpiler itself failed (${thrown.message}); this is a bug, please report it with the component`;
    return new TranspileError({ code: "internal", message }, { cause: thrown });
  }
  if (thrown && typeof thrown === "object" && "code" in thrown)
    return new TranspileError(/** @type {any} */ (thrown));
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
