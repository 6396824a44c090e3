/**
 * The suite on a directory of the host, and what could lead out of it.
 * @module
 */
import assert from "node:assert/strict";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { directory } from "@slipway/wasi/node";
import { entriesOf, fails, fsSuite, rootOf } from "./fs.suite.js";

function scratch(t) {
  const path = fs.mkdtempSync(join(tmpdir(), "slipway-shims-"));
  t.after(() => fs.rmSync(path, { recursive: true, force: true }));
  return path;
}

fsSuite("host directory", (t) => directory(scratch(t)), { nanoseconds: false });

const FOLLOW = { symlinkFollow: true };
const READ = { read: true };

test("links of the host lead nowhere outside", (t) => {
  const base = scratch(t);
  fs.mkdirSync(join(base, "granted/sub"), { recursive: true });
  fs.writeFileSync(join(base, "secret"), "s");
  const granted = join(base, "granted");
  fs.symlinkSync(join(base, "secret"), join(granted, "absolute"));
  fs.symlinkSync("../secret", join(granted, "relative"));
  fs.symlinkSync("../..", join(granted, "sub/up"));
  fs.symlinkSync("..", join(granted, "parent"));
  const { root } = rootOf(directory(granted));
  const paths = ["absolute", "relative", "sub/up", "sub/up/secret", "parent"];
  for (const path of [...paths, "parent/secret", "sub/../parent/secret"]) {
    fails("not-permitted", () => root.openAt(FOLLOW, path, {}, READ));
    fails("not-permitted", () => root.statAt(FOLLOW, path));
  }
  fails("not-permitted", () => root.readlinkAt("absolute"));
  assert.equal(root.readlinkAt("relative"), "../secret");
  const make = { create: true };
  fails("not-permitted", () =>
    root.openAt(FOLLOW, "parent/new", make, { write: true }),
  );
  assert.deepEqual(fs.readdirSync(base).sort(), ["granted", "secret"]);
});

test("the grant itself may be reached through a link", (t) => {
  const base = scratch(t);
  fs.mkdirSync(join(base, "real"));
  fs.writeFileSync(join(base, "real/f"), "x");
  fs.symlinkSync("real", join(base, "link"));
  assert.equal(rootOf(directory(join(base, "link"))).get("f"), "x");
  assert.throws(() => directory(join(base, "real/f")), TypeError);
  assert.throws(() => directory(join(base, "none")), { code: "ENOENT" });
});

test(
  "an open directory is followed when it moves",
  { skip: process.platform !== "linux" },
  (t) => {
    const base = scratch(t);
    fs.mkdirSync(join(base, "a"));
    const { root } = rootOf(directory(base));
    const dir = root.openAt({}, "a", { directory: true }, READ);
    fs.renameSync(join(base, "a"), join(base, "b"));
    fs.mkdirSync(join(base, "a"));
    dir.openAt({}, "f", { create: true }, { write: true });
    assert.deepEqual(fs.readdirSync(join(base, "b")), ["f"]);
    assert.deepEqual(fs.readdirSync(join(base, "a")), []);
    assert.deepEqual(
      entriesOf(dir).map(({ name }) => name),
      ["f"],
    );
  },
);

test(
  "descriptors are given back",
  { skip: process.platform !== "linux" },
  (t) => {
    const base = scratch(t);
    const { root } = rootOf(directory(base));
    const count = () => fs.readdirSync("/proc/self/fd").length;
    const before = count();
    for (let i = 0; i < 20; i++) {
      const make = { create: true };
      const file = root.openAt({}, "f", make, { read: true, write: true });
      const stream = file.appendViaStream();
      file[Symbol.dispose]();
      stream.blockingWriteAndFlush(new Uint8Array(3));
      stream[Symbol.dispose]();
      root.createDirectoryAt(`d${i}`);
      const dir = root.openAt({}, `d${i}`, { directory: true }, READ);
      dir[Symbol.dispose]();
      fails("exist", () =>
        root.openAt({}, "f", { create: true, exclusive: true }, READ),
      );
    }
    assert.equal(count(), before);
    assert.equal(fs.statSync(join(base, "f")).size, 60);
  },
);

const noBytes = "Deno" in globalThis && "Deno knows no names in bytes";
test(
  "files of other kinds, and names that are not UTF-8",
  { skip: noBytes },
  (t) => {
    const base = scratch(t);
    fs.writeFileSync(Buffer.from(`${base}/bad-\xff`, "latin1"), "");
    fs.writeFileSync(join(base, "good"), "");
    const { root } = rootOf(directory(base));
    assert.deepEqual(
      entriesOf(root).map(({ name }) => name),
      ["good"],
    );
  },
);

test("a read-only grant", (t) => {
  const base = scratch(t);
  fs.writeFileSync(join(base, "f"), "x");
  const { root, get } = rootOf(directory(base, { readonly: true }));
  assert.equal(get("f"), "x");
  fails("read-only", () => root.unlinkFileAt("f"));
  fails("read-only", () => root.openAt({}, "f", {}, { write: true }));
});
