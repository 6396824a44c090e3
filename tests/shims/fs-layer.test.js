/**
 * Layers: the suite on a volume that lies over another, random operations against
 * a copy, remounts and power cuts, and that what is below stays as it is.
 * @module
 */
import assert from "node:assert/strict";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { files, layered, memory, readonly, symlink } from "@slipway/wasi";
import { toTar, toZip, untar, unzip } from "@slipway/wasi/archive";
import { directory } from "@slipway/wasi/node";
import { runWorker } from "@slipway/wasi/worker";
import { persistent } from "../../shims/src/fs/persistent.js";
import { Disk, PowerCut, seeded } from "./fake-disk.js";
import { dump, randomStep } from "./fs-steps.js";
import { fails, fsSuite, rootOf } from "./fs.suite.js";

const DISPOSE = Symbol.dispose ?? Symbol.for("dispose");
const bytes = (string) => new TextEncoder().encode(string);
const quiet = { commitMs: null };

/** Under the names that the suite and the random steps use. */
const tree = () => ({
  a: "below a",
  b: new Uint8Array(9000).fill(7),
  c: symlink("a"),
  d: { f: "in d", g: { h: "deep" } },
  e: { a: "in e", b: "also", f: { a: "deeper" } },
  f: "junk",
  g: {},
  link: symlink("d"),
});

/** A volume in which everything of the layer below is hidden. */
function emptied(volume) {
  const all = files(volume);
  for (const { name } of all.list()) all.remove(name);
  return volume;
}

fsSuite("layered over nothing", () => layered(memory()));
fsSuite("layered, all below removed", () => emptied(layered(memory(tree()))));
fsSuite("persistent layer, all below removed", () => {
  const over = memory(tree());
  const handles = () => disk.handles();
  const disk = new Disk(seeded(1));
  emptied(persistent(handles(), { ...quiet, over })).close();
  return persistent(handles(), { ...quiet, over });
});

test("what is below shows through, and stays as it is", () => {
  const lower = memory(tree());
  const before = dump(lower);
  const { root, get, put, open, names } = rootOf(layered(lower));
  assert.equal(dump(layered(lower)), before);
  assert.equal(get("link/g/h"), "deep");
  // Open before it is changed: reader and writer have one file.
  const reader = open("a", {}, { read: true });
  open("a").write(bytes("ABOVE"), 0n);
  assert.equal(String(Buffer.from(reader.read(99n, 0n)[0])), "ABOVE a");
  assert.ok(reader.isSameObject(open("a")));
  // A directory moves with all that is in it, and its name is free.
  root.renameAt("e", root, "moved");
  assert.equal(get("moved/f/a"), "deeper");
  fails("no-entry", () => root.statAt({}, "e"));
  root.createDirectoryAt("e");
  assert.deepEqual(names(open("e", {}, { read: true })), []);
  // What is made anew does not bring back what was there.
  for (const path of ["d/g/h", "d/f"]) root.unlinkFileAt(path);
  fails("not-empty", () => root.removeDirectoryAt("d"));
  root.removeDirectoryAt("d/g");
  root.removeDirectoryAt("d");
  root.createDirectoryAt("d");
  fails("no-entry", () => root.statAt({}, "d/f"));
  put("d/f", "new");
  root.unlinkFileAt("c");
  put("c", "a file now");
  assert.equal(get("d/f"), "new");
  // Without a copy: a link, a time, a truncation.
  root.linkAt({}, "b", root, "b2");
  assert.equal(root.statAt({}, "b").linkCount, 2n);
  open("b", { truncate: true });
  assert.equal(get("b2"), "");
  assert.equal(dump(lower), before);
});

