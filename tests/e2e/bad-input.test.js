/**
 * Bad input: one TranspileError with a code, an offset and a path, never anything else; nothing written; and the transpiler
 * works on as if nothing had been.
 * @module
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { buildGuest } from "../guests/build.js";
import { scratch, slipway, transpile } from "./lib/harness.js";
import { below, seeded } from "./lib/random.js";

const CODES =
  /^(bad-magic|core-module|bad-version|truncated|malformed|invalid|unsupported|too-large)$/;
const HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
const CORE_HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** @type {Uint8Array} */
let greet;
/** @type {Record<string, string | Uint8Array>} */
let good;
before(async () => {
  greet = new Uint8Array(await readFile(await buildGuest("wat-greet")));
  good = (await transpile(greet)).files;
});

/** What transpiling ends in: an error that is as it should be, or undefined. @param {Uint8Array} bytes */
async function errorOf(bytes) {
  try {
    await transpile(bytes);
    return undefined;
  } catch (error) {
    const { name, code, offset, path, message } = /** @type {any} */ (error);
    assert.equal(
      name,
      "TranspileError",
      String(/** @type {any} */ (error).stack),
    );
    assert.match(code, CODES, message);
    assert.ok(
      Number.isInteger(offset) && offset >= 0 && offset <= bytes.length,
      `offset ${offset} of ${bytes.length}`,
    );
    assert.ok(
      Array.isArray(path) && path.every((part) => typeof part === "string"),
    );
    assert.ok(
      message.length > 10 && !/panicked|this is a bug|\bunwrap\b/.test(message),
      message,
    );
    return /** @type {any} */ (error);
  }
}

async function worksOn() {
  assert.deepEqual((await transpile(greet)).files, good);
}

/** @param {Uint8Array} bytes @param {number} at @returns {[value: number, end: number]} */
function leb(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

/**
 * Where sections begin and end, in components and modules inside too.
 * @param {Uint8Array} bytes @param {number} [start] @param {number} [end]
 * @returns {{ outer: Set<number>, inner: Set<number> }} ends of the outermost sections, and all others
 */
function boundaries(bytes, start = 0, end = bytes.length) {
  const outer = new Set([start + 8]);
  /** @type {Set<number>} */
  const inner = new Set();
  const isComponent = bytes[start + 4] === 0x0d;
  for (let at = start + 8; at < end;) {
    const id = bytes[at];
    const [size, body] = leb(bytes, at + 1);
    inner.add(at + 1).add(body);
    if (isComponent && (id === 1 || id === 4)) {
      const nested = boundaries(bytes, body, body + size);
      for (const n of [...nested.outer, ...nested.inner]) inner.add(n);
    }
    at = body + size;
    outer.add(at);
  }
  return { outer, inner };
}

describe("truncated", () => {
  it("at every byte of a small component", async () => {
    const { outer } = boundaries(greet);
    for (let length = 0; length < greet.length; length++) {
      const error = await errorOf(greet.subarray(0, length));
      // What ends with a section is a component, if a useless one.
      if (outer.has(length)) assert.equal(error, undefined, `at ${length}`);
      else
        assert.equal(
          error?.code,
          "truncated",
          `at ${length}: ${error?.message}`,
        );
    }
    await worksOn();
  });

  for (const guest of [
    "rust-command",
    "rust-everything",
    "c-everything",
    "js-hello",
  ])
    it(`at every section boundary, and beside it: ${guest}`, async () => {
      const bytes = new Uint8Array(await readFile(await buildGuest(guest)));
      const { outer, inner } = boundaries(bytes);
      const ends = new Set(
        [...outer, ...inner]
          .flatMap((n) => [n - 1, n, n + 1])
          .filter((n) => n < bytes.length),
      );
      assert.ok(ends.size > 100, `${ends.size} places`);
      // Each place stands for a kind of place after some hundreds of them.
      const step = Math.ceil(ends.size / 500);
      for (const length of [...ends].filter(
        (n, i) => outer.has(n) || i % step === 0,
      )) {
        const error = await errorOf(bytes.subarray(0, length));
        if (!outer.has(length))
          assert.equal(
            error?.code,
            "truncated",
            `at ${length}: ${error?.message}`,
          );
      }
      await worksOn();
    });
});

describe("not a component", () => {
  for (const [
    what,
    bytes,
    code,
  ] of /** @type {Array<[string, Uint8Array, string]>} */ ([
    ["nothing at all", new Uint8Array(0), "truncated"],
    ["half a header", HEADER.subarray(0, 5), "truncated"],
    ["text", new TextEncoder().encode("(component)\n"), "bad-magic"],
    [
      "a page of HTML",
      new TextEncoder().encode("<!doctype html><title>404</title>"),
      "bad-magic",
    ],
    ["a core module", CORE_HEADER, "core-module"],
    [
      "another version",
      Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0e, 0, 1, 0),
      "bad-version",
    ],
  ]))
    it(what, async () => {
      assert.equal((await errorOf(bytes))?.code, code);
      await worksOn();
    });

  it("a real core module, with what to do about it", async () => {
    const { files } = await transpile(greet, { name: "x" });
    const error = await errorOf(
      /** @type {Uint8Array} */ (files["x.core.wasm"]),
    );
    assert.equal(error?.code, "core-module");
    assert.match(error?.message, /core module/);
    assert.match(error?.message, /slipway new/);
  });

  it("10 MB of noise, as it is and behind a header", async () => {
    const noise = new Uint8Array(10_000_000);
    const r = seeded(7);
    for (let i = 0; i < noise.length; i++) noise[i] = below(r, 256);
    assert.equal((await errorOf(noise))?.code, "bad-magic");
    for (let n = 0; n < 200; n++) {
      noise.set(HEADER);
      // A section of every kind that claims to hold all of the noise, then noise from anywhere.
      if (n % 2) noise.set([n % 16, ...size(noise.length - 13)], 8);
      else noise.copyWithin(8, below(r, 9_000_000), 9_500_000);
      assert.ok(await errorOf(noise));
    }
    await worksOn();
  });
});

