/**
 * What an instance costs: the first one, from bytes to something that can be called (glue imported, core modules compiled),
 * and the 1,000th copy from compiled modules, while the 999 before it are alive.
 * @module
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { host } from "./host.js";
import { prepare } from "./prepare.js";

/** @import { Row } from './measure.js' */
/** @import { Settings } from './run.js' */

const COPIES = 1000;
const FIRST = "first instance";
const LAST = "1,000th copy";

/** Makes an instance; the modules it needs come from `get`. @typedef {(get: (path: string) => any) => Promise<unknown>} Make */

/**
 * @param {string} out the prepared folder
 * @param {string} candidate
 * @returns {{ folder: string, load: (copy: string) => Promise<Make> }}
 */
function candidateOf(out, candidate) {
  const imports = { "bench:perf/host": host };
  if (candidate === "hand")
    return {
      folder: out,
      load: async (copy) => {
        /** @type {typeof import('./hand/glue.js').instantiate} */
        const make = (await import(`./hand/glue.js?${copy}`)).instantiate;
        return async (get) => make(await get("bench.core.wasm"), host, "utf8");
      },
    };
  const folder = join(out, candidate, "utf8");
  return {
    folder,
    load: async (copy) => {
      const url = `${pathToFileURL(join(folder, "bench.js")).href}?${copy}`;
      const { instantiate } = await import(url);
      return (get) => instantiate(get, imports);
    },
  };
}

/** @param {Settings} settings @returns {AsyncGenerator<[string, Row]>} */
export async function* instantiate({ text, rounds, jco, engine }) {
  const wanted = [FIRST, LAST].filter((title) => title.includes(text));
  if (wanted.length === 0) return;
  const { out } = await prepare(jco);
  const names = jco ? ["hand", "ours", "jco"] : ["hand", "ours"];
  const all = names.map((name) => ({ name, ...candidateOf(out, name) }));
  if (wanted.includes(FIRST)) yield [FIRST, await first(all, rounds)];
  if (wanted.includes(LAST)) yield [LAST, await last(all, rounds, engine.gc)];
}

/** @typedef {{ name: string } & ReturnType<typeof candidateOf>} Candidate */

/** @param {Candidate[]} all @param {number} rounds @returns {Promise<Row>} */
async function first(all, rounds) {
  /** @type {Row} */
  const row = {};
  for (let round = 0; round < rounds; round++)
    for (const { name, folder, load } of all) {
      const start = performance.now();
      const make = await load(`first=${round}`);
      await make(async (path) =>
        WebAssembly.compile(await readFile(join(folder, path))),
      );
      best(row, name, performance.now() - start);
    }
  return row;
}

/** @param {Candidate[]} all @param {number} rounds @param {(() => void) | undefined} gc @returns {Promise<Row>} */
async function last(all, rounds, gc) {
  /** @type {Row} */
  const row = {};
  for (const { name, folder, load } of all) {
    const make = await load("copies");
    /** @type {Map<string, WebAssembly.Module>} */
    const modules = new Map();
    await make(async (path) => {
      const bytes = await readFile(join(folder, path));
      const module = await WebAssembly.compile(bytes);
      modules.set(path, module);
      return module;
    });
    const get = (/** @type {string} */ path) => modules.get(path);
    const alive = [];
    while (alive.length < COPIES - 1) alive.push(await make(get));
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      const copy = await make(get);
      best(row, name, performance.now() - start);
      // One takes the place of another, so that each is the 1,000th.
      alive[round] = copy;
    }
    alive.length = 0;
    gc?.();
  }
  return row;
}

/** @param {Row} row @param {string} name @param {number} ms */
function best(row, name, ms) {
  row[name] ??= { ns: Infinity };
  row[name].ns = Math.min(row[name].ns, ms * 1e6);
}
