/**
 * The server that every runtime runs: the guest `rust-http` behind
 * createFetchHandler. What is special to a runtime is given to it.
 * @module
 */
import { createFetchHandler } from "@slipway/wasi/fetch-handler";

/** @import { FetchHandler } from "@slipway/wasi/fetch-handler" */

/**
 * @param {(path: string) => WebAssembly.Module | Promise<WebAssembly.Module>} core
 * @param {(core: any, imports: Record<string, any>) => Promise<Record<string, any>>} instantiate
 * @param {object} [how] more options
 * @returns {FetchHandler}
 */
export function handlerOf(core, instantiate, how = {}) {
  const component = (/** @type {Record<string, any>} */ imports) =>
    instantiate(core, imports);
  return createFetchHandler(component, {
    host: { fetch: { allow: ["127.0.0.1", "localhost"] }, stderr: null },
    ...how,
  });
}
