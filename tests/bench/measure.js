/**
 * Measures candidates side by side: interleaved round by round in one process, the best of the rounds. Runs in Node and in
 * pages alike; knows no case and no candidate.
 * @module
 */

/** @import { Encoding } from './hand/memory.js' */

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {Encoding} [encoding] of the component that is called; default utf8
 * @property {number} [ops] operations in one run; default 1
 * @property {(api: any) => () => unknown} make
 * @property {unknown} [expect] what a run returns, compared once before anything is timed
 */

/**
 * What one operation took.
 * @typedef {object} Figure
 * @property {number} ns
 * @property {number} [bytes] allocated, where the engine tells
 * @property {string} [note] what else there is to say, in words
 */

/** @typedef {Record<string, Figure>} Row candidate → figure */

/**
 * What an engine offers beside a clock.
 * @typedef {object} Engine
 * @property {() => void} [gc]
 * @property {() => number} [heap] bytes in use
 */

/** Runs that allocate more than this get a clean heap before each batch: else one candidate pays for another. */
const HEAVY = 1 << 14;
/**
 * Where cores are busy with other things, engines are late with their best code: whoever still gains this much gets as many
 * rounds again, and so on, to a limit.
 */
const GAIN = 0.03;
const MOST = 6;
/** A candidate that is so slow that it takes this long has no more to show. */
const ENOUGH_NS = 2e9;
/** What is allocated before the heap is looked at: less than a young generation holds, so that nothing is collected. */
const ROOM = 400_000;

/**
 * @param {string} module beside this one, that exports `cases`
 * @param {number} index of the case in it
 * @param {Record<string, any>} apis candidate → api; one that is undefined cannot do the case
 * @param {number} rounds
 * @param {Engine} engine
 * @returns {Promise<Row>}
 */
export async function measure(module, index, apis, rounds, engine) {
  const one = /** @type {Case} */ ((await import(module)).cases[index]);
  const ops = one.ops ?? 1;
  const runs = [];
  for (const [name, api] of Object.entries(apis)) {
    if (api === undefined) continue;
    // Each candidate has code of its own around it: see clock.js.
    const own = `candidate=${encodeURIComponent(name)}`;
    const { time, calibrate } = await import(`./clock.js?${own}`);
    const { cases } = await import(`${module}?${own}`);
    const run = cases[index].make(api);
    if ("expect" in one) assertSame(run(), one.expect, `${name}: ${one.name}`);
    const n = calibrate(run);
    runs.push({ name, run, time, n, best: Infinity, spent: 0, bytes: NaN });
  }
  const heavy = runs.some(({ run }) => roughly(run, engine) > HEAVY);
  if (heavy) evenOut(runs);
  let gained = 0;
  for (
    let round = 0;
    round < rounds || (round < gained + rounds && round < MOST * rounds);
    round++
  ) {
    // Another order each round: whoever comes second finds caches and heap as the first left them.
    for (let i = 0; i < runs.length; i++) {
      const it = runs[(i + round) % runs.length];
      if (it.spent > ENOUGH_NS && round > 1) continue;
      if (heavy) engine.gc?.();
      const ns = it.time(it.run, it.n);
      it.spent += ns;
      const each = ns / it.n / ops;
      if (each < it.best * (1 - GAIN)) gained = round;
      it.best = Math.min(it.best, each);
    }
  }
  for (const it of runs) it.bytes = allocated(it.run, engine) / ops;
  return Object.fromEntries(
    runs.map(({ name, best, bytes }) => [
      name,
      Number.isNaN(bytes)
        ? { ns: best }
        : { ns: best, bytes: Math.round(bytes) },
    ]),
  );
}

/** A batch of a candidate that allocates a lot is at most so many times longer than that of the fastest. */
const LONGER = 8;

/**
 * The first runs after a collection get memory that the kernel has yet to fill in, the later ones what became free: so all
 * have to run as often.
 * @param {{ n: number }[]} runs
 */
function evenOut(runs) {
  const most = Math.max(...runs.map(({ n }) => n));
  for (const it of runs) it.n = Math.min(most, it.n * LONGER);
}

/** Bytes that a run takes from the heap, not looking twice. @param {() => unknown} run @param {Engine} engine */
function roughly(run, { heap }) {
  if (!heap) return 0;
  const before = heap();
  run();
  return heap() - before;
}

/**
 * Bytes that one run allocates. Nothing is collected on purpose meanwhile: that would also collect the shapes of objects of
 * which none is alive just then, and throw away the code that was compiled for them.
 * @param {() => unknown} run @param {Engine} engine
 */
function allocated(run, { heap }) {
  if (!heap) return NaN;
  /** @param {() => unknown} act @param {number} n */
  const grown = (act, n) => {
    const before = heap();
    for (let i = 0; i < n; i++) act();
    return heap() - before;
  };
  const nothing = () => {};
  const once = Math.max(1, grown(run, 1) - grown(nothing, 1));
  const n = Math.max(1, Math.min(1000, Math.floor(ROOM / once)));
  // The middle of those during which nothing was collected, and the engine itself allocated nothing.
  const tries = Array.from(
    { length: 9 },
    () => grown(run, n) - grown(nothing, n),
  )
    .filter((bytes) => bytes >= 0)
    .sort((a, b) => a - b);
  return (tries[tries.length >> 1] ?? 0) / n;
}

/**
 * Deep equality of what a case gives: values, arrays, typed arrays, plain objects.
 * @param {unknown} got @param {unknown} wanted @param {string} what
 */
function assertSame(got, wanted, what) {
  if (!same(got, wanted)) throw new Error(`${what}: another result`);
}

/** @param {any} a @param {any} b @returns {boolean} */
function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  if (ArrayBuffer.isView(a) !== ArrayBuffer.isView(b)) return false;
  if (ArrayBuffer.isView(a) && a.constructor !== b.constructor) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (a.length !== b.length) return false;
  if (ArrayBuffer.isView(a)) {
    const [x, y] = /** @type {any[]} */ ([a, b]);
    return x.every((/** @type {any} */ v, /** @type {number} */ i) =>
      Object.is(v, y[i]),
    );
  }
  // What is undefined may be absent.
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) if (!same(a[key], b[key])) return false;
  return true;
}

/** @param {number[]} xs the geometric mean, or NaN of none */
export const geomean = (xs) =>
  Math.exp(xs.reduce((a, x) => a + Math.log(x), 0) / xs.length);

/**
 * The ratios that count, of all rows that have both.
 * @param {Row[]} rows
 */
export function summarize(rows) {
  /** @param {string} above @param {string} below */
  const ratios = (above, below) =>
    rows
      .filter((row) => row[above]?.ns > 0 && row[below]?.ns > 0)
      .map((row) => row[above].ns / row[below].ns);
  const overHand = ratios("ours", "hand");
  return {
    oursOverHand: geomean(overHand),
    worst: Math.max(...overHand),
    jcoOverOurs: geomean(ratios("jco", "ours")),
  };
}
