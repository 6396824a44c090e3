/**
 * `slipway serve` in a process of its own, and clients for what `fetch` hides. Knows no component.
 * @module
 */
import { spawn } from "node:child_process";
import { request } from "node:http";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(
  new URL("../../../npm/src/cli/main.js", import.meta.url),
);

/** Whether a guest here can wait without holding its thread: Node 24. */
export const suspends =
  typeof (/** @type {any} */ (WebAssembly).Suspending) === "function";

/**
 * @typedef {object} Served
 * @property {string} url ends in a slash; empty if it ended before it listened
 * @property {{ stdout: string, stderr: string }} out
 * @property {(text: RegExp) => Promise<void>} says waits for it on stderr
 * @property {Promise<number | null>} ended its exit status
 * @property {(signal?: NodeJS.Signals) => void} stop
 * @property {number} pid
 */

/**
 * A server, once it says where it listens.
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, node?: string[], port?: string }} [how] `node`: options of Node; `port`: instead of a
 *   free one
 * @returns {Promise<Served>}
 */
export async function serve(args, { env, node = [], port = "0" } = {}) {
  const child = spawn(
    process.execPath,
    [...node, MAIN, "serve", "--port", port, ...args],
    { env: { ...process.env, ...env } },
  );
  const out = { stdout: "", stderr: "" };
  /** @type {Set<() => void>} */
  const looking = new Set();
  child.stderr.setEncoding("utf8").on("data", (text) => {
    out.stderr += text;
    for (const look of looking) look();
  });
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => child.on("close", resolve));
  const url = await new Promise((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out.stdout += text;
      const found = /^Serving on (http:\/\/\S+)$/m.exec(out.stdout);
      if (found) resolve(found[1]);
    });
    void ended.then(() => resolve(""));
  });
  const says = (/** @type {RegExp} */ text) =>
    new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
      const look = () => {
        if (!text.test(out.stderr)) return;
        looking.delete(look);
        resolve();
      };
      looking.add(look);
      look();
      void ended.then(() => reject(new Error(`ended: ${out.stderr}`)));
    });
  return {
    url,
    out,
    says,
    ended,
    stop: (signal = "SIGTERM") => void child.kill(signal),
    pid: /** @type {number} */ (child.pid),
  };
}

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {NodeJS.Dict<string>} trailers
 * @property {string} text
 */

/**
 * A request by `node:http`, with trailers and with a body that is written when the test wants it.
 * @param {string | URL} url
 * @param {import('node:http').RequestOptions} [options]
 */
export function ask(url, options = {}) {
  const sent = request(url, options);
  /** @type {Promise<import('node:http').IncomingMessage>} */
  const response = new Promise((resolve, reject) => {
    sent.on("response", resolve).on("error", reject);
  });
  // Whoever waits for the answer is told.
  response.catch(() => {});
  /** @type {() => Promise<Answer>} */
  const answer = async () => {
    const message = await response;
    let text = "";
    for await (const chunk of message.setEncoding("utf8")) text += chunk;
    const { headers, trailers, statusCode: status = 0 } = message;
    return { status, headers, trailers, text };
  };
  return { sent, response, answer };
}
