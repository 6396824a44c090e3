/**
 * One thread of the runner: takes scripts one at a time and posts an outcome per directive, so that a guest which never
 * returns costs its own directive and not the run. It refuses to know what is claimed.
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { ScriptRun } from "./script.js";

/** @typedef {{ key: string, json: string, bin: string, options: object, lazy: boolean }} Job */

const port = /** @type {import("node:worker_threads").MessagePort} */ (
  parentPort
);
const { backend: specifier, out } =
  /** @type {{ backend: string, out: string }} */ (workerData);
const { transpile } = await import(specifier);

port.on("message", async (/** @type {Job} */ job) => {
  const folder = join(out, job.key);
  mkdirSync(folder, { recursive: true });
  const blob = readFileSync(job.bin);
  const { commands } = JSON.parse(readFileSync(job.json, "utf8"));
  const run = new ScriptRun({ transpile, load: loader(folder) }, blob, job);
  for (const command of commands) {
    port.postMessage({ begin: { line: command.line, type: command.type } });
    port.postMessage({ end: await run.run(command) });
  }
  port.postMessage({ done: true });
});
port.postMessage({ ready: true });

/** @param {string} folder @returns {import("./script.js").Backend["load"]} */
function loader(folder) {
  return async (files, key) => {
    const path = join(folder, `${key}.js`);
    const glue = Object.entries(files).filter(([name]) => name.endsWith(".js"));
    if (glue.length !== 1)
      throw new Error(`expected one .js file, got ${Object.keys(files)}`);
    writeFileSync(path, glue[0][1]);
    const { instantiate } = await import(pathToFileURL(path).href);
    /** @type {Map<string, WebAssembly.Module>} */
    const modules = new Map();
    const getCoreModule = (/** @type {string} */ name) => {
      let module = modules.get(name);
      if (!module) {
        const bytes = files[name];
        if (!(bytes instanceof Uint8Array))
          throw new Error(
            `the glue asks for ${name}, which is not among the files`,
          );
        modules.set(
          name,
          (module = new WebAssembly.Module(
            /** @type {BufferSource} */ (bytes),
          )),
        );
      }
      return module;
    };
    return (imports) => instantiate(getCoreModule, imports);
  };
}
