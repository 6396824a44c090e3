/**
 * Node, Deno and Bun: a process that runs parts and writes down how each test went.
 * @module
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** @import { Ground } from '../suite/ground.js' */
/** @import { Result } from '../suite/harness.js' */

const main = fileURLToPath(new URL("../suite/process.js", import.meta.url));
const LIMIT_MS = 600_000;

/**
 * @param {string[]} command the program and what it needs before a script
 * @param {{ parts: string[], ground: Omit<Ground, "place" | "isolated"> }} order
 * @returns {Promise<Map<string, Result[]>>} by part
 */
export async function runInProcess([program, ...args], order) {
  /** @type {Map<string, Result[]>} */
  const results = new Map(order.parts.map((part) => [part, []]));
  let [part, current] = [order.parts[0], "start"];
  let done = false;
  const heard = (/** @type {any} */ message) => {
    if (message.done) done = true;
    part = message.part ?? part;
    current = message.begin ?? current;
    if (message.end) results.get(part)?.push(message.end);
  };
  const { status, said } = await execute(
    program,
    [...args, main, JSON.stringify(order)],
    heard,
  );
  if (!done) {
    const error = `the process ended (${status}) in the middle of this\n${said}`;
    results.get(part)?.push({ name: current, error });
  }
  return results;
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {(message: any) => void} heard each line that is ours
 * @returns {Promise<{ status: number | string, said: string }>}
 */
function execute(program, args, heard) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
    let [rest, said] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        // A guest may have written the beginning of the line.
        const at = line.indexOf("\u0001");
        if (at >= 0) heard(JSON.parse(line.slice(at + 1)));
      }
    });
    child.stderr
      .setEncoding("utf8")
      .on("data", (text) => (said = (said + text).slice(-4000)));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ status: signal ?? code ?? 1, said });
    });
  });
}
