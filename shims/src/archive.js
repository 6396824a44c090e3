/**
 * @module `@slipway/wasi/archive`: zip and tar, in and out, and trees into volumes.
 * Reading gives a tree literal: `memory(await unzip(bytes))` is a volume of it, and
 * `layered(…)` or `opfs(name, { over: … })` a writable one over it. The formats are
 * in files of their own.
 */
import { isTree } from "./archive/tree.js";
import { files } from "./fs/files.js";
import { FileEntry, Symlink, readAtOnce } from "./fs/memory.js";
import { timeOfMs } from "./core/clock.js";

export { toTar, untar } from "./archive/tar.js";
export { toZip, unzip } from "./archive/zip.js";

/** @import { Entry, Tree } from "./fs/memory.js" */
/** @import { Volume } from "./fs/volume.js" */

/**
 * Copies a tree into a volume of any kind, over what is there.
 * @param {Volume} volume
 * @param {Tree} tree
 * @param {string} [into] a directory in it
 */
export function install(volume, tree, into = "") {
  const all = files(volume);
  for (const [name, entry] of Object.entries(tree)) {
    const path = into ? `${into}/${name}` : name;
    if (entry instanceof Symlink) {
      if (all.info(path)) all.remove(path);
      if (into) all.makeDirectory(into);
      let dir = volume.root;
      for (const part of into.split("/").filter((p) => p !== ""))
        dir = volume.lookup(dir, part);
      volume.createSymlink(dir, name, entry.target);
    } else if (isTree(entry)) {
      all.makeDirectory(path);
      install(volume, entry, path);
    } else {
      all.write(path, contentOf(entry));
      setTime(volume, path, entry);
    }
  }
}

/**
 * @param {Volume} volume
 * @param {string} path
 * @param {Entry} entry
 */
function setTime(volume, path, entry) {
  if (!(entry instanceof FileEntry) || entry.mtime === undefined) return;
  let node = volume.root;
  for (const name of path.split("/")) node = volume.lookup(node, name);
  // A link that was there is followed when it is written to: its target is.
  if (volume.kind(node) !== "regular-file") return;
  const time = timeOfMs(entry.mtime);
  volume.setTimes(node, time, time);
}

/**
 * @param {Exclude<Entry, Tree | Symlink>} entry
 * @returns {string | Uint8Array}
 */
function contentOf(entry) {
  const content = entry instanceof FileEntry ? entry.content : entry;
  if (content instanceof Blob) return readAtOnce(content);
  return typeof content === "function" ? content() : content;
}
