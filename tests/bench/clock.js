/**
 * The loop that is timed. The bench loads a copy of this module, and of the cases, per candidate: in one shared loop the
 * engine would compile the first candidate's calls into it and send all others through a guard that misses.
 * @module
 */

const BATCH_NS = 8e6;

/** Nanoseconds for `n` runs. @param {() => unknown} run @param {number} n */
export function time(run, n) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < n; i++) run();
  return Number(process.hrtime.bigint() - start);
}

/** Runs that fill a batch. @param {() => unknown} run */
export function calibrate(run) {
  let n = 1;
  for (;;) {
    const ns = time(run, n);
    if (ns > BATCH_NS / 4) return Math.max(1, Math.round((n * BATCH_NS) / ns));
    n *= 4;
  }
}
