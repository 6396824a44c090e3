/**
 * The persistent volume on fake handles: the suite, the same after every
 * remount, random operations against memory, power cuts, a full disk.
 * @module
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { memory } from "@slipway/wasi";
import { persistent } from "../../shims/src/fs/persistent.js";
import { Disk, PowerCut, seeded } from "./fake-disk.js";
import { dump, randomStep } from "./fs-steps.js";
import { fails, fsSuite, rootOf } from "./fs.suite.js";

const DISPOSE = Symbol.dispose ?? Symbol.for("dispose");
const bytes = (string) => new TextEncoder().encode(string);
const quiet = { commitMs: null };

fsSuite("persistent volume", () => persistent(new Disk(seeded(1)).handles()));

test("it is there again after a remount", () => {
  const disk = new Disk(seeded(2));
  const first = persistent(disk.handles(), quiet);
  const { root, put, open } = rootOf(first);
  put("f", "content");
  root.createDirectoryAt("d");
  put("d/g", "deep");
  root.symlinkAt("d/g", "s");
  root.linkAt({}, "f", root, "d/hard");
  const holes = open("holes", { create: true });
  holes.write(bytes("x"), 100000n);
  const when = { seconds: 5n, nanoseconds: 678901234 };
  const time = { tag: "timestamp", val: when };
  root.setTimesAt({}, "f", time, time);
  root.setTimesAt({}, "d", time, time);
  const unlinked = open("gone", { create: true });
  unlinked.write(new Uint8Array(8192), 0n);
  root.unlinkFileAt("gone");
  const before = dump(first);
  first.close();
  assert.throws(() => disk.files.get("data") && holes.write(bytes("y"), 0n));

  const second = persistent(disk.handles(), quiet);
  assert.equal(dump(second), before);
  const again = rootOf(second);
  assert.equal(again.get("s"), "deep");
  assert.equal(again.root.statAt({}, "f").linkCount, 2n);
  assert.deepEqual(again.root.statAt({}, "d").dataAccessTimestamp, when);
  assert.deepEqual(again.root.statAt({}, "f").dataModificationTimestamp, when);
  // What the unlinked file had is free again.
  const { blocks, free } = second.usage();
  assert.equal(blocks - free, 3);
});

test("what is synced is durable; what is not may be lost, whole", () => {
  const disk = new Disk(seeded(3));
  const volume = persistent(disk.handles(), quiet);
  const { open, put } = rootOf(volume);
  put("f", "old content");
  const file = open("f");
  file.sync();
  file.write(bytes("NEW"), 0n);
  put("g", "never synced");
  for (const { storage } of [disk.file("data")]) storage.flush();
  disk.crash();
  const after = rootOf(persistent(disk.handles(), quiet));
  assert.equal(after.get("f"), "old content");
  fails("no-entry", () => after.root.statAt({}, "g"));
});

test("changes are written down unasked, before long", async () => {
  const disk = new Disk(seeded(4));
  const volume = persistent(disk.handles(), { commitMs: 5 });
  rootOf(volume).put("f", "x");
  await new Promise((resolve) => setTimeout(resolve, 30));
  disk.crash();
  assert.equal(rootOf(persistent(disk.handles(), quiet)).get("f"), "x");
});

test("a small change writes little", () => {
  const disk = new Disk(seeded(5));
  const volume = persistent(disk.handles(), quiet);
  const { put, open } = rootOf(volume);
  for (let i = 0; i < 100; i++) put(`f${i}`, "x".repeat(100000));
  volume.commit();
  disk.written = 0;
  const file = open("f50");
  file.write(bytes("y"), 50000n);
  file.sync();
  assert.ok(disk.written < 5000, `${disk.written} bytes for one`);
});

test("the log is compacted, and space is used again", () => {
  const disk = new Disk(seeded(6));
  const volume = persistent(disk.handles(), quiet);
  const { put, root, open } = rootOf(volume);
  put("f", "x");
  const file = open("f");
  const block = new Uint8Array(4096);
  for (let i = 0; i < 20000; i++) {
    file.write(block.fill(i), 0n);
    file.sync();
  }
  assert.ok(volume.usage().blocks < 20);
  const logs = ["log-a", "log-b"].map(
    (n) => disk.files.get(n)?.now.length ?? 0,
  );
  assert.ok(Math.max(...logs) < 3 << 20, String(logs));
  for (let i = 0; i < 200; i++) {
    put(`g${i % 7}`, "z".repeat(50000));
    if (i % 3 === 0) volume.commit();
    root.unlinkFileAt(`g${i % 7}`);
  }
  assert.ok(volume.usage().blocks < 200, JSON.stringify(volume.usage()));
  const before = dump(volume);
  volume.close();
  assert.equal(dump(persistent(disk.handles(), quiet)), before);
});

test("a read-only mount reads, and writes nothing", () => {
  const disk = new Disk(seeded(7));
  const volume = persistent(disk.handles(), quiet);
  rootOf(volume).put("f", "x");
  volume.close();
  const calls = disk.calls;
  const mounted = persistent(disk.handles(), { readonly: true });
  const { get, root } = rootOf(mounted);
  assert.equal(get("f"), "x");
  fails("read-only", () => root.unlinkFileAt("f"));
  mounted.close();
  assert.equal(disk.calls, calls);
  const empty = persistent(new Disk(seeded(8)).handles(), { readonly: true });
  assert.equal(dump(empty), "");
});

test("a full disk is told, loses nothing, and recovers", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seeded(seed);
    const disk = new Disk(random);
    const volume = persistent(disk.handles(), quiet);
    const { open, put, root } = rootOf(volume);
    put("keep", "kept");
    volume.commit();
    // What is committed is all that there will be room for.
    if (seed % 2) put("committed", "c".repeat(80000));
    volume.commit();
    disk.capacity = disk.used() + (seed % 2 ? 0 : 100000);
    const file = open("big", { create: true });
    let at = 0n;
    let code;
    for (let i = 0; i < 100 && !code; i++)
      try {
        at += file.write(new Uint8Array(random.pick([4096, 5000, 16384])), at);
      } catch (error) {
        code = error;
      }
    assert.equal(code, "insufficient-space");
    assert.ok(seed % 2 || at >= 70000n, String(at));
    root.unlinkFileAt("big");
    file[DISPOSE]();
    if (seed % 2) root.unlinkFileAt("committed");
    put("after", "y".repeat(60000));
    volume.commit();
    const before = dump(volume);
    disk.crash();
    assert.equal(dump(persistent(disk.handles(), quiet)), before);
  }
});

test("a volume of a newer version is left alone", () => {
  const disk = new Disk(seeded(9));
  persistent(disk.handles(), quiet).close();
  const log = disk.files.get("log-a");
  assert.ok(log);
  log.now[4] = 99;
  // The header's checksum no longer fits: it is no log, and none is there.
  assert.equal(dump(persistent(disk.handles(), { readonly: true })), "");
});

describe("random operations", () => {
  test("answer as memory does, and survive remounts", () => {
    for (let seed = 100; seed < 130; seed++) {
      const random = seeded(seed);
      const disk = new Disk(random);
      let volume = persistent(disk.handles(), quiet);
      const model = memory();
      /** @type {any[][]} */
      let open = [[], []];
      const all = [rootOf(model), rootOf(volume)];
      for (let i = 0; i < 300; i++) {
        randomStep(random, all, open);
        if (random.next() < 0.05) volume.commit();
        if (random.next() < 0.02) {
          for (const files of open) for (const file of files) file?.[DISPOSE]();
          open = [[], []];
          volume.close();
          volume = persistent(disk.handles(), quiet);
          all[1] = rootOf(volume);
        }
      }
      assert.equal(dump(volume), dump(model), `seed ${seed}`);
    }
  });

  test("200 power cuts: the state is that of the last commit, or of the one under way", () => {
    for (let seed = 1000; seed < 1200; seed++) {
      const random = seeded(seed);
      const disk = new Disk(random);
      const volume = persistent(disk.handles(), quiet);
      const sides = [rootOf(volume)];
      const open = [[]];
      let committed = dump(volume);
      let committing;
      disk.callsLeft = 20 + random.below(400);
      try {
        for (let i = 0; i < 1000; i++) {
          randomStep(random, sides, open);
          if (random.next() < 0.08) {
            committing = dump(volume);
            volume.commit();
            committed = committing;
            committing = undefined;
          }
        }
        disk.callsLeft = 0;
        volume.commit();
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
      }
      disk.crash();
      const mounted = persistent(disk.handles(), quiet);
      const after = dump(mounted);
      if (after !== committed)
        assert.equal(after, committing, `seed ${seed}: neither state`);
      // And it goes on working from there.
      rootOf(mounted).put("g2", "new");
      mounted.close();
      assert.equal(rootOf(persistent(disk.handles(), quiet)).get("g2"), "new");
    }
  });
});
