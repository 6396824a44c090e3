/**
 * @module Open files and directories: what a descriptor is, in any version of
 * WASI. It owns rights and the order in which operations look and refuse; nodes
 * belong to the volume below, resources and records to the face above.
 */
import { ALWAYS } from "../wait.js";
import { wallNow } from "../core/clock.js";
import { FOLLOW, FOLLOW_SLASH, NOFOLLOW, resolve, utf8Length } from "./path.js";
import { PATH_MAX, fail } from "./volume.js";

/** @import { Time } from "../core/clock.js" */
/** @import { Sink, Source } from "../core/stream.js" */
/** @import { File, Kind, Node, Stat, Volume } from "./volume.js" */
/** @import { Found } from "./path.js" */

/**
 * @typedef {object} OpenHow
 * @property {boolean} [follow]
 * @property {boolean} [create]
 * @property {boolean} [directory]
 * @property {boolean} [exclusive]
 * @property {boolean} [truncate]
 * @property {boolean} [read]
 * @property {boolean} [write]
 * @property {boolean} [mutate]
 * @property {Sync} [sync]
 */

/** @typedef {"none" | "data" | "file"} Sync */
/** @typedef {{ read: boolean, write: boolean, truncate: boolean, sync?: Sync }} Access */

/** Offsets beyond this are no offsets (they would be negative to an OS). */
const OFFSET_LIMIT = 2 ** 63;
/** What a file stream takes at a time. */
const STREAM_PERMIT = 1 << 20;

/** A descriptor: a node of a volume, opened with rights. */
export class Open {
  /** @type {File | undefined} */
  #file;
  /** The descriptor itself, and its streams, which outlive it. */
  #users = 1;

  /**
   * @param {Volume} volume
   * @param {Node} node
   * @param {Access} access
   */
  constructor(volume, node, access) {
    this.volume = volume;
    this.node = node;
    /** @type {Kind} */
    this.kind = volume.kind(node);
    this.read = access.read;
    this.write = access.write;
    /** @type {Sync} */
    this.sync = access.sync ?? "none";
    /** Whether the grant behind this descriptor allows change at all. */
    this.mutate = !volume.readonly;
    if (this.kind === "directory") volume.hold(node);
    else this.#file = volume.open(node, access);
  }

  /** The last of the descriptor and its streams gives the file back. */
  close() {
    if (--this.#users > 0) return;
    if (this.#file) this.#file.close();
    else this.volume.release(this.node);
  }

  /** @returns {Node} */
  #dir() {
    if (this.kind !== "directory") fail("not-directory");
    return this.node;
  }

  /** @returns {Node} */
  #mutableDir() {
    const dir = this.#dir();
    if (!this.mutate) fail("read-only");
    return dir;
  }

  /**
   * @param {boolean} right
   * @returns {File}
   */
  #data(right) {
    if (!this.#file || !right) fail("bad-descriptor");
    return this.#file;
  }

  // Files

  /**
   * @param {number} offset
   * @param {number} length
   * @returns {Uint8Array}
   */
  readAt(offset, length) {
    const file = this.#data(this.read);
    if (offset >= OFFSET_LIMIT) fail("invalid");
    return file.read(offset, length);
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} bytes
   * @returns {number}
   */
  writeAt(offset, bytes) {
    const file = this.#data(this.write);
    if (offset >= OFFSET_LIMIT) fail("invalid");
    const written = file.write(offset, bytes);
    if (this.sync !== "none") this.syncNow(this.sync === "data");
    return written;
  }

  /**
   * @param {Uint8Array} bytes
   * @returns {number}
   */
  append(bytes) {
    const written = this.#data(this.write).append(bytes);
    if (this.sync !== "none") this.syncNow(this.sync === "data");
    return written;
  }

  /** @param {number} size */
  resize(size) {
    const file = this.#data(true);
    // Not bad-descriptor: POSIX allows either, and systems answer this.
    if (!this.write || size >= OFFSET_LIMIT) fail("invalid");
    file.resize(size);
  }

  /** @param {boolean} dataOnly */
  syncNow(dataOnly) {
    // Nothing can have changed through a descriptor without these rights.
    if (this.kind === "directory" ? this.mutate : this.write)
      this.volume.sync(this.node, dataOnly);
  }

  /** @param {number} length */
  advise(length) {
    this.#data(true);
    if (length >= OFFSET_LIMIT) fail("invalid");
  }

