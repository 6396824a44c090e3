/**
 * A real directory of the origin as a volume: files under their own names, whoever made them.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { directoryHandle } from "@slipway/wasi/directory-handle";
import { rootOf } from "../../shims/fs.suite.js";

/**
 * @param {FileSystemDirectoryHandle} parent
 * @param {string} name
 * @param {string} text
 */
async function write(parent, name, text) {
  const handle = await parent.getFileHandle(name, { create: true });
  const out = await handle.createWritable();
  await out.write(text);
  await out.close();
}

/**
 * @param {FileSystemDirectoryHandle} dir
 * @param {string} [path]
 * @returns {Promise<string[]>} every file with its text
 */
async function told(dir, path = "") {
  const all = [];
  for await (const [name, handle] of /** @type {any} */ (dir).entries())
    if (handle.kind === "directory")
      all.push(...(await told(handle, `${path}${name}/`)));
    else all.push(`${path}${name}=${await (await handle.getFile()).text()}`);
  return all.sort();
}

/** @param {string} name */
async function prepared(name) {
  const top = await navigator.storage.getDirectory();
  const dir = await top.getDirectoryHandle(name, { create: true });
  await write(dir, "a.txt", "first");
  const sub = await dir.getDirectoryHandle("sub", { create: true });
  await write(sub, "b.txt", "second");
  return {
    dir,
    remove: () => top.removeEntry(name, { recursive: true }),
  };
}

/** @param {() => unknown} act @returns {unknown} `ok`, or what was thrown */
function outcome(act) {
  try {
    act();
    return "ok";
  } catch (error) {
    if (error instanceof Error) throw error;
    return error;
  }
}

const BEFORE = ["a.txt=first", "sub/b.txt=second"];

export function directorySuite() {
  test("reads, writes, renames, removes", async (/** @type {any} */ t) => {
    const { dir, remove } = await prepared("picked");
    t.after(remove);
    assert.deepEqual(await told(dir), BEFORE);
    const volume = await directoryHandle(dir);
    const { root, put, get } = rootOf(volume);
    assert.equal(get("a.txt"), "first");
    assert.equal(get("sub/b.txt"), "second");
    assert.equal(root.statAt({}, "sub/b.txt").size, 6n);
    const done = [
      () => put("sub/new.txt", "made"),
      () => put("a.txt", "changed"),
      () => root.createDirectoryAt("dir"),
      () => root.renameAt("sub/b.txt", root, "dir/moved.txt"),
      () => root.symlinkAt("a.txt", "s"),
      () => root.linkAt({}, "a.txt", root, "l"),
    ].map(outcome);
    assert.deepEqual(done, [
      ...["ok", "ok", "ok", "ok", "unsupported", "unsupported"],
    ]);
    await volume.settled();
    assert.equal(
      outcome(() => root.unlinkFileAt("a.txt")),
      "ok",
    );
    assert.equal(
      outcome(() => root.removeDirectoryAt("sub")),
      "not-empty",
    );
    await volume.close();
    assert.deepEqual(await told(dir), [
      "dir/moved.txt=second",
      "sub/new.txt=made",
    ]);
  });

  test("read-only: nothing is changed", async (/** @type {any} */ t) => {
    const { dir, remove } = await prepared("looked-at");
    t.after(remove);
    const volume = await directoryHandle(dir, { readonly: true });
    const { root, put, get } = rootOf(volume);
    assert.equal(get("sub/b.txt"), "second");
    for (const act of [
      () => put("new", "x"),
      () => put("a.txt", "x"),
      () => root.createDirectoryAt("dir"),
      () => root.renameAt("a.txt", root, "b.txt"),
      () => root.unlinkFileAt("a.txt"),
    ])
      assert.equal(outcome(act), "read-only");
    await volume.close();
    assert.deepEqual(await told(dir), BEFORE);
  });
}