test("a persistent layer keeps the difference, and only that", () => {
  const lower = memory({ ...tree(), big: { file: "x".repeat(1 << 20) } });
  const disk = new Disk(seeded(2));
  const mount = () => persistent(disk.handles(), { ...quiet, over: lower });
  let volume = mount();
  const { root, put, open } = rootOf(volume);
  put("made", "above");
  open("d/f").write(bytes("IN"), 0n);
  root.unlinkFileAt("a");
  root.removeDirectoryAt("g");
  root.createDirectoryAt("g");
  root.renameAt("e", root, "g/moved");
  root.renameAt("c", root, "g/link");
  root.renameAt("big", root, "bigger");
  const time = { tag: "timestamp", val: { seconds: 9n, nanoseconds: 8 } };
  root.setTimesAt({}, "bigger/file", time, time);
  const before = dump(volume);
  assert.ok(!before.split("\n").some((line) => line.startsWith("/a ")));
  volume.close();
  // Room for the log is most of it; the large file is not among it.
  assert.ok(disk.written < 1 << 19, `${disk.written} bytes`);
  for (let i = 0; i < 3; i++) {
    volume = mount();
    assert.equal(dump(volume), before);
    const again = rootOf(volume);
    assert.equal(again.get("g/moved/f/a"), "deeper");
    assert.equal(again.get("d/f"), "IN d");
    assert.equal(again.root.readlinkAt("g/link"), "a");
    const stat = again.root.statAt({}, "bigger/file");
    assert.deepEqual(stat.dataModificationTimestamp, time.val);
    volume.close();
  }
  assert.throws(() => persistent(disk.handles(), quiet), /over/);
});

test("one byte copies one file, once", () => {
  const lower = memory();
  for (let i = 0; i < 100; i++) files(lower).write(`f${i}`, "x".repeat(100000));
  const disk = new Disk(seeded(3));
  const volume = persistent(disk.handles(), { ...quiet, over: lower });
  volume.commit();
  const write = (at) => {
    disk.written = 0;
    const file = rootOf(volume).open("f50");
    file.write(bytes("y"), at);
    file.sync();
    return disk.written;
  };
  const first = write(50000n);
  assert.ok(first > 100000 && first < 110000, `${first} bytes at first`);
  const then = write(60000n);
  assert.ok(then < 5000, `${then} bytes then`);
});

test("no room for the copy: the file stays as it was", () => {
  const lower = memory({ f: "x".repeat(1000), g: "y" });
  const { open, get, root } = rootOf(layered(lower, { maxBytes: 100 }));
  const file = open("f");
  fails("insufficient-space", () => file.write(bytes("y"), 0n));
  assert.equal(get("f"), "x".repeat(1000));
  file.setSize(50n);
  assert.equal(get("f"), "x".repeat(50));
  root.unlinkFileAt("f");
  file[DISPOSE]();
  assert.equal(open("g").write(new Uint8Array(99), 0n), 99n);
});

test("over archives, a directory of the host, and another layer", async (t) => {
  const source = memory(tree());
  const told = dump(source);
  const zip = await unzip(await toZip(source));
  const tar = await untar(toTar(source));
  const path = fs.mkdtempSync(join(tmpdir(), "slipway-layer-"));
  t.after(() => fs.rmSync(path, { recursive: true }));
  for (const [at, info] of files(source).walk())
    if (info.kind === "directory") fs.mkdirSync(join(path, at));
    else if (info.kind === "symbolic-link")
      fs.symlinkSync(at === "c" ? "a" : "d", join(path, at));
    else fs.writeFileSync(join(path, at), files(source).read(at));
  const host = directory(path, { readonly: true });
  const descriptors = () =>
    process.platform === "linux" ? fs.readdirSync("/proc/self/fd").length : 0;
  // Looking at it keeps its root open.
  assert.equal(dump(host), told);
  const held = descriptors();
  const lowers = [memory(zip), memory(tar), readonly(source), host];
  for (const lower of [...lowers, layered(layered(host))]) {
    const volume = layered(lower);
    assert.equal(dump(volume), told);
    const { root, open, get } = rootOf(volume);
    open("a").write(bytes("ABOVE"), 0n);
    root.renameAt("d", root, "dd");
    root.unlinkFileAt("dd/f");
    assert.equal(get("a"), "ABOVE a");
    assert.equal(get("dd/g/h"), "deep");
    // Exported, it is one tree.
    const copy = memory(await untar(toTar(volume)));
    assert.equal(dump(copy), dump(volume));
    assert.equal(dump(lower), told);
    // What was read below is closed again.
    assert.equal(descriptors(), held);
  }
});

