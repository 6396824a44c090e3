/**
 * Runs in a dedicated worker of a page: programs on an OPFS volume. Answers every message with one. Knows no program.
 * @module
 */
import { wasi } from "@slipway/wasi";
import { opfs } from "@slipway/wasi/opfs";
import { runStep } from "./programs.js";

/** @import { Step } from './programs.js' */

/** @type {Awaited<ReturnType<typeof opfs>> | undefined} */
let volume;
/** @type {Map<string, Promise<(imports: any) => Promise<any>>>} */
const loaded = new Map();

/** @param {string} guest @param {string} url of its module */
function load(guest, url) {
  const made =
    loaded.get(guest) ??
    import(url).then((module) => {
      /** @type {Map<string, Promise<WebAssembly.Module>>} */
      const modules = new Map();
      const get = (/** @type {string} */ path) => {
        const at = new URL(path, new URL(url, location.href));
        const module =
          modules.get(path) ?? WebAssembly.compileStreaming(fetch(at));
        modules.set(path, module);
        return module;
      };
      return (/** @type {any} */ imports) => module.instantiate(get, imports);
    });
  loaded.set(guest, made);
  return made;
}

/** @type {Record<string, (args: any) => Promise<unknown>>} */
const asked = {
  async mount({ name }) {
    // The lock of a worker that was just ended lingers for a moment.
    volume = await opfs(name, { whenLocked: "wait" });
  },
  async unmount() {
    await volume?.close();
  },
  /** @param {{ guest: string, url: string, step: Step }} args */
  async step({ guest, url, step }) {
    const instantiate = await load(guest, url);
    return runStep({ instantiate, wasi, volume }, guest, step);
  },
};

addEventListener("message", async ({ data: { what, ...args } }) => {
  try {
    postMessage({ result: await asked[what](args) });
  } catch (error) {
    const text = /** @type {Error} */ (error).stack ?? String(error);
    postMessage({ error: `${what}: ${text}` });
  }
});
