/**
 * `opfs(name)` on files, handles and locks in memory that behave as a browser's do: who may write, who waits, who is told; what
 * is said of a full disk. The real ones are in the browser tests.
 * @module
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { memory } from "@slipway/wasi";
import { opfs, removeOpfs } from "@slipway/wasi/opfs";
import { fails, rootOf } from "./fs.suite.js";

const error = (name) => new DOMException(name, name);
const tick = () => new Promise((resolve) => setTimeout(resolve));

/** A lock manager of one lock a name, in order, with `ifAvailable` and `steal`. */
class Locks {
  #held = new Map();
  #waiting = new Map();

  request(name, options, act) {
    return new Promise((resolve, reject) => {
      const take = () => {
        const lost = (why) => reject(why);
        this.#held.set(name, lost);
        Promise.resolve(act({ name }))
          .then(resolve, reject)
          .finally(() => {
            if (this.#held.get(name) !== lost) return;
            this.#held.delete(name);
            this.#waiting.get(name)?.shift()?.();
          });
      };
      const held = this.#held.get(name);
      if (!held) return take();
      if (options.ifAvailable) return resolve(act(null));
      if (!options.steal) {
        const list = this.#waiting.get(name) ?? [];
        this.#waiting.set(name, list);
        return void list.push(take);
      }
      take();
      queueMicrotask(() => held(error("AbortError")));
    });
  }
}

class SyncAccess {
  constructor(file) {
    this.file = file;
    file.handle = this;
  }

  #check() {
    if (this.file.handle !== this) throw error("InvalidStateError");
    if (this.file.broken) throw error(this.file.broken);
    return this.file;
  }

  read(buffer, { at }) {
    const part = this.#check().bytes.subarray(at, at + buffer.length);
    buffer.set(part);
    return part.length;
  }

  write(buffer, { at }) {
    const file = this.#check();
    if (file.full)
      return Math.max(0, Math.min(buffer.length, file.bytes.length - at));
    const end = at + buffer.length;
    if (end > file.bytes.length) this.truncate(end);
    file.bytes.set(buffer, at);
    return buffer.length;
  }

  truncate(size) {
    const more = new Uint8Array(size);
    more.set(this.#check().bytes.subarray(0, size));
    this.file.bytes = more;
  }

  getSize() {
    return this.#check().bytes.length;
  }

  flush() {
    this.#check();
  }

  close() {
    if (this.file.handle === this) this.file.handle = undefined;
  }
}

class FileSystemFileHandle {
  /** @type {SyncAccess | undefined} */
  handle;
  bytes = new Uint8Array(0);
  async createSyncAccessHandle() {
    if (this.handle) throw error("NoModificationAllowedError");
    return new SyncAccess(this);
  }

  async getFile() {
    const bytes = this.bytes.slice();
    return { arrayBuffer: async () => bytes.buffer };
  }
}

class Directory {
  children = new Map();

  #get(name, create, Kind) {
    if (!this.children.has(name)) {
      if (!create) throw error("NotFoundError");
      this.children.set(name, new Kind());
    }
    return this.children.get(name);
  }

  async getFileHandle(name, { create = false } = {}) {
    return this.#get(name, create, FileSystemFileHandle);
  }

  async getDirectoryHandle(name, { create = false } = {}) {
    return this.#get(name, create, Directory);
  }

  async removeEntry(name) {
    if (!this.children.delete(name)) throw error("NotFoundError");
  }
}

let origin;
const mine = Object.getOwnPropertyDescriptor(globalThis, "navigator");
before(() => {
  Object.assign(globalThis, { FileSystemFileHandle });
});
beforeEach(() => {
  origin = new Directory();
  const value = {
    locks: new Locks(),
    storage: { getDirectory: async () => origin },
  };
  Object.defineProperty(globalThis, "navigator", { configurable: true, value });
});
after(() => {
  delete (/** @type {any} */ (globalThis).FileSystemFileHandle);
  if (mine) Object.defineProperty(globalThis, "navigator", mine);
  else delete (/** @type {any} */ (globalThis).navigator);
});

