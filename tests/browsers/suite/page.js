/**
 * Runs parts on a page, or in a worker of it.
 * @module
 */
import { stand } from "./ground.js";
import { said } from "./harness.js";
import { runPart } from "./parts.js";

/**
 * @import { Ground } from './ground.js'
 * @import { Result } from './harness.js'
 *
 * @typedef {object} Order
 * @property {string} part
 * @property {boolean} inWorker
 * @property {Omit<Ground, "place">} ground
 */

/** A worker that says nothing for so long hangs: longer than a test may take. */
const SILENCE_MS = 90_000;

/**
 * @param {Order} order
 * @returns {Promise<Result[]>}
 */
export async function run({ part, inWorker, ground }) {
  if (inWorker) return runInWorker(part, ground);
  stand({ ...ground, place: "page" });
  try {
    return await runPart(part);
  } catch (error) {
    return [{ name: "loading", error: said(error) }];
  }
}

/**
 * @param {string} part
 * @param {Order["ground"]} ground
 * @returns {Promise<Result[]>}
 */
function runInWorker(part, ground) {
  return new Promise((resolve) => {
    /** @type {Result[]} */
    const results = [];
    let current = "loading";
    const url = new URL("worker.js", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    const finish = (/** @type {string} */ error = "") => {
      clearTimeout(id);
      worker.terminate();
      if (error) results.push({ name: current, error });
      resolve(results);
    };
    const late = () => finish(`silent for ${SILENCE_MS} ms`);
    let id = setTimeout(late, SILENCE_MS);
    worker.onerror = (event) =>
      finish(`worker: ${event.message ?? "it does not load"}`);
    worker.onmessage = ({ data }) => {
      clearTimeout(id);
      id = setTimeout(late, SILENCE_MS);
      if (data.loaded) worker.postMessage({ part, ground });
      if (data.begin) current = data.begin;
      if (data.end) results.push(data.end);
      if (data.done) finish();
    };
  });
}
