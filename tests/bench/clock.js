/**
 * The loop that is timed. The bench loads a copy of this module, and of the cases, per candidate: in one shared loop the
 * engine would compile the first candidate's calls into it and send all others through a guard that misses.
 * @module
 */

/** Long enough that a page's coarse clock does not show. */
const BATCH_MS = 8;

/** Nanoseconds for `n` runs. @param {() => unknown} run @param {number} n */
export function time(run, n) {
  const start = performance.now();
  for (let i = 0; i < n; i++) run();
  return (performance.now() - start) * 1e6;
}

/** Runs that fill a batch. @param {() => unknown} run */
export function calibrate(run) {
  let n = 1;
  for (;;) {
    const ms = time(run, n) / 1e6;
    if (ms > BATCH_MS / 4) return Math.max(1, Math.round((n * BATCH_MS) / ms));
    n *= 4;
  }
}
