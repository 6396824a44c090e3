/**
 * The suite's server in workerd, which compiles nothing: core modules are imported,
 * and `instantiate` is handed them.
 * @module
 */
// @ts-expect-error what stands there is made when the test runs
import { instantiate } from "slipway-test:guest";
// @ts-expect-error likewise
import cores from "slipway-test:cores";
import { handlerOf } from "./program.js";

/** @type {ReturnType<typeof handlerOf> | undefined} */
let handler;

export default {
  /**
   * @param {Request} request
   * @param {unknown} _env
   * @param {any} context
   */
  fetch(request, _env, context) {
    handler ??= handlerOf((path) => cores[path], instantiate);
    return handler(request, context);
  },
};