  /**
   * @param {number} offset
   * @returns {Source}
   */
  source(offset) {
    if (this.kind === "directory") fail("is-directory");
    this.#data(this.read);
    this.#users++;
    let at = offset;
    return {
      event: ALWAYS,
      close: () => this.close(),
      read: (max) => {
        const bytes = this.readAt(at, max);
        at += bytes.length;
        return bytes.length === 0 ? undefined : bytes;
      },
    };
  }

  /**
   * @param {number | "end"} offset
   * @returns {Sink}
   */
  sink(offset) {
    this.#data(this.write);
    this.#users++;
    let at = offset;
    return {
      event: ALWAYS,
      close: () => this.close(),
      permit: () => STREAM_PERMIT,
      write: (bytes) => {
        let rest = bytes;
        while (rest.length > 0) {
          const n = at === "end" ? this.append(rest) : this.writeAt(at, rest);
          if (at !== "end") at += n;
          rest = rest.subarray(n);
        }
      },
      flush: () => {},
    };
  }

  // Both

  /** @returns {Stat} */
  stat() {
    return this.volume.stat(this.node);
  }

  /**
   * @param {Time | "now" | undefined} atime
   * @param {Time | "now" | undefined} mtime
   */
  setTimes(atime, mtime) {
    if (!this.mutate) fail("read-only");
    this.volume.setTimes(this.node, this.#instant(atime), this.#instant(mtime));
  }

  /**
   * @param {Time | "now" | undefined} time
   * @returns {Time | undefined}
   */
  #instant(time) {
    return time === "now" ? (this.volume.now?.() ?? wallNow()) : time;
  }

  /** @returns {[bigint, bigint]} */
  hash() {
    return this.volume.hash(this.node);
  }

  /**
   * @param {Open} other
   * @returns {boolean}
   */
  same(other) {
    return (
      this.volume.root === other.volume.root &&
      this.volume.same(this.node, other.node)
    );
  }

  // Directories

