/**
 * Runs one group of the WASI cases in a dedicated worker of a browser, where synchronous files are.
 * @module
 */
import { runGroup } from "./groups.js";

self.onmessage = async ({ data: { group, ...ask } }) => {
  const read = async (/** @type {string} */ url) =>
    (await fetch(url)).arrayBuffer();
  try {
    const made = `${location.origin}/made`;
    postMessage({ rows: await runGroup(group, { ...ask, made, read }) });
  } catch (error) {
    const why = /** @type {any} */ (error)?.stack ?? error;
    postMessage({ error: `${group}: ${why}` });
  }
};
