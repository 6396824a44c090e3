/**
 * The page's side of the call cases in a browser.
 * @module
 */
import { cases } from "./cases.js";
import { connect } from "./connect.js";
import { measure } from "./measure.js";

/** @import { Made } from './prepare.js' */

/** @type {ReturnType<typeof connect> | undefined} */
let connected;

/** @param {{ made: Made, index: number, rounds: number }} ask */
export async function runCase({ made, index, rounds }) {
  const read = async (/** @type {string} */ url) =>
    (await fetch(url)).arrayBuffer();
  connected ??= connect(made, `${location.origin}/made`, read);
  const apis = (await connected)[cases[index].encoding ?? "utf8"];
  const { gc } = /** @type {{ gc?: () => void }} */ (globalThis);
  return measure("./cases.js", index, apis, rounds, { gc });
}
