/**
 * The table of a conformance run: per suite and folder how many directives passed, of how many.
 * @module
 */

/** @typedef {import("./script.js").Outcome} Outcome */
/** @typedef {{ name: string, files: number, passed: number, failed: number, skipped: number, aside: number }} Row */

/**
 * @param {Map<string, Outcome[]>} outcomes @param {import("./skip.js").Verdict} verdict
 * @returns {Row[]}
 */
export function tally(outcomes, verdict) {
  const skipped = new Set(
    verdict.notPassed.filter((n) => n.skipped).map((n) => n.outcome),
  );
  /** @type {Map<string, Row>} */
  const rows = new Map();
  for (const [key, list] of outcomes) {
    const parts = key.split("/");
    const name = parts.length > 2 ? parts.slice(0, 2).join("/") : parts[0];
    const row = rows.get(name) ?? {
      name,
      files: 0,
      passed: 0,
      failed: 0,
      skipped: 0,
      aside: 0,
    };
    rows.set(name, row);
    row.files++;
    for (const o of list) row[column(o, skipped)]++;
  }
  return [...rows.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @param {Outcome} o @param {Set<Outcome>} skipped @returns {"passed" | "failed" | "skipped" | "aside"} */
function column(o, skipped) {
  if (o.status === "passed") return "passed";
  if (o.status === "text" || o.status === "core") return "aside";
  return skipped.has(o) ? "skipped" : "failed";
}

/** @param {Row[]} rows @returns {string} Markdown */
export function table(rows) {
  const sum = rows.reduce(
    (a, r) => ({
      name: "all",
      files: a.files + r.files,
      passed: a.passed + r.passed,
      failed: a.failed + r.failed,
      skipped: a.skipped + r.skipped,
      aside: a.aside + r.aside,
    }),
    { name: "all", files: 0, passed: 0, failed: 0, skipped: 0, aside: 0 },
  );
  const head =
    "| suite | scripts | passed | failed | skipped | text or core only |\n|---|---:|---:|---:|---:|---:|";
  const lines = [...rows, sum].map(
    (r) =>
      `| ${r.name} | ${r.files} | ${r.passed} | ${r.failed} | ${r.skipped} | ${r.aside} |`,
  );
  return [head, ...lines].join("\n");
}

const BEGIN = "<!-- conformance: written by the run -->";
const END = "<!-- end -->";

/** @param {string} document @param {string} text @returns {string} the document with the text between its markers */
export function intoMarkers(document, text) {
  const [before, rest, ...more] = document.split(BEGIN);
  const [old, after] = rest?.split(END) ?? [];
  if (old === undefined || after === undefined || more.length)
    throw new Error(`expected one ${BEGIN} and one ${END} after it`);
  const tail = rest.slice(old.length);
  return `${before}${BEGIN}\n\n${text}\n\n${tail}`;
}
