/**
 * @module Between archives and trees: an entry at a path, a path's entry, what a
 * volume has to be put away. It refuses to know any format.
 */
import { files } from "../fs/files.js";
import { FileEntry, Symlink } from "../fs/memory.js";
import { readonly } from "../fs/volume.js";

/** @import { Entry, Tree } from "../fs/memory.js" */
/** @import { Volume } from "../fs/volume.js" */

/**
 * @param {Uint8Array} bytes
 * @param {ReadableWritablePair<any, any>} transform
 * @returns {Promise<Uint8Array>}
 */
export async function through(bytes, transform) {
  const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream();
  const out = stream.pipeThrough(transform);
  return new Uint8Array(await new Response(out).arrayBuffer());
}

/**
 * Puts an entry at a path, in directories made on the way. Archives come from
 * anywhere: names that would lead out of the tree are refused.
 * @param {Tree} tree
 * @param {string} path
 * @param {Entry} entry
 */
export function put(tree, path, entry) {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw new Error(`a path that leads out: ${path}`);
  const last = names.pop();
  if (last === undefined) return;
  let at = tree;
  for (const name of names) at = directory(at, name);
  if (isTree(entry)) directory(at, last);
  else define(at, last, entry);
}

/**
 * @param {Tree} tree
 * @param {string} name
 * @returns {Tree}
 */
function directory(tree, name) {
  const there = Object.hasOwn(tree, name) ? tree[name] : undefined;
  if (isTree(there)) return there;
  /** @type {Tree} */
  const made = {};
  define(tree, name, made);
  return made;
}

/**
 * `__proto__` is a name like any other.
 * @param {Tree} tree
 * @param {string} name
 * @param {Entry} value
 */
function define(tree, name, value) {
  const how = { configurable: true, enumerable: true, writable: true };
  Object.defineProperty(tree, name, { ...how, value });
}

/**
 * @param {Entry | undefined} entry
 * @returns {entry is Tree}
 */
export function isTree(entry) {
  return (
    typeof entry === "object" &&
    !(entry instanceof Uint8Array) &&
    !(entry instanceof Blob) &&
    !(entry instanceof FileEntry) &&
    !(entry instanceof Symlink)
  );
}

/**
 * @param {Tree} tree
 * @param {string} path
 * @returns {Entry | undefined}
 */
export function find(tree, path) {
  /** @type {Entry | undefined} */
  let at = tree;
  for (const name of path.split("/").filter((n) => n !== "" && n !== "."))
    at = isTree(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  return at;
}

/**
 * What an archive holds of a volume, directories before what is in them.
 * @param {Volume} volume
 */
export function* contents(volume) {
  const all = files(readonly(volume));
  for (const [path, { kind, modified }] of all.walk()) {
    if (kind === "regular-file")
      yield { path, kind, modified, content: all.read(path) };
    if (kind === "directory")
      yield { path, kind, modified, content: new Uint8Array(0) };
    if (kind === "symbolic-link") {
      const target = new TextEncoder().encode(linkAt(volume, path));
      yield { path, kind, modified, content: target };
    }
  }
}

/**
 * @param {Volume} volume
 * @param {string} path
 */
function linkAt(volume, path) {
  let node = volume.root;
  for (const name of path.split("/")) node = volume.lookup(node, name);
  return volume.readlink(node);
}

/** @param {Uint8Array[]} parts */
export function join(parts) {
  const out = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
