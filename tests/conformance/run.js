/**
 * The conformance run: both upstream suites through Slipway, `node tests/conformance/run.js --help`. It owns what is
 * claimed (skip.json), the counting, the table and the exit status.
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { onCapableEngine } from "./engine.js";
import { featuresOf } from "./features.js";
import { runJobs } from "./pool.js";
import { SkipList } from "./skip.js";
import { lowerSuites, targetFolder } from "./suite.js";
import { intoMarkers, table, tally } from "./table.js";
import { trapDiffers } from "./traps.js";

const USAGE = `usage: node tests/conformance/run.js [options] [FILTER …]
  FILTER             only scripts whose suite/path contains one of them (skip.json is then not checked for stale entries)
  --adapters KIND    wasm (default) or js: the form of adapters between components
  --backend FILE     a module with another transpile(bytes, options), to compare
  --jobs N           threads (default 2)
  --table            write the table into the README, between its markers; without it, a README that says otherwise
                     fails the run
  --all              print every directive that did not pass, skipped ones too
  --traps            print what every assert_trap demanded and got
  BLESS=1            rewrite skip.json for what is refused by name`;

const here = dirname(fileURLToPath(import.meta.url));
const README = join(here, "../../README.md");
const { values: args, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    adapters: { type: "string", default: "wasm" },
    backend: { type: "string", default: join(here, "../../npm/src/node.js") },
    jobs: {
      type: "string",
      default: String(Math.min(2, availableParallelism())),
    },
    table: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    traps: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (args.help) {
  console.log(USAGE);
  process.exit(0);
}

if (onCapableEngine()) await main();

async function main() {
  const scripts = lowerSuites().filter(
    (s) =>
      filters.length === 0 ||
      filters.some((f) => `${s.suite}/${s.file}`.includes(f)),
  );
  /** @type {import("./worker.js").Job[]} */
  const jobs = [];
  /** @type {Map<string, import("./script.js").Outcome[]>} */
  const outcomes = new Map();
  for (const { suite, file, json, bin } of scripts) {
    const key = `${suite}/${file}`;
    const lowered = JSON.parse(readFileSync(json, "utf8"));
    if (lowered.error) {
      outcomes.set(key, [
        { line: 1, type: "script", status: "failed", why: lowered.error },
      ]);
      continue;
    }
    const options = {
      name: "component",
      instantiation: "async",
      typescript: false,
      adapters: args.adapters,
      features: featuresOf(suite, lowered.run),
    };
    // wasm-tools never runs its own suite: its components hold functions that would trap, imports nobody gives.
    jobs.push({ key, json, bin, options, lazy: suite === "wasm-tools" });
  }

  const started = performance.now();
  const results = await runJobs(jobs, {
    threads: Number(args.jobs),
    backend: pathToFileURL(args.backend).href,
    out: join(targetFolder(), "conformance", "run", args.adapters),
  });
  for (const [key, list] of results) outcomes.set(key, list);

  for (const list of outcomes.values()) {
    for (const o of list) {
      const why = o.trap && o.status === "passed" && trapDiffers(o.trap);
      if (why) Object.assign(o, { status: "failed", why });
      if (args.traps && o.trap)
        console.log(
          `${JSON.stringify(o.trap[0])} <- ${JSON.stringify(o.trap[1])}`,
        );
    }
  }

  const skips = new SkipList(join(here, "skip.json"));
  if (process.env.BLESS === "1" && filters.length === 0) skips.bless(outcomes);
  const verdict = skips.judge(outcomes, { complete: filters.length === 0 });
  for (const { at, outcome, skipped } of verdict.notPassed) {
    if (!skipped || args.all) {
      console.log(
        `${at}: ${outcome.type}: ${outcome.status}${skipped ? " (skipped)" : ""}: ${outcome.why ?? ""}`,
      );
    }
  }
  for (const stale of verdict.stale) console.log(`skip.json: ${stale}`);

  const rows = tally(outcomes, verdict);
  console.log(table(rows));
  const stale = filters.length === 0 && !readmeSays(table(rows));
  if (stale) console.log("README.md: another table; --table writes this one");
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const failed = verdict.failed + verdict.stale.length + Number(stale);
  console.log(
    `conformance (${args.adapters} adapters, ${seconds} s): ${verdict.passed} passed, ${failed} failed, ${verdict.notPassed.length - verdict.failed} skipped`,
  );
  process.exitCode = failed > 0 || verdict.passed === 0 ? 1 : 0;
}

/**
 * Whether the README has this table between its markers; with `--table` it has it from now on.
 * @param {string} text
 */
function readmeSays(text) {
  const readme = readFileSync(README, "utf8");
  const wanted = intoMarkers(readme, text);
  if (args.table) writeFileSync(README, wanted);
  return args.table || readme === wanted;
}
