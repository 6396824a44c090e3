/**
 * @module The file system in memory: the inode core on the heap, and the tree
 * literals that fill it.
 */
import { timeOfMs } from "../core/clock.js";
import { HeapStore } from "./heap.js";
import { InodeVolume } from "./inode.js";
import { Below, Layer } from "./layer.js";
import { checkName } from "./path.js";
import { fail } from "./volume.js";

/** @import { Inode } from "./inode.js" */
/** @import { Volume } from "./volume.js" */

/**
 * What a tree literal may hold: text, bytes (which are not copied before the file
 * is written to: leave them as they are), a function that makes either when the
 * file is first opened, a File (in workers only, where it can be read at
 * once, and is when it is first opened), a directory, or `symlink(target)`.
 * @typedef {string | Uint8Array | (() => Uint8Array | string) | Blob | Symlink
 *   | FileEntry | Tree} Entry
 * @typedef {{ [name: string]: Entry }} Tree
 */

/** A symbolic link in a tree literal. */
export class Symlink {
  /** @param {string} target */
  constructor(target) {
    this.target = target;
  }
}

/** A file in a tree literal, with a time and a size known beforehand. */
export class FileEntry {
  /**
   * @param {string | Uint8Array | (() => Uint8Array | string)} content
   * @param {{ mtime?: number, size?: number }} [more]
   *   milliseconds since 1970; bytes that `content()` will give
   */
  constructor(content, { mtime, size } = {}) {
    this.content = content;
    this.mtime = mtime;
    this.size = size;
  }
}

/**
 * A symbolic link, for a tree literal.
 * @param {string} target
 * @returns {Symlink}
 */
export function symlink(target) {
  return new Symlink(target);
}

/**
 * A volume in memory.
 * @param {Tree} [tree] what is in it at first
 * @param {{ maxBytes?: number }} [options]
 *   how many bytes all files together may have
 * @returns {InodeVolume}
 */
export function memory(tree = {}, { maxBytes = Infinity } = {}) {
  const store = new HeapStore(maxBytes);
  const volume = new InodeVolume({ store });
  fill(volume, store, volume.root, tree);
  return volume;
}

/**
 * A writable volume over one that stays as it is: an archive's tree in `memory`, a
 * directory of the host, what a picker gave. Changes are kept in memory; to keep
 * them for longer, `opfs(name, { over })`.
 * @param {Volume} below
 * @param {{ maxBytes?: number }} [options]
 *   how many bytes all files that were changed may have
 * @returns {InodeVolume}
 */
export function layered(below, { maxBytes = Infinity } = {}) {
  const store = new HeapStore(maxBytes);
  const volume = new InodeVolume({ store, layer: new Layer(below) });
  volume.root.below = new Below("");
  return volume;
}

/**
 * @param {InodeVolume} volume
 * @param {HeapStore} store
 * @param {Inode} dir
 * @param {Tree} tree
 */
function fill(volume, store, dir, tree) {
  for (const name of Object.keys(tree)) {
    const entry = tree[name];
    if (name === "" || name === "." || name === ".." || /[/\0]/.test(name))
      throw new TypeError(`not the name of a file: ${JSON.stringify(name)}`);
    checkName(name);
    if (entry instanceof Symlink) {
      volume.createSymlink(dir, name, entry.target);
    } else if (isFile(entry)) {
      put(store, volume.createFile(dir, name), entry);
    } else {
      volume.createDirectory(dir, name);
      const made = /** @type {Inode} */ (volume.lookup(dir, name));
      fill(volume, store, made, /** @type {Tree} */ (entry));
    }
  }
}

/**
 * @param {Entry} entry
 * @returns {entry is string | Uint8Array | (() => Uint8Array | string) | Blob | FileEntry}
 */
function isFile(entry) {
  return (
    typeof entry === "string" ||
    typeof entry === "function" ||
    entry instanceof Uint8Array ||
    entry instanceof Blob ||
    entry instanceof FileEntry
  );
}

/**
 * @param {HeapStore} store
 * @param {Inode} inode
 * @param {string | Uint8Array | (() => Uint8Array | string) | Blob | FileEntry} entry
 */
function put(store, inode, entry) {
  if (entry instanceof FileEntry) {
    put(store, inode, entry.content);
    if (entry.size !== undefined) inode.size = entry.size;
    if (entry.mtime !== undefined)
      inode.atime = inode.mtime = timeOfMs(entry.mtime);
  } else if (entry instanceof Blob) {
    if (!canReadAtOnce())
      throw new TypeError(
        "a File in a tree can be read in a worker only; elsewhere, give its bytes",
      );
    store.later(inode, () => readAtOnce(entry));
    inode.size = entry.size;
    const { lastModified } = /** @type {File} */ (entry);
    if (lastModified) inode.atime = inode.mtime = timeOfMs(lastModified);
  } else if (typeof entry === "function") {
    store.later(inode, () => toBytes(entry()));
  } else {
    store.lend(inode, toBytes(entry));
  }
}

/** Whether a File can be read without waiting: in dedicated workers of browsers. */
export function canReadAtOnce() {
  return "FileReaderSync" in globalThis;
}

/**
 * The content of a File; throws `io` where it can no longer be had.
 * @param {Blob} file
 * @returns {Uint8Array}
 */
export function readAtOnce(file) {
  const { FileReaderSync } = /** @type {any} */ (globalThis);
  try {
    return new Uint8Array(new FileReaderSync().readAsArrayBuffer(file));
  } catch {
    // Changed or removed meanwhile, or no longer ours to read.
    return fail("io");
  }
}

/** @param {Uint8Array | string} content */
function toBytes(content) {
  return typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
}
