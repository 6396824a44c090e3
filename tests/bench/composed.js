/**
 * What a call between components costs: through a wasm adapter, through a JavaScript adapter, and beside them a core call
 * from one core instance to another, which nothing can beat. Needs an engine with multi-memory (Node 22).
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transpile } from "slipway";
import { load } from "./prepare.js";

const file = (/** @type {string} */ path) =>
  fileURLToPath(new URL(path, import.meta.url));

/** The loops of composed.wat: how often each calls, and what with. @type {[label: string, name: string, n: number, length?: number][]} */
const LOOPS = [
  ["add(u32, u32)", "far", 2_000_000],
  ["add(u16, u16)", "far-small", 2_000_000],
  ["string, 16 ASCII", "text", 100_000, 16],
  ["string, 1k ASCII", "text", 20_000, 1024],
  ["string, 1k ASCII, from UTF-16", "text16", 20_000, 1024],
  ["1 MB of bytes", "bytes", 50, 1_000_000],
];

/** The component's exports with one form of adapters. @param {Uint8Array} component @param {'wasm' | 'js'} adapters @param {string} out */
async function instance(component, adapters, out) {
  const options = { name: "composed", adapters, typescript: false };
  const { files } = await transpile(component, {
    ...options,
    instantiation: "async",
  });
  const { instantiate, compile } = await load(
    files,
    join(out, adapters),
    "composed",
  );
  return instantiate(compile, {});
}

/** @param {number} rounds @returns {Promise<[label: string, ns: { core: number, wasm: number, js: number }][]>} */
export async function composedFigures(rounds) {
  const out = await mkdtemp(join(tmpdir(), "slipway-bench-"));
  const wasm = join(out, "composed.wasm");
  const cli = file("../../npm/src/cli/main.js");
  const parsed = spawnSync(
    process.execPath,
    [cli, "parse", file("composed.wat"), "-o", wasm],
    { encoding: "utf8" },
  );
  if (parsed.status !== 0) throw new Error(parsed.stderr);
  const component = new Uint8Array(await readFile(wasm));
  const forms = {
    wasm: await instance(component, "wasm", out),
    js: await instance(component, "js", out),
  };
  /** @type {[string, { core: number, wasm: number, js: number }][]} */
  const rows = LOOPS.map(([label]) => [
    label,
    { core: Infinity, wasm: Infinity, js: Infinity },
  ]);
  for (let round = 0; round < rounds; round++)
    LOOPS.forEach(([, name, n, length], i) => {
      const ns = rows[i][1];
      const js = Math.ceil(n / 10);
      // The core call stands beside every loop, so that it has the same neighbours in time.
      ns.core = Math.min(
        ns.core,
        time(() => forms.wasm.near(n), n),
      );
      ns.wasm = Math.min(
        ns.wasm,
        time(() => forms.wasm[camel(name)](n, length), n),
      );
      ns.js = Math.min(
        ns.js,
        time(() => forms.js[camel(name)](js, length), js),
      );
    });
  return rows;
}

/** @param {string} name */
const camel = (name) => name.replace(/-./, (c) => c[1].toUpperCase());

/** Nanoseconds per call. @param {() => unknown} run @param {number} n */
function time(run, n) {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start) / n;
}
