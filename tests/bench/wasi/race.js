/**
 * Candidates one after the other, round by round, the best of the rounds; what they do may be asynchronous. Knows no case.
 * @module
 */

/** @import { Row } from '../measure.js' */

/**
 * One pass over a candidate's work: `ops` operations, or phases that time themselves.
 * @typedef {() => void | Promise<void>} Pass
 */

/** Nanoseconds after which a candidate has shown what it can. */
const ENOUGH_NS = 3e9;

/**
 * @param {Record<string, { ops: number, pass: Pass } | undefined>} candidates those that are undefined cannot do it
 * @param {number} rounds
 * @returns {Promise<Row>}
 */
export async function race(candidates, rounds) {
  const all = Object.entries(candidates).flatMap(([name, it]) =>
    it ? [{ name, ...it, best: Infinity, spent: 0 }] : [],
  );
  for (let round = 0; round < rounds; round++)
    for (let i = 0; i < all.length; i++) {
      const it = all[(i + round) % all.length];
      if (round > 0 && it.spent > ENOUGH_NS) continue;
      const start = performance.now();
      await it.pass();
      const ns = (performance.now() - start) * 1e6;
      it.spent += ns;
      it.best = Math.min(it.best, ns / it.ops);
    }
  return Object.fromEntries(all.map(({ name, best }) => [name, { ns: best }]));
}

/** How long a step took, in nanoseconds. @param {() => unknown} step */
export async function timed(step) {
  const start = performance.now();
  await step();
  return (performance.now() - start) * 1e6;
}
