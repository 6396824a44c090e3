/**
 * @module Folders that come without a picker: dropped on a page, or chosen in an
 * `<input webkitdirectory>`. It owns the two old ways to what is in them, which
 * every browser has; they can only be read. Contents stay in the browser's hands
 * until a guest asks for them, in the worker that the tree goes to.
 */

/** @import { Tree } from "./memory.js" */
/** @import { Mount } from "../worker.js" */

/**
 * What was dropped, for `runWorker`. To be called while the event is handled:
 * afterwards the items are empty. One folder becomes the root itself: as a handle,
 * whose files can be written, where the browser gives one (Chromium), else as a
 * tree in memory. Several things are the root's entries.
 * @param {Iterable<DataTransferItem>} items `event.dataTransfer.items`
 * @returns {Promise<Mount>}
 */
export async function droppedMount(items) {
  const files = [...items].filter(({ kind }) => kind === "file");
  // Both before the first await.
  const entries = files.map((item) => item.webkitGetAsEntry?.());
  const [first] = files.map((item) =>
    /** @type {any} */ (item).getAsFileSystemHandle?.(),
  );
  const handle = files.length === 1 && (await first);
  if (handle && handle.kind === "directory") return { handle };
  /** @type {Tree} */
  const tree = {};
  for (const entry of entries) if (entry) await take(tree, entry);
  const [only] = entries;
  const isRoot = entries.length === 1 && only?.isDirectory;
  return { memory: isRoot ? /** @type {Tree} */ (tree[only.name]) : tree };
}

/**
 * @param {Tree} tree
 * @param {FileSystemEntry} entry
 */
async function take(tree, entry) {
  if (!entry.isDirectory) {
    const { file } = /** @type {FileSystemFileEntry} */ (entry);
    const content = await new Promise((resolve, reject) =>
      file.call(entry, resolve, reject),
    );
    return set(tree, entry.name, content);
  }
  /** @type {Tree} */
  const below = {};
  set(tree, entry.name, below);
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    // Some at a time, Chromium a hundred, until there are none.
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    for (const child of some) await take(below, child);
  }
}

/**
 * What was chosen in an `<input type="file" webkitdirectory>`, without the name of
 * the folder itself.
 * @param {Iterable<File>} files `input.files`
 * @returns {Tree}
 */
export function pickedTree(files) {
  /** @type {Tree} */
  const tree = {};
  for (const file of files) {
    const path = file.webkitRelativePath || file.name;
    const names = path.split("/");
    const name = /** @type {string} */ (names.pop());
    let at = tree;
    for (const part of names.slice(1)) {
      if (!Object.hasOwn(at, part)) set(at, part, {});
      at = /** @type {Tree} */ (at[part]);
    }
    set(at, name, file);
  }
  return tree;
}

/**
 * `__proto__` is a name like any other.
 * @param {Tree} tree
 * @param {string} name
 * @param {Tree[string]} value
 */
function set(tree, name, value) {
  const how = { configurable: true, enumerable: true, writable: true };
  Object.defineProperty(tree, name, { ...how, value });
}
