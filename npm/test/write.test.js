import assert from "node:assert/strict";
import {
  mkdtemp,
  mkdir,
  readFile,
  readdir,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { writeFiles } from "../src/write.js";

let folder = "";
beforeEach(
  async () => (folder = await mkdtemp(join(tmpdir(), "slipway-write-"))),
);
afterEach(() => rm(folder, { recursive: true, force: true }));

const FILES = {
  "a.js": "text",
  "a.wasm": new Uint8Array([1, 2]),
  "interfaces/x.d.ts": "x",
};

test("a new folder gets all files, and nothing is left aside", async () => {
  writeFiles(join(folder, "deep/out"), FILES);
  assert.deepEqual((await readdir(join(folder, "deep"))).sort(), ["out"]);
  assert.equal(
    await readFile(join(folder, "deep/out/interfaces/x.d.ts"), "utf8"),
    "x",
  );
  assert.deepEqual(
    [...(await readFile(join(folder, "deep/out/a.wasm")))],
    [1, 2],
  );
});

test("an old folder keeps its other files", async () => {
  await mkdir(join(folder, "out/interfaces"), { recursive: true });
  await writeFile(join(folder, "out/mine.txt"), "mine");
  await writeFile(join(folder, "out/a.js"), "old");
  writeFiles(join(folder, "out"), FILES);
  assert.deepEqual((await readdir(join(folder, "out"))).sort(), [
    "a.js",
    "a.wasm",
    "interfaces",
    "mine.txt",
  ]);
  assert.equal(await readFile(join(folder, "out/a.js"), "utf8"), "text");
  assert.deepEqual(await readdir(folder), ["out"]);
});

test("a failure leaves the folder as it was, and nothing aside", async () => {
  await mkdir(join(folder, "out"));
  await writeFile(join(folder, "out/a.js"), "old");
  // Two paths that cannot both be: a file and a folder of one name.
  assert.throws(() =>
    writeFiles(join(folder, "out"), {
      "a.js": "new",
      x: "file",
      "x/y": "below a file",
    }),
  );
  assert.equal(await readFile(join(folder, "out/a.js"), "utf8"), "old");
  assert.deepEqual(await readdir(folder), ["out"]);
  assert.deepEqual(await readdir(join(folder, "out")), ["a.js"]);
});

test("a path that leaves the folder is refused", async () => {
  for (const path of ["../x", "a/../../x", "/etc/x/../../../x"])
    if (!join(folder, "out", path).startsWith(join(folder, "out/")))
      assert.throws(
        () => writeFiles(join(folder, "out"), { [path]: "" }),
        /outside/,
      );
  assert.deepEqual(await readdir(folder), []);
});

test("a file where the folder should be is refused", async () => {
  await writeFile(join(folder, "out"), "file");
  assert.throws(() => writeFiles(join(folder, "out"), FILES), /is a file/);
});
