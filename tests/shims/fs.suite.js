/**
 * The file-system suite: what every volume must do, through the face that guests
 * see. A backend runs it with a function that makes an empty volume.
 * @module
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readonly, wasi } from "@slipway/wasi";

const bytes = (text) => new TextEncoder().encode(text);
const text = (array) => new TextDecoder().decode(array);
const DISPOSE = Symbol.dispose ?? Symbol.for("dispose");
const FOLLOW = { symlinkFollow: true };
const RW = { read: true, write: true };

/** Runs `act` and expects it to throw exactly `code`. */
export function fails(code, act) {
  let thrown;
  try {
    act();
  } catch (error) {
    thrown = error;
    if (error instanceof Error) throw error;
  }
  assert.deepEqual(thrown, code);
}

export function hostOf(volume, more = {}) {
  return wasi({ fs: { "/": volume }, stdout: null, stderr: null, ...more });
}

/** The root descriptor and shorthands around it. */
export function rootOf(volume, more) {
  const { imports } = hostOf(volume, more);
  const preopens = imports["wasi:filesystem/preopens@0.2.12"];
  const [[root]] = preopens.getDirectories();
  const types = imports["wasi:filesystem/types@0.2.12"];
  return {
    root,
    imports,
    errorCode: types.filesystemErrorCode,
    open: (
      path,
      openFlags = {},
      /** @type {Record<string, boolean>} */ flags = RW,
      pathFlags = FOLLOW,
    ) => root.openAt(pathFlags, path, openFlags, flags),
    put(path, content = "") {
      const file = root.openAt(
        FOLLOW,
        path,
        { create: true, truncate: true },
        RW,
      );
      if (content.length > 0) file.write(bytes(content), 0n);
      file[DISPOSE]();
    },
    get(path) {
      const file = root.openAt(FOLLOW, path, {}, { read: true });
      const { size } = file.stat();
      const [data] = file.read(size, 0n);
      const copy = text(data);
      file[DISPOSE]();
      return copy;
    },
    names: (dir = root) =>
      entriesOf(dir)
        .map(({ name }) => name)
        .sort(),
  };
}

export function entriesOf(dir) {
  const stream = dir.readDirectory();
  const entries = [];
  for (;;) {
    const entry = stream.readDirectoryEntry();
    if (entry === undefined) return entries;
    entries.push(entry);
  }
}

/**
 * @param {string} name
 * @param {(t: import("node:test").TestContext) => unknown} make an empty volume
 * @param {{ nanoseconds?: boolean }} [has] what the backend's ground gives
 */