/** Four bytes of LEB128. @param {number} n */
function size(n) {
  return [
    (n & 127) | 128,
    ((n >> 7) & 127) | 128,
    ((n >> 14) & 127) | 128,
    (n >> 21) & 127,
  ];
}

describe("beyond what is known", () => {
  it("an unknown section, with its offset", async () => {
    const error = await errorOf(Uint8Array.of(...HEADER, 99, 1, 0));
    assert.match(error?.code, /^(malformed|invalid)$/);
    assert.match(error?.message, /section/);
    assert.equal(error?.offset, 8);
  });

  it("a gated feature, by name, with its offset", async () => {
    // (component (import "v" (value string)))
    const error = await errorOf(
      Uint8Array.of(...HEADER, 10, 6, 1, 0, 1, 0x76, 2, 0x73),
    );
    assert.equal(error?.code, "unsupported");
    assert.match(error?.message, /value/);
    assert.ok(error?.offset > 8);
    await worksOn();
  });

  it("options that make no sense", async () => {
    for (const options of [
      { instantiation: "never" },
      { adapters: "none" },
      { features: ["no-such-feature"] },
    ])
      await assert.rejects(
        transpile(greet, /** @type {any} */ (options)),
        (error) => {
          assert.equal(/** @type {any} */ (error).code, "bad-options");
          return true;
        },
      );
    await worksOn();
  });

  it("what is no source", async () => {
    for (const source of [undefined, null, 5, "greet.wasm", {}])
      await assert.rejects(transpile(/** @type {any} */ (source)), TypeError);
  });
});

it("one byte changed anywhere: an error or a component, and never a panic", async () => {
  const bytes = new Uint8Array(
    await readFile(await buildGuest("rust-everything")),
  );
  const r = seeded(11);
  let errors = 0;
  for (let n = 0; n < 500; n++) {
    const copy = bytes.slice();
    // The component's own sections are at the end; a change inside a core module's bodies is not looked at.
    const at =
      r() < 0.8 ? bytes.length - 1 - below(r, 24_000) : below(r, bytes.length);
    copy[at] ^= 1 << below(r, 8);
    if (await errorOf(copy)) errors++;
  }
  assert.ok(errors > 100, `${errors} errors`);
  await worksOn();
});

describe("from the command line", () => {
  /** @param {Uint8Array | string} contents */
  async function file(contents) {
    const dir = await scratch();
    const path = join(dir, "input.wasm");
    await writeFile(path, contents);
    return { dir, path, out: join(dir, "out") };
  }

  for (const [
    what,
    make,
    says,
  ] of /** @type {Array<[string, () => Uint8Array | string, RegExp]>} */ ([
    ["a truncated file", () => greet.subarray(0, greet.length - 9), /ends/],
    ["a core module", () => CORE_HEADER, /core module/],
    ["text", () => "hello", /not WebAssembly/],
    ["an empty file", () => "", /ends|empty/],
    [
      "10 MB of noise",
      () => Uint8Array.from({ length: 10_000_000 }, (_, i) => (i * i) >> 7),
      /not WebAssembly/,
    ],
    [
      "a gated feature",
      () => Uint8Array.of(...HEADER, 10, 6, 1, 0, 1, 0x76, 2, 0x73),
      /value/,
    ],
  ]))
    it(`${what}: status 1, one line that says what, no folder`, async () => {
      const { dir, path, out } = await file(make());
      const { status, stdout, stderr } = await slipway([
        "transpile",
        path,
        "-o",
        out,
      ]);
      assert.equal(status, 1);
      assert.equal(stdout, "");
      assert.match(stderr, says);
      assert.match(stderr, /input\.wasm/);
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      assert.deepEqual(
        await readdir(dir),
        ["input.wasm"],
        "nothing is left, not even aside",
      );
    });

  it("a folder that was there stays as it was", async () => {
    const { dir, path, out } = await file(greet);
    assert.equal(
      (await slipway(["transpile", path, "-o", out, "-q"])).status,
      0,
    );
    const names = await readdir(out);
    const script = await readFile(join(out, "input.js"), "utf8");
    await writeFile(path, greet.subarray(0, 40));
    assert.equal((await slipway(["transpile", path, "-o", out])).status, 1);
    assert.deepEqual(await readdir(out), names);
    assert.equal(await readFile(join(out, "input.js"), "utf8"), script);
    assert.deepEqual((await readdir(dir)).sort(), ["input.wasm", "out"]);
  });

  it("a file that is not there, and a use that makes no sense", async () => {
    const missing = await slipway([
      "transpile",
      "/no/such/file.wasm",
      "-o",
      join(await scratch(), "out"),
    ]);
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /\/no\/such\/file\.wasm/);
    for (const args of [
      ["transpile"],
      ["no-such-command"],
      ["transpile", "x.wasm", "-o", "y", "--no-such-option"],
    ]) {
      const { status, stderr } = await slipway(args);
      assert.equal(status, 2, args.join(" "));
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
    }
    assert.ok(!existsSync("y"));
  });

  for (const verb of ["run", "inspect"])
    it(`${verb} says the same of a truncated file`, async () => {
      const { path } = await file(greet.subarray(0, 100));
      const { status, stdout, stderr } = await slipway([verb, path]);
      assert.equal(status, 1);
      assert.equal(stdout, "");
      assert.match(stderr, /ends/);
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
    });
});
