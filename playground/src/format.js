/**
 * Numbers and errors in words. Pure functions.
 * @module
 */

/** @param {number} n */
export const integer = (n) => n.toLocaleString("en-US").replaceAll(",", " ");

/**
 * @param {number} n
 * @returns {string}
 */
export function bytes(n) {
  if (n < 1000) return `${n} B`;
  if (n < 1_000_000) return `${(n / 1000).toFixed(n < 10_000 ? 1 : 0)} kB`;
  return `${(n / 1_000_000).toFixed(n < 10_000_000 ? 2 : 1)} MB`;
}

/** @param {number} ms */
export function duration(ms) {
  if (ms < 0.1) return "< 0.1 ms";
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${ms.toFixed(0)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/**
 * What went wrong, and what helps, where something does.
 * @typedef {{ message: string, code?: string, offset?: number, path?: string[], help?: string }} Explained
 */

/** @type {Record<string, string>} */
const HELP = {
  "bad-magic": "A component is a .wasm file. This is some other kind of file.",
  "core-module":
    "This is a core WebAssembly module. `wasm-tools component new` makes a component of one that was built for it.",
  "bad-version":
    "It was made by a tool of another age; build it again with a current one.",
  truncated: "The file ends too early; perhaps a download was cut off.",
};

/**
 * @param {any} error
 * @returns {Explained}
 */
export function explain(error) {
  const message =
    error instanceof Error ? error.message : String(error ?? "unknown");
  if (error?.name !== "TranspileError") return { message };
  const { code, offset, path } = error;
  return {
    message,
    code,
    ...(offset !== null && { offset }),
    ...(path.length && { path }),
    ...(HELP[code] && { help: HELP[code] }),
  };
}
