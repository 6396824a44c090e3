/**
 * The WASI cases in groups, each to be run in a place of its own: a process, or a worker of a page.
 * @module
 */
import { inMemory, inOpfs, manyInMemory, manyInOpfs } from "./files.js";
import { readyPoll, stdout, suspension } from "./plain.js";

/** @import { Row } from '../measure.js' */

/**
 * @typedef {object} Ask
 * @property {number} rounds
 * @property {boolean} jco
 * @property {string} made URL of what was prepared
 * @property {(url: string) => Promise<BufferSource>} read
 */

/** @type {Record<string, (ask: Ask) => Promise<[string, Row][]>>} */
const groups = {
  async plain(ask) {
    const rows = [
      ["stdout: 64-byte write", await stdout(ask)],
      ["poll of one that is ready", await readyPoll(ask)],
      ["one suspension", await suspension(ask)],
    ];
    return /** @type {[string, Row][]} */ (rows.filter(([, row]) => row));
  },
  memory: inMemory,
  opfs: inOpfs,
  "many files in memory": manyInMemory,
  "many files in OPFS": manyInOpfs,
};

export const GROUPS = Object.keys(groups);

/** @param {string} group @param {Ask} ask */
export function runGroup(group, ask) {
  return groups[group](ask);
}
