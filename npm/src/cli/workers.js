/**
 * `slipway serve --workers`: the same command in several processes at one port, each with event loop and memory of its own.
 * Owns their lives: who takes the place of one that broke down, and how all of them stop. Knows nothing of what they serve.
 * @module
 */
import cluster from "node:cluster";
import { STATUS } from "./http-server.js";

/** @import { Worker } from 'node:cluster' */

/** This process's place among the workers, from 1; undefined for the one that started them. */
export const place = cluster.worker?.id;

/** @param {string} line */
const say = (line) => void process.stderr.write(`slipway: ${line}\n`);

/**
 * Starts a worker.
 * @returns {Promise<{ url: string } | { status: number }>} where it listens, or what it ended with
 */
function start() {
  const worker = cluster.fork();
  return new Promise((resolve) => {
    worker.once("message", ({ url }) => resolve({ url }));
    worker.once("exit", (status) => resolve({ status: status ?? 1 }));
  });
}

/**
 * Starts the workers and stays with them.
 * @param {number} count
 * @param {(url: string) => void} listening
 * @returns {Promise<number>} the exit status
 */
export async function supervise(count, listening) {
  let orders = 0;
  /** @type {Set<number>} */
  const served = new Set();
  cluster.on("message", (worker) => {
    // Its first word, that it listens. Before that it has heard none.
    served.add(worker.id);
    if (orders > 0) worker.send("stop");
  });
  // A terminal's Ctrl-C reaches the workers too; they listen to this process alone.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"]))
    process.on(signal, () => {
      orders++;
      for (const worker of workers()) worker.send("stop");
      if (orders > 1) process.exit(STATUS[signal]);
    });
  // One alone first: what is wrong is said once. The port is theirs together, and stays open while one of them is there.
  const first = await start();
  if ("status" in first) return orders > 0 ? 0 : first.status;
  await Promise.all(Array.from({ length: count - 1 }, start));
  if (orders === 0) listening(first.url);
  return new Promise((done) => {
    const look = () => void (workers().length === 0 && done(orders ? 0 : 1));
    const replace = async () => {
      // One that does not get as far as to listen would not the next time either.
      const next = await start();
      if ("url" in next || orders > 0) return;
      say("no worker can be started any more");
      look();
    };
    cluster.on("exit", (worker, status, signal) => {
      if (orders > 0 || !served.has(worker.id)) return look();
      const how = signal ? `by ${signal}` : `with status ${status}`;
      say(`a worker ended ${how}; another takes its place`);
      void replace();
    });
    look();
  });
}

/** @returns {Worker[]} */
function workers() {
  return Object.values(cluster.workers ?? {}).filter((worker) => !!worker);
}
