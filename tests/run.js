/**
 * `npm test`: sets up, builds, runs every suite of suites.js whatever the one before did, and ends with one line that adds
 * up. `npm test -- NAME…` runs those whose name starts so; `--list` names them; `--verbose` shows all they print;
 * `--no-setup` skips set-up and build. Owns counting and reporting; what is tested stands in the table.
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setup } from "../npm/scripts/setup.js";
import { suites } from "./suites.js";

/** @typedef {import('./suites.js').Suite} Suite */
/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const root = fileURLToPath(new URL("..", import.meta.url));
const SKIP = new Set(["node_modules", "target", "dist", "fixtures", ".git"]);

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: "boolean" },
    verbose: { type: "boolean" },
    "no-setup": { type: "boolean" },
  },
});

/**
 * The test files below a folder, in a stable order; a file stands for itself.
 * @param {string} path
 * @returns {string[]}
 */
function testFiles(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  return readdirSync(full, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const child = `${path}/${entry.name}`;
      if (entry.isDirectory())
        return SKIP.has(entry.name) ? [] : testFiles(child);
      return entry.name.endsWith(".test.js") ? [child] : [];
    });
}

/**
 * @param {Suite} suite
 * @returns {string[]}
 */
function commandLine(suite) {
  if (suite.cargo) return ["cargo", ...suite.cargo];
  if (suite.command) {
    const [program, ...args] = suite.command;
    return [program === "node" ? process.execPath : program, ...args];
  }
  const node = suite.on
    ? join(root, `tests/runtimes/node_modules/${suite.on}/bin/node`)
    : process.execPath;
  const files = (suite.node ?? []).flatMap(testFiles);
  // Without a file, `node --test` would go looking for tests by itself.
  return files.length ? [node, "--test", "--test-reporter=spec", ...files] : [];
}

/**
 * @param {string} output
 * @param {RegExp} pattern with one group, a number
 */
function sum(output, pattern) {
  let total = 0;
  for (const match of output.matchAll(pattern)) total += Number(match[1]);
  return total;
}

/**
 * Reads the counts from what a suite printed.
 * @param {Suite} suite
 * @param {string} output
 * @returns {Counts}
 */
function count(suite, output) {
  if (suite.cargo) {
    return {
      passed: sum(output, /^test result: .*? (\d+) passed/gm),
      failed: sum(output, /^test result: .*? (\d+) failed/gm),
      skipped: sum(output, /^test result: .*? (\d+) ignored/gm),
    };
  }
  if (suite.node) {
    return {
      passed: sum(output, /^ℹ pass (\d+)$/gm),
      failed:
        sum(output, /^ℹ fail (\d+)$/gm) + sum(output, /^ℹ cancelled (\d+)$/gm),
      skipped:
        sum(output, /^ℹ skipped (\d+)$/gm) + sum(output, /^ℹ todo (\d+)$/gm),
    };
  }
  const last = [
    ...output.matchAll(/(\d+) passed, (\d+) failed(?:, (\d+) skipped)?/g),
  ].at(-1);
  return {
    passed: Number(last?.[1] ?? 0),
    failed: Number(last?.[2] ?? 0),
    skipped: Number(last?.[3] ?? 0),
  };
}

/**
 * The part of the output that tells what failed.
 * @param {string} output
 */
function failures(output) {
  const start = ["✖ failing tests:", "\nfailures:\n", "error[", "error:"]
    .map((mark) => output.indexOf(mark))
    .find((index) => index >= 0);
  const lines = output
    .slice(start ?? 0)
    .trimEnd()
    .split("\n");
  return (
    lines.length > 200
      ? lines.slice(start === undefined ? -200 : 0).slice(0, 200)
      : lines
  ).join("\n");
}

/**
 * @param {Suite} suite
 * @param {string[]} line
 * @returns {Promise<{ status: number | string, output: string }>}
 */
function execute(suite, [program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: {
        ...process.env,
        FORCE_COLOR: "0",
        NO_COLOR: "1",
        CARGO_TERM_COLOR: "never",
        ...suite.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const timer = setTimeout(
      () => child.kill("SIGKILL"),
      (suite.minutes ?? 15) * 60_000,
    );
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        if (flags.verbose) process.stdout.write(text);
      });
    }
    child.on("error", (error) => (output += `${error.message}\n`));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ status: signal ? `killed by ${signal}` : (code ?? 1), output });
    });
  });
}

/**
 * Runs one suite and says how it went. A suite that ran nothing, or broke without naming a test, counts as one failure.
 * @param {Suite} suite
 * @returns {Promise<Counts>}
 */
async function runSuite(suite) {
  process.stdout.write(`${suite.name} … `);
  const started = performance.now();
  const line = commandLine(suite);
  const { status, output } = line.length
    ? await execute(suite, line)
    : { status: 1, output: `no test file in ${suite.node?.join(", ")}` };
  const counts = count(suite, output);
  let broken = "";
  if (status !== 0 && counts.failed === 0) broken = `exit status ${status}`;
  else if (counts.passed + counts.failed === 0) broken = "it ran no test";
  if (broken) counts.failed += 1;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ""} (${seconds} s)${broken && `: ${broken}`}\n`,
  );
  if (counts.failed && !flags.verbose) {
    const shown = line
      .map((word) => (word.startsWith(root) ? relative(root, word) : word))
      .join(" ");
    process.stdout.write(
      `\n$ ${shown.length > 300 ? `${shown.slice(0, 300)} …` : shown}\n${failures(output)}\n\n`,
    );
  }
  return counts;
}

/**
 * What all suites stand on. Its failures count, and the suites run all the same: most can tell more.
 * @returns {Promise<Counts>}
 */
async function prepare() {
  const failed = await setup();
  if (!failed.length && existsSync(join(root, "npm/scripts/build.js"))) {
    const { status, output } = await execute({ name: "build" }, [
      process.execPath,
      "npm/scripts/build.js",
    ]);
    process.stdout.write(output);
    if (status !== 0) failed.push(`build: exit status ${status}`);
  }
  for (const text of failed) process.stdout.write(`failed: ${text}\n`);
  return { passed: 0, failed: failed.length, skipped: 0 };
}

const chosen = suites.filter(
  (suite) => !names.length || names.some((name) => suite.name.startsWith(name)),
);
if (flags.list) {
  process.stdout.write(chosen.map((suite) => `${suite.name}\n`).join(""));
} else if (!chosen.length) {
  process.stderr.write(
    `no suite is called ${names.join(" or ")}; --list names them\n`,
  );
  process.exitCode = 2;
} else {
  const total = flags["no-setup"]
    ? { passed: 0, failed: 0, skipped: 0 }
    : await prepare();
  for (const suite of chosen) {
    const counts = await runSuite(suite);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  if (total.skipped) process.stdout.write(`${total.skipped} skipped\n`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.failed ? 1 : 0;
}
