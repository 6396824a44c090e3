/**
 * Builds one crate of the workspace into an ES module and a Wasm file: cargo, wasm-bindgen, wasm-opt. Skips what an
 * unchanged input would only make again. Knows no crate by name.
 * @module
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { wasmToolchain } from "../setup/rust.js";
import { run, say } from "../setup/shell.js";
import { root } from "../setup/steps.js";
import { wrapBindings } from "./bindgen.js";
import { orderFunctions } from "./order.js";

const SCRIPTS = [
  "npm/scripts/build",
  "npm/scripts/bindgen",
  "npm/scripts/setup/debian-rust.sh",
];
const SKIP = new Set(["target", "node_modules", "tests", "fuzz"]);

/**
 * @typedef {object} WasmBuild
 * @property {string} crate the package's name
 * @property {string} name of the output: NAME.js and NAME.wasm
 * @property {string[]} sources folders and files that the crate is made from, the workspace's manifest and lock aside
 * @property {string} out folder
 * @property {string} types declarations of the module
 * @property {string[]} [secondary] functions that not every user calls: with what only they need they go into
 *   NAME.secondary.wasm, by their paths in Rust
 * @property {boolean} [compress] keep it as NAME.wasm.gz: an install stays small, and what loads it inflates it
 * @property {boolean} [dev] quick to build, slow to run: no link-time optimisation, no wasm-opt
 */

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesOf(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => (SKIP.has(name) ? [] : filesOf(join(path, name))));
}

