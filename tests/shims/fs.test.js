/**
 * The suite on memory, and what only memory has: tree literals and limits.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { memory, symlink } from "@slipway/wasi";
import { fails, fsSuite, hostOf, rootOf } from "./fs.suite.js";

fsSuite("memory", () => memory());

test("tree literals", () => {
  let made = 0;
  const { root, get, names } = rootOf(
    memory({
      "a.txt": "text",
      "b.bin": new Uint8Array([1, 2, 3]),
      dir: { sub: { "c.txt": "deep" } },
      link: symlink("dir/sub/c.txt"),
      lazy: () => {
        made++;
        return "made";
      },
      ["__proto__"]: "own",
    }),
  );
  assert.deepEqual(names(), [
    "__proto__",
    "a.txt",
    "b.bin",
    "dir",
    "lazy",
    "link",
  ]);
  assert.equal(made, 0);
  assert.equal(get("lazy"), "made");
  assert.equal(get("lazy"), "made");
  assert.equal(made, 1);
  assert.equal(get("link"), "deep");
  assert.equal(root.statAt({}, "b.bin").size, 3n);
  for (const name of ["", ".", "..", "a/b", "a\0"])
    assert.throws(() => memory({ [name]: "" }), TypeError);
});

test("a full volume says so and keeps what it has", () => {
  const { open, get, root } = rootOf(memory({ a: "12345" }, { maxBytes: 10 }));
  const file = open("b", { create: true });
  assert.equal(file.write(new Uint8Array(5), 0n), 5n);
  fails("insufficient-space", () => file.write(new Uint8Array(1), 5n));
  fails("insufficient-space", () => file.setSize(6n));
  assert.equal(file.write(new Uint8Array(2).fill(65), 3n), 2n);
  assert.equal(get("b"), "\0\0\0AA");
  const stream = file.appendViaStream();
  assert.throws(() => stream.blockingWriteAndFlush(new Uint8Array(1)), {
    tag: "last-operation-failed",
  });
  root.unlinkFileAt("a");
  assert.equal(file.write(new Uint8Array(5), 5n), 5n);
});

test("a failed stream gives its error code", () => {
  const { open, errorCode, imports } = rootOf(memory({}, { maxBytes: 2 }));
  const stream = open("b", { create: true }).appendViaStream();
  let error;
  try {
    stream.blockingWriteAndFlush(new Uint8Array(3));
  } catch (thrown) {
    error = thrown;
  }
  assert.equal(error.tag, "last-operation-failed");
  assert.ok(error.val instanceof imports["wasi:io/error@0.2.12"].Error);
  assert.equal(errorCode(error.val), "insufficient-space");
  fails({ tag: "closed" }, () => stream.flush());
});

test("several grants, none of them by default", () => {
  const get = ({ imports }) =>
    imports["wasi:filesystem/preopens@0.2.12"].getDirectories();
  assert.deepEqual(get(hostOf(memory(), { fs: undefined })), []);
  const shared = memory({ f: "1" });
  const other = memory();
  const fs = { "/": shared, "/again": shared, "/other": other };
  const dirs = get(hostOf(shared, { fs }));
  assert.deepEqual(
    dirs.map(([, path]) => path),
    ["/", "/again", "/other"],
  );
  const [[a], [b], [c]] = dirs;
  assert.equal(a.isSameObject(b), true);
  assert.equal(a.isSameObject(c), false);
  fails("cross-device", () => a.renameAt("f", c, "f"));
  fails("cross-device", () => a.linkAt({}, "f", c, "f"));
  a.renameAt("f", b, "g");
  assert.equal(b.statAt({}, "g").size, 1n);
});
