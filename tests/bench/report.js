/**
 * Prints rows as they come, the ratios of each and of all; or everything at the end as JSON. Measures nothing.
 * @module
 */
import { summarize } from "./measure.js";

/** @import { Figure, Row } from './measure.js' */

export class Report {
  rows = 0;
  #json;
  /** @type {Record<string, { table: Record<string, Row>, summary: object }>} */
  #all = {};

  /** @param {boolean} json */
  constructor(json) {
    this.#json = json;
  }

  /** @param {string} name @param {AsyncIterable<[string, Row]>} rows */
  async section(name, rows) {
    /** @type {Record<string, Row>} */
    const table = {};
    for await (const [title, row] of rows) {
      this.rows++;
      if (Object.keys(table).length === 0) this.#say(`\n${name}`);
      table[title] = row;
      this.#say(line(title, row));
    }
    const all = Object.values(table);
    if (all.length === 0) return;
    const summary = summarize(all);
    this.#all[name] = { table, summary };
    const { oursOverHand, worst, jcoOverOurs } = summary;
    if (!Number.isNaN(oursOverHand))
      this.#say(
        `ours ÷ hand: geometric mean ${oursOverHand.toFixed(2)}, worst ${worst.toFixed(2)}`,
      );
    if (!Number.isNaN(jcoOverOurs))
      this.#say(`jco ÷ ours: geometric mean ${jcoOverOurs.toFixed(1)}`);
  }

  end() {
    if (this.#json) console.log(JSON.stringify(this.#all, null, 2));
  }

  /** @param {string} text */
  #say(text) {
    if (!this.#json) console.log(text);
  }
}

/** @param {string} title @param {Row} row */
function line(title, row) {
  const cells = Object.entries(row).map(([name, figure]) =>
    `${name} ${cell(figure)}`.padEnd(26),
  );
  const { hand, raw, ours, jco } = row;
  /** @param {string} label @param {Figure} [above] @param {Figure} [below] @param {number} [digits] */
  const ratio = (label, above, below, digits = 2) =>
    above && below && below.ns > 0
      ? [`${label} ${(above.ns / below.ns).toFixed(digits)}`]
      : [];
  const ratios = [
    ...ratio("raw/ours", raw, ours),
    ...ratio("ours/hand", ours, hand),
    ...ratio("jco/ours", jco, ours, 1),
  ];
  return `  ${title.padEnd(52)}${cells.join("")}${ratios.join("   ")}`;
}

/** @param {Figure} figure */
function cell({ ns, bytes, note }) {
  const time =
    ns < 100
      ? `${ns.toFixed(1)} ns`
      : ns < 1e5
        ? `${Math.round(ns)} ns`
        : ns < 1e7
          ? `${(ns / 1e3).toFixed(0)} µs`
          : `${(ns / 1e6).toFixed(0)} ms`;
  if (note) return `${time} (${note}) `;
  return bytes === undefined ? time : `${time} ${bytes} B`;
}
