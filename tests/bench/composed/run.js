/**
 * What a call between components costs, through a Wasm adapter and through a JavaScript one: composed.wat put together by
 * hand, by us and by jco. Needs an engine with multi-memory (Node 22): without it, runs on the Node of tests/runtimes.
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { guestTool } from "../../guests/lib/toolchains.js";
import { elsewhere } from "../elsewhere.js";
import { measure } from "../measure.js";
import { scratch, transpileByJco, transpileByUs, write } from "../prepare.js";
import { cases } from "./cases.js";
import { instantiate as byHand } from "./hand.js";

/** @import { Row } from '../measure.js' */
/** @import { Settings } from '../run.js' */
/** @import { Modules } from './hand.js' */

const file = (/** @type {string} */ path) =>
  fileURLToPath(new URL(path, import.meta.url));

/** (module (memory 0) (memory 0)) */
const MULTI_MEMORY = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0],
);

/** @param {string} text @param {string} out a file */
async function parse(text, out) {
  const run = spawnSync(await guestTool(), ["text", text, "-o", out]);
  if (run.status !== 0) throw new Error(String(run.stderr));
  return new Uint8Array(await readFile(out));
}

/** An instance of what a transpiler made. @param {Record<string, string | Uint8Array>} files @param {string} out */
async function instance(files, out) {
  await write(files, out);
  const { instantiate } = await import(
    pathToFileURL(join(out, "composed.js")).href
  );
  return instantiate(
    async (/** @type {string} */ path) =>
      WebAssembly.compile(await readFile(join(out, path))),
    {},
  );
}

/** @param {boolean} jco @returns {Promise<Record<'wasm' | 'js', Record<string, any>>>} form of adapter → candidate → loops */
async function candidates(jco) {
  const out = await scratch();
  await mkdir(out, { recursive: true });
  const component = await parse(
    file("composed.wat"),
    join(out, "composed.wasm"),
  );
  const adapter = await parse(file("adapter.wat"), join(out, "adapter.wasm"));
  const ours = {
    wasm: await transpileByUs(component, "composed", { adapters: "wasm" }),
    js: await transpileByUs(component, "composed", { adapters: "js" }),
  };
  // With adapters of JavaScript, the core modules are those of the component in its order.
  const core = (/** @type {string} */ n) =>
    WebAssembly.compile(/** @type {any} */ (ours.js[`composed.core${n}.wasm`]));
  /** @type {Modules} */
  const modules = {
    libc: await core(""),
    callee: await core("2"),
    caller: await core("3"),
    adapter: await WebAssembly.compile(adapter),
  };
  const theirs = jco
    ? await instance(
        await transpileByJco(component, "composed"),
        join(out, "jco"),
      )
    : undefined;
  return {
    wasm: {
      hand: await byHand(modules, "wasm"),
      ours: await instance(ours.wasm, join(out, "wasm")),
      jco: theirs,
    },
    js: {
      hand: await byHand(modules, "js"),
      ours: await instance(ours.js, join(out, "js")),
      jco: theirs,
    },
  };
}

/** @param {Settings} settings @returns {AsyncGenerator<[string, Row]>} */
export async function* composed({ text, rounds, jco, engine }) {
  const titles = cases.map(({ name }) => name);
  const forms = /** @type {const} */ (["wasm", "js"]);
  const title = (/** @type {string} */ name, /** @type {string} */ form) =>
    `${name}, ${form === "wasm" ? "Wasm" : "JavaScript"} adapter`;
  const wanted = forms.flatMap((form) =>
    titles.filter((name) => title(name, form).includes(text)),
  );
  if (wanted.length === 0) return;
  if (!WebAssembly.validate(MULTI_MEMORY)) {
    yield* elsewhere("composed", { text, rounds, jco });
    return;
  }
  const apis = await candidates(jco);
  for (const form of forms)
    for (const [i, { name }] of cases.entries()) {
      if (!title(name, form).includes(text)) continue;
      const row = await measure(
        "./composed/cases.js",
        i,
        apis[form],
        rounds,
        // What a loop in Wasm allocates per call says nothing.
        { gc: engine.gc },
      );
      yield [title(name, form), row];
    }
}
