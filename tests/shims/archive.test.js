/**
 * Archives and the owner's view of volumes: round trips, the system's own tar and
 * Python's zip as witnesses, and archives that mean harm.
 * @module
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { files, memory, symlink } from "@slipway/wasi";
import { install, toTar, toZip, untar, unzip } from "@slipway/wasi/archive";
import { persistent } from "../../shims/src/fs/persistent.js";
import { Disk, seeded } from "./fake-disk.js";

const text = (array) => new TextDecoder().decode(array);
const long = "d".repeat(90);
const tree = () => ({
  "a.txt": "text ".repeat(1000),
  empty: "",
  bin: Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) >> 3),
  dir: { sub: { "é ü.txt": "unicode" }, none: {} },
  [long]: { [long]: { file: "a path of more than 100 bytes" } },
  link: symlink("dir/sub/é ü.txt"),
  ["__proto__"]: "own",
});

/** What is in a volume, to be compared. */
function told(volume) {
  const all = files(volume);
  return [...all.walk()]
    .map(([path, { kind, size }]) => {
      const sum = kind === "regular-file" ? String(all.read(path)) : "";
      return `${path} ${kind} ${kind === "directory" ? "" : size} ${sum}`;
    })
    .sort();
}

function scratch(t) {
  const dir = mkdtempSync(join(tmpdir(), "slipway-archive-"));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

const has = (program) =>
  "process" in globalThis && spawnSync(program, ["--version"]).status === 0;

test("there and back again", async () => {
  const volume = memory(tree());
  assert.deepEqual(
    told(memory(await unzip(await toZip(volume)))),
    told(volume),
  );
  assert.deepEqual(told(memory(await untar(toTar(volume)))), told(volume));
});

test("times come through", async () => {
  const volume = memory({ f: "x" });
  const at = Date.UTC(2020, 1, 2, 3, 4, 6, 789);
  const node = volume.lookup(volume.root, "f");
  assert.ok(node);
  const time = { seconds: Math.floor(at / 1000), nanoseconds: 789000000 };
  volume.setTimes(node, time, time);
  const tar = files(memory(await untar(toTar(volume))));
  assert.equal(tar.info("f")?.modified.getTime(), at);
  const zip = files(memory(await unzip(await toZip(volume))));
  assert.equal(zip.info("f")?.modified.getTime(), at - 789);
});

test(
  "the system's tar writes and reads the same",
  { skip: !has("tar") },
  async (t) => {
    const dir = scratch(t);
    mkdirSync(join(dir, "in", long, long), { recursive: true });
    writeFileSync(join(dir, "in/f"), "content");
    writeFileSync(join(dir, "in", long, long, "deep"), "far down");
    symlinkSync("f", join(dir, "in/s"));
    execFileSync("ln", [join(dir, "in/f"), join(dir, "in/hard")]);
    for (const format of ["gnu", "pax", "ustar"])
      for (const flags of ["-c", "-cz"]) {
        const args = [flags, `--format=${format}`, "-C", join(dir, "in"), "."];
        const all = files(memory(await untar(execFileSync("tar", args))));
        assert.equal(text(all.read("f")), "content", format);
        assert.equal(text(all.read("hard")), "content");
        assert.equal(text(all.read("s")), "content");
        assert.equal(all.read(`${long}/${long}/deep`).length, 8);
      }
    writeFileSync(join(dir, "ours.tar"), toTar(memory(tree())));
    mkdirSync(join(dir, "out"));
    execFileSync("tar", ["-xf", join(dir, "ours.tar"), "-C", join(dir, "out")]);
    assert.equal(readFileSync(join(dir, "out/link"), "utf8"), "unicode");
    assert.equal(readFileSync(join(dir, "out", long, long, "file")).length, 29);
  },
);

test(
  "Python's zip writes and reads the same",
  { skip: !has("python3") },
  async (t) => {
    const dir = scratch(t);
    const script = `
import zipfile, sys
z = zipfile.ZipFile("${dir}/theirs.zip", "w", zipfile.ZIP_DEFLATED)
z.writestr("a/b.txt", "content " * 100)
z.writestr("empty/", "")
z.comment = b"a comment"
z.close()
ours = zipfile.ZipFile("${dir}/ours.zip")
assert ours.testzip() is None
print(sorted(ours.namelist()))`;
    writeFileSync(
      join(dir, "ours.zip"),
      await toZip(memory({ x: "y", d: { z: "" } })),
    );
    const out = execFileSync("python3", ["-c", script]);
    assert.equal(String(out), "['d/', 'd/z', 'x']\n");
    const all = files(
      memory(await unzip(readFileSync(join(dir, "theirs.zip")))),
    );
    assert.equal(all.read("a/b.txt").length, 800);
    assert.deepEqual(all.list("empty"), []);
  },
);

test("archives that mean harm, or are none", async () => {
  const volume = memory({ "up-evil": "x" });
  const evil = (bytes) => {
    const latin = Array.from(bytes, (b) => String.fromCharCode(b)).join("");
    const moved = latin.replaceAll("up-evil", "../evil");
    return Uint8Array.from(moved, (c) => c.charCodeAt(0));
  };
  await assert.rejects(unzip(evil(await toZip(volume))), /leads out/);
  const tar = evil(toTar(volume));
  // The checksum covers the name; both sums are those of the bytes now there.
  await assert.rejects(untar(tar), /leads out|not a tar/);
  await assert.rejects(unzip(new Uint8Array(100)), /not a zip/);
  const flipped = await toZip(memory({ f: "a" }));
  flipped[31] ^= 1;
  await assert.rejects(unzip(flipped), /broken zip/);
  await assert.rejects(untar(new Uint8Array(1024).fill(1)), /not a tar/);
  const whole = toTar(memory({ f: "x".repeat(5000) }));
  await assert.rejects(untar(whole.subarray(0, 3000)), /cut off/);
});

test("a tree is installed into a volume of any kind", () => {
  const volume = persistent(new Disk(seeded(1)).handles(), { commitMs: null });
  install(volume, tree());
  install(volume, { "a.txt": "over", link: symlink("a.txt") });
  const all = files(volume);
  assert.equal(text(all.read("link")), "over");
  assert.equal(text(all.read("dir/sub/é ü.txt")), "unicode");
});

test("what is installed keeps its times", async () => {
  const source = memory({ d: { f: "x" } });
  const at = { seconds: 1577934245, nanoseconds: 789000000 };
  const dir = source.lookup(source.root, "d");
  source.setTimes(
    /** @type {any} */ (source.lookup(/** @type {any} */ (dir), "f")),
    at,
    at,
  );
  const volume = persistent(new Disk(seeded(1)).handles(), { commitMs: null });
  install(volume, await untar(toTar(source)), "into/a place");
  const info = files(volume).info("into/a place/d/f");
  assert.equal(info?.modified.getTime(), 1577934245789);
});

test("the owner's view", () => {
  const all = files(memory({ f: "1" }));
  all.write("/a/b/c", "2");
  assert.equal(all.info("a/b")?.kind, "directory");
  assert.equal(all.info("nope"), undefined);
  assert.equal(all.info("f/x"), undefined);
  all.rename("f", "a/f");
  assert.deepEqual([...all.walk()].map(([path]) => path).sort(), [
    "a",
    "a/b",
    "a/b/c",
    "a/f",
  ]);
  assert.throws(() => all.read("nope"), { code: "no-entry" });
  assert.throws(() => all.read("../x"), { code: "not-permitted" });
  assert.throws(() => all.list("a/f"), { code: "not-directory" });
  const copy = all.read("a/f");
  copy.fill(0);
  assert.equal(text(all.read("a/f")), "1");
  all.remove("a");
  assert.deepEqual(all.list(), []);
});
