/**
 * The hosts that are compared, each as the interfaces that a guest would call: ours, and jco's preview2-shim for browsers
 * (which runs in Node as well, so that one table can stand beside the other).
 * @module
 */
import { wasi } from "@slipway/wasi";

/** @import { Volume } from '../../../shims/src/fs/volume.js' */

const PEER =
  "../peer/node_modules/@bytecodealliance/preview2-shim/dist/browser";

/**
 * @typedef {object} Guest what a guest has in hand
 * @property {any} stdout
 * @property {any} [root] the descriptor of its directory
 * @property {any} poll
 * @property {any} clock
 */

/** @param {Volume} [volume] @param {(bytes: Uint8Array) => void} [stdout] @returns {Guest} */
export function ours(volume, stdout) {
  /** @type {Record<string, Volume>} */
  const fs = volume ? { "/": volume } : {};
  const { imports } = wasi({ fs, stdout: stdout ?? null, stderr: null });
  const at = (/** @type {string} */ name) => imports[`wasi:${name}@0.2.12`];
  return {
    stdout: at("cli/stdout").getStdout(),
    root: at("filesystem/preopens").getDirectories()[0]?.[0],
    poll: at("io/poll"),
    clock: at("clocks/monotonic-clock"),
  };
}

/** The peer's modules. @returns {Promise<any>} */
export async function peer() {
  const names = ["cli", "io", "clocks", "filesystem"];
  const modules = await Promise.all(
    names.map((name) => import(`${PEER}/${name}.js`)),
  );
  return Object.assign({}, ...modules);
}

/** @param {any} adapter @param {unknown} capability what its root is made from @param {(bytes: Uint8Array) => void} [stdout] @returns {Promise<Guest>} */
export async function jco(adapter, capability, stdout) {
  const { createCli, createFilesystem, poll, monotonicClock } = await peer();
  const cli = createCli({ stdout: { write: stdout ?? (() => {}) } });
  const preopens = adapter ? { "/": capability } : {};
  const { preopens: face } = createFilesystem({ adapter, preopens });
  return {
    stdout: cli.stdout.getStdout(),
    root: face.getDirectories()[0]?.[0],
    poll,
    clock: monotonicClock,
  };
}
