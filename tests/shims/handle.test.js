/**
 * A directory handle as a volume, on handles in memory that behave as a browser's do: files go stale, directories are removed
 * when they are empty, writing may be refused. And folders that were dropped or chosen.
 * @module
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { files, layered, memory } from "@slipway/wasi";
import {
  directoryHandle,
  droppedMount,
  pickedTree,
} from "@slipway/wasi/directory-handle";
import { packTree, unpackTree } from "../../shims/src/fs/pack.js";
import { dump } from "./fs-steps.js";
import { fails, rootOf } from "./fs.suite.js";

const bytes = (text) => new TextEncoder().encode(text);
const refused = (name) => Object.assign(new Error(name), { name });

/** A file's content as it was when it was asked for. */
class Snapshot {
  constructor(file) {
    this.file = file;
    this.content = file.content;
    this.size = file.content.length;
    this.lastModified = 1234567000;
  }

  /** Throws when the file has changed or gone since. */
  read() {
    if (this.file.content !== this.content) throw refused("NotReadableError");
    this.file.disk.reads++;
    return this.content.slice().buffer;
  }

  async arrayBuffer() {
    return this.read();
  }
}

class FakeFile {
  kind = "file";
  content = new Uint8Array(0);
  constructor(disk, name) {
    this.disk = disk;
    this.name = name;
  }

  async getFile() {
    return new Snapshot(this);
  }

  async createWritable() {
    const { disk } = this;
    if (disk.refuse) throw refused(disk.refuse);
    let next = new Uint8Array(0);
    return {
      write: async (data) => {
        next = data.slice();
      },
      close: async () => {
        disk.log.push(`write ${this.name} ${next.length}`);
        this.content = next;
      },
    };
  }
}

class FakeDirectory {
  kind = "directory";
  children = new Map();
  constructor(disk, name) {
    this.disk = disk;
    this.name = name;
  }

  async *entries() {
    yield* this.children;
  }

  async #get(name, create, Kind) {
    const there = this.children.get(name);
    if (there && !(there instanceof Kind)) throw refused("TypeMismatchError");
    if (there) return there;
    if (!create) throw refused("NotFoundError");
    const made = new Kind(this.disk, name);
    this.children.set(name, made);
    return made;
  }

  getFileHandle(name, { create = false } = {}) {
    return this.#get(name, create, FakeFile);
  }

  getDirectoryHandle(name, { create = false } = {}) {
    return this.#get(name, create, FakeDirectory);
  }

  async removeEntry(name) {
    const there = this.children.get(name);
    if (!there) throw refused("NotFoundError");
    if (there.children?.size) throw refused("InvalidModificationError");
    // Who holds it sees that it is no longer there.
    if (there.kind === "file") there.content = new Uint8Array(0);
    this.children.delete(name);
    this.disk.log.push(`remove ${name}`);
  }
}

async function picked(tree) {
  /** @type {{ log: string[], reads: number, refuse?: string }} */
  const disk = { log: [], reads: 0 };
  /** @type {any} */
  const top = new FakeDirectory(disk, "top");
  const fill = async (dir, entries) => {
    for (const [name, entry] of Object.entries(entries))
      if (typeof entry === "string")
        (await dir.getFileHandle(name, { create: true })).content =
          bytes(entry);
      else
        await fill(await dir.getDirectoryHandle(name, { create: true }), entry);
  };
  await fill(top, tree);
  return { disk, top };
}

/** What is in a directory, as a tree literal. */
async function told(dir) {
  const tree = {};
  for await (const [name, child] of dir.entries())
    tree[name] =
      child.kind === "directory"
        ? await told(child)
        : new TextDecoder().decode(child.content);
  return tree;
}

const TREE = { a: "first", b: "second", d: { c: "third", e: { f: "4" } } };