/** The files of a volume, to break them. */
const fileOf = (volume, name) =>
  origin.children
    .get("slipway-volumes")
    .children.get(volume)
    .children.get(name);

test("it is there again, and gone when it is removed", async () => {
  const first = await opfs("v");
  rootOf(first).put("f", "kept");
  await first.close();
  const second = await opfs("v");
  assert.equal(rootOf(second).get("f"), "kept");
  await assert.rejects(removeOpfs("v"), /open elsewhere/);
  await second.close();
  await removeOpfs("v");
  const third = await opfs("v");
  assert.deepEqual(rootOf(third).names(), []);
  for (const name of ["", "a/b", "..", "x".repeat(101)])
    await assert.rejects(opfs(name), TypeError);
});

test("a second tab reads what was committed, waits, or is told", async () => {
  const first = await opfs("v");
  const { put } = rootOf(first);
  put("f", "one");
  first.commit();
  put("g", "not yet");
  const second = await opfs("v");
  assert.equal(second.readonly, true);
  const seen = rootOf(second);
  assert.equal(seen.get("f"), "one");
  fails("no-entry", () => seen.root.statAt({}, "g"));
  fails("read-only", () => seen.put("f", "two"));
  await assert.rejects(opfs("v", { whenLocked: "fail" }), /open elsewhere/);
  /** @type {any} */
  let waited;
  const waiting = opfs("v", { whenLocked: "wait" }).then((v) => (waited = v));
  await tick();
  assert.equal(waited, undefined);
  await first.close();
  await waiting;
  assert.equal((await waiting).readonly, false);
  assert.equal(rootOf(waited).get("g"), "not yet");
});

test("a thief gets everything, and the other's guests are told", async () => {
  const first = await opfs("v", { commitMs: null });
  const { put, root, open } = rootOf(first);
  put("f", "not committed");
  const file = open("f");
  const second = await opfs("v", { whenLocked: "steal" });
  assert.equal(second.readonly, false);
  assert.equal(rootOf(second).get("f"), "not committed");
  fails("io", () => file.write(new Uint8Array(1), 0n));
  fails("io", () => file.read(1n, 0n));
  fails("io", () => root.createDirectoryAt("d"));
  rootOf(second).put("f", "mine");
  await second.close();
  assert.equal(rootOf(await opfs("v")).get("f"), "mine");
  await assert.rejects(
    opfs("v", { whenLocked: "steal", store: "indexed-db" }),
    TypeError,
  );
});

test("a lock that lingers is waited for", async () => {
  const first = await opfs("v");
  await first.close();
  const data = fileOf("v", "data");
  const asleep = await data.createSyncAccessHandle();
  setTimeout(() => asleep.close(), 30);
  const second = await opfs("v");
  assert.equal(second.readonly, false);
});

test("no room, and a handle that was taken away", async () => {
  const volume = await opfs("v", { commitMs: null });
  const { put, open, get, root } = rootOf(volume);
  put("f", "kept");
  const file = open("f");
  file.sync();
  // What the log has reserved still takes the small change.
  fileOf("v", "data").full = true;
  fails("insufficient-space", () => file.write(new Uint8Array(9000), 0n));
  assert.equal(get("f"), "kept");
  root.createDirectoryAt("d");
  root.sync();
  fileOf("v", "data").full = false;
  assert.equal(file.write(new Uint8Array(9000), 0n), 9000n);
  file.sync();
  fileOf("v", "data").broken = "NotReadableError";
  fails("io", () => file.read(1n, 0n));
  fileOf("v", "data").broken = "QuotaExceededError";
  fails("insufficient-space", () => file.write(new Uint8Array(8192), 12288n));
});

test("over another volume", async () => {
  const over = memory({ d: { f: "below" }, g: "below" });
  const first = await opfs("v", { over });
  const { root, put } = rootOf(first);
  root.unlinkFileAt("g");
  put("d/new", "above");
  await first.close();
  const again = rootOf(await opfs("v", { over, readonly: true }));
  assert.equal(again.get("d/f") + again.get("d/new"), "belowabove");
  assert.deepEqual(again.names(), ["d"]);
  await assert.rejects(opfs("v", { readonly: true }), /over/);
});
