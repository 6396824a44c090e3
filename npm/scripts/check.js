/**
 * `npm run check`: every formatter and linter there is, each to its end, then one line that adds up. `--fix` lets those that
 * can mend what they find. Owns the list; each tool's rules stand in its own file.
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { wasmToolchain } from "./setup/rust.js";
import { tryRun } from "./setup/shell.js";
import { root } from "./setup/steps.js";

const fix = process.argv.includes("--fix");
const bin = (/** @type {string} */ name) => join(root, "node_modules", name);

/** Folders with JavaScript of ours; each with a tsconfig.json is a program of its own for tsc. */
const PROGRAMS = [
  "npm",
  "shims",
  "playground",
  "tests",
  "tests/browsers",
  "tests/shims",
  "transpiler/runtime",
];

/** @typedef {{ name: string, line: string[], env?: Record<string, string> }} Check */

/** @type {Check[]} */
const checks = [
  {
    name: "prettier",
    line: [
      process.execPath,
      bin("prettier/bin/prettier.cjs"),
      fix ? "--write" : "--check",
      "--log-level=warn",
      ".",
    ],
  },
  {
    name: "eslint",
    line: [
      process.execPath,
      bin("eslint/bin/eslint.js"),
      ...(fix ? ["--fix"] : []),
      ".",
    ],
  },
  ...PROGRAMS.filter((folder) =>
    existsSync(join(root, folder, "tsconfig.json")),
  ).map((folder) => ({
    name: `tsc ${folder}`,
    line: [
      process.execPath,
      bin("typescript/bin/tsc"),
      "-p",
      folder,
      "--pretty",
      "false",
    ],
  })),
  {
    name: "rustfmt",
    line: ["cargo", "fmt", "--all", ...(fix ? [] : ["--check"])],
  },
  {
    name: "clippy",
    line: [
      "cargo",
      "clippy",
      "--quiet",
      "--all-targets",
      "--",
      "-D",
      "warnings",
    ],
  },
  {
    // What only exists on wasm32 (the boundary) the line above does not see; `check`, because not every Rust has clippy.
    name: "rustc wasm32",
    line: ["cargo", "check", "--quiet", "--target", "wasm32-unknown-unknown"],
    env: {
      ...wasmToolchain().env,
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: "-D warnings",
    },
  },
];

let failed = 0;
for (const { name, line, env } of checks) {
  const { status, stdout, stderr } = tryRun(line[0], line.slice(1), {
    cwd: root,
    env,
  });
  process.stdout.write(`${status === 0 ? "✓" : "✗"} ${name}\n`);
  if (status === 0) continue;
  failed += 1;
  process.stdout.write(`${(stdout + stderr).trimEnd()}\n`);
}
process.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed ? 1 : 0;