export function fsSuite(name, make, has = {}) {
  const { nanoseconds = true } = has;
  describe(`file system: ${name}`, () => {
    const test = (what, run) =>
      it(what, async (t) => {
        const volume = await make(t);
        await run(rootOf(volume), volume);
      });

    test("creates, writes, reads back", ({ root, open }) => {
      const file = open("a.txt", { create: true });
      assert.equal(file.write(bytes("hello"), 0n), 5n);
      assert.equal(file.write(bytes("HE"), 0n), 2n);
      const [data, end] = file.read(100n, 0n);
      assert.equal(text(data), "HEllo");
      assert.equal(end, false);
      assert.deepEqual(file.read(10n, 5n), [new Uint8Array(0), true]);
      assert.equal(text(file.read(2n, 1n)[0]), "El");
      assert.equal(file.stat().size, 5n);
      assert.equal(file.stat().type, "regular-file");
      assert.equal(file.getType(), "regular-file");
      assert.equal(root.getType(), "directory");
      assert.equal(root.statAt({}, "a.txt").size, 5n);
    });

    test("reads zeros from holes, also after shrinking and growing", ({
      open,
    }) => {
      const file = open("holes", { create: true });
      file.write(bytes("end"), 10000n);
      assert.equal(file.stat().size, 10003n);
      const [data] = file.read(10003n, 0n);
      assert.ok(data.subarray(0, 10000).every((byte) => byte === 0));
      file.write(new Uint8Array(6000).fill(7), 0n);
      file.setSize(5000n);
      file.setSize(9000n);
      const [again] = file.read(9000n, 0n);
      assert.equal(again.length, 9000);
      assert.ok(again.subarray(0, 5000).every((byte) => byte === 7));
      assert.ok(again.subarray(5000).every((byte) => byte === 0));
      file.setSize(1n << 31n);
      assert.equal(file.stat().size, 1n << 31n);
      assert.deepEqual(file.read(3n, 2000000000n)[0], new Uint8Array(3));
    });

    test("open flags: create, exclusive, truncate, directory", ({
      root,
      open,
      put,
      get,
    }) => {
      fails("no-entry", () => open("nope"));
      put("f", "content");
      fails("exist", () => open("f", { create: true, exclusive: true }));
      open("new", { create: true, exclusive: true });
      assert.equal(get("f"), "content");
      open("f", { truncate: true });
      assert.equal(get("f"), "");
      fails("not-directory", () => open("f", { directory: true }, {}));
      root.createDirectoryAt("d");
      fails("is-directory", () => open("d", {}, RW));
      fails("is-directory", () => open("d", { create: true }, {}));
      fails("is-directory", () => open("d", { truncate: true }, {}));
      fails("invalid", () => open("x", { directory: true, create: true }, {}));
      assert.equal(open("d", { directory: true }, {}).getType(), "directory");
      assert.equal(open("d", {}, { read: true }).getType(), "directory");
      fails("is-directory", () => open("n2/", { create: true }));
      fails("not-directory", () => open("f/", {}, {}));
    });

    test("rights of a file descriptor are enforced", ({ open, put }) => {
      put("f", "abc");
      const reader = open("f", {}, { read: true });
      fails("bad-descriptor", () => reader.write(bytes("x"), 0n));
      fails("invalid", () => reader.setSize(1n));
      fails("bad-descriptor", () => reader.writeViaStream(0n));
      fails("bad-descriptor", () => reader.appendViaStream());
      const writer = open("f", {}, { write: true });
      fails("bad-descriptor", () => writer.read(1n, 0n));
      fails("bad-descriptor", () => writer.readViaStream(0n));
      assert.equal(writer.write(bytes("z"), 1n), 1n);
      assert.equal(text(reader.read(3n, 0n)[0]), "azc");
      reader.sync();
      writer.syncData();
      assert.equal(reader.getFlags().read, true);
      assert.equal(reader.getFlags().write, false);
      assert.equal(writer.getFlags().write, true);
      const synced = open("f", {}, { ...RW, dataIntegritySync: true });
      assert.equal(synced.getFlags().dataIntegritySync, true);
      assert.equal(synced.write(bytes("s"), 0n), 1n);
    });

    test("without a right, a descriptor reads", ({ open, put }) => {
      put("f", "abc");
      const file = open("f", {}, {});
      assert.equal(text(file.read(3n, 0n)[0]), "abc");
      fails("bad-descriptor", () => file.write(bytes("x"), 0n));
    });

    test("streams outlive their descriptor", ({ root, open, put }) => {
      put("f", "abc");
      const file = open("f");
      const reader = file.readViaStream(1n);
      const writer = file.appendViaStream();
      root.unlinkFileAt("f");
      file[DISPOSE]();
      writer.blockingWriteAndFlush(bytes("def"));
      writer[DISPOSE]();
      // In the place of what was given back, if it was.
      put("other", "------");
      assert.equal(text(reader.read(10n)), "bcdef");
      reader[DISPOSE]();
    });

    test("operations of the wrong kind", ({ root, put, open }) => {
      put("f");
      fails("bad-descriptor", () => root.read(1n, 0n));
      fails("bad-descriptor", () => root.write(bytes("x"), 0n));
      fails("bad-descriptor", () => root.setSize(0n));
      fails("is-directory", () => root.readViaStream(0n));
      fails("bad-descriptor", () => root.advise(0n, 0n, "normal"));
      const file = open("f");
      file.advise(0n, 10n, "sequential");
      fails("not-directory", () => file.readDirectory());
      fails("not-directory", () => file.openAt(FOLLOW, "x", {}, {}));
      fails("not-directory", () => file.createDirectoryAt("x"));
      fails("not-directory", () => file.statAt({}, "x"));
      fails("invalid", () => root.readlinkAt("f"));
      fails("not-directory", () => root.statAt({}, "f/x"));
      fails("not-directory", () => root.statAt({}, "f/.."));
    });

    test("a path never leaves its directory", ({ root, put, open }) => {
      root.createDirectoryAt("in");
      put("secret", "s");
      const dir = open("in", { directory: true }, { read: true });
      for (const path of ["..", "../secret", "./../secret", "a/../../secret"]) {
        if (path.startsWith("a/")) dir.createDirectoryAt("a");
        fails("not-permitted", () => dir.openAt(FOLLOW, path, {}, RW));
        fails("not-permitted", () => dir.statAt(FOLLOW, path));
        fails("not-permitted", () => dir.unlinkFileAt(path));
        fails("not-permitted", () => dir.createDirectoryAt(path));
        fails("not-permitted", () => dir.symlinkAt("x", path));
        fails("not-permitted", () => dir.renameAt("a", dir, path));
        if (path.startsWith("a/")) dir.removeDirectoryAt("a");
      }
      fails("not-permitted", () => dir.removeDirectoryAt(".."));
      fails("not-permitted", () => root.statAt(FOLLOW, "/secret"));
      fails("not-permitted", () => root.openAt(FOLLOW, "/", {}, {}));
      fails("not-permitted", () => root.createDirectoryAt("/x"));
      assert.equal(root.statAt({}, "in/../secret").size, 1n);
      // Links may point out, but following them is refused.
      dir.symlinkAt("../secret", "out");
      fails("not-permitted", () =>
        dir.openAt(FOLLOW, "out", {}, { read: true }),
      );
      fails("not-permitted", () => dir.statAt(FOLLOW, "out"));
      assert.equal(dir.statAt({}, "out").type, "symbolic-link");
      assert.equal(dir.readlinkAt("out"), "../secret");
      assert.equal(root.statAt(FOLLOW, "in/out").size, 1n);
      fails("not-permitted", () => dir.symlinkAt("/etc/passwd", "abs"));
      dir.symlinkAt("..", "up");
      fails("not-permitted", () => dir.statAt({}, "up/secret"));
      fails("not-permitted", () =>
        dir.openAt(FOLLOW, "up/new", { create: true }, RW),
      );
    });

    test("odd names are only names", ({ root, put, get, names }) => {
      const odd = [
        "__proto__",
        "constructor",
        "toString",
        "ﬁ 𝄞\n\t",
        "...",
        "a b",
      ];
      for (const name of odd) {
        fails("no-entry", () => root.statAt({}, name));
        put(name, name);
      }
      assert.deepEqual(names(), [...odd].sort());
      for (const name of odd) assert.equal(get(name), name);
      fails("no-entry", () => root.statAt({}, "hasOwnProperty"));
      fails("no-entry", () => root.statAt({}, ""));
      fails("no-entry", () => root.openAt(FOLLOW, "", { create: true }, RW));
      fails("no-entry", () => root.createDirectoryAt(""));
      fails("invalid", () => root.statAt({}, "a\0b"));
      fails("name-too-long", () => root.statAt({}, "x".repeat(65536)));
      fails("name-too-long", () => root.createDirectoryAt("x".repeat(256)));
      fails("name-too-long", () => root.createDirectoryAt("é".repeat(128)));
      root.createDirectoryAt("x".repeat(255));
      root.createDirectoryAt("é".repeat(127));
    });

    test("'.' and slashes", ({ root, put, open }) => {
      root.createDirectoryAt("d/");
      put("d/f", "x");
      assert.equal(root.statAt({}, ".").type, "directory");
      assert.equal(root.statAt({}, "./d//./f").size, 1n);
      assert.equal(root.statAt({}, "d/.").type, "directory");
      assert.equal(root.statAt({}, "d/").type, "directory");
      fails("not-directory", () => root.statAt({}, "d/f/"));
      assert.ok(open(".", { directory: true }, {}).isSameObject(root));
      fails("exist", () => root.createDirectoryAt("."));
      fails("exist", () => root.createDirectoryAt("d"));
      fails("exist", () => root.createDirectoryAt("d/f"));
      fails("no-entry", () => root.createDirectoryAt("no/d"));
      fails("invalid", () => root.removeDirectoryAt("."));
      fails("is-directory", () => root.unlinkFileAt("d"));
      fails("is-directory", () => root.unlinkFileAt("d/"));
      fails("not-directory", () => root.unlinkFileAt("d/f/"));
      fails("not-empty", () => root.removeDirectoryAt("d"));
      fails("not-directory", () => root.removeDirectoryAt("d/f"));
      root.unlinkFileAt("d/f");
      root.removeDirectoryAt("d/");
      fails("no-entry", () => root.removeDirectoryAt("d"));
      fails("no-entry", () => root.unlinkFileAt("d"));
    });

    test("symbolic links", ({ root, put, get, open }) => {
      root.createDirectoryAt("d");
      put("d/f", "data");
      root.symlinkAt("d/f", "link");
      root.symlinkAt("d", "dir");
      root.symlinkAt("link", "twice");
      root.symlinkAt("gone", "dangling");
      root.symlinkAt("loop", "loop");
      assert.equal(get("link"), "data");
      assert.equal(get("twice"), "data");
      assert.equal(get("dir/f"), "data");
      assert.equal(get("dir/../d/f"), "data");
      assert.equal(root.statAt({}, "link").type, "symbolic-link");
      assert.equal(root.statAt({}, "link").size, 3n);
      assert.equal(root.statAt(FOLLOW, "link").size, 4n);
      assert.equal(root.readlinkAt("twice"), "link");
      fails("loop", () => root.statAt(FOLLOW, "loop"));
      fails("loop", () => open("loop"));
      fails("loop", () => open("link", {}, { read: true }, {}));
      fails("no-entry", () => root.statAt(FOLLOW, "dangling"));
      fails("exist", () => open("dangling", { create: true, exclusive: true }));
      open("dangling", { create: true }).write(bytes("made"), 0n);
      assert.equal(get("gone"), "made");
      fails("exist", () => root.symlinkAt("x", "link"));
      fails("no-entry", () => root.symlinkAt("", "empty"));
      fails("no-entry", () => root.symlinkAt("x", "slash/"));
      fails("exist", () => root.symlinkAt("x", "d/"));
      fails("not-directory", () => root.removeDirectoryAt("dir"));
      fails("is-directory", () => root.unlinkFileAt("dir/"));
      fails("name-too-long", () => root.symlinkAt("x".repeat(4096), "long"));
      assert.equal(root.statAt({}, "dir/").type, "directory");
      fails("not-directory", () => root.statAt({}, "link/"));
      root.unlinkFileAt("link");
      assert.equal(get("d/f"), "data");
      root.unlinkFileAt("dir");
      assert.equal(get("d/f"), "data");
    });

    test("hard links share one file", ({ root, put, get, open }) => {
      put("a", "1");
      root.linkAt({}, "a", root, "b");
      assert.equal(root.statAt({}, "a").linkCount, 2n);
      open("b").write(bytes("2"), 0n);
      assert.equal(get("a"), "2");
      assert.ok(open("a").isSameObject(open("b")));
      assert.deepEqual(
        root.metadataHashAt({}, "a"),
        root.metadataHashAt({}, "b"),
      );
      root.unlinkFileAt("a");
      assert.equal(get("b"), "2");
      assert.equal(root.statAt({}, "b").linkCount, 1n);
      root.createDirectoryAt("d");
      fails("not-permitted", () => root.linkAt({}, "d", root, "e"));
      fails("no-entry", () => root.linkAt({}, "nope", root, "e"));
      fails("exist", () => root.linkAt({}, "b", root, "d"));
      fails("exist", () => root.linkAt({}, "b", root, "b"));
      fails("no-entry", () => root.linkAt({}, "b", root, "e/"));
      fails("not-directory", () => root.linkAt({}, "b/", root, "e"));
      fails("invalid", () => root.linkAt(FOLLOW, "b", root, "e"));
      root.symlinkAt("b", "s");
      root.linkAt({}, "s", root, "s2");
      assert.equal(root.statAt({}, "s2").type, "symbolic-link");
    });

    test("an unlinked file lives while it is open", ({ root, open, put }) => {
      put("f", "alive");
      const file = open("f");
      root.unlinkFileAt("f");
      fails("no-entry", () => root.statAt({}, "f"));
      put("f", "other");
      assert.equal(text(file.read(10n, 0n)[0]), "alive");
      file.write(bytes("!"), 5n);
      assert.equal(text(file.read(10n, 0n)[0]), "alive!");
      assert.equal(file.stat().linkCount, 0n);
      assert.equal(file.isSameObject(open("f")), false);
      file[DISPOSE]();
    });

    test("a removed directory takes no more names", ({ root, open }) => {
      root.createDirectoryAt("d");
      const dir = open("d", { directory: true }, { read: true });
      root.removeDirectoryAt("d");
      fails("no-entry", () => dir.openAt(FOLLOW, "x", { create: true }, RW));
      fails("no-entry", () => dir.createDirectoryAt("x"));
      assert.deepEqual(entriesOf(dir), []);
    });

    test("rename", ({ root, put, get, open, names }) => {
      put("a", "A");
      put("b", "B");
      const held = open("b");
      root.renameAt("a", root, "b");
      assert.equal(get("b"), "A");
      assert.equal(text(held.read(9n, 0n)[0]), "B");
      fails("no-entry", () => root.renameAt("a", root, "c"));
      root.createDirectoryAt("d");
      root.createDirectoryAt("e");
      put("e/x");
      fails("is-directory", () => root.renameAt("b", root, "d"));
      fails("not-directory", () => root.renameAt("d", root, "b"));
      fails("not-empty", () => root.renameAt("d", root, "e"));
      fails("invalid", () => root.renameAt("e", root, "e/sub"));
      root.renameAt("e", root, "d");
      assert.deepEqual(names(), ["b", "d"]);
      assert.equal(get("d/x"), "");
      root.renameAt("d", root, "d");
      root.linkAt({}, "b", root, "b2");
      root.renameAt("b", root, "b2");
      assert.deepEqual(names(), ["b", "b2", "d"]);
      fails("not-directory", () => root.renameAt("b", root, "c/"));
      root.renameAt("d", root, "moved/");
      fails("busy", () => root.renameAt(".", root, "x"));
      fails("busy", () => root.renameAt("b", root, "."));
      const moved = open("moved", { directory: true }, { read: true });
      root.renameAt("b2", moved, "in");
      assert.equal(get("moved/in"), "A");
      moved.renameAt("in", root, "back");
      assert.equal(get("back"), "A");
      root.symlinkAt("back", "s");
      root.renameAt("s", root, "t");
      assert.equal(root.readlinkAt("t"), "back");
    });

    test("streams read, write and append at their own offsets", ({
      open,
      put,
      get,
    }) => {
      put("f", "0123456789");
      const file = open("f");
      const one = file.readViaStream(2n);
      const two = file.readViaStream(8n);
      assert.equal(text(one.read(3n)), "234");
      assert.equal(text(two.blockingRead(10n)), "89");
      fails({ tag: "closed" }, () => two.read(1n));
      assert.equal(text(one.read(2n)), "56");
      assert.equal(one.skip(2n), 2n);
      assert.equal(text(one.blockingRead(1n)), "9");
      const append1 = file.appendViaStream();
      const append2 = file.appendViaStream();
      append1.blockingWriteAndFlush(bytes("A"));
      append2.blockingWriteAndFlush(bytes("B"));
      append1.checkWrite();
      append1.write(bytes("C"));
      const at = file.writeViaStream(1n);
      at.blockingWriteAndFlush(bytes("xy"));
      at.blockingWriteAndFlush(bytes("z"));
      assert.equal(get("f"), "0xyz456789ABC");
      assert.equal(two.subscribe().ready(), true);
      const from = file.readViaStream(0n);
      put("g");
      const to = open("g").writeViaStream(0n);
      assert.equal(to.splice(from, 4n), 4n);
      assert.equal(to.blockingSplice(from, 100n), 9n);
      assert.equal(get("g"), "0xyz456789ABC");
      to.checkWrite();
      to.writeZeroes(2n);
      to.blockingWriteZeroesAndFlush(1n);
      assert.equal(get("g"), "0xyz456789ABC\0\0\0");
    });

    test("a directory stream is a snapshot", ({ root, put }) => {
      for (const name of ["a", "b", "c"]) put(name);
      root.createDirectoryAt("d");
      root.symlinkAt("a", "s");
      const stream = root.readDirectory();
      const first = stream.readDirectoryEntry();
      root.unlinkFileAt("c");
      put("later");
      const seen = [first];
      for (let e; (e = stream.readDirectoryEntry());) seen.push(e);
      const names = seen.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      for (const name of ["a", "b", "d", "s"]) assert.ok(names.includes(name));
      assert.equal(seen.find(({ name }) => name === "d").type, "directory");
      assert.equal(seen.find(({ name }) => name === "s").type, "symbolic-link");
      assert.equal(entriesOf(root).length, 5);
    });

    test("times", ({ root, put, open }) => {
      put("f", "x");
      const ns = nanoseconds ? 123456789 : 500000000;
      const at = (seconds) => ({
        tag: "timestamp",
        val: { seconds, nanoseconds: ns },
      });
      root.setTimesAt({}, "f", at(100n), at(1000000000n));
      const stat = root.statAt({}, "f");
      assert.deepEqual(stat.dataAccessTimestamp, {
        seconds: 100n,
        nanoseconds: ns,
      });
      assert.deepEqual(stat.dataModificationTimestamp, {
        seconds: 1000000000n,
        nanoseconds: ns,
      });
      const file = open("f");
      file.setTimes({ tag: "no-change" }, at(5n));
      assert.equal(file.stat().dataAccessTimestamp.seconds, 100n);
      assert.equal(file.stat().dataModificationTimestamp.seconds, 5n);
      const before = BigInt(Math.floor(Date.now() / 1000)) - 2n;
      file.setTimes({ tag: "now" }, { tag: "no-change" });
      assert.ok(file.stat().dataAccessTimestamp.seconds >= before);
      file.write(bytes("y"), 0n);
      assert.ok(file.stat().dataModificationTimestamp.seconds >= before);
      assert.ok(file.stat().statusChangeTimestamp.seconds >= before);
      root.symlinkAt("f", "s");
      root.setTimesAt({}, "s", at(7n), at(8n));
      assert.equal(root.statAt({}, "s").dataModificationTimestamp.seconds, 8n);
      root.setTimesAt(FOLLOW, "s", at(9n), at(10n));
      assert.equal(root.statAt({}, "f").dataModificationTimestamp.seconds, 10n);
      root.setTimesAt({}, ".", at(11n), at(12n));
      assert.equal(root.stat().dataModificationTimestamp.seconds, 12n);
      const bad = { tag: "timestamp", val: { seconds: 1n, nanoseconds: 1e9 } };
      fails("invalid", () => file.setTimes(bad, bad));
    });

    test("metadata hashes follow changes", ({ root, put, open }) => {
      put("f", "x");
      const file = open("f");
      const first = file.metadataHash();
      assert.deepEqual(root.metadataHashAt({}, "f"), first);
      file.write(bytes("longer"), 0n);
      assert.notDeepEqual(file.metadataHash(), first);
      put("g", "x");
      assert.notDeepEqual(
        root.metadataHashAt({}, "g"),
        root.metadataHashAt({}, "f"),
      );
      assert.equal(typeof first.lower, "bigint");
      assert.equal(typeof first.upper, "bigint");
    });

    test("huge offsets and lengths", ({ open, put }) => {
      put("f", "abc");
      const file = open("f");
      assert.deepEqual(file.read(10n, 1n << 40n), [new Uint8Array(0), true]);
      assert.equal(file.read(0xffffffffffffffffn, 0n)[0].length, 3);
      fails("invalid", () => file.read(1n, 0xffffffffffffffffn));
      fails("invalid", () => file.write(bytes("x"), 0xffffffffffffffffn));
      fails("invalid", () => file.setSize(0xffffffffffffffffn));
      assert.equal(file.stat().size, 3n);
      const stream = file.writeViaStream(0xffffffffffffffffn);
      stream.checkWrite();
      assert.throws(
        () => stream.write(bytes("x")),
        ({ tag, val }) =>
          tag === "last-operation-failed" && val.toDebugString() === "invalid",
      );
      fails({ tag: "closed" }, () => stream.checkWrite());
    });

    test("a read-only grant changes nothing", (rw, volume) => {
      rw.put("f", "x");
      rw.root.createDirectoryAt("d");
      const { root, open, get } = rootOf(readonly(volume));
      assert.equal(get("f"), "x");
      fails("read-only", () => open("f", {}, RW));
      fails("read-only", () => open("f", { truncate: true }, { read: true }));
      fails("read-only", () => open("n", { create: true }, { read: true }));
      fails("read-only", () =>
        open("d", {}, { read: true, mutateDirectory: true }),
      );
      fails("read-only", () => root.createDirectoryAt("n"));
      fails("read-only", () => root.unlinkFileAt("f"));
      fails("read-only", () => root.removeDirectoryAt("d"));
      fails("read-only", () => root.renameAt("f", root, "g"));
      fails("read-only", () => root.symlinkAt("f", "g"));
      fails("read-only", () => root.linkAt({}, "f", root, "g"));
      const now = { tag: "now" };
      fails("read-only", () => root.setTimesAt({}, "f", now, now));
      const file = open("f", {}, { read: true });
      fails("read-only", () => file.setTimes(now, now));
      assert.equal(root.getFlags().mutateDirectory, false);
      assert.equal(rw.root.getFlags().mutateDirectory, true);
      const sub = open("d", { directory: true }, { read: true });
      fails("read-only", () => sub.createDirectoryAt("x"));
    });

    test("many files and deep trees", ({ root, put, names, open }) => {
      for (let i = 0; i < 500; i++) put(`f${i}`, String(i));
      assert.equal(names().length, 500);
      for (let i = 0; i < 500; i += 2) root.unlinkFileAt(`f${i}`);
      assert.equal(names().length, 250);
      let path = "deep";
      root.createDirectoryAt(path);
      for (let i = 0; i < 60; i++) root.createDirectoryAt((path += "/d"));
      const deep = open(path, { directory: true }, { read: true });
      assert.deepEqual(entriesOf(deep), []);
      assert.ok(
        root
          .openAt(FOLLOW, `${path}${"/..".repeat(60)}`, {}, { read: true })
          .isSameObject(open("deep", {}, { read: true })),
      );
    });

    test("large files keep every byte", ({ open }) => {
      const file = open("big", { create: true });
      const block = new Uint8Array(100000);
      for (let i = 0; i < 30; i++)
        file.write(block.fill(i + 1).slice(), BigInt(i * block.length));
      for (let i = 29; i >= 0; i--) {
        const [data] = file.read(100000n, BigInt(i * block.length));
        assert.equal(data.length, 100000);
        assert.ok(data.every((byte) => byte === i + 1));
      }
      file.write(new Uint8Array(5000).fill(99), 98765n);
      const [data] = file.read(7000n, 98000n);
      assert.deepEqual(
        [data[764], data[765], data[5764], data[5765]],
        [1, 99, 99, 2],
      );
    });
  });
}
