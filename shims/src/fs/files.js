/**
 * @module A volume as its owner sees it: read, write and list by path, from
 * outside of any guest. What a file tree on a page or a test needs.
 */
import { Open } from "./open.js";

/** @import { Kind, Volume } from "./volume.js" */

/**
 * @typedef {object} Info
 * @property {Kind} kind
 * @property {number} size
 * @property {Date} modified
 */

/**
 * Paths are relative to the volume's root; a failed call throws an Error whose
 * `code` is WASI's name for what is wrong.
 * @typedef {object} Files
 * @property {(path: string) => Uint8Array} read a copy of what is there
 * @property {(path: string, content: string | Uint8Array) => void} write
 *   makes the file, and the directories it is in
 * @property {(path?: string) => Array<{ name: string, kind: Kind }>} list
 * @property {(path: string) => Info | undefined} info of what is there, if it is
 * @property {(path: string) => void} makeDirectory also those it is in
 * @property {(path: string) => void} remove a directory with all that is in it
 * @property {(path: string, to: string) => void} rename
 * @property {() => Iterable<[path: string, info: Info]>} walk everything below
 */

/**
 * The owner's view of a volume. What it changes a guest sees at once.
 * @param {Volume} volume
 * @returns {Files}
 */
export function files(volume) {
  const root = () =>
    new Open(volume, volume.root, {
      read: true,
      write: false,
      truncate: false,
    });
  /**
   * @template T
   * @param {string} path
   * @param {(root: Open) => T} act
   * @returns {T}
   */
  const using = (path, act) => {
    const top = root();
    try {
      return act(top);
    } catch (code) {
      throw typeof code === "string" ? named(code, path) : code;
    } finally {
      top.close();
    }
  };
  /** @type {Files} */
  const all = {
    read: (path) =>
      using(path, (top) => {
        const file = top.openAt(inside(path), { follow: true, read: true });
        try {
          const bytes = new Uint8Array(file.stat().size);
          for (let at = 0; at < bytes.length;) {
            const part = file.readAt(at, bytes.length - at);
            if (part.length === 0) break;
            bytes.set(part, at);
            at += part.length;
          }
          return bytes;
        } finally {
          file.close();
        }
      }),
    write(path, content) {
      const bytes =
        typeof content === "string"
          ? new TextEncoder().encode(content)
          : content;
      const parent = inside(path).replace(/\/?[^/]*$/, "");
      if (parent !== "") all.makeDirectory(parent);
      using(path, (top) => {
        const how = { follow: true, create: true, truncate: true, write: true };
        const file = top.openAt(inside(path), how);
        try {
          for (let at = 0; at < bytes.length;)
            at += file.writeAt(at, bytes.subarray(at));
        } finally {
          file.close();
        }
      });
    },
    list: (path = ".") =>
      using(path, (top) => {
        const dir = top.openAt(inside(path), { follow: true, directory: true });
        try {
          return dir.list();
        } finally {
          dir.close();
        }
      }),
    info: (path) =>
      using(path, (top) => {
        let stat;
        try {
          stat = top.statAt(inside(path), false);
        } catch (code) {
          if (code === "no-entry" || code === "not-directory") return undefined;
          throw code;
        }
        const { kind, size, mtime } = stat;
        const ms = mtime.seconds * 1000 + mtime.nanoseconds / 1e6;
        return { kind, size, modified: new Date(ms) };
      }),
    makeDirectory: (path) =>
      using(path, (top) => {
        let at = "";
        for (const name of inside(path).split("/")) {
          at += (at && "/") + name;
          try {
            top.createDirectoryAt(at);
          } catch (code) {
            if (code !== "exist") throw code;
          }
        }
      }),
    remove(path) {
      if (all.info(path)?.kind !== "directory")
        return using(path, (top) => top.unlinkAt(inside(path)));
      for (const { name } of all.list(path)) all.remove(`${path}/${name}`);
      using(path, (top) => top.removeDirectoryAt(inside(path)));
    },
    rename: (path, to) =>
      using(path, (top) => top.renameAt(inside(path), top, inside(to))),
    *walk() {
      const todo = [""];
      for (let dir; (dir = todo.pop()) !== undefined;)
        for (const { name, kind } of all.list(dir || ".")) {
          const path = dir ? `${dir}/${name}` : name;
          yield [path, /** @type {Info} */ (all.info(path))];
          if (kind === "directory") todo.push(path);
        }
    },
  };
  return all;
}

/** A guest's absolute path means the same from the root. */
/** @param {string} path */
function inside(path) {
  return path.replace(/^\/+/, "") || ".";
}

/**
 * @param {string} code
 * @param {string} path
 */
function named(code, path) {
  return Object.assign(new Error(`${path}: ${code}`), { code });
}
