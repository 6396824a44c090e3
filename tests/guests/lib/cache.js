/**
 * Where built guests live, how a build is keyed, and how two processes do not build the same thing twice.
 * Knows nothing of toolchains or of which guests exist.
 * @module
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import {
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative } from "node:path";

/** The folder outside the repository that everything built for the tests goes to. */
export const cacheDir = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "slipway",
  "guests",
);

/** Says what is being done, on stderr, so that stdout stays free for results. @param {string} text */
export function say(text) {
  process.stderr.write(`guests: ${text}\n`);
}

/**
 * Every file below the given paths, as [path, bytes], in an order that does not depend on the file system.
 * @param {string} root @param {string[]} paths relative to `root`
 * @returns {Promise<Array<[string, Buffer]>>}
 */
export async function sources(root, paths) {
  /** @type {Array<[string, Buffer]>} */
  const found = [];
  /** @param {string} path */
  const visit = async (path) => {
    if ((await stat(path)).isDirectory()) {
      const names = (await readdir(path)).filter(
        (n) => n !== "node_modules" && n !== "target" && n !== "__pycache__",
      );
      for (const name of names) await visit(join(path, name));
    } else {
      found.push([
        relative(root, path).replaceAll("\\", "/"),
        await readFile(path),
      ]);
    }
  };
  for (const path of paths) await visit(join(root, path));
  return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** @param {Array<string | [string, Buffer]>} parts @returns {string} 16 hex digits */
export function hash(parts) {
  const h = createHash("sha256");
  for (const part of parts) {
    if (typeof part === "string") h.update(`\0s${part.length}\0${part}`);
    else h.update(`\0f${part[0]}\0${part[1].length}\0`).update(part[1]);
  }
  return h.digest("hex").slice(0, 16);
}

/**
 * Makes `cacheDir/name` once: `make` fills a folder aside, which is renamed into place when it is whole.
 * A second caller, in this process or another, waits for the first.
 * @param {string} name @param {(dir: string) => Promise<void>} make
 * @returns {Promise<string>} the folder
 */
export async function once(name, make) {
  const done = join(cacheDir, name);
  if (existsSync(done)) return done;
  await mkdir(cacheDir, { recursive: true });
  const release = await lock(`${done}.lock`);
  try {
    if (existsSync(done)) return done;
    const aside = `${done}.part`;
    await rm(aside, { recursive: true, force: true });
    await mkdir(aside);
    await make(aside);
    await rename(aside, done);
    return done;
  } finally {
    await release();
  }
}

/**
 * A lock by folder, which creates atomically everywhere; one whose owner has died is taken over.
 * @param {string} path @returns {Promise<() => Promise<void>>}
 */
export async function lock(path) {
  for (let waited = 0; ; waited++) {
    try {
      await mkdir(path);
      await writeFile(join(path, "pid"), String(process.pid));
      return () => rm(path, { recursive: true, force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST")
        throw error;
    }
    const pid = Number(
      await readFile(join(path, "pid"), "utf8").catch(() => "0"),
    );
    // No pid yet: its owner is between the two calls above, or died there; give it five seconds.
    if (pid === 0 ? waited > 50 : !alive(pid))
      await rm(path, { recursive: true, force: true });
    else await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @param {number} pid */
function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/**
 * Runs a program to its end; throws with the end of its output when it fails.
 * @param {string} command @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, input?: string }} [options]
 * @returns {Promise<string>} its stdout
 */
export function run(command, args, { cwd, env, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, RUST_BACKTRACE: "0", ...env },
    });
    /** @type {Buffer[]} */
    const out = [];
    /** @type {Buffer[]} */
    const all = [];
    child.stdout.on("data", (chunk) => (out.push(chunk), all.push(chunk)));
    child.stderr.on("data", (chunk) => all.push(chunk));
    child.on("error", (error) =>
      reject(new Error(`cannot run ${command}: ${error.message}`)),
    );
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(out).toString());
      const tail = Buffer.concat(all)
        .toString()
        .trimEnd()
        .split("\n")
        .slice(-30)
        .join("\n");
      reject(
        new Error(
          `${command} ${args.join(" ")}: ${signal ?? `exit status ${code}`}\n${tail}`,
        ),
      );
    });
    // A program that ends without having read says so by its status; that the pipe broke says nothing more.
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
  });
}

/** @param {string} command @param {string[]} args @param {Parameters<typeof run>[2]} [options] */
export async function tryRun(command, args, options) {
  return run(command, args, options).catch(() => undefined);
}
