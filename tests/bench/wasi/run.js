/**
 * The WASI cases in Node, and what they need in browsers as well. Needs JSPI for one of them (Node 24): without it, runs on
 * the Node of tests/runtimes.
 * @module
 */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { guestTool } from "../../guests/lib/toolchains.js";
import { elsewhere } from "../elsewhere.js";
import { jco as peer, scratch, transpileByUs, write } from "../prepare.js";
import { GROUPS, runGroup } from "./groups.js";

/** @import { Row } from '../measure.js' */
/** @import { Settings } from '../run.js' */

export { GROUPS };

/** What both transpilers make of suspend.wat, in a folder. @param {boolean} jco */
export async function prepareWasi(jco) {
  const out = await scratch();
  const wasm = join(out, "suspend.wasm");
  const text = fileURLToPath(new URL("suspend.wat", import.meta.url));
  const run = spawnSync(await guestTool(), ["text", text, "-o", wasm]);
  if (run.status !== 0) throw new Error(String(run.stderr));
  const component = new Uint8Array(await readFile(wasm));
  const ours = await transpileByUs(component, "suspend", {
    asyncImports: ["wait"],
  });
  await write(ours, join(out, "suspend/ours"));
  if (jco) {
    const { transpile } = await peer();
    const { files } = await transpile(component, {
      name: "suspend",
      instantiation: "async",
      noTypescript: true,
      asyncMode: "jspi",
      asyncImports: ["wait"],
      asyncExports: ["run"],
    });
    await write(files, join(out, "suspend/jco"));
  }
  return out;
}

/** @param {Settings} settings @returns {AsyncGenerator<[string, Row]>} */
export async function* wasi({ text, rounds, jco }) {
  if (!("Suspending" in WebAssembly)) {
    yield* elsewhere("wasi", { text, rounds, jco });
    return;
  }
  const made = pathToFileURL(await prepareWasi(jco)).href;
  const read = (/** @type {string} */ url) => readFile(fileURLToPath(url));
  for (const group of GROUPS)
    for (const row of await runGroup(group, { rounds, jco, made, read }))
      if (row[0].includes(text)) yield row;
}
