/**
 * @module The inode core: a POSIX-like file system, synchronous and in RAM. It
 * owns names, links, times and lifetimes (a file lives until its last name and
 * its last descriptor are gone). Where bytes are kept is its store's business,
 * what is written down for a next time its journal's, and what lies below a
 * writable layer its layer's.
 */
import { fileClock } from "../core/clock.js";
import { hashOf, newSeed } from "./hash.js";
import { utf8Length } from "./path.js";
import { fail } from "./volume.js";

/** @import { Time } from "../core/clock.js" */
/** @import { Below, Layer } from "./layer.js" */
/** @import { File, Kind, Stat, Volume } from "./volume.js" */

/**
 * Keeps the bytes of files.
 * @typedef {object} Store
 * @property {(inode: Inode, offset: number, length: number) => Uint8Array} read
 *   `offset + length` is within the file.
 * @property {(inode: Inode, offset: number, bytes: Uint8Array) => number} write
 *   Throws `insufficient-space` before anything has changed.
 * @property {(inode: Inode, size: number) => void} resize
 *   Called before `inode.size` changes.
 * @property {(inode: Inode) => void} free the inode is gone for good
 */

/**
 * Told of each change after it has happened.
 * @typedef {object} Journal
 * @property {() => void} begin
 *   A change is about to happen; what has happened so far is whole.
 * @property {(inode: Inode) => void} changed
 * @property {(dir: Inode, name: string, inode: Inode | undefined) => void} entry
 *   A name was given to an inode, or taken away.
 * @property {() => void} sync
 */

/** One file, directory or symbolic link. */
export class Inode {
  /** @type {Map<string, Inode> | undefined} */
  entries;
  /** A directory's one parent; removed directories have none. @type {Inode | undefined} */
  parent;
  /** A symbolic link's. */
  target = "";
  links = 0;
  size = 0;
  /** Descriptors that keep it alive. */
  opens = 0;
  /** Whatever the store keeps here. @type {any} */
  data;
  /** What it has of the layer below. @type {Below | undefined} */
  below;

  /**
   * @param {number} ino
   * @param {Kind} kind
   * @param {Time} now
   */
  constructor(ino, kind, now) {
    this.ino = ino;
    this.kind = kind;
    this.atime = now;
    this.mtime = now;
    this.ctime = now;
    if (kind === "directory") this.entries = new Map();
  }
}

const DAY = 86400;
const EMPTY = new Uint8Array(0);
/** What is copied at a time from the layer below. */
const COPY = 1 << 20;

/** @implements {Volume} */
export class InodeVolume {
  readonly = false;
  #store;
  #journal;
  #now;
  #layer;
  #seed = newSeed();

  /**
   * @param {object} parts
   * @param {Store} parts.store
   * @param {Journal} [parts.journal]
   * @param {() => Time} [parts.now]
   * @param {Inode} [parts.root] an existing tree
   * @param {number} [parts.nextIno]
   * @param {Layer} [parts.layer] what this volume lies over, if the root's
   *   `below` says so
   */
  constructor({ store, journal, now = fileClock(), root, nextIno = 1, layer }) {
    this.#store = store;
    this.#journal = journal;
    this.#now = now;
    this.#layer = layer;
    this.nextIno = nextIno;
    /** @type {Inode} */
    this.root = root ?? this.#make("directory");
    if (!root) {
      this.root.links = 1;
      this.root.parent = this.root;
      journal?.changed(this.root);
    }
  }

  /**
   * @param {Kind} kind
   * @returns {Inode}
   */
  #make(kind) {
    return new Inode(this.nextIno++, kind, this.#now());
  }

  /** The time that a change has now. */
  now() {
    return this.#now();
  }

  /** @param {Inode} inode */
  kind(inode) {
    return inode.kind;
  }

  /**
   * @param {Inode} dir
   * @param {string} name
   */
  lookup(dir, name) {
    const inode = entries(dir).get(name);
    return inode || !dir.below ? inode : this.#adopt(dir, dir.below, name);
  }

