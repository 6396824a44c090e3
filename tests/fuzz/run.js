/**
 * Fuzzing: `npm run fuzz -- --seconds N`. Half of the time bytes go through the transpiler (driver/, which judges panics, time,
 * memory, determinism), half of it hostile guests run behind generated glue, where nothing but a value of the declared
 * type or a Trap may come out. It owns the corpus, the watch over the driver and the counting.
 * @module
 */
import { execFileSync, spawn } from "node:child_process";
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { onCapableEngine } from "../conformance/engine.js";
import { lowerSuites, targetFolder } from "../conformance/suite.js";
import { runOurs } from "../oracle/threads.js";

const USAGE = `usage: npm run fuzz -- [options]
  --seconds N   how long (default: a fixed number of inputs, a few seconds)
  --seed S      default 1; inputs and guests depend on it alone
  --only WHAT   bytes or glue`;

/** What a run without --seconds does: the gate's slice. */
const SLICE = { inputs: 40_000, guests: 150 };
const HANGS_MS = 30_000;
const GUESTS_PER_ROUND = 150;

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const work = join(targetFolder(), "fuzz");
const { values: args } = parseArgs({
  options: {
    seconds: { type: "string" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (args.help) console.log(USAGE);
else if (onCapableEngine()) await main();

async function main() {
  mkdirSync(join(work, "failed"), { recursive: true });
  const total = { passed: 0, failed: 0 };
  const add = (/** @type {{ passed: number, failed: number }} */ counts) => {
    total.passed += counts.passed;
    total.failed += counts.failed;
  };
  const share =
    args.seconds === undefined
      ? undefined
      : Number(args.seconds) / (args.only ? 1 : 2);
  if (args.only !== "glue") {
    const driver = build("slipway-fuzz", ["--profile=fuzz"], "fuzz");
    add(regressions(driver));
    add(await fuzzBytes(driver, share));
  }
  if (args.only !== "bytes") add(await fuzzGlue(share));
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/** Inputs that once failed. @param {string} driver */
function regressions(driver) {
  const folder = join(here, "regressions");
  const files = readdirSync(folder)
    .filter((f) => f.endsWith(".wasm"))
    .map((f) => join(folder, f));
  try {
    execFileSync(driver, ["--one", ...files], { encoding: "utf8" });
    return { passed: files.length, failed: 0 };
  } catch (e) {
    console.log(/** @type {any} */ (e).stdout || String(e));
    return { passed: 0, failed: 1 };
  }
}

/**
 * Runs the driver, and starts it again past an input that killed or stopped it.
 * @param {string} driver @param {number | undefined} seconds
 */
async function fuzzBytes(driver, seconds) {
  const pack = writePack();
  const started = performance.now();
  const counts = { passed: 0, failed: 0 };
  for (let from = 0; ;) {
    const left =
      seconds === undefined
        ? 3600
        : Math.ceil(seconds - (performance.now() - started) / 1000);
    const count = seconds === undefined ? [String(SLICE.inputs - from)] : [];
    if (left <= 0 || count[0] === "0") break;
    const { output, died, at } = await watch(
      driver,
      [pack, args.seed, String(from), String(left)],
      count,
    );
    const inputs = Number(/(\d+) inputs/.exec(output)?.[1] ?? at - from);
    const failed = [...output.matchAll(/^seed .*$/gm)].length;
    if (failed > 0) console.log(output.trimEnd());
    counts.passed += inputs - failed;
    counts.failed += failed;
    if (!died) break;
    const kept = join(work, "failed", `${args.seed}-${at}.wasm`);
    execFileSync(driver, ["--make", pack, args.seed, String(at), kept]);
    console.log(`seed ${args.seed} input ${at}: ${died}\n  kept as ${kept}`);
    counts.failed++;
    if (counts.failed >= 20) break;
    from = at + 1;
  }
  console.log(
    `bytes: ${counts.passed + counts.failed} inputs, ${counts.failed} failed`,
  );
  return counts;
}

/**
 * @param {string} driver @param {string[]} before @param {string[]} after
 * @returns {Promise<{ output: string, died: string | undefined, at: number }>}
 */
function watch(driver, before, after) {
  const state = join(work, "state");
  writeFileSync(state, new Uint8Array(8));
  const child = spawn(
    driver,
    [...before, state, join(work, "failed"), ...after],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  let hung = false;
  const timer = setInterval(() => {
    if (Date.now() - statSync(state).mtimeMs < HANGS_MS) return;
    hung = true;
    child.kill("SIGKILL");
  }, 1000);
  return new Promise((done) => {
    child.on("close", (_, signal) => {
      clearInterval(timer);
      const at = Number(readFileSync(state).readBigUInt64LE());
      const died = hung
        ? `took more than ${HANGS_MS / 1000} s`
        : signal
          ? `ended the process with ${signal}`
          : undefined;
      done({ output, died, at });
    });
  });
}

/** Every component of the suites and some of the oracle's, as one file of lengths and bytes. */
function writePack() {
  const path = join(work, "corpus.pack");
  /** @type {Uint8Array[]} */
  const parts = [];
  const add = (/** @type {Uint8Array} */ bytes) => {
    if (bytes.length <= 8 || bytes.length > 50_000) return;
    parts.push(new Uint8Array(Uint32Array.of(bytes.length).buffer), bytes);
  };
  for (const script of lowerSuites()) {
    const blob = readFileSync(script.bin);
    for (const command of JSON.parse(readFileSync(script.json, "utf8"))
      .commands ?? []) {
      const wasm = command.wasm ?? command.exec?.wasm;
      if (wasm?.range && !wasm.core) add(blob.subarray(...wasm.range));
    }
  }
  const folder = join(work, "corpus");
  generate(folder, 1, 0, 200);
  for (let i = 0; i < 200; i++) add(readFileSync(join(folder, `${i}.wasm`)));
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

/** @param {number | undefined} seconds */
async function fuzzGlue(seconds) {
  const counts = { passed: 0, failed: 0 };
  const started = performance.now();
  let [calls, traps] = [0, 0];
  for (let first = 0; ; first += GUESTS_PER_ROUND) {
    const over =
      seconds === undefined
        ? first >= SLICE.guests
        : performance.now() - started > seconds * 1000;
    if (over || counts.failed >= 20) break;
    const folder = join(work, "hostile");
    rmSync(folder, { recursive: true, force: true });
    const cases = generate(
      folder,
      Number(args.seed),
      first,
      GUESTS_PER_ROUND,
      "hostile",
    );
    const results = await runOurs(folder, cases, "wasm");
    for (const one of cases) {
      const result = results.get(one.case);
      const errors = result?.error
        ? [result.error]
        : result.calls.map((/** @type {any} */ c) => c.error).filter(Boolean);
      calls += result?.calls?.length ?? 0;
      traps +=
        result?.calls?.filter((/** @type {any} */ c) => c.trap !== undefined)
          .length ?? 0;
      if (errors.length === 0) {
        counts.passed++;
        continue;
      }
      counts.failed++;
      const kept = join(work, "failed", `hostile-${args.seed}-${one.case}.wat`);
      writeFileSync(kept, readFileSync(join(folder, `${one.case}.wat`)));
      console.log(
        `seed ${args.seed} guest ${one.case}: ${errors[0]}\n  kept as ${kept}`,
      );
    }
  }
  console.log(
    `glue: ${counts.passed + counts.failed} guests, ${calls} calls, ${traps} of them trapped, ${counts.failed} failed`,
  );
  return counts;
}

/**
 * @param {string} folder @param {number} seed @param {number} first @param {number} count @param {string[]} more
 * @returns {any[]} the cases
 */
function generate(folder, seed, first, count, ...more) {
  const generator = build("slipway-oracle-gen", [], "debug");
  execFileSync(generator, [
    String(seed),
    String(first),
    String(count),
    folder,
    ...more,
  ]);
  return JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));
}

/** @param {string} name @param {string[]} how @param {string} profile */
function build(name, how, profile) {
  execFileSync(
    "cargo",
    ["build", "--quiet", "--locked", `--package=${name}`, ...how],
    { cwd: root, stdio: "inherit" },
  );
  return join(targetFolder(), profile, name);
}
