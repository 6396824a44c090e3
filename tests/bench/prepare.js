/**
 * The bench's inputs: the guest as a component (by the guests' tool) and jco (from npm, into the cache; never a dependency of
 * the project, because it is 340 MB).
 * @module
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { cacheDir, run } from "../guests/lib/cache.js";
import { guestTool } from "../guests/lib/toolchains.js";

export const JCO_VERSION = "1.35.0";
const here = dirname(fileURLToPath(import.meta.url));
const dir = join(cacheDir, "..", "bench");

/**
 * @param {"utf8" | "utf16" | "compact-utf16"} encoding
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

/** The folder that holds jco, installed on first use. @returns {Promise<string>} */
export async function jcoFolder() {
  const folder = join(dir, `jco-${JCO_VERSION}`);
  if (existsSync(folder)) return folder;
  process.stderr.write(
    `bench: installing @bytecodealliance/jco ${JCO_VERSION} (once)\n`,
  );
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  const dependencies = { "@bytecodealliance/jco": JCO_VERSION };
  await writeFile(
    join(part, "package.json"),
    JSON.stringify({ private: true, dependencies }),
  );
  const quiet = ["install", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", quiet, { cwd: part, stdio: ["ignore", 2, 2] });
  await rename(part, folder);
  return folder;
}

/**
 * jco's output for a component, as a module with `instantiate`.
 * @param {Uint8Array} component @param {string} name
 */
export async function withJco(component, name) {
  const folder = await jcoFolder();
  const entry = join(folder, "node_modules/@bytecodealliance/jco/src/api.js");
  const dist = join(folder, "node_modules/@bytecodealliance/jco/dist/api.js");
  const { transpile } = await import(
    pathToFileURL(existsSync(dist) ? dist : entry).href
  );
  const { files } = await transpile(component, {
    name,
    instantiation: "async",
    validLiftingOptimization: false,
  });
  return load(files, join(folder, "out"), name);
}

/**
 * Writes files and imports the module among them.
 * @param {Record<string, string | Uint8Array> | [string, Uint8Array][]} files @param {string} out @param {string} name
 */
export async function load(files, out, name) {
  const entries = Array.isArray(files) ? files : Object.entries(files);
  for (const [path, data] of entries) {
    const to = join(out, path);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, data);
  }
  await writeFile(join(out, "package.json"), '{"type":"module"}');
  const { instantiate } = await import(
    pathToFileURL(join(out, `${name}.js`)).href
  );
  const compile = async (/** @type {string} */ path) =>
    WebAssembly.compile(await readFile(join(out, path)));
  return { instantiate, compile };
}
