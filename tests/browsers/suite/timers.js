/**
 * As much of `node:timers/promises` as the suites use.
 * @module
 */

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export { sleep as setTimeout };
