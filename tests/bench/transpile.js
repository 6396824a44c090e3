/**
 * What transpiling and instantiating cost: in process, as a whole command against `node -e 0`, and by size of core code.
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transpile } from "slipway";
import { buildGuest } from "../guests/build.js";
import { guest, load } from "./prepare.js";

const cli = fileURLToPath(
  new URL("../../npm/src/cli/main.js", import.meta.url),
);

/** Best of some runs, in ms. @param {() => unknown} run @param {number} [rounds] */
async function best(run, rounds = 15) {
  let ms = Infinity;
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await run();
    ms = Math.min(ms, performance.now() - start);
  }
  return ms;
}

/** @param {number} n @returns {number[]} LEB128 */
function leb(n) {
  const bytes = [];
  do {
    bytes.push((n & 127) | (n > 127 ? 128 : 0));
    n >>>= 7;
  } while (n > 0);
  return bytes;
}

/** A component of one core module with `count` functions of `size` bytes. @param {number} count @param {number} size */
export function synthetic(count, size) {
  const body = new Uint8Array(size).fill(1); // nops
  body[0] = 0;
  body[size - 1] = 0x0b;
  const entry = [...leb(size)];
  const code = leb(count).length + count * (entry.length + size);
  const functions = leb(count).length + count;
  const head = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0];
  const before = [...head, 3, ...leb(functions), ...leb(count)];
  const between = [10, ...leb(code), ...leb(count)];
  const module =
    before.length + count + between.length + count * (entry.length + size);
  const start = [0, 97, 115, 109, 13, 0, 1, 0, 1, ...leb(module)];
  const bytes = new Uint8Array(start.length + module);
  bytes.set(start);
  bytes.set(before, start.length);
  let at = start.length + before.length + count;
  bytes.set(between, at);
  at += between.length;
  for (let i = 0; i < count; i++) {
    bytes.set(entry, at);
    bytes.set(body, at + entry.length);
    at += entry.length + size;
  }
  return bytes;
}

/** @returns {Promise<[string, string][]>} label and figure */
export async function transpileFigures() {
  /** @type {[string, string][]} */
  const rows = [];
  const path = await buildGuest("js-hello");
  const js = new Uint8Array(await readFile(path));
  const options = { name: "x" };
  const twelve = await best(() => transpile(js, options));
  rows.push([
    `transpile, componentize-js, ${js.length} B, in process`,
    `${twelve.toFixed(2)} ms`,
  ]);
  const copy = await best(() => js.slice());
  rows.push(["  a copy of its bytes (memcpy)", `${copy.toFixed(2)} ms`]);
  /** @type {[number, number][]} functions, bytes of each */
  const shapes = [
    [12_000, 1000],
    [12_000, 3340],
    [40_000, 1000],
  ];
  for (const [count, size] of shapes) {
    const bytes = synthetic(count, size);
    const ms = await best(() => transpile(bytes, options));
    const label = `transpile, made up, ${count} functions, ${bytes.length} B`;
    rows.push([label, `${ms.toFixed(2)} ms`]);
  }

  const out = await mkdtemp(join(tmpdir(), "slipway-bench-"));
  const command = [cli, "transpile", path, "-o", join(out, "cli")];
  const node = (/** @type {string[]} */ args) => () => {
    const { status, stderr } = spawnSync(process.execPath, args);
    if (status !== 0) throw new Error(String(stderr));
  };
  const nothing = await best(node(["-e", "0"]));
  const whole = await best(node(command));
  rows.push(["`node -e 0`, whole process", `${nothing.toFixed(0)} ms`]);
  rows.push([
    "`slipway transpile` of it, whole process",
    `${whole.toFixed(0)} ms, ÷ node -e 0: ${(whole / nothing).toFixed(2)}`,
  ]);

  const { component } = await guest();
  const { files } = await transpile(component, {
    name: "i",
    instantiation: "async",
    typescript: false,
  });
  await writeFile(join(out, "package.json"), '{"type":"module"}');
  const { instantiate, compile } = await load(files, join(out, "i"), "i");
  const modules = new Map();
  for (const file of Object.keys(files).filter((f) => f.endsWith(".wasm")))
    modules.set(file, await compile(file));
  const imports = {
    "bench:perf/host": { inc: (/** @type {number} */ n) => n + 1 },
  };
  const one = () =>
    instantiate((/** @type {string} */ path) => modules.get(path), imports);
  const first = await best(one, 1);
  for (let i = 0; i < 998; i++) await one();
  rows.push([
    "instantiate: first; 1,000th copy",
    `${first.toFixed(2)} ms; ${(await best(one, 1)).toFixed(2)} ms`,
  ]);
  return rows;
}
