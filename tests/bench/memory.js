/**
 * `node --expose-gc tests/bench/memory.js`: heap and Wasm memory after millions of calls and of dropped handles. Flat means
 * that the second half of the work leaves no more behind than the first.
 * @module
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { connect } from "./connect.js";
import { prepare } from "./prepare.js";

const { out, made } = await prepare(false);
const read = (/** @type {string} */ url) => readFile(fileURLToPath(url));
const apis = await connect(made, pathToFileURL(out).href, read);
const api = apis.utf8.ours;

/** @param {string} when */
async function report(when) {
  for (let i = 0; i < 40; i++) {
    await new Promise((done) => setTimeout(done, 5));
    globalThis.gc?.();
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const mb = (/** @type {number} */ n) => `${(n / 1e6).toFixed(2)} MB`;
  console.log(
    `${when.padEnd(44)}heap ${mb(heapUsed)}, buffers ${mb(arrayBuffers)}, rss ${mb(rss)}`,
  );
}

await report("start");
for (const half of ["first", "second"]) {
  for (let i = 0; i < 5_000_000; i++) api.add(i, 1);
  for (let i = 0; i < 200_000; i++) api.echoString("sixteen letters.");
  await report(`${half} 5 million calls of add, 200,000 strings`);
  for (let i = 0; i < 250_000; i++) {
    api.take(new api.Counter(i));
    new api.Counter(i)[Symbol.dispose ?? Symbol.for("dispose")]();
    // Finalizers need turns: a page has them, a loop does not.
    if (i % 10_000 === 0) await new Promise((done) => setTimeout(done));
  }
  await report(`${half} 500,000 handles given away or disposed`);
}
for (const half of ["first", "second"]) {
  for (let i = 0; i < 100_000; i++) {
    new api.Counter(i);
    if (i % 1000 === 0) await new Promise((done) => setTimeout(done));
  }
  await report(`${half} 100,000 handles left to the finalizer`);
}
