/**
 * Runs in a dedicated worker of a page: programs on an OPFS volume. Answers every message with one. Knows no program.
 * @module
 */
import { memory, wasi } from "@slipway/wasi";
import { opfs, removeOpfs } from "@slipway/wasi/opfs";
import { conformanceCase } from "../../guests/lib/conformance.js";
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

/**
 * What a case of the conformance guest prints, and how it ends.
 * @param {(imports: any) => Promise<any>} instantiate
 * @param {string} name
 * @param {any} volume in the place of its first preopen
 * @returns {Promise<string>}
 */
async function transcript(instantiate, name, volume) {
  const { args, env, stdin } = conformanceCase(name);
  const decoder = new TextDecoder();
  let text = "";
  const host = wasi({
    args: name === "" ? args.slice(0, 1) : args,
    env,
    stdin,
    stdout: (bytes) => void (text += decoder.decode(bytes, { stream: true })),
    fs: { "/data": volume, "/other": memory() },
  });
  const exports = await instantiate(host.imports);
  const run = Object.keys(exports).find((key) => /^wasi:cli\/run@/.test(key));
  try {
    await exports[String(run)].run();
  } catch (error) {
    text += `ended by ${/** @type {Error} */ (error).name}\n`;
  }
  return text;
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
  async commit() {
    volume?.commit();
  },
  /** The cases about files that a guest has. @param {{ guest: string, url: string }} args */
  async cases({ guest, url }) {
    const list = await transcript(await load(guest, url), "", memory());
    return list.split("\n").filter((name) => /^(fs|p1|std)-/.test(name));
  },
  /** Lines that differ between memory and a fresh OPFS volume. @param {{ guest: string, url: string, name: string }} args */
  async compare({ guest, url, name }) {
    const instantiate = await load(guest, url);
    const wanted = await transcript(instantiate, name, memory());
    await removeOpfs(guest);
    const fresh = await opfs(guest, { whenLocked: "wait" });
    try {
      const got = (await transcript(instantiate, name, fresh)).split("\n");
      const differing = wanted
        .split("\n")
        .flatMap((line, i) =>
          line === got[i] ? [] : [`${line}\n  on OPFS: ${got[i]}`],
        );
      return { lines: got.length, differing: differing.slice(0, 20) };
    } finally {
      await fresh.close();
    }
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
