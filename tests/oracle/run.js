/**
 * The native oracle: random components, the same calls through wasmtime and through Slipway, equal results and equal traps.
 * `node tests/oracle/run.js --seconds N --seed S`; a case that differs is kept with its text and named by seed and number.
 * It owns the rounds and the comparison; cases come from gen/, the two sides are oracle.py and ours.js.
 * @module
 */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { onCapableEngine } from "../conformance/engine.js";
import { targetFolder } from "../conformance/suite.js";
import { python } from "./python.js";
import { runOurs } from "./threads.js";

const USAGE = `usage: npm run oracle -- [options]
  --seconds N     start no round after so many seconds (default: one round)
  --seed S        default 1; the same seed gives the same cases
  --first N       the first case's number (default 0)
  --cases N       cases per round (default 100)
  --adapters KIND wasm, js or each (default): the form of adapters between components`;

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const { values: args } = parseArgs({
  options: {
    seconds: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    first: { type: "string", default: "0" },
    cases: { type: "string", default: "100" },
    adapters: { type: "string", default: "each" },
    help: { type: "boolean", default: false },
  },
});

if (args.help) console.log(USAGE);
else if (onCapableEngine()) await main();

async function main() {
  const interpreter = python();
  if (!interpreter) {
    console.log("oracle: there is no Python 3 here");
    console.log("0 passed, 0 failed, 1 skipped");
    return;
  }
  const generator = buildGenerator();
  const started = performance.now();
  const counts = { cases: 0, calls: 0, traps: 0, differ: 0 };
  let first = Number(args.first);
  do {
    await round(interpreter, generator, first, counts);
    first += Number(args.cases);
  } while (performance.now() - started < Number(args.seconds) * 1000);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `oracle (seed ${args.seed}, ${seconds} s): ${counts.cases} cases, ${counts.calls} calls, ${counts.traps} of them trapped, ${counts.differ} cases differ`,
  );
  console.log(
    `${counts.cases - counts.differ} passed, ${counts.differ} failed`,
  );
  process.exitCode = counts.differ > 0 || counts.cases === 0 ? 1 : 0;
}

/**
 * @param {string} interpreter @param {string} generator @param {number} first
 * @param {{ cases: number, calls: number, traps: number, differ: number }} counts
 */
async function round(interpreter, generator, first, counts) {
  const folder = join(targetFolder(), "oracle", `seed${args.seed}`);
  rmSync(folder, { recursive: true, force: true });
  execFileSync(generator, [args.seed, String(first), args.cases, folder], {
    stdio: "inherit",
  });
  const cases = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));
  const kinds = args.adapters === "each" ? ["wasm", "js"] : [args.adapters];
  const [theirs, ...ours] = await Promise.all([
    runTheirs(interpreter, folder),
    ...kinds.map((adapters) => runOurs(folder, cases, adapters)),
  ]);
  for (const one of cases) {
    const expected = theirs.get(one.case);
    counts.cases++;
    counts.calls += one.calls.length;
    counts.traps +=
      expected?.calls?.filter((/** @type {any} */ c) => c.trap !== undefined)
        .length ?? 0;
    const differences = kinds.flatMap((kind, i) => {
      const d = difference(expected, ours[i].get(one.case));
      return d ? [`${kind} adapters: ${d}`] : [];
    });
    if (differences.length === 0) continue;
    counts.differ++;
    const kept = join(
      targetFolder(),
      "oracle",
      "differ",
      `${args.seed}-${one.case}`,
    );
    mkdirSync(kept, { recursive: true });
    for (const ext of ["wat", "wasm", "twin.wasm", "wasm.mjs", "js.mjs"]) {
      const file = join(folder, `${one.case}.${ext}`);
      if (existsSync(file)) cpSync(file, join(kept, `case.${ext}`));
    }
    console.log(
      `seed ${args.seed} case ${one.case} (${kept}):\n  ${differences.join("\n  ")}`,
    );
  }
}

/** @param {any} expected @param {any} actual @returns {string | null} */
function difference(expected, actual) {
  if (!expected) return "wasmtime did not get to it";
  if (expected.error) return `wasmtime could not run it: ${expected.error}`;
  if (!actual) return "we did not get to it";
  if (actual.error) return actual.error;
  for (const [i, want] of expected.calls.entries()) {
    const got = actual.calls[i];
    if (want.trap !== undefined && got.trap !== undefined) continue;
    if (JSON.stringify(want) !== JSON.stringify(got)) {
      return `call ${i}: wasmtime ${brief(want)}, ours ${brief(got)}`;
    }
  }
  const [theirs, ours] = [expected.log, actual.log].map((l) =>
    JSON.stringify(l),
  );
  return theirs === ours
    ? null
    : `the host saw ${brief(expected.log)} from wasmtime, ${brief(actual.log)} from ours`;
}

/** @param {unknown} value */
function brief(value) {
  return JSON.stringify(value).slice(0, 600);
}

/** @param {string} interpreter @param {string} folder @returns {Promise<Map<number, any>>} */
function runTheirs(interpreter, folder) {
  const script = fileURLToPath(new URL("./oracle.py", import.meta.url));
  const child = spawn(interpreter, [script, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (t) => (text += t));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", () => {
      const lines = text.split("\n").filter((l) => l.endsWith("}"));
      done(new Map(lines.map((l) => JSON.parse(l)).map((r) => [r.case, r])));
    });
  });
}

function buildGenerator() {
  execFileSync(
    "cargo",
    ["build", "--quiet", "--locked", "--package=slipway-oracle-gen"],
    {
      cwd: root,
      stdio: "inherit",
    },
  );
  return join(targetFolder(), "debug", "slipway-oracle-gen");
}
