/**
 * @module The one exception by which a guest ends itself. It owns the exit
 * status and nothing else: glue lets it pass through the guest unchanged.
 */

/** Thrown by `wasi:cli/exit`, and when a guest is interrupted. */
export class ComponentExit extends Error {
  /** @param {number} exitCode */
  constructor(exitCode) {
    super(`component exited with status ${exitCode}`);
    this.name = "ComponentExit";
    this.exitCode = exitCode;
  }
}

/**
 * `Symbol.dispose`, or where the engine lacks it (Safari 26) the same key that
 * glue falls back to.
 * @type {typeof Symbol.dispose}
 */
export const DISPOSE = Symbol.dispose ?? Symbol.for("dispose");
