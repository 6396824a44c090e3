/**
 * @module Trees across threads: a tree literal in a form that can be cloned, and
 * back. Functions are called and classes become tagged arrays on the way.
 */
import { FileEntry, Symlink } from "./memory.js";

/** @import { Entry, Tree } from "./memory.js" */

/**
 * @param {Tree} tree
 * @returns {any}
 */
export function packTree(tree) {
  return Object.entries(tree).map(([name, entry]) => [name, pack(entry)]);
}

/**
 * @param {Entry} entry
 * @returns {any}
 */
function pack(entry) {
  if (entry instanceof Symlink) return ["link", entry.target];
  if (entry instanceof FileEntry)
    return ["file", pack(entry.content), entry.mtime];
  if (typeof entry === "function") return entry();
  if (typeof entry === "string" || entry instanceof Uint8Array) return entry;
  if (entry instanceof Blob) return entry;
  return ["tree", packTree(entry)];
}

/**
 * @param {any} packed
 * @returns {Tree}
 */
export function unpackTree(packed) {
  /** @type {Array<[string, Entry]>} */
  const entries = packed.map((/** @type {[string, any]} */ [name, entry]) => [
    name,
    unpack(entry),
  ]);
  return Object.fromEntries(entries);
}

/**
 * @param {any} packed
 * @returns {Entry}
 */
function unpack(packed) {
  if (!Array.isArray(packed)) return packed;
  const [kind, value, mtime] = packed;
  if (kind === "link") return new Symlink(value);
  if (kind === "file") return new FileEntry(value, { mtime });
  return unpackTree(value);
}
