/**
 * The bench's inputs: the guest as a component (by the guests' tool), what ours and jco make of it, and jco itself (peer/, a
 * package of its own). Measures nothing.
 * @module
 */
import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transpile } from "slipway";
import { cacheDir, run } from "../guests/lib/cache.js";
import { guestTool } from "../guests/lib/toolchains.js";

/** @import { Encoding } from './hand/memory.js' */
/** @typedef {[candidate: string, encoding: Encoding][]} Made */

/** @type {Encoding[]} */
const ENCODINGS = ["utf8", "utf16", "compact-utf16"];
const here = dirname(fileURLToPath(import.meta.url));
const dir = join(cacheDir, "..", "bench");

/**
 * @param {Encoding} encoding
 * @returns {Promise<{ component: Uint8Array<ArrayBuffer>, core: Uint8Array<ArrayBuffer> }>}
 */
export async function guest(encoding = "utf8") {
  await mkdir(dir, { recursive: true });
  const core = join(dir, "bench.core.wasm");
  const out = join(dir, `bench.${encoding}.wasm`);
  const tool = await guestTool();
  await run(tool, ["text", join(here, "guest/bench.wat"), "-o", core]);
  const wit = ["--wit", join(here, "guest/bench.wit"), "--world", "bench"];
  await run(tool, ["new", core, ...wit, "--encoding", encoding, "-o", out]);
  const bytes = async (/** @type {string} */ path) =>
    new Uint8Array(await readFile(path));
  return { component: await bytes(out), core: await bytes(core) };
}

/** The folder whose packages are the peer's, installed on first use. */
const peer = join(here, "peer");

export async function installPeer() {
  if (existsSync(join(peer, "node_modules/.package-lock.json"))) return;
  process.stderr.write("bench: installing jco (340 MB, once)\n");
  const quiet = ["ci", "--ignore-scripts", "--loglevel=error"];
  execFileSync("npm", quiet, { cwd: peer, stdio: ["ignore", 2, 2] });
}

/** jco's library. @returns {Promise<{ transpile: (bytes: Uint8Array, options: object) => Promise<{ files: Record<string, Uint8Array> }> }>} */
export async function jco() {
  await installPeer();
  const require = createRequire(join(peer, "package.json"));
  return import(pathToFileURL(require.resolve("@bytecodealliance/jco")).href);
}

/** The script of jco's command. */
export async function jcoCommand() {
  await installPeer();
  return join(peer, "node_modules/.bin/jco");
}

/** The folder of preview2-shim's modules for browsers. */
export async function peerShim() {
  await installPeer();
  return join(
    peer,
    "node_modules/@bytecodealliance/preview2-shim/dist/browser",
  );
}

/** @param {Uint8Array} component @param {string} name */
export async function transpileByJco(component, name) {
  const { transpile } = await jco();
  const { files } = await transpile(component, {
    name,
    instantiation: "async",
    validLiftingOptimization: false,
    noTypescript: true,
  });
  return files;
}

/** @param {Uint8Array} component @param {string} name @param {object} [options] */
export async function transpileByUs(component, name, options) {
  const { files } = await transpile(component, {
    name,
    instantiation: "async",
    typescript: false,
    ...options,
  });
  return files;
}

/**
 * Writes what a transpiler made.
 * @param {Record<string, string | Uint8Array>} files @param {string} out a folder
 */
export async function write(files, out) {
  for (const [path, data] of Object.entries(files)) {
    const to = join(out, path);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, data);
  }
  await writeFile(join(out, "package.json"), '{"type":"module"}');
}

/**
 * Every candidate's output for the bench's world, in one folder: `bench.core.wasm`, `CANDIDATE/ENCODING/bench.js`.
 * @param {boolean} withJco
 * @returns {Promise<{ out: string, made: Made }>}
 */
export async function prepare(withJco) {
  const out = await scratch();
  /** @type {Made} */
  const made = [];
  for (const encoding of ENCODINGS) {
    const { component, core } = await guest(encoding);
    await writeFile(join(out, "bench.core.wasm"), core);
    const name = "bench";
    await write(
      await transpileByUs(component, name),
      join(out, "ours", encoding),
    );
    made.push(["ours", encoding]);
    // jco has no latin1+utf16: it panics, and is of no use in this process from then on.
    if (!withJco || encoding === "compact-utf16") continue;
    await write(
      await transpileByJco(component, name),
      join(out, "jco", encoding),
    );
    made.push(["jco", encoding]);
  }
  return { out, made };
}

/** A folder that goes with the process. */
export async function scratch() {
  const out = await mkdtemp(join(tmpdir(), "slipway-bench-"));
  process.once("exit", () => rmSync(out, { recursive: true, force: true }));
  return out;
}
