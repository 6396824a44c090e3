/**
 * A worker that is killed in the middle of random operations on a volume, again and again: what it had committed is there,
 * whole, and it goes on from there. What should be there is worked out by the same steps on memory.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { memory } from "@slipway/wasi";
import { removeOpfs } from "@slipway/wasi/opfs";
import { seeded } from "../../shims/fake-disk.js";
import { dump } from "../../shims/fs-steps.js";
import { churn } from "./churn.js";
import { ground } from "./ground.js";
import { visit } from "./crash-visit.js";
import { KEEPS, keepForLater } from "./crash-later.js";

/** Kills of one volume, one after the other, before there is a new one. */
const KILLS = ground.full ? 5 : 3;
/** Volumes at a time: Chromium takes two seconds until a busy worker is dead. */
const LANES = ground.engine === "Chromium" ? 20 : 4;

/** Where memory is shared the worker stops by itself, and its last commit is known. */
const shared = ground.isolated && ground.has.atomics;
/** Else one that was not heard of must be among so many more. */
const UNHEARD = 20;

/** Writes of a worker until it stops: some 1,000 operations at most. */
const WRITES = 1200;
/** In every so many volumes the log is about to be begun anew: these end before or after that. */
const COMPACTING = 4;

/**
 * How a worker dies: stopped at one of its writes, or in the run after one of its commits.
 * @param {number} seed
 * @param {boolean} compact
 * @returns {{ stopAt?: number, at?: number }}
 */
function death(seed, compact) {
  const random = seeded(seed * 7919);
  const running = !shared || (!compact && random.below(4) === 0);
  if (running) return { at: 1 + random.below(40) };
  return { stopAt: 1 + random.below(compact ? 40 : WRITES) };
}

/**
 * What a volume may hold after a run that made commits, of which the last few may not have come to pass.
 * @param {Array<{ seed: number, commits: number }>} history how far the runs before came
 * @param {number} seed
 * @param {number} from the commit that certainly came to pass
 * @param {number} to the last that may have
 */
async function statesOf(history, seed, from, to) {
  const volume = memory();
  for (const { seed: past, commits } of history)
    if (commits > 0) await churn(past, volume, (done) => done === commits);
  const states = from === 0 ? [dump(volume)] : [];
  if (to > 0)
    await churn(seed, volume, (done) => {
      if (done >= from) states.push(dump(volume));
      return done === to;
    });
  return states;
}

/**
 * @param {"opfs" | "indexed-db"} store
 * @param {number} first seed
 */
async function crashes(store, first) {
  const name = `crash-${store}-${first}`;
  const compact =
    store === "opfs" && Math.floor(first / KILLS) % COMPACTING === 1;
  await removeOpfs(name);
  /** @type {Array<{ seed: number, commits: number }>} */
  const history = [];
  let { found } = await visit({ name, store });
  assert.equal(found, "");
  for (let seed = first; seed < first + KILLS; seed++) {
    const counts = shared
      ? new Int32Array(new SharedArrayBuffer(12))
      : undefined;
    const { at, stopAt } = death(seed, compact);
    const order = { name, store, seed, counts, stopAt, compact };
    const heard = await visit(order, at);
    assert.equal(heard.found, found);
    const [begun, done] = counts ?? [heard.begun + UNHEARD, heard.done];
    // In IndexedDB a commit is durable some time after it: an earlier state may be all there is, but a whole one.
    const from = store === "opfs" ? done : 0;
    const states = await statesOf(history, seed, from, begun);
    try {
      // When the volume's lock is ours the other is dead.
      ({ found } = await visit({ name, store }));
    } catch (error) {
      if (!KEEPS || !/does not answer/.test(String(error))) throw error;
      return keepForLater(name, states);
    }
    const state = states.indexOf(found);
    assert.ok(
      state >= 0,
      `seed ${seed}: of ${begun} commits ${done} were done; this is after none of them:\n${found}`,
    );
    history.push({ seed, commits: from + state });
  }
  await removeOpfs(name);
}

/** The better of the two first. */
const stores = /** @type {const} */ ([
  ["opfs", ground.has.opfs],
  ["indexed-db", ground.has.indexedDb],
]).filter(([, there]) => there);

stores.forEach(([store], i) => {
  const all = store === "opfs" || !ground.has.opfs ? 200 : 40;
  const volumes = ground.full ? all / KILLS : i === 0 ? 2 : 0;
  for (let first = 0; first < volumes; first += LANES) {
    const lanes = Math.min(LANES, volumes - first);
    const seeds = Array.from(
      { length: lanes },
      (_, n) => 1 + (first + n) * KILLS,
    );
    const last = seeds[lanes - 1] + KILLS - 1;
    test(
      `${store}: workers are killed, seeds ${seeds[0]} to ${last}`,
      { timeout: 600_000 },
      async () => {
        await Promise.all(seeds.map((seed) => crashes(store, seed)));
      },
    );
  }
});
