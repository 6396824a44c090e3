/**
 * @module A directory handle as a volume: what a directory picker, a dropped
 * folder or the origin private file system gives, with its files under their own
 * names. Handles are asynchronous and guests are not, so the tree is read when it
 * is mounted, contents when they are first asked for (on a page, where nothing
 * reads at once, when it is mounted), and changes are written back behind the
 * guest: only files that changed, one after the other. `sync` returns before that;
 * `settled()` and `close()` tell when it is done. What could not be written is
 * tried again, and `sync` and `settled` say so.
 *
 * Handles know no links and no times to be set: links are `unsupported`, times
 * hold until the next mount. A rename is a copy and a removal.
 */
import { timeOfMs } from "../core/clock.js";
import { HeapStore } from "./heap.js";
import { InodeVolume } from "./inode.js";
import { canReadAtOnce, readAtOnce } from "./memory.js";
import { fail } from "./volume.js";

export { droppedMount, pickedTree } from "./dropped.js";

/** @import { Inode, Journal } from "./inode.js" */
/** @import { Code } from "./volume.js" */

/**
 * @typedef {object} HandleOptions
 * @property {boolean} [readonly]
 * @property {number} [maxFiles] more than so many are refused; 100,000
 * @property {number} [writeMs] how long changes gather before they are written
 */

/**
 * Mounts a directory handle. Rejects when it holds more files than allowed, or may
 * not be read.
 * @param {FileSystemDirectoryHandle} handle
 * @param {HandleOptions} [options]
 * @returns {Promise<HandleVolume>}
 */
export async function directoryHandle(handle, options = {}) {
  const back = new WriteBack(handle, options.writeMs ?? 50);
  const volume = new HandleVolume(back, options.readonly ?? false);
  await scan(volume, back, handle, volume.root, {
    left: options.maxFiles ?? 100000,
  });
  back.watch(volume.root);
  return volume;
}

/**
 * @param {HandleVolume} volume
 * @param {WriteBack} back
 * @param {FileSystemDirectoryHandle} handle
 * @param {Inode} dir
 * @param {{ left: number }} budget
 */
async function scan(volume, back, handle, dir, budget) {
  const entries = /** @type {any} */ (handle).entries();
  for await (const [name, child] of entries) {
    if (--budget.left < 0)
      throw new Error("too many files; grant a smaller directory, or maxFiles");
    if (child.kind === "directory") {
      volume.createDirectory(dir, name);
      const made = /** @type {Inode} */ (volume.lookup(dir, name));
      await scan(volume, back, child, made, budget);
      continue;
    }
    /** @type {File} */
    const file = await child.getFile();
    const inode = volume.createFile(dir, name);
    await volume.adopt(inode, file);
  }
}

/** The inode core over a tree of handles. */
export class HandleVolume extends InodeVolume {
  #back;
  #store;

  /**
   * @param {WriteBack} back
   * @param {boolean} readonly
   */
  constructor(back, readonly) {
    const store = new HeapStore(Infinity);
    super({ store, journal: back });
    this.#back = back;
    this.#store = store;
    this.readonly = readonly;
  }

  /**
   * Gives an inode the content of a file: read when it is asked for where that
   * can be done at once (in workers), else now.
   * @param {Inode} inode
   * @param {File} file
   */
  async adopt(inode, file) {
    if (canReadAtOnce()) {
      this.#store.later(inode, () => readAtOnce(file));
      inode.size = file.size;
    } else {
      this.#store.lend(inode, new Uint8Array(await file.arrayBuffer()));
    }
    inode.atime = inode.mtime = inode.ctime = timeOfMs(file.lastModified);
  }

  /** @override @returns {never} */
  createSymlink() {
    return fail("unsupported");
  }

  /** @override @returns {never} */
  link() {
    return fail("unsupported");
  }

  /** Everything written up to now is in the directory; else it throws why not. */
  async settled() {
    await this.#back.settled();
  }

  async close() {
    await this.#back.settled();
  }
}

/** @implements {Journal} */
class WriteBack {
  #handle;
  #ms;
  /** @type {Inode | undefined} */
  #root;
  /** What the directory holds: path → inode. @type {Map<string, Inode>} */
  #saved = new Map();
  /** @type {Set<Inode>} */
  #dirty = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** One write-back at a time. */
  #running = Promise.resolve();
  /** @type {unknown} */
  #error;

  /**
   * @param {FileSystemDirectoryHandle} handle
   * @param {number} ms
   */
  constructor(handle, ms) {
    this.#handle = handle;
    this.#ms = ms;
  }

  /**
   * The tree is as the directory is; changes count from here.
   * @param {Inode} root
   */
  watch(root) {
    this.#root = root;
    for (const [path, inode] of walk(root)) this.#saved.set(path, inode);
    this.#dirty.clear();
  }

