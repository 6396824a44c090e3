/**
 * Where the scripts are and how they become commands: finds the two upstream suites inside the `wasm-tools` package (which
 * suite/Cargo.toml pins and cargo fetches, never builds) and has slipway-lower-wast lower them into the target folder.
 * It refuses to know how a command is run and which of them we claim.
 * @module
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");

/**
 * @typedef {object} Script
 * @property {string} suite `spec` (tests/component-model/test) or `wasm-tools` (tests/cli/component-model)
 * @property {string} file its path inside the suite, with slashes
 * @property {string} json the lowered commands
 * @property {string} bin the binaries these name
 */

/** The folder of the fetched `wasm-tools` package. */
function packageFolder() {
  const manifest = join(here, "suite", "Cargo.toml");
  const metadata = JSON.parse(
    cargo([
      "metadata",
      "--format-version=1",
      "--locked",
      `--manifest-path=${manifest}`,
    ]),
  );
  const found = metadata.packages.find(
    (/** @type {{name: string}} */ p) => p.name === "wasm-tools",
  );
  if (!found)
    throw new Error("cargo metadata does not name the package wasm-tools");
  return dirname(found.manifest_path);
}

/** Both suites, lowered. What was lowered by the same tool from the same package is not lowered again. */
export function lowerSuites() {
  const folder = packageFolder();
  const tool = buildTool();
  const out = join(targetFolder(), "conformance", "lowered");
  /** @type {Script[]} */
  const scripts = [];
  /** Lists by the value of WAST_STRICT_COMPONENT_INDICES. @type {Map<string, string[]>} */
  const lists = new Map();
  for (const [suite, base] of /** @type {const} */ ([
    ["spec", "tests/component-model/test"],
    ["wasm-tools", "tests/cli/component-model"],
  ])) {
    for (const path of scriptsBelow(join(folder, base))) {
      const file = relative(join(folder, base), path).split(sep).join("/");
      const key = `${suite}/${file}`;
      const lenient = /WAST_STRICT_COMPONENT_INDICES=0/.test(
        readFileSync(path, "utf8").slice(0, 500),
      );
      const strict = lenient ? "0" : "1";
      lists.set(strict, [...(lists.get(strict) ?? []), `${path}\t${key}`]);
      scripts.push({
        suite,
        file,
        json: join(out, `${key}.json`),
        bin: join(out, `${key}.bin`),
      });
    }
  }
  mkdirSync(out, { recursive: true });
  for (const [strict, list] of lists) {
    execFileSync(tool, [out], {
      input: list.join("\n"),
      env: { ...process.env, WAST_STRICT_COMPONENT_INDICES: strict },
      stdio: ["pipe", "inherit", "inherit"],
    });
  }
  return scripts;
}

/** @param {string} folder @returns {string[]} every `.wast` below, in a fixed order */
function scriptsBelow(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".wast"))
    .sort()
    .map((name) => join(folder, name));
}

function buildTool() {
  cargo([
    "build",
    "--quiet",
    "--locked",
    "--package=slipway-lower-wast",
    `--manifest-path=${join(root, "Cargo.toml")}`,
  ]);
  const tool = join(
    targetFolder(),
    "debug",
    process.platform === "win32"
      ? "slipway-lower-wast.exe"
      : "slipway-lower-wast",
  );
  if (!existsSync(tool)) throw new Error(`cargo built no ${tool}`);
  return tool;
}

export function targetFolder() {
  return process.env.CARGO_TARGET_DIR ?? join(root, "target");
}

/** @param {string[]} args */
function cargo(args) {
  return execFileSync("cargo", args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "inherit"],
  });
}
