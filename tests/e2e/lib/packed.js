/**
 * The packages as users get them: packed, and installed from the tarballs into an empty folder outside of the repository.
 * Knows nothing of what is in them.
 * @module
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, stat, writeFile } from "node:fs/promises";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The published packages, by folder. */
const FOLDERS = ["npm", "shims"];

/**
 * @typedef {object} Installed
 * @property {string} dir the user's folder
 * @property {number} packed bytes of all tarballs
 * @property {number} unpacked bytes of all files that the user now has
 * @property {string[]} packages by name
 */

/** @returns {Promise<Installed>} gone with the process */
export async function install() {
  const place = await mkdtemp(join(tmpdir(), "slipway-packed-"));
  process.once("exit", () => rmSync(place, { recursive: true, force: true }));
  const tarballs = [];
  for (const folder of FOLDERS) {
    const args = ["pack", "--json", "--pack-destination", place];
    const cwd = join(root, folder);
    const { stdout } = await run("npm", args, { cwd, maxBuffer: 1 << 24 });
    // What a script of the package prints comes before.
    const [{ filename }] = JSON.parse(stdout.slice(stdout.search(/^\[/m)));
    tarballs.push(join(place, filename));
  }
  const dir = join(place, "user");
  await mkdir(dir);
  await writeFile(join(dir, "package.json"), '{ "private": true }\n');
  // Offline: they need nothing but each other.
  const quiet = ["--offline", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["install", ...quiet, ...tarballs], { cwd: dir });
  const modules = join(dir, "node_modules");
  const sizes = await Promise.all(tarballs.map((path) => stat(path)));
  return {
    dir,
    packed: sizes.reduce((sum, { size }) => sum + size, 0),
    unpacked: await bytesIn(modules),
    packages: await packagesIn(modules),
  };
}

/** @param {string} folder @returns {Promise<number>} */
async function bytesIn(folder) {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += await bytesIn(path);
    else if (entry.isFile()) sum += (await stat(path)).size;
  }
  return sum;
}

/** @param {string} modules @returns {Promise<string[]>} */
async function packagesIn(modules) {
  const names = [];
  for (const name of await readdir(modules))
    if (name.startsWith("@"))
      for (const child of await readdir(join(modules, name)))
        names.push(`${name}/${child}`);
    else if (!name.startsWith(".")) names.push(name);
  return names.sort();
}
