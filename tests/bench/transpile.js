/**
 * What transpiling costs: in process, by size of the component, beside a copy of its bytes; and as a whole command, beside
 * `node -e 0`.
 * @module
 */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transpile } from "slipway";
import { buildGuest } from "../guests/build.js";
import { jco as peer, jcoCommand, scratch } from "./prepare.js";

/** @import { Row } from './measure.js' */
/** @import { Settings } from './run.js' */

const cli = fileURLToPath(
  new URL("../../npm/src/cli/main.js", import.meta.url),
);

/** Rounds of what takes seconds. */
const FEW = 3;
const SLOW_NS = 2e8;

/** @param {number} n @returns {number[]} LEB128 */
function leb(n) {
  const bytes = [];
  do {
    bytes.push((n & 127) | (n > 127 ? 128 : 0));
    n >>>= 7;
  } while (n > 0);
  return bytes;
}

/** A component of one core module with `count` functions of `size` bytes. @param {number} count @param {number} size */
export function synthetic(count, size) {
  const body = new Uint8Array(size).fill(1); // nops
  body[0] = 0;
  body[size - 1] = 0x0b;
  const entry = [...leb(size)];
  const code = leb(count).length + count * (entry.length + size);
  const functions = leb(count).length + count;
  const head = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0];
  const before = [...head, 3, ...leb(functions), ...leb(count)];
  const between = [10, ...leb(code), ...leb(count)];
  const module =
    before.length + count + between.length + count * (entry.length + size);
  const start = [0, 97, 115, 109, 13, 0, 1, 0, 1, ...leb(module)];
  const bytes = new Uint8Array(start.length + module);
  bytes.set(start);
  bytes.set(before, start.length);
  let at = start.length + before.length + count;
  bytes.set(between, at);
  at += between.length;
  for (let i = 0; i < count; i++) {
    bytes.set(entry, at);
    bytes.set(body, at + entry.length);
    at += entry.length + size;
  }
  return bytes;
}

/** @param {string} name @returns {Promise<Uint8Array<ArrayBuffer>>} */
async function guestBytes(name) {
  return new Uint8Array(await readFile(await buildGuest(name)));
}

/** Components by what they are called in the table. @type {[title: string, bytes: () => Promise<Uint8Array> | Uint8Array][]} */
const INPUTS = [
  ["transpile: greet(string)", () => guestBytes("wat-greet")],
  ["transpile: JavaScript library, 12 MB", () => guestBytes("js-hello")],
  ["transpile: 12,000 functions, 12 MB", () => synthetic(12_000, 1000)],
  ["transpile: 12,000 functions, 40 MB", () => synthetic(12_000, 3340)],
  ["transpile: 40,000 functions, 40 MB", () => synthetic(40_000, 1000)],
];

/** @param {Settings} settings @returns {AsyncGenerator<[string, Row]>} */
export async function* transpiling({ text, rounds, jco }) {
  const options = { name: "x" };
  const theirs = jco ? await peer() : undefined;
  for (const [title, input] of INPUTS) {
    if (!title.includes(text)) continue;
    const bytes = await input();
    // Into room that is there: what a new copy each time would leave behind is collected at others' expense.
    const room = new Uint8Array(bytes.length);
    /** @type {Candidates} */
    const runs = {
      copy: () => room.set(bytes),
      ours: () => transpile(bytes, options),
    };
    if (theirs) runs.jco = () => theirs.transpile(bytes, { ...options });
    yield [title, await bestOf(runs, rounds)];
  }
  const title = "command: JavaScript library, 12 MB";
  if (!title.includes(text)) return;
  const path = await buildGuest("js-hello");
  const out = await scratch();
  const node =
    (/** @type {string[]} */ ...args) =>
    () => {
      const { status, stderr } = spawnSync(process.execPath, args);
      if (status !== 0) throw new Error(String(stderr));
    };
  /** @type {Candidates} */
  const runs = {
    "node -e 0": node("-e", "0"),
    ours: node(cli, "transpile", path, "-o", join(out, "ours")),
  };
  if (jco)
    runs.jco = node(
      await jcoCommand(),
      "transpile",
      path,
      "-o",
      join(out, "jco"),
    );
  const row = await bestOf(runs, rounds);
  yield [
    `${title}; ours is ${(row.ours.ns / row["node -e 0"].ns).toFixed(2)} × node -e 0`,
    row,
  ];
}

/** @typedef {Record<string, () => unknown>} Candidates */

/** Interleaved, the best of the rounds. @param {Candidates} runs @param {number} rounds @returns {Promise<Row>} */
async function bestOf(runs, rounds) {
  /** @type {Row} */
  const row = {};
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of Object.entries(runs)) {
      if (round >= FEW && row[name].ns > SLOW_NS && name === "jco") continue;
      const start = performance.now();
      await run();
      const ns = (performance.now() - start) * 1e6;
      row[name] = { ns: Math.min(row[name]?.ns ?? Infinity, ns) };
    }
  return row;
}