describe("a directory handle", () => {
  before(() => {
    globalThis.FileReaderSync = class {
      readAsArrayBuffer(file) {
        return file instanceof Snapshot ? file.read() : file.bytes;
      }
    };
  });
  after(() => delete globalThis.FileReaderSync);

  test("contents are read when they are asked for, and once", async () => {
    const { disk, top } = await picked(TREE);
    const volume = await directoryHandle(top);
    const { root, get } = rootOf(volume);
    assert.equal(root.statAt({}, "d/c").size, 5n);
    const stat = root.statAt({}, "a");
    assert.equal(stat.dataModificationTimestamp.seconds, 1234567n);
    assert.equal(disk.reads, 0);
    assert.equal(get("d/c"), "third");
    assert.equal(get("d/c"), "third");
    assert.equal(disk.reads, 1);
    await volume.close();
    assert.deepEqual(disk.log, []);
  });

  test("only what changed is written", async () => {
    const { disk, top } = await picked(TREE);
    const volume = await directoryHandle(top);
    const { open } = rootOf(volume);
    const file = open("d/c");
    file.write(bytes("T"), 0n);
    file.sync();
    await volume.settled();
    assert.deepEqual(disk.log, ["write c 5"]);
    assert.equal(disk.reads, 1);
    assert.equal((await told(top)).d.c, "Third");
  });

  test("what moves is never lost: read before its place is taken", async () => {
    const { disk, top } = await picked(TREE);
    const volume = await directoryHandle(top);
    const { root, put } = rootOf(volume);
    root.renameAt("a", root, "tmp");
    root.renameAt("b", root, "a");
    root.renameAt("tmp", root, "b");
    root.renameAt("d/e", root, "moved");
    root.renameAt("d", root, "x");
    put("d", "a file where a directory was");
    await volume.settled();
    const now = {
      a: "second",
      b: "first",
      moved: { f: "4" },
      x: { c: "third" },
      d: "a file where a directory was",
    };
    assert.deepEqual(await told(top), now);
    // Here the old place had to go first; otherwise the new one is there before.
    disk.log = [];
    root.renameAt("moved", root, "again");
    await volume.settled();
    assert.deepEqual(disk.log, ["write f 1", "remove f", "remove moved"]);
    assert.deepEqual(Object.keys(await told(top)).includes("again"), true);
  });

  test("what cannot be written is said, kept, and tried again", async () => {
    const { disk, top } = await picked(TREE);
    const volume = await directoryHandle(top);
    const { root, put, get } = rootOf(volume);
    disk.refuse = "QuotaExceededError";
    put("new", "content");
    put("a", "changed");
    await assert.rejects(volume.settled(), { name: "QuotaExceededError" });
    fails("insufficient-space", () => root.sync());
    assert.equal(get("new"), "content");
    await assert.rejects(volume.close(), { name: "QuotaExceededError" });
    disk.refuse = undefined;
    await volume.settled();
    const now = await told(top);
    assert.deepEqual([now.a, now.new], ["changed", "content"]);
    root.sync();
    disk.refuse = "NotAllowedError";
    put("a", "again");
    await assert.rejects(volume.settled());
    fails("access", () => root.sync());
  });

  test("what others do: a file that changed, one that came", async () => {
    const { top } = await picked(TREE);
    const volume = await directoryHandle(top);
    const { root, get, names } = rootOf(volume);
    top.children.get("a").content = bytes("by another");
    fails("io", () => get("a"));
    const d = top.children.get("d");
    (await d.getFileHandle("theirs", { create: true })).content = bytes("t");
    for (const path of ["d/c", "d/e/f"]) root.unlinkFileAt(path);
    for (const path of ["d/e", "d"]) root.removeDirectoryAt(path);
    assert.deepEqual(names(), ["a", "b"]);
    await assert.rejects(volume.settled(), {
      name: "InvalidModificationError",
    });
    assert.deepEqual((await told(top)).d, { theirs: "t" });
  });

  test("under a writable layer nothing is written to it", async () => {
    const { disk, top } = await picked(TREE);
    const below = await directoryHandle(top, { readonly: true });
    const { root, put, get } = rootOf(layered(below));
    put("d/c", "above");
    root.unlinkFileAt("a");
    assert.equal(get("d/c"), "above");
    await below.close();
    assert.deepEqual(disk.log, []);
    assert.deepEqual(await told(top), TREE);
  });

  test("too many files are refused", async () => {
    const { top } = await picked(TREE);
    await assert.rejects(directoryHandle(top, { maxFiles: 3 }), /maxFiles/);
  });

  test("a dropped folder: a handle where there is one", async () => {
    const handle = new FakeDirectory({}, "dropped");
    const item = {
      kind: "file",
      webkitGetAsEntry: () => ({ isDirectory: true, name: "dropped" }),
      getAsFileSystemHandle: async () => handle,
    };
    const text = { kind: "string" };
    assert.deepEqual(await droppedMount(/** @type {any} */ ([text, item])), {
      handle,
    });
  });

  test("a dropped folder: a tree of files elsewhere, read when asked for", async () => {
    const entry = (name, below) => ({
      name,
      isDirectory: Array.isArray(below),
      file: (resolve) => resolve(content(below)),
      createReader: () => {
        // A hundred at a time, as Chromium does.
        let at = 0;
        return {
          readEntries: (resolve) =>
            resolve(below.slice(at, (at += 100)).map(([n, b]) => entry(n, b))),
        };
      },
    });
    const content = (text) =>
      Object.assign(new File([text], "x", { lastModified: 5000 }), {
        bytes: bytes(text).buffer,
      });
    const many = Array.from({ length: 250 }, (_, i) => [`f${i}`, String(i)]);
    const below = [...many, ["__proto__", [["deep", "down"]]]];
    const item = { kind: "file", webkitGetAsEntry: () => entry("top", below) };
    const { memory: tree = {} } = await droppedMount([
      /** @type {any} */ (item),
    ]);
    const volume = memory(unpackTree(packTree(tree)));
    const { root, get, names } = rootOf(volume);
    assert.equal(names().length, 251);
    assert.equal(get("f249"), "249");
    assert.equal(get("__proto__/deep"), "down");
    const stat = root.statAt({}, "f0");
    assert.equal(stat.dataModificationTimestamp.seconds, 5n);
    const two = await droppedMount([
      /** @type {any} */ (item),
      /** @type {any} */ (item),
    ]);
    assert.deepEqual(Object.keys(two.memory ?? {}), ["top"]);
  });

  test("a folder that was chosen", () => {
    const chosen = (path) =>
      Object.assign(new File([path], path.split("/").at(-1)), {
        webkitRelativePath: path,
        bytes: bytes(path).buffer,
      });
    const list = ["top/a", "top/d/b", "top/d/e/c"].map(chosen);
    const volume = memory(pickedTree(list));
    assert.deepEqual([...files(volume).walk()].map(([path]) => path).sort(), [
      "a",
      "d",
      "d/b",
      "d/e",
      "d/e/c",
    ]);
    assert.equal(rootOf(volume).get("d/e/c"), "top/d/e/c");
  });
});

test("on a page everything is read when it is mounted", async () => {
  const { disk, top } = await picked(TREE);
  const volume = await directoryHandle(top);
  assert.equal(disk.reads, 4);
  assert.match(dump(volume), /d\/e\/f regular-file 1/);
  assert.throws(() => memory({ f: new File(["x"], "f") }), /worker/);
});