  /** @returns {Array<{ name: string, kind: Kind }>} */
  list() {
    return this.volume.list(this.#dir());
  }

  /**
   * @param {string} path
   * @param {boolean} follow
   * @returns {Node}
   */
  #existing(path, follow) {
    const how = follow ? FOLLOW : FOLLOW_SLASH;
    const { node } = resolve(this.volume, this.#dir(), path, how);
    return node ?? fail("no-entry");
  }

  /**
   * @param {string} path
   * @param {boolean} follow
   * @returns {Stat}
   */
  statAt(path, follow) {
    return this.volume.stat(this.#existing(path, follow));
  }

  /**
   * @param {string} path
   * @param {boolean} follow
   */
  hashAt(path, follow) {
    return this.volume.hash(this.#existing(path, follow));
  }

  /**
   * @param {string} path
   * @param {boolean} follow
   * @param {Time | "now" | undefined} atime
   * @param {Time | "now" | undefined} mtime
   */
  setTimesAt(path, follow, atime, mtime) {
    const node = this.#existing(path, follow);
    if (!this.mutate) fail("read-only");
    this.volume.setTimes(node, this.#instant(atime), this.#instant(mtime));
  }

  /**
   * @param {string} path
   * @returns {string}
   */
  readlinkAt(path) {
    const node = this.#existing(path, false);
    if (this.volume.kind(node) !== "symbolic-link") fail("invalid");
    const target = this.volume.readlink(node);
    return target.startsWith("/") ? fail("not-permitted") : target;
  }

  /**
   * @param {string} path
   * @param {OpenHow} how
   * @returns {Open}
   */
  openAt(path, how) {
    const dir = this.#dir();
    if (how.directory && (how.create || how.truncate || how.exclusive))
      fail("invalid");
    const changes = how.write || how.mutate || how.truncate || how.create;
    if (changes && !this.mutate) fail("read-only");
    // "name/" names a directory, which open does not make.
    if (how.create && path.endsWith("/")) {
      const { name } = resolve(this.volume, dir, path, NOFOLLOW);
      if (name !== "." && name !== "..") fail("is-directory");
    }
    const exclusive = how.create && how.exclusive;
    const follow = how.follow && !exclusive ? FOLLOW : FOLLOW_SLASH;
    const found = resolve(this.volume, dir, path, follow);
    if (found.node && exclusive) fail("exist");
    if (!found.node && !how.create) fail("no-entry");
    // A link to "new/".
    if (!found.node && found.slash) fail("is-directory");
    const node = found.node ?? this.volume.createFile(found.dir, found.name);
    this.#checkOpen(node, how);
    const write = how.write ?? false;
    return new Open(this.volume, node, {
      // No right at all is the right to read, as O_RDONLY is 0.
      read: how.read || !write,
      write,
      sync: how.sync,
      truncate: how.truncate ?? false,
    });
  }

  /**
   * @param {Node} node
   * @param {OpenHow} how
   */
  #checkOpen(node, how) {
    const kind = this.volume.kind(node);
    if (kind === "symbolic-link") fail("loop");
    if (kind !== "directory") {
      if (how.directory) fail("not-directory");
    } else if (how.write || how.truncate || how.create) fail("is-directory");
  }

  /** @param {string} path */
  createDirectoryAt(path) {
    const found = resolve(this.volume, this.#mutableDir(), path, NOFOLLOW);
    if (found.node) fail("exist");
    this.volume.createDirectory(found.dir, found.name);
  }

  /**
   * @param {string} target
   * @param {string} path
   */
  symlinkAt(target, path) {
    if (target.startsWith("/")) fail("not-permitted");
    if (target === "") fail("no-entry");
    if (target.includes("\0")) fail("invalid");
    if (utf8Length(target) >= PATH_MAX) fail("name-too-long");
    const found = resolve(this.volume, this.#mutableDir(), path, FOLLOW_SLASH);
    if (found.node) fail("exist");
    if (found.slash) fail("no-entry");
    this.volume.createSymlink(found.dir, found.name, target);
  }

  /**
   * @param {string} path
   * @param {Open} to
   * @param {string} toPath
   */
  linkAt(path, to, toPath) {
    const old = resolve(this.volume, this.#mutableDir(), path, FOLLOW_SLASH);
    const isDir = old.node && this.volume.kind(old.node) === "directory";
    if (!old.node && old.slash) fail("no-entry");
    const made = resolve(to.volume, to.#mutableDir(), toPath, FOLLOW_SLASH);
    if (!old.node) fail("no-entry");
    if (made.node) fail("exist");
    if (made.slash) fail("no-entry");
    if (isDir) fail("not-permitted");
    if (this.volume.root !== to.volume.root) fail("cross-device");
    this.volume.link(old.node, made.dir, made.name);
  }

  /** @param {string} path */
  unlinkAt(path) {
    const found = resolve(this.volume, this.#mutableDir(), path, FOLLOW_SLASH);
    if (!found.node) fail("no-entry");
    if (this.volume.kind(found.node) === "directory") fail("is-directory");
    this.volume.unlink(found.dir, found.name, found.node);
  }

  /** @param {string} path */
  removeDirectoryAt(path) {
    const found = resolve(this.volume, this.#mutableDir(), path, NOFOLLOW);
    if (!found.node) fail("no-entry");
    if (this.volume.kind(found.node) !== "directory") fail("not-directory");
    if (found.name === ".") fail("invalid");
    if (found.name === "..") fail("not-empty");
    this.volume.removeDirectory(found.dir, found.name, found.node);
  }

  /**
   * Whether the way to what was found leads through a directory.
   * @param {Node} dir
   * @param {Found} found
   */
  #isAmong(dir, found) {
    return found.dirs.some((other) => this.volume.same(dir, other));
  }

  /**
   * @param {string} path
   * @param {Open} to
   * @param {string} toPath
   */
  renameAt(path, to, toPath) {
    const from = resolve(this.volume, this.#mutableDir(), path, NOFOLLOW);
    const target = resolve(to.volume, to.#mutableDir(), toPath, NOFOLLOW);
    for (const { name } of [from, target])
      if (name === "." || name === "..") fail("busy");
    if (!from.node) fail("no-entry");
    if (this.volume.root !== to.volume.root) fail("cross-device");
    const isDir = this.volume.kind(from.node) === "directory";
    if ((from.slash || target.slash) && !isDir) fail("not-directory");
    if (target.node) {
      if (this.volume.same(from.node, target.node)) return;
      const overDir = this.volume.kind(target.node) === "directory";
      if (isDir && !overDir)
        fail(this.#isAmong(from.node, target) ? "invalid" : "not-directory");
      if (!isDir && overDir)
        fail(this.#isAmong(target.node, from) ? "not-empty" : "is-directory");
    }
    this.volume.rename(
      from.dir,
      from.name,
      from.node,
      target.dir,
      target.name,
      target.node,
    );
  }
}