/** @param {WasmBuild} build */
function inputHash({ sources, compress, dev, secondary }) {
  const hash = createHash("sha256").update(
    JSON.stringify([
      compress,
      dev === true,
      secondary,
      process.env.WASM_TOOLCHAIN ?? "auto",
    ]),
  );
  for (const source of ["Cargo.toml", "Cargo.lock", ...SCRIPTS, ...sources])
    for (const file of filesOf(join(root, source)))
      hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

/**
 * @param {WasmBuild} build
 * @param {ReturnType<typeof wasmToolchain>} toolchain
 * @returns {string} where cargo put the Wasm file
 */
function compile({ crate, dev }, { env }) {
  const profile = dev ? "wasm-dev" : "release";
  const target = "wasm32-unknown-unknown";
  const args = [
    "build",
    "--quiet",
    "--profile",
    profile,
    "--target",
    target,
    "-p",
    crate,
    "--lib",
  ];
  run("cargo", args, { cwd: root, env });
  const folder = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  return join(folder, target, profile, `${crate.replaceAll("-", "_")}.wasm`);
}

/**
 * @param {string} wasm
 * @param {WasmBuild} build
 * @returns {{ js: string, wasm: string, secondary?: string }}
 */
function bind(wasm, { name, secondary = [] }) {
  const folder = join(root, "target/bindgen", name);
  mkdirSync(folder, { recursive: true });
  run(
    "cargo",
    [
      ...["run", "--quiet", "-p", "slipway-bindgen", "--"],
      ...[wasm, folder, name, ...secondary],
    ],
    { cwd: root },
  );
  const source = readFileSync(join(folder, `${name}_bg.js`), "utf8");
  return {
    js: wrapBindings(source, `./${name}_bg.js`, secondary.length > 0),
    wasm: join(folder, `${name}_bg.wasm`),
    ...(secondary.length > 0 && {
      secondary: join(folder, `${name}_bg.secondary.wasm`),
    }),
  };
}

/** What wasm-opt does, chosen by what it leaves after gzip. */
const PASSES = [
  // Loads and stores of safe Rust do not trap, and the linker puts the stack, not data, at the lowest addresses.
  "--ignore-implicit-traps",
  "--low-memory-unused",
  // Not to inline even what is called once costs 2 % before gzip and saves 9 % after: large functions have locals with large
  // numbers, and the same work reads differently in each.
  "--one-caller-inline-max-function-size=0",
  "--always-inline-max-function-size=6",
  // Flattening first is worth 1 %; a second round after the first finds a little more, a third does not.
  "--flatten",
  "--rereloop",
  "-Oz",
  "-Oz",
  // Engines do without hints of alignment, and the same work has different ones.
  "--dealign",
  "--strip-producers",
  "--strip-target-features",
];

/**
 * This takes most of a minute, and often a change of the source leaves the Wasm as it was: results are kept by hash.
 * @param {string} wasm
 * @param {number} passes over the order of its functions
 * @returns {Buffer}
 */
function optimise(wasm, passes) {
  const input = readFileSync(wasm);
  const folder = join(root, "target/wasm-opt");
  const key = createHash("sha256")
    .update(JSON.stringify([PASSES, passes]))
    .update(readFileSync(new URL("./order.js", import.meta.url)))
    .update(input)
    .digest("hex")
    .slice(0, 32);
  const output = join(folder, `${key}.wasm`);
  if (!existsSync(output)) {
    mkdirSync(folder, { recursive: true });
    const started = performance.now();
    const tool = join(root, "node_modules/binaryen/bin/wasm-opt");
    // Who stops a build leaves nothing that looks finished.
    const raw = `${output}.raw`;
    const args = [tool, ...PASSES, wasm, "-o", raw];
    run(process.execPath, args, { quiet: true });
    replaceFile(output, orderFunctions(readFileSync(raw), passes));
    rmSync(raw);
    say(`wasm-opt ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
  return readFileSync(output);
}

/**
 * Runs `build` while no other process builds the same: tests, the demo and a person may all start one.
 * @template T
 * @param {string} name
 * @param {() => T} build
 * @returns {T}
 */
function alone(name, build) {
  const lock = join(root, `target/${name}.lock`);
  mkdirSync(join(root, "target"), { recursive: true });
  for (let told = false; ; told = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch {
      const owner = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
      if (owner && !isRunning(owner)) rmSync(lock, { force: true });
      else if (!told) say(`waiting for process ${owner}, which builds it`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  try {
    return build();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/**
 * So that nobody reads half of it.
 * @param {string} path
 * @param {string | Uint8Array} contents
 */
function replaceFile(path, contents) {
  writeFileSync(`${path}.tmp`, contents);
  renameSync(`${path}.tmp`, path);
}

/** @param {WasmBuild} build */
export const buildWasm = (build) => alone(build.name, () => make(build));

/** @param {WasmBuild} build */
function make(build) {
  const { name, out, types, compress, dev } = build;
  const folder = join(root, out);
  const note = join(folder, `${name}.build.json`);
  const hash = inputHash(build);
  const old = existsSync(note) ? JSON.parse(readFileSync(note, "utf8")) : {};
  if (old.hash === hash) {
    process.stderr.write(
      `build: ${name} ✓ ${old.bytes} bytes, ${old.gzip} gzip, panic ${old.panic}\n`,
    );
    return;
  }
  process.stderr.write(`build: ${name}${dev ? " (dev)" : ""}\n`);
  const toolchain = wasmToolchain(dev ? "abort" : "immediate");
  const bound = bind(compile(build, toolchain), build);
  // What every page downloads is worth a minute.
  const passes = compress ? 0 : 3;
  mkdirSync(folder, { recursive: true });
  /** @type {Array<[file: string, contents: string | Uint8Array]>} */
  const made = [
    [`${name}.js`, bound.js],
    [`${name}.d.ts`, types],
  ];
  /** @param {string} wasm @param {string} file */
  const finish = (wasm, file) => {
    const bytes = dev ? readFileSync(wasm) : optimise(wasm, passes);
    const packed = gzipSync(bytes, { level: 9 });
    made.push(compress ? [`${file}.gz`, packed] : [file, bytes]);
    return { bytes: bytes.length, gzip: packed.length };
  };
  if (bound.secondary) {
    const { bytes, gzip } = finish(bound.secondary, `${name}.secondary.wasm`);
    say(`secondary: ${bytes} bytes, ${gzip} gzip`);
  }
  const { bytes, gzip } = finish(bound.wasm, `${name}.wasm`);
  // Files of two builds do not fit together: who stops this one gets all of them anew.
  rmSync(note, { force: true });
  for (const [file, contents] of made)
    replaceFile(join(folder, file), contents);
  const { from, panic } = toolchain;
  const facts = {
    hash,
    dev: dev === true,
    toolchain: from,
    panic,
    bytes,
    gzip,
  };
  replaceFile(note, `${JSON.stringify(facts, null, 2)}\n`);
  say(
    `${bytes} bytes, ${gzip} gzip, panic ${panic}${panic === "immediate" ? "" : " (a release is smaller: WASM_TOOLCHAIN=debian)"}`,
  );
}
