/**
 * skip.json: which directives we do not claim, each with its reason. An entry that passes is stale, and stale entries fail
 * the run; a directive that fails and has no entry fails it too.
 *
 * The form: `{ "<suite>/<file>": [{ "lines": [3, 17], "reason": "…" }] }`.
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** @typedef {import("./script.js").Outcome} Outcome */
/** @typedef {{ lines: number[], reason: string }} Entry */
/**
 * @typedef {object} Verdict
 * @property {number} passed
 * @property {number} failed
 * @property {{ key: string, at: string, outcome: Outcome, skipped: string | undefined }[]} notPassed
 * @property {string[]} stale
 */

export class SkipList {
  /** @type {string} */ #path;
  /** @type {Record<string, Entry[]>} */ #files;

  /** @param {string} path */
  constructor(path) {
    this.#path = path;
    this.#files = existsSync(path)
      ? JSON.parse(readFileSync(path, "utf8"))
      : {};
  }

  /** @param {string} key @param {number} line */
  reason(key, line) {
    return this.#files[key]?.find((e) => e.lines.includes(line))?.reason;
  }

  /** @param {Map<string, Outcome[]>} outcomes @param {{ complete: boolean }} settings @returns {Verdict} */
  judge(outcomes, { complete }) {
    /** @type {Verdict} */
    const verdict = { passed: 0, failed: 0, notPassed: [], stale: [] };
    for (const [key, list] of outcomes) {
      for (const outcome of list) {
        const at = `${key}:${outcome.line}`;
        const skipped = this.reason(key, outcome.line);
        if (outcome.status === "passed") {
          verdict.passed++;
          if (skipped) verdict.stale.push(`${at} passes now: take it out`);
        } else if (
          outcome.status === "failed" ||
          outcome.status === "unsupported"
        ) {
          verdict.notPassed.push({ key, at, outcome, skipped });
          if (!skipped) verdict.failed++;
        }
      }
    }
    if (complete) verdict.stale.push(...this.#unknown(outcomes));
    return verdict;
  }

  /** @param {Map<string, Outcome[]>} outcomes */
  #unknown(outcomes) {
    return Object.entries(this.#files).flatMap(([key, entries]) => {
      const lines = new Set(outcomes.get(key)?.map((o) => o.line));
      return entries.flatMap((e) =>
        e.lines
          .filter((l) => !lines.has(l))
          .map((l) => `${key}:${l} is no directive of the suite`),
      );
    });
  }

  /**
   * Writes an entry for what the transpiler refuses by name, and drops what passes now. What fails in any other way keeps
   * its entry if a person wrote one, and gets none here.
   * @param {Map<string, Outcome[]>} outcomes
   */
  bless(outcomes) {
    /** @type {Record<string, Entry[]>} */
    const files = {};
    for (const [key, list] of outcomes) {
      /** @type {Map<string, number[]>} */
      const byReason = new Map();
      for (const { status, line, why } of list) {
        const reason =
          status === "unsupported"
            ? feature(why ?? "")
            : status === "failed"
              ? this.reason(key, line)
              : undefined;
        if (reason)
          byReason.set(reason, [...(byReason.get(reason) ?? []), line]);
      }
      if (byReason.size)
        files[key] = [...byReason].map(([reason, lines]) => ({
          lines,
          reason,
        }));
    }
    this.#files = files;
    const entries = Object.entries(files).map(
      ([key, list]) =>
        `  ${JSON.stringify(key)}: [\n${list.map((e) => `    ${JSON.stringify(e)}`).join(",\n")}\n  ]`,
    );
    writeFileSync(this.#path, `{\n${entries.join(",\n")}\n}\n`);
  }
}

/** @param {string} why the refusal's message, with its offset and place */
function feature(why) {
  return why
    .replace(/^.*?TranspileError: /, "")
    .replace(/ \(?at (offset )?0x[0-9a-f]+.*$/, "")
    .replace(/ at .*$/, "");
}
