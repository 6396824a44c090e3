/**
 * wasmtime as the judge: one process of its PyPI wheel that runs commands one after the other. Knows no guest, and
 * nothing of Slipway.
 * @module
 */
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { cacheDir, once } from "./cache.js";
import { here, venv } from "./toolchains.js";

/**
 * @typedef {object} Task
 * @property {string} component a path
 * @property {string[]} args with the program's name
 * @property {Array<[string, string]>} [env]
 * @property {string} [stdin]
 * @property {Array<[host: string, guest: string, writable: boolean]>} [dirs]
 */
/**
 * @typedef {object} Outcome
 * @property {string} stdout text that was UTF-8
 * @property {string} stderr
 * @property {number | "trap"} status
 * @property {string | null} error what wasmtime says of a trap
 */

/** @typedef {{ run(task: Task): Promise<Outcome>, close(): void }} Wasmtime */

/** Starts it, in an environment of its own in the cache. @returns {Promise<Wasmtime>} */
export async function wasmtime() {
  const python = join(await venv("wasmtime", ["wasmtime==50.0.1"]), "python");
  // A component that was compiled is not compiled again: Python's takes some ten seconds.
  const dir = await once("wasmtime-cache", (out) =>
    writeFile(
      join(out, "settings.toml"),
      `[cache]\ndirectory = ${JSON.stringify(join(cacheDir, "wasmtime"))}\n`,
    ),
  );
  const settings = join(dir, "settings.toml");
  const child = spawn(python, [join(here, "lib/judge.py"), settings], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let noise = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (noise += text));
  // A process that has ended is told of by the lines that do not come.
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[
    Symbol.asyncIterator
  ]();
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();

  /** @param {Task} task @returns {Promise<Outcome>} */
  async function run({ env = [], stdin = "", dirs = [], ...task }) {
    child.stdin.write(`${JSON.stringify({ ...task, env, stdin, dirs })}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`wasmtime ended: ${noise}`);
    const { stdout, stderr, ...rest } = JSON.parse(value);
    return { stdout: utf8(stdout), stderr: utf8(stderr), ...rest };
  }

  return {
    run: (task) => {
      const turn = last.then(() => run(task));
      last = turn.catch(() => {});
      return turn;
    },
    close: () => void child.stdin.end(),
  };
}

/** @param {string} latin1 */
function utf8(latin1) {
  return Buffer.from(latin1, "latin1").toString("utf8");
}
