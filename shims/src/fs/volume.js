/**
 * @module What a file system is to the faces: a `Volume` of nodes, synchronous.
 * It owns the words (kinds, error codes, stats) and nothing else. Every backend
 * (memory, OPFS, host directory…) is one; paths, symlinks, rights and streams are
 * done once, above, in `path.js` and `open.js`.
 */

/** @import { Time } from "../core/clock.js" */

/**
 * Names of failures, as WASI and POSIX know them. A failed operation throws the
 * name itself: failing is an answer here, and needs no stack.
 * @typedef {"access" | "bad-descriptor" | "busy" | "quota" | "exist"
 *   | "file-too-large" | "illegal-byte-sequence" | "invalid" | "io"
 *   | "is-directory" | "loop" | "too-many-links" | "name-too-long"
 *   | "no-entry" | "insufficient-memory" | "insufficient-space"
 *   | "not-directory" | "not-empty" | "unsupported" | "overflow"
 *   | "not-permitted" | "read-only" | "cross-device" | "would-block"
 *   | "text-file-busy"} Code
 */

/**
 * @typedef {"directory" | "regular-file" | "symbolic-link" | "block-device"
 *   | "character-device" | "fifo" | "socket" | "unknown"} Kind
 */

/**
 * @typedef {object} Stat
 * @property {Kind} kind
 * @property {number} links
 * @property {number} size
 * @property {Time} atime
 * @property {Time} mtime
 * @property {Time} ctime
 */

/**
 * Something in a volume. What it is, only its volume knows.
 * @typedef {any} Node
 */

/**
 * An open regular file (or what reads like one).
 * @typedef {object} File
 * @property {(offset: number, length: number) => Uint8Array} read
 *   Shorter at the end of the file only. Valid until the next operation.
 * @property {(offset: number, bytes: Uint8Array) => number} write
 * @property {(bytes: Uint8Array) => number} append
 * @property {(size: number) => void} resize
 * @property {() => void} close
 */

/**
 * Names given to a volume are single, valid components, never `.` or `..`.
 * @typedef {object} Volume
 * @property {Node} root
 * @property {boolean} readonly
 * @property {(node: Node) => Kind} kind
 * @property {(dir: Node, name: string) => Node | undefined} lookup
 * @property {(node: Node) => string} readlink
 * @property {(node: Node) => Stat} stat
 * @property {(node: Node, atime?: Time, mtime?: Time) => void} setTimes
 * @property {() => Time} [now] on the clock of its files, if that is not the wall's
 * @property {(dir: Node, name: string) => Node} createFile fails if it exists
 * @property {(dir: Node, name: string) => void} createDirectory
 * @property {(dir: Node, name: string, target: string) => void} createSymlink
 * @property {(node: Node, dir: Node, name: string) => void} link
 * @property {(dir: Node, name: string, node: Node) => void} unlink
 * @property {(dir: Node, name: string, node: Node) => void} removeDirectory
 * @property {(dir: Node, name: string, node: Node, toDir: Node, toName: string,
 *   target: Node | undefined) => void} rename
 * @property {(dir: Node) => Array<{ name: string, kind: Kind }>} list
 * @property {(node: Node, access: { read: boolean, write: boolean,
 *   truncate: boolean }) => File} open
 * @property {(node: Node) => void} hold keeps an open directory's node alive
 * @property {(node: Node) => void} release
 * @property {(node: Node, dataOnly: boolean) => void} sync
 * @property {(a: Node, b: Node) => boolean} same
 * @property {(node: Node) => [bigint, bigint]} hash
 */

/** Bytes in a name, and in a path, at most; as on the systems programs expect. */
export const NAME_MAX = 255;
export const PATH_MAX = 4096;

/**
 * Ends an operation with its code.
 * @param {Code} code
 * @returns {never}
 */
export function fail(code) {
  throw code;
}

const METHODS = /** @type {const} */ ([
  ...["kind", "lookup", "readlink", "stat", "setTimes", "createFile"],
  ...["createDirectory", "createSymlink", "link", "unlink"],
  ...["removeDirectory", "rename", "list", "open", "hold", "release", "sync"],
  ...["same", "hash"],
]);

/**
 * The same volume, without the right to change anything in it.
 * @param {Volume} volume
 * @returns {Volume}
 */
export function readonly(volume) {
  /** @type {Record<string, unknown>} */
  const view = { root: volume.root, readonly: true };
  const source = /** @type {any} */ (volume);
  for (const name of METHODS) view[name] = source[name].bind(source);
  return /** @type {any} */ (view);
}
