/**
 * A visit of a worker to a volume, from which it may not come back.
 * @module
 */

/** Nobody waits longer for anything here: a volume that cannot be mounted is a failure, not a pause. */
const PATIENCE_MS = 60_000;

/**
 * A worker on a volume: tells what it finds there, then churns until it is killed, if it is given a seed.
 * @param {Record<string, unknown>} order
 * @param {number} [at] the commit whose end kills it
 * @returns {Promise<{ found: string, begun: number, done: number }>} commits, as far as was heard
 */
export function visit(order, at) {
  return new Promise((resolve, reject) => {
    const url = new URL("crash-worker.js", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    const told = { found: "", begun: 0, done: 0 };
    const end = () => {
      clearTimeout(late);
      worker.terminate();
      resolve(told);
    };
    const fail = (/** @type {string} */ why) => {
      clearTimeout(late);
      worker.terminate();
      const { name, seed = "none: only to look" } = order;
      reject(new Error(`${name}, seed ${seed}: ${why}`));
    };
    let last = "loading";
    const late = setTimeout(
      () => fail(`silent for ${PATIENCE_MS} ms after ${last}`),
      PATIENCE_MS,
    );
    worker.onerror = (event) => fail(event.message);
    worker.onmessage = ({ data }) => {
      [last] = Object.keys(data);
      if (data.loaded) worker.postMessage(order);
      else if (data.error) fail(data.error);
      else if (data.closed || data.stopped) end();
      else Object.assign(told, data);
      if (data.done === at && at !== undefined) end();
    };
  });
}
