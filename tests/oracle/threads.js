/**
 * Cases on a thread of their own, so that one that never returns costs itself and no more.
 * @module
 */
import { Worker } from "node:worker_threads";

/** A case that takes longer hangs. */
const PATIENCE_MS = 30_000;

/** @param {string} folder @param {any[]} cases @param {string} adapters @returns {Promise<Map<number, any>>} */
export async function runOurs(folder, cases, adapters) {
  /** @type {Map<number, any>} */
  const results = new Map();
  let left = cases;
  while (left.length > 0) {
    const stuck = await runThread(folder, left, adapters, results);
    if (stuck === undefined) break;
    results.set(stuck, {
      case: stuck,
      error: `took more than ${PATIENCE_MS / 1000} s or ended the thread`,
    });
    left = left.slice(left.findIndex((c) => c.case === stuck) + 1);
  }
  return results;
}

/**
 * @param {string} folder @param {any[]} cases @param {string} adapters @param {Map<number, any>} results
 * @returns {Promise<number | undefined>} the case that never ended
 */
function runThread(folder, cases, adapters, results) {
  const library =
    process.env.ORACLE_BACKEND ??
    new URL("../../npm/src/node.js", import.meta.url).href;
  const worker = new Worker(new URL("./ours.js", import.meta.url), {
    workerData: { folder, cases, adapters, library },
  });
  return new Promise((done) => {
    /** @type {number | undefined} */
    let current = cases[0].case;
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const finish = () => {
      clearTimeout(timer);
      void worker.terminate();
      done(current);
    };
    worker.on("error", (e) => {
      console.error(e);
      finish();
    });
    worker.on("message", (m) => {
      clearTimeout(timer);
      if (m.begin !== undefined) {
        current = m.begin;
        timer = setTimeout(finish, PATIENCE_MS);
      } else if (m.end) results.set(m.end.case, m.end);
      else {
        current = undefined;
        finish();
      }
    });
  });
}
