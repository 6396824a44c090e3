/**
 * The loop that is timed. The bench loads a copy of this module, and of the cases, per candidate: in one shared loop the
 * engine would compile the first candidate's calls into it and send all others through a guard that misses.
 * @module
 */

/** The usual step of this engine's clock, which some make coarse on purpose, and uneven. */
function resolution() {
  const steps = [];
  while (steps.length < 9) {
    const start = performance.now();
    let now = start;
    while (now === start) now = performance.now();
    steps.push(now - start);
  }
  return steps.sort((a, b) => a - b)[4];
}

/**
 * Long enough that the clock's step does not show, and short enough that on a busy machine some batches run through without
 * being interrupted.
 */
const BATCH_MS = Math.max(2, 40 * resolution());
/** What an engine needs to see before it compiles for good. */
const WARM_MS = 100;

/** Nanoseconds for `n` runs. @param {() => unknown} run @param {number} n */
export function time(run, n) {
  const start = performance.now();
  for (let i = 0; i < n; i++) run();
  return (performance.now() - start) * 1e6;
}

/** Runs that fill a batch, when the engine is warm. @param {() => unknown} run */
export function calibrate(run) {
  let n = 1;
  for (let spent = 0; ;) {
    const ms = time(run, n) / 1e6;
    spent += ms;
    if (ms < BATCH_MS / 4) n *= 4;
    else if (spent > WARM_MS)
      return Math.max(1, Math.round((n * BATCH_MS) / ms));
  }
}