  begin() {}

  /** @param {Inode} inode */
  changed(inode) {
    if (!this.#root) return;
    this.#dirty.add(inode);
    this.#timer ??= setTimeout(() => this.#start(), this.#ms);
  }

  /** Names are compared with what is saved when it is time to write. */
  entry() {}

  sync() {
    this.#start();
    if (this.#error) fail(codeOf(this.#error));
  }

  #start() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = this.#running.then(() =>
      this.#write().then(
        () => void (this.#error = undefined),
        (error) => void (this.#error = error),
      ),
    );
  }

  async settled() {
    this.#start();
    await this.#running;
    if (this.#error) throw this.#error;
  }

  /** What could not be written stays dirty, and is tried again the next time. */
  async #write() {
    if (this.#dirty.size === 0 || !this.#root) return;
    const dirty = new Set(this.#dirty);
    this.#dirty.clear();
    try {
      await this.#bring(new Map(walk(this.#root)), dirty);
    } catch (error) {
      for (const inode of dirty) this.#dirty.add(inode);
      throw error;
    }
  }

  /**
   * Makes the directory what the tree is. What is new comes before what is old
   * goes, so that a file that moves is there at every instant.
   * @param {Map<string, Inode>} now
   * @param {Set<Inode>} dirty
   */
  async #bring(now, dirty) {
    const writes = [...now].filter(
      ([path, inode]) => this.#saved.get(path) !== inode || dirty.has(inode),
    );
    // Content that nobody has read yet may be where something is about to go.
    for (const [, inode] of writes) load(inode);
    const changed = [...this.#saved.keys()].filter((path) => {
      const other = now.get(path);
      return other && other.kind !== this.#saved.get(path)?.kind;
    });
    const inTheWay = (/** @type {string} */ path) =>
      changed.some((top) => path === top || path.startsWith(`${top}/`));
    await this.#remove([...this.#saved.keys()].filter(inTheWay));
    for (const [path, inode] of writes) {
      const [dir, name] = await this.#parent(path);
      if (inode.kind === "directory")
        await dir.getDirectoryHandle(name, { create: true });
      else await writeFile(dir, name, bytesOf(inode));
      this.#saved.set(path, inode);
    }
    await this.#remove([...this.#saved.keys()].filter((p) => !now.has(p)));
  }

  /**
   * Only what is known, and a directory when it is empty: what somebody else has
   * put there meanwhile is not ours to remove.
   * @param {string[]} paths
   */
  async #remove(paths) {
    for (const path of paths.sort((a, b) => b.length - a.length)) {
      const [dir, name] = await this.#parent(path);
      await dir.removeEntry(name).catch(unlessMissing);
      this.#saved.delete(path);
    }
  }

  /**
   * @param {string} path
   * @returns {Promise<[FileSystemDirectoryHandle, string]>}
   */
  async #parent(path) {
    const names = path.split("/");
    const name = /** @type {string} */ (names.pop());
    let dir = this.#handle;
    for (const part of names)
      dir = await dir.getDirectoryHandle(part, { create: true });
    return [dir, name];
  }
}

/** @type {Record<string, Code>} */
const CODES = {
  QuotaExceededError: "insufficient-space",
  NotAllowedError: "access",
  SecurityError: "access",
  NoModificationAllowedError: "busy",
  NotFoundError: "no-entry",
};

/**
 * @param {any} error
 * @returns {Code}
 */
function codeOf(error) {
  return CODES[error?.name] ?? "io";
}

/** @param {any} error */
function unlessMissing(error) {
  if (error?.name !== "NotFoundError") throw error;
}

/**
 * Has the content in memory, if up to now it was only in the directory.
 * @param {Inode} inode
 */
function load(inode) {
  if (inode.kind === "regular-file") new HeapStore(Infinity).read(inode, 0, 0);
}

/**
 * @param {Inode} inode
 * @returns {Uint8Array}
 */
function bytesOf(inode) {
  const all = new HeapStore(Infinity).read(inode, 0, inode.size);
  // A copy: the guest may go on writing while this one is under way.
  return all.slice();
}

/**
 * @param {FileSystemDirectoryHandle} dir
 * @param {string} name
 * @param {Uint8Array} bytes
 */
async function writeFile(dir, name, bytes) {
  const file = await dir.getFileHandle(name, { create: true });
  const writable = await file.createWritable();
  await writable.write(/** @type {any} */ (bytes));
  await writable.close();
}

/**
 * Everything below, directories before what is in them.
 * @param {Inode} root
 * @param {string} [prefix]
 * @returns {Generator<[string, Inode]>}
 */
function* walk(root, prefix = "") {
  for (const [name, inode] of root.entries ?? []) {
    yield [prefix + name, inode];
    if (inode.entries) yield* walk(inode, `${prefix}${name}/`);
  }
}
