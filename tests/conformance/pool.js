/**
 * A few worker threads that share a list of scripts. A directive that takes too long ends its thread: the directive has
 * failed, the rest of its script was not reached, and a new thread takes the next script.
 * @module
 */
import { Worker } from "node:worker_threads";

/** Far more than any directive of the suites needs on a loaded machine. */
const PATIENCE_MS = 60_000;

/** @typedef {import("./script.js").Outcome} Outcome */
/** @typedef {{ threads: number, backend: string, out: string }} Settings */

/**
 * @param {import("./worker.js").Job[]} jobs @param {Settings} settings
 * @returns {Promise<Map<string, Outcome[]>>}
 */
export async function runJobs(jobs, settings) {
  /** @type {Map<string, Outcome[]>} */
  const results = new Map();
  const queue = [...jobs];
  const lanes = Array.from(
    { length: Math.max(1, settings.threads) },
    async () => {
      /** @type {Worker | undefined} */
      let worker;
      for (let job = queue.shift(); job; job = queue.shift()) {
        worker ??= await start(settings);
        const { outcomes, alive } = await runJob(worker, job);
        results.set(job.key, outcomes);
        if (!alive) {
          await worker.terminate();
          worker = undefined;
        }
      }
      await worker?.terminate();
    },
  );
  await Promise.all(lanes);
  return new Map(jobs.map(({ key }) => [key, results.get(key) ?? []]));
}

/** @param {Settings} settings @returns {Promise<Worker>} */
function start(settings) {
  const worker = new Worker(new URL("./worker.js", import.meta.url), {
    workerData: settings,
  });
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", () => {
      worker.off("error", reject);
      resolve(worker);
    });
  });
}

/**
 * @param {Worker} worker @param {import("./worker.js").Job} job
 * @returns {Promise<{ outcomes: Outcome[], alive: boolean }>}
 */
function runJob(worker, job) {
  /** @type {Outcome[]} */
  const outcomes = [];
  return new Promise((resolve) => {
    /** @type {{ line: number, type: string } | undefined} */
    let current;
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const finish = (/** @type {boolean} */ alive) => {
      clearTimeout(timer);
      worker.off("message", onMessage).off("error", onError);
      resolve({ outcomes, alive });
    };
    const abandon = (/** @type {string} */ why) => {
      const { line, type } = current ?? { line: 1, type: "script" };
      outcomes.push({ line, type, status: "failed", why });
      finish(false);
    };
    const onError = (/** @type {Error} */ e) =>
      abandon(`the thread died: ${e.stack ?? e}`);
    const onMessage = (/** @type {any} */ message) => {
      clearTimeout(timer);
      if (message.done) return finish(true);
      if (message.begin) {
        current = message.begin;
        timer = setTimeout(
          () =>
            abandon(
              `took more than ${PATIENCE_MS / 1000} s; the rest was not reached`,
            ),
          PATIENCE_MS,
        );
      }
      if (message.end) outcomes.push(message.end);
    };
    worker.on("message", onMessage).on("error", onError);
    worker.postMessage(job);
  });
}
