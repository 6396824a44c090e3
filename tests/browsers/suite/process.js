/**
 * Runs parts in Node, Deno or Bun: `process.js ORDER`, JSON of the parts and of what they stand on. Writes a line of JSON
 * for each test, after a byte that nothing else writes.
 * @module
 */
import { writeSync } from "node:fs";
import { stand } from "./ground.js";
import { said } from "./harness.js";
import { runPart } from "./parts.js";

/** @param {object} message */
function tell(message) {
  const line = Buffer.from(`\u0001${JSON.stringify(message)}\n`);
  for (let at = 0; at < line.length;) {
    try {
      at += writeSync(1, line, at);
    } catch (error) {
      if (/** @type {any} */ (error).code !== "EAGAIN") throw error;
    }
  }
}

const { parts, ground } = JSON.parse(process.argv[2]);
stand({ ...ground, place: "process", isolated: false });
for (const part of parts) {
  try {
    await runPart(part, {
      begin: (name) => tell({ part, begin: name }),
      end: (result) => tell({ part, end: result }),
    });
  } catch (error) {
    tell({ part, end: { name: "loading", error: said(error) } });
  }
}
tell({ done: true });
process.exit(0);