test("runWorker: a writable layer over a tree", async () => {
  const main = `export async function instantiate(core, imports) {
    const at = (name) => imports["wasi:" + name + "@0.2.12"];
    const [[root]] = at("filesystem/preopens").getDirectories();
    const out = at("cli/stdout").getStdout();
    return { "wasi:cli/run@0.2.3": { run() {
      root.openAt({}, "f", {}, { write: true }).write(new Uint8Array([65]), 0n);
      root.unlinkFileAt("g");
      root.renameAt("d", root, "e");
      const list = root.readDirectory();
      const names = [];
      for (let e; (e = list.readDirectoryEntry()); ) names.push(e.name);
      const file = root.openAt({}, "f", {}, { read: true });
      out.blockingWriteAndFlush(file.read(9n, 0n)[0].slice());
      out.blockingWriteAndFlush(new TextEncoder().encode(" " + names.sort()));
    } } };
  }`;
  const start = (mount) =>
    runWorker({ files: { "main.js": main } }, { fs: { "/": mount } });
  const run = start({ over: { memory: { f: "abc", g: "", d: { x: "" } } } });
  let told = "";
  for await (const chunk of run.stdout) told += new TextDecoder().decode(chunk);
  assert.equal(told, "Abc e,f");
  assert.equal(await run.exit, 0);
  const bad = start({ memory: {}, over: { memory: {} } });
  await assert.rejects(bad.exit, /lie over/);
});

describe("random operations", () => {
  test("answer as a copy does, and survive remounts", () => {
    for (let seed = 2000; seed < 2040; seed++) {
      const random = seeded(seed);
      const disk = new Disk(random);
      const lower = memory(tree());
      const before = dump(lower);
      const mount = () => persistent(disk.handles(), { ...quiet, over: lower });
      let volume = mount();
      const model = memory(tree());
      const inMemory = layered(lower);
      /** @type {any[][]} */
      let open = [[], [], []];
      const all = [model, inMemory, volume].map((v) => rootOf(v));
      for (let i = 0; i < 300; i++) {
        randomStep(random, all, open);
        if (random.next() < 0.05) volume.commit();
        if (random.next() < 0.02) {
          for (const side of open) for (const file of side) file?.[DISPOSE]();
          open = [[], [], []];
          volume.close();
          volume = mount();
          all[2] = rootOf(volume);
        }
      }
      assert.equal(dump(inMemory), dump(model), `seed ${seed}`);
      assert.equal(dump(volume), dump(model), `seed ${seed}`);
      assert.equal(dump(lower), before);
    }
  });

  test("200 power cuts: never a state between two commits", () => {
    const lower = memory(tree());
    for (let seed = 3000; seed < 3200; seed++) {
      const random = seeded(seed);
      const disk = new Disk(random);
      const mount = () => persistent(disk.handles(), { ...quiet, over: lower });
      const volume = mount();
      const open = [[]];
      const all = [rootOf(volume)];
      let committed = dump(volume);
      let committing;
      disk.callsLeft = 20 + random.below(300);
      try {
        for (;;) {
          randomStep(random, all, open);
          if (random.next() < 0.08) {
            committing = dump(volume);
            volume.commit();
            committed = committing;
            committing = undefined;
          }
        }
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
      }
      disk.crash();
      const after = dump(mount());
      if (after !== committed)
        assert.equal(after, committing, `seed ${seed}: neither state`);
    }
  });
});
