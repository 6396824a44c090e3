/**
 * Components of the tests of other rooms, from the text format to a file. Knows none of them.
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { guestTool } from "../guests/lib/toolchains.js";

const folder = fileURLToPath(new URL("../../target/engines", import.meta.url));

/**
 * @param {string} path of a .wat file
 * @returns {Promise<string>} of the component
 */
export async function compiledText(path) {
  mkdirSync(folder, { recursive: true });
  const out = join(folder, basename(path).replace(/wat$/, "wasm"));
  execFileSync(await guestTool(), ["text", path, "-o", out]);
  return out;
}
