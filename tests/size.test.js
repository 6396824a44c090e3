/**
 * What users download, as a snapshot: `tests/size.snap` changes in the diff that caused it. `BLESS=1 node --test
 * tests/size.test.js` rewrites it. Bytes are compared exactly, gzip to half a percent (zlib differs between Nodes); the gates
 * are limits that no blessing lifts.
 * @module
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { transpile } from "slipway";
import { install } from "./e2e/lib/packed.js";
import { build as bundle } from "vite";
import { buildGuest } from "./guests/build.js";

const SNAPSHOT = new URL("./size.snap", import.meta.url);
const DIST = new URL("../npm/dist/", import.meta.url);
/** What every page loads that transpiles; what those load besides that want declarations or compose. */
const TRANSPILER = ["transpiler.wasm", "transpiler.secondary.wasm"];
const BUILD = new URL("transpiler.build.json", DIST);

/** Glue measured: the guest, and what users would call it. @type {Array<[guest: string, title: string]>} */
const GLUE = [
  ["wat-add", "add(u32, u32)"],
  ["wat-greet", "greet(string)"],
  ["rust-command", "Rust command"],
  ["rust-wasip1", "Rust command, preview 1 adapter"],
  ["python-command", "Python command, 18 MB"],
  ["js-hello", "JavaScript library, 12 MB"],
  ["js-hello-http", "the same with wasi:http"],
  ["rust-everything", "every type, both directions"],
];

const BUNDLED = "Rust command and its WASI, bundled";

/** Bytes after gzip that may not be passed. @type {Record<string, number>} */
const GATES = {
  "transpiler.wasm": 200_000,
  "greet(string)": 4_000,
  "JavaScript library, 12 MB": 25_000,
  "the same with wasi:http": 25_000,
};

/** Both packages with all they depend on: bytes of their files when they are installed, and of their tarballs. */
const INSTALLED = "installed from npm";
const INSTALLED_LIMIT = 3_000_000;

/** How far from the snapshot bytes may be; what is not named is compared exactly. @type {Record<string, number>} */
const SLACK = {
  // Not the same on every machine (paths, versions of LLVM): as with gzip.
  "transpiler.wasm": 1 / 200,
  "transpiler.secondary.wasm": 1 / 200,
  // Every line of every file is in it.
  [INSTALLED]: 1 / 50,
};

/** @typedef {{ bytes: number, gzip: number }} Size */

/** @param {string | Uint8Array} contents @returns {Size} */
function sizeOf(contents) {
  const bytes = typeof contents === "string" ? Buffer.from(contents) : contents;
  return { bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

/** @param {string} guest @param {import('slipway').Options} options */
async function glue(guest, options) {
  const { files } = await transpile(await readFile(await buildGuest(guest)), {
    name: "x",
    typescript: false,
    ...options,
  });
  return sizeOf(files["x.js"]);
}

/**
 * A command as a bundler puts it into a page: its glue and what that imports of `@slipway/wasi`, minified.
 * @param {string} guest
 */
async function bundled(guest) {
  const folder = await mkdtemp(join(tmpdir(), "bundled-"));
  try {
    const source = await readFile(await buildGuest(guest));
    const { files } = await transpile(source, { name: "x", typescript: false });
    for (const [path, contents] of Object.entries(files))
      await writeFile(join(folder, path), contents);
    const wasi = fileURLToPath(import.meta.resolve("@slipway/wasi"));
    const built = await bundle({
      configFile: false,
      logLevel: "silent",
      root: folder,
      resolve: { alias: { "@slipway/wasi": wasi } },
      build: {
        write: false,
        target: "esnext",
        rolldownOptions: { input: join(folder, "x.js") },
      },
    });
    const chunks = [built]
      .flat()
      .flatMap((made) => ("output" in made ? made.output : []));
    return sizeOf(
      chunks.map((chunk) => ("code" in chunk ? chunk.code : "")).join(""),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @param {Map<string, Size>} sizes */
function print(sizes) {
  const rows = [...sizes].map(
    ([name, { bytes, gzip }]) =>
      `${name.padEnd(44)}${String(bytes).padStart(8)}${String(gzip).padStart(8)}`,
  );
  return `${"".padEnd(44)}   bytes    gzip\n${rows.join("\n")}\n`;
}

/** @param {string} text @returns {Map<string, Size>} */
function parse(text) {
  const rows = text.trimEnd().split("\n").slice(1);
  return new Map(
    rows.map((row) => {
      const [bytes, gzip] = row.slice(44).trim().split(/\s+/).map(Number);
      return [row.slice(0, 44).trim(), { bytes, gzip }];
    }),
  );
}

describe("sizes", () => {
  /** @type {Map<string, Size>} */
  const sizes = new Map();
  /** @type {{ dev: boolean, panic: string }} */
  let build;
  before(async () => {
    build = JSON.parse(await readFile(BUILD, "utf8"));
    for (const name of TRANSPILER)
      sizes.set(name, sizeOf(await readFile(new URL(name, DIST))));
    const { unpacked, packed } = await install();
    sizes.set(INSTALLED, { bytes: unpacked, gzip: packed });
    for (const [guest, title] of GLUE) {
      sizes.set(title, await glue(guest, {}));
      sizes.set(`${title}, minified`, await glue(guest, { minify: true }));
    }
    sizes.set(BUNDLED, await bundled("rust-command"));
  });

  /** Whether this build of the transpiler is the one that is published. */
  const isRelease = () => !build.dev && build.panic === "immediate";

  for (const [name, limit] of Object.entries(GATES))
    it(`${name}: at most ${limit} bytes after gzip`, (t) => {
      if (name === "transpiler.wasm" && !isRelease())
        return t.skip(
          "this build is not the published one, which WASM_TOOLCHAIN=debian makes",
        );
      const { gzip } = /** @type {Size} */ (sizes.get(name));
      assert.ok(gzip <= limit, `${gzip} bytes`);
    });

  it(`installed from npm: at most ${INSTALLED_LIMIT} bytes`, (t) => {
    if (!isRelease())
      return t.skip("this build of the transpiler is not the published one");
    const { bytes } = /** @type {Size} */ (sizes.get(INSTALLED));
    assert.ok(bytes <= INSTALLED_LIMIT, `${bytes} bytes`);
  });

  it("are those of tests/size.snap", async () => {
    const recorded = await readFile(SNAPSHOT, "utf8").then(
      parse,
      () => new Map(),
    );
    // Only the published build's size is worth recording; another one keeps what is recorded.
    for (const name of [...TRANSPILER, INSTALLED])
      if (!isRelease() && recorded.has(name))
        sizes.set(name, recorded.get(name));
    if (process.env.BLESS) return writeFile(SNAPSHOT, print(sizes));
    assert.deepEqual(
      [...sizes.keys()],
      [...recorded.keys()],
      "what is measured",
    );
    for (const [name, { bytes, gzip }] of sizes) {
      const was = /** @type {Size} */ (recorded.get(name));
      const slack = SLACK[name] ?? 0;
      assert.ok(
        Math.abs(bytes - was.bytes) <= was.bytes * slack,
        `${name}: ${bytes} bytes, was ${was.bytes}; BLESS=1 if it is meant`,
      );
      assert.ok(
        Math.abs(gzip - was.gzip) <= was.gzip * Math.max(slack, 1 / 200) + 2,
        `${name}: ${gzip} bytes after gzip, was ${was.gzip}`,
      );
    }
  });
});
