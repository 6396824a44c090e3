/**
 * Candidates of the call cases, instantiated from prepared files: in Node and on a page alike.
 * @module
 */
import { host } from "./host.js";

/** @import { Encoding } from './hand/memory.js' */
/** @import { Made } from './prepare.js' */

/**
 * @param {Made} made
 * @param {string} base the URL of the prepared folder
 * @param {(url: string) => Promise<BufferSource>} read
 * @returns {Promise<Record<Encoding, Record<string, any>>>} encoding → candidate → the world's api
 */
export async function connect(made, base, read) {
  const compile = async (/** @type {string} */ url) =>
    WebAssembly.compile(await read(url));
  const core = await compile(`${base}/bench.core.wasm`);
  /** @type {Record<string, Record<string, any>>} */
  const apis = {};
  for (const [candidate, encoding] of made) {
    // A copy of the hand-written glue for each encoding, as each has of ours.
    apis[encoding] ??= {
      hand: await (
        await import(`./hand/glue.js?${encoding}`)
      ).instantiate(core, host, encoding),
    };
    const folder = `${base}/${candidate}/${encoding}`;
    const { instantiate } = await import(`${folder}/bench.js`);
    const { api } = await instantiate(
      (/** @type {string} */ path) => compile(`${folder}/${path}`),
      { "bench:perf/host": host },
    );
    apis[encoding][candidate] = api;
  }
  return apis;
}
