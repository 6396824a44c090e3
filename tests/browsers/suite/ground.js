/**
 * What the suites stand on in this engine: who it is, where the server is, and what the engine can do, asked of the engine
 * itself. Set once per page, worker or process, before a suite is loaded.
 * @module
 */
import { probeAtomics, probeJspi } from "../../../shims/src/wait.js";
import { NotHere } from "./not-here.js";

/**
 * What an engine can do, as far as the suites and the README's table tell.
 * @typedef {object} Abilities
 * @property {boolean} jspi
 * @property {boolean} atomics in a worker; in pages with cross-origin isolation
 * @property {boolean} wasmAdapters several memories in one core module
 * @property {boolean} opfs synchronous handles in workers
 * @property {boolean} directoryHandle
 * @property {boolean} indexedDb
 * @property {boolean} hostFiles `node:fs`
 * @property {boolean} moduleServiceWorkers
 *
 * @typedef {"page" | "worker" | "process"} Place
 *
 * @typedef {object} Ground
 * @property {string} engine
 * @property {Place} place
 * @property {boolean} isolated
 * @property {string} origin where the server is
 * @property {Abilities} has what the engine is known for, which the suites check
 * @property {boolean} full not only what fits into every `npm test`
 */

/** @type {Ground} */
export const ground = /** @type {any} */ ({});

/** @param {Ground} here */
export function stand(here) {
  Object.assign(ground, here);
}

/**
 * @param {string} name
 * @returns {Promise<Uint8Array<ArrayBuffer>>} the component
 */
export async function guestBytes(name) {
  const response = await fetch(`${ground.origin}/guests/${name}.wasm`);
  if (response.status === 404)
    throw new NotHere(`the guest ${name} is left to npm run test:browsers`);
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * A generated module from its text. Node knows only data URLs, and Bun finds no exports in them.
 * @param {string} text
 */
export async function importText(text) {
  const { node, bun } = globalThis.process?.versions ?? {};
  if (node && !bun)
    return import(`data:text/javascript,${encodeURIComponent(text)}`);
  const blob = new Blob([text], { type: "text/javascript" });
  const url = URL.createObjectURL(blob);
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @param {() => unknown} act */
async function works(act) {
  try {
    return Boolean(await act());
  } catch {
    return false;
  }
}

/** A synchronous handle, made and used: names alone do not tell. */
async function syncHandle() {
  const root = await navigator.storage.getDirectory();
  const name = `probe-${crypto.randomUUID()}`;
  const file = await root.getFileHandle(name, { create: true });
  const handle = await /** @type {any} */ (file).createSyncAccessHandle();
  const written = handle.write(new Uint8Array(3), { at: 0 });
  handle.close();
  await root.removeEntry(name);
  return written === 3;
}

function database() {
  return new Promise((resolve, reject) => {
    const name = `probe-${crypto.randomUUID()}`;
    const opening = indexedDB.open(name, 1);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      opening.result.close();
      indexedDB.deleteDatabase(name);
      resolve(true);
    };
  });
}

async function writable() {
  const root = await navigator.storage.getDirectory();
  const file = await root.getFileHandle("probe-w", { create: true });
  const out = await file.createWritable();
  await out.write("x");
  await out.close();
  const text = await (await file.getFile()).text();
  await root.removeEntry("probe-w");
  return text === "x";
}

/** @returns {Promise<Omit<Abilities, "moduleServiceWorkers">>} found out by using each */
export async function abilities() {
  const twoMemories = [0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0];
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  return {
    jspi: probeJspi(),
    atomics: probeAtomics(),
    wasmAdapters: WebAssembly.validate(new Uint8Array(twoMemories)),
    opfs: await works(syncHandle),
    directoryHandle: await works(writable),
    indexedDb: await works(database),
    hostFiles: typeof fs?.readSync === "function",
  };
}