  /**
   * What the layer below has under a name, as an inode of its own: a hard link
   * down there becomes a file of its own up here.
   * @param {Inode} dir
   * @param {Below} merged
   * @param {string} name
   * @returns {Inode | undefined}
   */
  #adopt(dir, merged, name) {
    const found = this.#layer?.find(merged, name);
    if (!found) return undefined;
    const { below, stat, target } = found;
    const inode = this.#make(stat.kind);
    const { size, atime, mtime, ctime } = stat;
    Object.assign(inode, { size, atime, mtime, ctime, target, below });
    inode.links = 1;
    if (inode.entries) inode.parent = dir;
    below.home = { dir, name };
    entries(dir).set(name, inode);
    return inode;
  }

  /**
   * Tells the journal of a change; first of all that the inode is there, if up to
   * now only the layer below knew.
   * @param {Inode} inode
   */
  #changed(inode) {
    const home = inode.below?.home;
    if (inode.below && home) {
      inode.below.home = undefined;
      if (inode.kind === "symbolic-link") inode.below = undefined;
      this.#changed(home.dir);
      this.#journal?.entry(home.dir, home.name, inode);
    }
    this.#journal?.changed(inode);
  }

  /**
   * A name was taken away: neither shall the layer below show it.
   * @param {Inode} dir
   * @param {string} name
   * @param {Time} now
   */
  #removed(dir, name, now) {
    entries(dir).delete(name);
    if (dir.below) this.#layer?.hide(dir.below, name);
    this.#touch(dir, now);
    this.#journal?.entry(dir, name, undefined);
  }

  /**
   * Makes a file's content its own before the first change of it.
   * @param {Inode} inode
   * @param {Below} below
   * @param {number} size how much of it is still wanted
   */
  #copyUp(inode, below, size) {
    this.#changed(inode);
    const copy = this.#make("regular-file");
    try {
      while (copy.size < size) {
        const most = Math.min(COPY, size - copy.size);
        const part = this.#layer?.read(below, copy.size, most);
        if (!part?.length) fail("io");
        copy.size += this.#store.write(copy, copy.size, part);
      }
    } catch (error) {
      this.#store.free(copy);
      throw error;
    }
    this.#layer?.close(below);
    inode.data = copy.data;
    inode.size = size;
    inode.below = undefined;
  }

  /** @param {Inode} inode */
  readlink(inode) {
    return inode.target;
  }

  /**
   * @param {Inode} inode
   * @returns {Stat}
   */
  stat({ kind, links, size, atime, mtime, ctime }) {
    return { kind, links, size, atime, mtime, ctime };
  }

  /**
   * @param {Inode} inode
   * @param {Time} [atime]
   * @param {Time} [mtime]
   */
  setTimes(inode, atime, mtime) {
    if (atime) inode.atime = atime;
    if (mtime) inode.mtime = mtime;
    if (!atime && !mtime) return;
    inode.ctime = this.#now();
    this.#changed(inode);
  }

  /**
   * @param {Inode} dir
   * @param {string} name
   * @param {Inode} inode
   * @param {Time} now
   */
  #enter(dir, name, inode, now) {
    // A directory that was removed while open takes no more names.
    if (!dir.parent) fail("no-entry");
    entries(dir).set(name, inode);
    inode.links++;
    if (inode.entries) inode.parent = dir;
    this.#touch(dir, now);
    inode.ctime = now;
    this.#changed(inode);
    this.#journal?.entry(dir, name, inode);
  }

  /**
   * @param {Inode} dir
   * @param {string} name
   * @param {Inode} inode
   * @param {Time} now
   */
  #leave(dir, name, inode, now) {
    inode.links--;
    if (inode.entries) inode.parent = undefined;
    // What only the layer below knew of need not be told of any more.
    if (inode.below?.home) inode.below.home = undefined;
    else this.#journal?.changed(inode);
    this.#removed(dir, name, now);
    inode.ctime = now;
    this.#collect(inode);
  }

  /**
   * @param {Inode} inode
   * @param {Time} now
   */
  #touch(inode, now) {
    inode.mtime = inode.ctime = now;
    this.#changed(inode);
  }

  /** @param {Inode} inode */
  #collect(inode) {
    if (inode.opens > 0) return;
    if (inode.below) this.#layer?.close(inode.below);
    else if (inode.links === 0) this.#store.free(inode);
  }

  /**
   * @param {Inode} dir
   * @param {string} name
   */
  createFile(dir, name) {
    this.#journal?.begin();
    const inode = this.#make("regular-file");
    this.#enter(dir, name, inode, inode.ctime);
    return inode;
  }

  /**
   * @param {Inode} dir
   * @param {string} name
   */
  createDirectory(dir, name) {
    this.#journal?.begin();
    const inode = this.#make("directory");
    this.#enter(dir, name, inode, inode.ctime);
  }

  /**
   * @param {Inode} dir
   * @param {string} name
   * @param {string} target
   */
  createSymlink(dir, name, target) {
    this.#journal?.begin();
    const inode = this.#make("symbolic-link");
    inode.target = target;
    inode.size = utf8Length(target);
    this.#enter(dir, name, inode, inode.ctime);
  }

  /**
   * @param {Inode} inode
   * @param {Inode} dir
   * @param {string} name
   */
  link(inode, dir, name) {
    this.#journal?.begin();
    this.#enter(dir, name, inode, this.#now());
  }

  /**
   * @param {Inode} dir
   * @param {string} name
   * @param {Inode} inode
   */
  unlink(dir, name, inode) {
    this.#journal?.begin();
    this.#leave(dir, name, inode, this.#now());
  }

  /**
   * @param {Inode} dir
   * @param {string} name
   * @param {Inode} inode
   */
  removeDirectory(dir, name, inode) {
    this.#journal?.begin();
    if (!this.#isEmpty(inode)) fail("not-empty");
    this.#leave(dir, name, inode, this.#now());
  }

  /**
   * @param {Inode} dir
   * @param {string} name
   * @param {Inode} inode
   * @param {Inode} toDir
   * @param {string} toName
   * @param {Inode | undefined} target
   */
  rename(dir, name, inode, toDir, toName, target) {
    this.#journal?.begin();
    if (!toDir.parent) fail("no-entry");
    if (inode.entries && within(toDir, inode)) fail("invalid");
    if (target?.entries && !this.#isEmpty(target)) fail("not-empty");
    // The new name first: at no instant is the file without one.
    const now = this.#now();
    if (target) this.#leave(toDir, toName, target, now);
    this.#enter(toDir, toName, inode, now);
    inode.links--;
    this.#changed(inode);
    this.#removed(dir, name, now);
  }

  /** @param {Inode} dir */
  #isEmpty(dir) {
    return dir.below ? this.list(dir).length === 0 : entries(dir).size === 0;
  }

  /** @param {Inode} dir */
  list(dir) {
    const list = [];
    for (const [name, { kind }] of entries(dir)) list.push({ name, kind });
    if (dir.below)
      for (const entry of this.#layer?.list(dir.below) ?? [])
        if (!entries(dir).has(entry.name)) list.push(entry);
    return list;
  }

  /**
   * @param {Inode} inode
   * @param {{ truncate: boolean }} access
   * @returns {File}
   */
  open(inode, { truncate }) {
    if (truncate) this.resize(inode, 0);
    this.hold(inode);
    return new OpenInode(this, inode);
  }

  /** @param {Inode} inode */
  hold(inode) {
    inode.opens++;
  }

  /** @param {Inode} inode */
  release(inode) {
    inode.opens--;
    this.#collect(inode);
  }

  /**
   * @param {Inode} inode
   * @param {number} offset
   * @param {number} length
   */
  read(inode, offset, length) {
    const end = Math.min(inode.size, offset + length);
    if (offset >= end) return EMPTY;
    this.#accessed(inode);
    return inode.below && this.#layer
      ? this.#layer.read(inode.below, offset, end - offset)
      : this.#store.read(inode, offset, end - offset);
  }

  /**
   * As `relatime` mounts do: a write per read would be a poor bargain.
   * @param {Inode} inode
   */
  #accessed(inode) {
    const { atime, mtime } = inode;
    if (!isBefore(mtime, atime)) {
      inode.atime = this.#now();
      return;
    }
    if (Date.now() / 1000 - atime.seconds > DAY) inode.atime = this.#now();
  }

  /**
   * @param {Inode} inode
   * @param {number} offset
   * @param {Uint8Array} bytes
   */
  write(inode, offset, bytes) {
    if (bytes.length === 0) return 0;
    const end = offset + bytes.length;
    if (end > Number.MAX_SAFE_INTEGER) fail("file-too-large");
    this.#journal?.begin();
    if (inode.below) this.#copyUp(inode, inode.below, inode.size);
    const written = this.#store.write(inode, offset, bytes);
    inode.size = Math.max(inode.size, offset + written);
    this.#touch(inode, this.#now());
    return written;
  }

  /**
   * @param {Inode} inode
   * @param {number} size
   */
  resize(inode, size) {
    if (size > Number.MAX_SAFE_INTEGER) fail("file-too-large");
    this.#journal?.begin();
    if (inode.below)
      this.#copyUp(inode, inode.below, Math.min(size, inode.size));
    this.#store.resize(inode, size);
    inode.size = size;
    this.#touch(inode, this.#now());
  }

  sync() {
    this.#journal?.sync();
  }

  /**
   * @param {Inode} a
   * @param {Inode} b
   */
  same(a, b) {
    return a === b;
  }

  /**
   * @param {Inode} inode
   * @returns {[bigint, bigint]}
   */
  hash({ ino, size, mtime }) {
    const time =
      BigInt(mtime.seconds) * 1000000000n + BigInt(mtime.nanoseconds);
    return hashOf(this.#seed, BigInt(ino), time, BigInt(size));
  }
}

/**
 * A file of the core that somebody has open.
 * @implements {File}
 */
class OpenInode {
  #volume;
  #inode;

  /**
   * @param {InodeVolume} volume
   * @param {Inode} inode
   */
  constructor(volume, inode) {
    this.#volume = volume;
    this.#inode = inode;
  }

  /**
   * @param {number} offset
   * @param {number} length
   */
  read(offset, length) {
    return this.#volume.read(this.#inode, offset, length);
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} bytes
   */
  write(offset, bytes) {
    return this.#volume.write(this.#inode, offset, bytes);
  }

  /** @param {Uint8Array} bytes */
  append(bytes) {
    return this.#volume.write(this.#inode, this.#inode.size, bytes);
  }

  /** @param {number} size */
  resize(size) {
    this.#volume.resize(this.#inode, size);
  }

  close() {
    this.#volume.release(this.#inode);
  }
}

/**
 * @param {Inode} dir
 * @returns {Map<string, Inode>}
 */
function entries(dir) {
  return dir.entries ?? fail("not-directory");
}

/**
 * Whether `dir` is `top` or somewhere below.
 * @param {Inode} dir
 * @param {Inode} top
 */
function within(dir, top) {
  for (let at = dir; ; at = /** @type {Inode} */ (at.parent)) {
    if (at === top) return true;
    if (at.parent === at || !at.parent) return false;
  }
}

/**
 * @param {Time} a
 * @param {Time} b
 */
function isBefore(a, b) {
  return (
    a.seconds < b.seconds ||
    (a.seconds === b.seconds && a.nanoseconds < b.nanoseconds)
  );
}
