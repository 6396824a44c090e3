/**
 * `node --expose-gc tests/bench/memory.js`: heap and Wasm memory after millions of calls and of dropped handles. Flat means
 * that the last pass over the same work leaves no more behind than the one before it; if it does, the exit status is 1.
 * @module
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { connect } from "./connect.js";
import { prepare } from "./prepare.js";

/** Bytes by which passes may differ for reasons of the engine's own. */
const SLACK = 300_000;

const { gc } = /** @type {{ gc?: () => void }} */ (globalThis);
if (!gc) throw new Error("node --expose-gc tests/bench/memory.js");
const { out, made } = await prepare(false);
const read = (/** @type {string} */ url) => readFile(fileURLToPath(url));
const apis = await connect(made, pathToFileURL(out).href, read);
const api = apis.utf8.ours;
const dispose = /** @type {typeof Symbol.dispose} */ (
  Symbol.dispose ?? Symbol.for("dispose")
);

/** Finalizers need turns: a page has them, a loop does not. @param {number} [ms] */
const turn = (ms) => new Promise((done) => setTimeout(done, ms));

/** @param {string} when @returns {Promise<number>} bytes in use */
async function report(when) {
  for (let i = 0; i < 40; i++) {
    await turn(5);
    gc?.();
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const mb = (/** @type {number} */ n) => `${(n / 1e6).toFixed(2)} MB`;
  console.log(
    `${when.padEnd(50)}heap ${mb(heapUsed)}, buffers ${mb(arrayBuffers)}, rss ${mb(rss)}`,
  );
  return heapUsed + arrayBuffers;
}

/**
 * @param {string} title
 * @param {number} passes
 * @param {() => unknown} work
 */
async function flat(title, passes, work) {
  const after = [];
  for (let pass = 1; pass <= passes; pass++) {
    await work();
    after.push(await report(`${title}, pass ${pass}`));
  }
  const [before, last] = after.slice(-2);
  if (last - before <= SLACK) return;
  console.log(`  not flat: ${last - before} bytes more`);
  process.exitCode = 1;
}

await report("start");
await flat("5 million calls of add, 200,000 strings", 2, () => {
  for (let i = 0; i < 5_000_000; i++) api.add(i, 1);
  for (let i = 0; i < 200_000; i++) api.echoString("sixteen letters.");
});
await flat("500,000 handles given away or disposed", 2, async () => {
  for (let i = 0; i < 250_000; i++) {
    api.take(new api.Counter(i));
    new api.Counter(i)[dispose]();
    if (i % 10_000 === 0) await turn();
  }
});
// The table of a FinalizationRegistry grows with the first passes and stays, whoever uses it: V8 keeps the room.
await flat("100,000 handles left to the finalizer", 4, async () => {
  for (let i = 0; i < 100_000; i++) {
    new api.Counter(i);
    if (i % 1000 === 0) await turn();
  }
});
