/**
 * From what a run found to the table in README.md, between two marks. Owns the words of the table; knows no engine.
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * @import { Engine } from './engines.js'
 * @import { Outcome, Session } from './session.js'
 * @import { Abilities } from './suite/ground.js'
 */

const README = fileURLToPath(new URL("../../README.md", import.meta.url));
const [BEGIN, END] = ["<!-- engines -->", "<!-- /engines -->"];
const COLUMNS = /** @type {const} */ ([
  ...["Files", "Streams, clocks, cli", "Waiting", "Workers", "Components"],
]);

/** @param {Abilities} has @param {boolean} browser */
function waits(has, browser) {
  return [
    has.jspi && "JSPI",
    has.atomics && (browser ? "Atomics¹" : "Atomics"),
    browser && "requests²",
  ]
    .filter(Boolean)
    .join(", ");
}

/** @param {Abilities} has */
function keeps(has) {
  return [
    has.hostFiles && "`node:fs`",
    has.opfs && "OPFS",
    has.indexedDb && "IndexedDB",
    has.directoryHandle && "directory handles",
  ]
    .filter(Boolean)
    .join(", ");
}

/** @param {Outcome[]} outcomes */
function cell(outcomes) {
  const ran = outcomes.filter(({ skip }) => !skip);
  const failed = ran.filter(({ error }) => error).length;
  if (ran.length === 0) return "–";
  return failed ? `**${failed} failed** of ${ran.length}` : `${ran.length}`;
}

/**
 * @param {Engine} engine
 * @param {Session} session
 */
function row(engine, { version, outcomes }) {
  const has = engine.has(parseInt(version));
  const [family] = engine.name.split(" ");
  const short = version.split(".").slice(0, 2).join(".");
  return [
    `${family} ${short}`,
    waits(has, engine.launch !== undefined),
    keeps(has),
    ...COLUMNS.map((column) =>
      cell(outcomes.filter(({ part }) => part.column === column)),
    ),
  ];
}

/**
 * @param {Map<Engine, Session>} sessions of a whole run
 * @returns {string} in Markdown
 */
export function table(sessions) {
  const head = ["engine", "waits by", "keeps files in", ...COLUMNS];
  const rows = [...sessions].map(([engine, session]) => row(engine, session));
  const rule = head.map((_, i) => (i < 3 ? "---" : "---:"));
  return [head, rule, ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** @param {string} line */
const isRow = (line) => line.startsWith("| ");

/** Which engine a row is about: Node's versions have rows of their own. @param {string} row */
const subject = (row) => /^\| (Node \d+|\w+)/.exec(row)?.[1] ?? row;

/**
 * Puts the rows of a run into the table; those of engines that did not run stay.
 * @param {Map<Engine, Session>} sessions
 */
export function writeTable(sessions) {
  const readme = readFileSync(README, "utf8");
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`README.md has no ${BEGIN} … ${END}`);
  const before = readme.slice(0, begin + BEGIN.length);
  const after = readme.slice(end);
  const [head, rule, ...rows] = table(sessions).split("\n");
  const old = readme.slice(begin, end).split("\n").filter(isRow).slice(2);
  const all = new Map([...old, ...rows].map((line) => [subject(line), line]));
  const text = [head, rule, ...all.values()].join("\n");
  writeFileSync(README, `${before}\n\n${text}\n\n${after}`);
}
