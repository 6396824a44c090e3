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

/** Kills of one volume, one after the other, before there is a new one. */
const KILLS = ground.full ? 5 : 3;
/** Volumes at a time: an engine may take two seconds until a busy worker is dead. */
const LANES = 4;

/**
 * A worker on a volume: tells what it finds there, then churns until it is killed, if it is given a seed.
 * @param {object} order
 * @param {number} [at] the commit whose end kills it
 * @returns {Promise<{ found: string, begun: number, done: number }>} commits, as far as was heard
 */
function visit(order, at) {
  return new Promise((resolve, reject) => {
    const url = new URL("crash-worker.js", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    const told = { found: "", begun: 0, done: 0 };
    const end = () => {
      worker.terminate();
      resolve(told);
    };
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }) => {
      if (data.loaded) worker.postMessage(order);
      else if (data.error) reject(new Error(data.error));
      else if (data.closed) end();
      else Object.assign(told, data);
      if (data.done === at && at !== undefined) end();
    };
  });
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

/** Where memory is shared the last commit is known; else one that was not heard of must be among so many more. */
const UNHEARD = 20;

/**
 * @param {"opfs" | "indexed-db"} store
 * @param {number} first seed
 */
async function crashes(store, first) {
  const name = `crash-${store}-${first}`;
  await removeOpfs(name);
  /** @type {Array<{ seed: number, commits: number }>} */
  const history = [];
  let { found } = await visit({ name, store });
  assert.equal(found, "");
  for (let seed = first; seed < first + KILLS; seed++) {
    const counts =
      ground.isolated && ground.has.atomics
        ? new Int32Array(new SharedArrayBuffer(8))
        : undefined;
    const at = 1 + seeded(seed * 7919).below(40);
    const heard = await visit({ name, store, seed, counts }, at);
    assert.equal(heard.found, found);
    // When the volume's lock is ours the other is dead.
    ({ found } = await visit({ name, store }));
    const [begun, done] = counts ?? [heard.begun + UNHEARD, heard.done];
    // In IndexedDB a commit is durable some time after it: an earlier state may be all there is, but a whole one.
    const from = store === "opfs" ? done : 0;
    const states = await statesOf(history, seed, from, begun);
    const state = states.indexOf(found);
    assert.ok(
      state >= 0,
      `seed ${seed}: of ${begun} commits ${done} were done; this is after none of them:\n${found}`,
    );
    history.push({ seed, commits: from + state });
  }
  await removeOpfs(name);
}

/** Now and then nobody can open a database again that a killed worker was writing to, before the page is left. */
const STUCK = "this engine may keep the database of a killed worker";

/** The better of the two first. */
const stores = /** @type {const} */ ([
  ["opfs", ground.has.opfs],
  ["indexed-db", ground.has.indexedDb],
]).filter(([, there]) => there);

stores.forEach(([store], i) => {
  const all = store === "opfs" && ground.engine === "Chromium" ? 200 : 40;
  const volumes = ground.full ? all / KILLS : i === 0 ? 2 : 0;
  for (let first = 0; first < volumes; first += LANES) {
    const lanes = Math.min(LANES, volumes - first);
    const seeds = Array.from({ length: lanes }, (_, n) => (first + n) * KILLS);
    test(
      `${store}: workers are killed, ${seeds[0] + 1} to ${seeds[0] + lanes * KILLS}`,
      {
        skip: ground.engine === "WebKitGTK" && STUCK,
        timeout: 300_000,
      },
      async () => {
        await Promise.all(seeds.map((seed) => crashes(store, seed + 1)));
      },
    );
  }
});
