/**
 * `npm run bench`: ns per operation of glue written by hand, of ours and of jco's, candidates interleaved round by round in
 * one process, best of rounds. What counts is the ratios: never the times, which belong to a machine.
 *
 *   npm run bench -- [--case TEXT] [--rounds N] [--json] [--no-jco] [--transpile | --composed]
 * @module
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { transpile } from "slipway";
import { cases } from "./cases.js";
import { instantiate as byHand } from "./hand.js";
import { guest, load, withJco } from "./prepare.js";
import { composedFigures } from "./composed.js";
import { transpileFigures } from "./transpile.js";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { mkdtemp } from "node:fs/promises";

/** @import { Case } from './cases.js' */

/** @returns {Promise<Record<string, any>>} candidate → the world's api */
async function candidates(/** @type {boolean} */ jco) {
  const { component, core } = await guest();
  const host = { inc: (/** @type {number} */ n) => (n + 1) >>> 0 };
  const imports = { "bench:perf/host": host };
  const out = await mkdtemp(join(tmpdir(), "slipway-bench-"));
  const { files } = await transpile(component, {
    name: "bench",
    instantiation: "async",
    typescript: false,
  });
  const ours = await load(files, out, "bench");
  /** @type {Record<string, any>} */
  const all = {
    hand: await byHand(await WebAssembly.compile(core), host),
    ours: (await ours.instantiate(ours.compile, imports)).api,
  };
  if (jco) {
    const theirs = await withJco(component, "bench");
    all.jco = (await theirs.instantiate(theirs.compile, imports)).api;
  }
  return all;
}

/** @param {Case} one @param {Record<string, any>} apis @param {number} rounds */
async function measure(one, apis, rounds) {
  const runs = [];
  for (const [name, api] of Object.entries(apis)) {
    // Each candidate has code of its own around it: see clock.js.
    const own = `candidate=${encodeURIComponent(name)}`;
    const { time, calibrate } = await import(`./clock.js?${own}`);
    const copy = await import(`./cases.js?${own}`);
    const run = copy.cases[cases.indexOf(one)].make(api);
    const value = run();
    if ("expect" in one)
      assert.deepEqual(value, one.expect, `${name}: ${one.name}`);
    runs.push({ name, run, time, n: calibrate(run), best: Infinity });
  }
  for (let round = 0; round < rounds; round++) {
    // Another order each round: whoever comes second finds caches and heap as the first left them.
    for (let i = 0; i < runs.length; i++) {
      const it = runs[(i + round) % runs.length];
      const ns = it.time(it.run, it.n) / it.n / (one.ops ?? 1);
      it.best = Math.min(it.best, ns);
    }
  }
  const bytes = allocated(
    runs.map(({ run }) => run),
    one.ops ?? 1,
  );
  return Object.fromEntries(
    runs.map(({ name, best }, i) => [name, { ns: best, bytes: bytes[i] }]),
  );
}

/** Heap bytes that one operation allocates. @param {(() => unknown)[]} runs @param {number} ops */
function allocated(runs, ops) {
  return runs.map((run) => {
    const n = 50;
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < n; i++) run();
    return Math.max(
      0,
      Math.round((process.memoryUsage().heapUsed - before) / n / ops),
    );
  });
}

/** @type {() => void} */
let gc = () => {};

/** @param {number[]} xs */
const geomean = (xs) =>
  Math.exp(xs.reduce((a, x) => a + Math.log(x), 0) / xs.length);

async function main() {
  const { values } = parseArgs({
    options: {
      case: { type: "string" },
      rounds: { type: "string", default: "15" },
      json: { type: "boolean", default: false },
      "no-jco": { type: "boolean", default: false },
      transpile: { type: "boolean", default: false },
      composed: { type: "boolean", default: false },
    },
  });
  if (values.composed) {
    const rows = await composedFigures(Number(values.rounds));
    if (values.json)
      console.log(JSON.stringify(Object.fromEntries(rows), null, 2));
    else
      for (const [label, { core, wasm, js }] of rows)
        console.log(
          `${label.padEnd(32)}core call ${core.toFixed(2)} ns   wasm adapter ${wasm.toFixed(2)} ns (${(wasm / core).toFixed(2)})   js adapter ${js.toFixed(2)} ns (${(js / wasm).toFixed(1)} × wasm)`,
        );
    return;
  }
  if (values.transpile) {
    const rows = await transpileFigures();
    if (values.json)
      console.log(JSON.stringify(Object.fromEntries(rows), null, 2));
    else
      for (const [label, figure] of rows)
        console.log(`${label.padEnd(60)}${figure}`);
    return;
  }
  setFlagsFromString("--expose-gc");
  gc = runInNewContext("gc");
  const apis = await candidates(!values["no-jco"]);
  const chosen = cases.filter((c) => c.name.includes(values.case ?? ""));
  if (chosen.length === 0)
    throw new Error(`no case has ${values.case} in its name`);
  /** @type {Record<string, any>} */
  const table = {};
  for (const one of chosen) {
    const row = await measure(one, apis, Number(values.rounds));
    table[one.name] = row;
    if (!values.json) print(one.name, row);
  }
  const rows = Object.values(table);
  const summary = {
    oursOverHand: geomean(rows.map((r) => r.ours.ns / r.hand.ns)),
    worst: Math.max(...rows.map((r) => r.ours.ns / r.hand.ns)),
    jcoOverOurs: values["no-jco"]
      ? null
      : geomean(rows.map((r) => r.jco.ns / r.ours.ns)),
  };
  if (values.json) console.log(JSON.stringify({ table, summary }, null, 2));
  else {
    console.log(
      `\nours ÷ hand: geometric mean ${summary.oursOverHand.toFixed(2)}, worst ${summary.worst.toFixed(2)}`,
    );
    if (summary.jcoOverOurs)
      console.log(
        `jco ÷ ours: geometric mean ${summary.jcoOverOurs.toFixed(1)}`,
      );
  }
}

/** @param {string} name @param {Record<string, { ns: number, bytes: number }>} row */
function print(name, row) {
  const cell = (/** @type {{ ns: number, bytes: number }} */ { ns, bytes }) =>
    `${ns < 100 ? ns.toFixed(1) : Math.round(ns)} ns ${bytes} B`.padStart(20);
  const ratio = (row.ours.ns / row.hand.ns).toFixed(2);
  const jco = row.jco
    ? `${cell(row.jco)}   jco/ours ${(row.jco.ns / row.ours.ns).toFixed(1)}`
    : "";
  console.log(
    `${name.padEnd(28)}${cell(row.hand)}${cell(row.ours)}   ours/hand ${ratio}${jco}`,
  );
}

await main();
