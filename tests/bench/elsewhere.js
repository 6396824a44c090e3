/**
 * A section of the bench that the Node at hand is too old for, on the one of tests/runtimes.
 * @module
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @import { Row } from './measure.js' */

const file = (/** @type {string} */ path) =>
  fileURLToPath(new URL(path, import.meta.url));
const NEWER = file("../runtimes/node_modules/node24/bin/node");

/**
 * @param {string} section
 * @param {{ text: string, rounds: number, jco: boolean }} settings
 * @returns {AsyncGenerator<[string, Row]>}
 */
export async function* elsewhere(section, { text, rounds, jco }) {
  if (!existsSync(NEWER))
    throw new Error(
      `${section}: this Node is too old, and the one of tests/runtimes is not installed (npm run setup)`,
    );
  const args = [file("run.js"), `--${section}`, "--json"];
  args.push("--case", text, "--rounds", String(rounds));
  if (!jco) args.push("--no-jco");
  const { status, stdout, stderr } = spawnSync(NEWER, args, {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  yield* Object.entries(JSON.parse(stdout)[section].table);
}
