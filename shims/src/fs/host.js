/**
 * @module A directory of the host as a volume, over `node:fs` alone (Node, Deno,
 * Bun). It owns the mapping of nodes to host paths and of errno to codes. Paths
 * are resolved above, one component at a time and with links read, not followed:
 * nothing here ever hands the system a path with a link in it. On Linux open
 * directories are held by descriptor and reached through `/proc/self/fd`, which
 * is `openat`. Elsewhere another process that swaps a directory for a link at the
 * right instant can still lead out; a guest by itself cannot.
 */
import fs from "node:fs";
import { hashOf, newSeed } from "./hash.js";
import { fail } from "./volume.js";

/** @import { Time } from "../core/clock.js" */
/** @import { Code, File, Kind, Stat, Volume } from "./volume.js" */

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND } =
  fs.constants;
// Not there on Windows, where links need a right of their own.
const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;

/** What one read fetches at most, and the size of the buffer it reuses. */
const MOST = 1 << 20;

/**
 * A name below a directory. `fd` is there while it is open; then what it names
 * may have moved or gone.
 * @typedef {object} HostNode
 * @property {HostNode | undefined} dir
 * @property {string} name the host's path, in the root
 * @property {Kind} kind
 * @property {number | undefined} fd
 * @property {boolean} [fresh] `fd` was opened by `createFile`, for `open` to take
 */

/** @type {Record<string, Code>} */
const CODES = {
  EACCES: "access",
  EAGAIN: "would-block",
  EBADF: "bad-descriptor",
  EBUSY: "busy",
  EDQUOT: "quota",
  EEXIST: "exist",
  EFBIG: "file-too-large",
  EILSEQ: "illegal-byte-sequence",
  EINVAL: "invalid",
  EISDIR: "is-directory",
  ELOOP: "loop",
  EMLINK: "too-many-links",
  ENAMETOOLONG: "name-too-long",
  ENOENT: "no-entry",
  ENOMEM: "insufficient-memory",
  ENOSPC: "insufficient-space",
  ENOTDIR: "not-directory",
  ENOTEMPTY: "not-empty",
  ENOTSUP: "unsupported",
  ENOSYS: "unsupported",
  EOPNOTSUPP: "unsupported",
  EOVERFLOW: "overflow",
  EPERM: "not-permitted",
  EROFS: "read-only",
  ETXTBSY: "text-file-busy",
  EXDEV: "cross-device",
  ERR_OUT_OF_RANGE: "invalid",
};

/**
 * Runs a call of `node:fs` and throws the code of what went wrong.
 * @template T
 * @param {() => T} call
 * @returns {T}
 */
function sys(call) {
  try {
    return call();
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (typeof code !== "string") throw error;
    return fail(CODES[code] ?? "io");
  }
}

/**
 * A directory of the host.
 * @param {string} path
 * @param {{ readonly?: boolean }} [options]
 * @returns {Volume}
 */
export function directory(path, options = {}) {
  const real = fs.realpathSync(path);
  if (!fs.statSync(real).isDirectory())
    throw new TypeError(`not a directory: ${path}`);
  return new HostVolume(real, options.readonly ?? false);
}

/** @implements {Volume} */
class HostVolume {
  #seed = newSeed();
  #byDescriptor;

  /**
   * @param {string} real
   * @param {boolean} readonly
   */
  constructor(real, readonly) {
    this.readonly = readonly;
    /** @type {HostNode} */
    this.root = {
      dir: undefined,
      name: real,
      kind: "directory",
      fd: undefined,
    };
    this.#byDescriptor = canReachByDescriptor(real);
  }

  /**
   * @param {HostNode} node
   * @returns {string}
   */
  #path(node) {
    if (this.#byDescriptor && node.fd !== undefined && !node.fresh)
      return `/proc/self/fd/${node.fd}`;
    if (!node.dir) return node.name;
    return this.#at(node.dir, node.name);
  }

  /**
   * @param {HostNode} dir
   * @param {string} name
   * @returns {string}
   */
  #at(dir, name) {
    if (process.platform === "win32" && /[\\:*?"<>|]/.test(name))
      fail("invalid");
    return `${this.#path(dir)}/${name}`;
  }

  /** @param {HostNode} node */
  kind(node) {
    return node.kind;
  }

  /**
   * @param {HostNode} dir
   * @param {string} name
   * @returns {HostNode | undefined}
   */
  lookup(dir, name) {
    const path = this.#at(dir, name);
    const stat = sys(() => fs.lstatSync(path, { throwIfNoEntry: false }));
    if (!stat) return undefined;
    return { dir, name, kind: kindOf(stat), fd: undefined };
  }

  /** @param {HostNode} node */
  readlink(node) {
    return sys(() => fs.readlinkSync(this.#path(node)));
  }

  /**
   * @param {HostNode} node
   * @returns {fs.BigIntStats}
   */
  #lstat(node) {
    const options = /** @type {const} */ ({ bigint: true });
    const { fd } = node;
    if (fd !== undefined) return sys(() => fs.fstatSync(fd, options));
    return sys(() => fs.lstatSync(this.#path(node), options));
  }

  /**
   * @param {HostNode} node
   * @returns {Stat}
   */
  stat(node) {
    const stat = this.#lstat(node);
    return {
      kind: kindOf(stat),
      links: Number(stat.nlink),
      size: Number(stat.size),
      atime: timeOf(stat.atimeNs),
      mtime: timeOf(stat.mtimeNs),
      ctime: timeOf(stat.ctimeNs),
    };
  }

  /**
   * Node passes times as a double of seconds: they keep some 200 ns.
   * @param {HostNode} node
   * @param {Time} [atime]
   * @param {Time} [mtime]
   */
  setTimes(node, atime, mtime) {
    if (!atime && !mtime) return;
    const old = this.stat(node);
    const a = secondsOf(atime ?? old.atime);
    const m = secondsOf(mtime ?? old.mtime);
    const { fd } = node;
    if (fd !== undefined) return sys(() => fs.futimesSync(fd, a, m));
    if (node.kind === "symbolic-link")
      return sys(() => fs.lutimesSync(this.#path(node), a, m));
    sys(() => fs.utimesSync(this.#path(node), a, m));
  }

  /**
   * @param {HostNode} dir
   * @param {string} name
   * @returns {HostNode}
   */
  createFile(dir, name) {
    const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
    const fd = sys(() => fs.openSync(this.#at(dir, name), flags, 0o666));
    return { dir, name, kind: "regular-file", fd, fresh: true };
  }

  /**
   * @param {HostNode} dir
   * @param {string} name
   */
  createDirectory(dir, name) {
    sys(() => fs.mkdirSync(this.#at(dir, name)));
  }

  /**
   * @param {HostNode} dir
   * @param {string} name
   * @param {string} target
   */
  createSymlink(dir, name, target) {
    sys(() => fs.symlinkSync(target, this.#at(dir, name)));
  }

  /**
   * @param {HostNode} node
   * @param {HostNode} dir
   * @param {string} name
   */
  link(node, dir, name) {
    sys(() => fs.linkSync(this.#path(node), this.#at(dir, name)));
  }

  /**
   * @param {HostNode} dir
   * @param {string} name
   */
  unlink(dir, name) {
    sys(() => fs.unlinkSync(this.#at(dir, name)));
  }

  /**
   * @param {HostNode} dir
   * @param {string} name
   */
  removeDirectory(dir, name) {
    sys(() => fs.rmdirSync(this.#at(dir, name)));
  }

  /**
   * @param {HostNode} dir
   * @param {string} name
   * @param {HostNode} _node
   * @param {HostNode} toDir
   * @param {string} toName
   */
  rename(dir, name, _node, toDir, toName) {
    sys(() => fs.renameSync(this.#at(dir, name), this.#at(toDir, toName)));
  }

  /**
   * Names that are not UTF-8 cannot be told to a guest, and are left out: what
   * was decoded with a replacement character is not the name of anything.
   * @param {HostNode} dir
   */
  list(dir) {
    const path = this.#path(dir);
    // Bun cannot list a directory that was removed while it is held open.
    if (dir.fd !== undefined && fs.fstatSync(dir.fd).nlink === 0) return [];
    return sys(() => fs.readdirSync(path, { withFileTypes: true }))
      .filter(
        ({ name }) =>
          !name.includes("\ufffd") ||
          fs.lstatSync(`${path}/${name}`, { throwIfNoEntry: false }),
      )
      .map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
  }

  /**
   * @param {HostNode} node
   * @param {{ read: boolean, write: boolean, truncate: boolean }} access
   * @returns {File}
   */
  open(node, { read, write, truncate }) {
    let { fd } = node;
    if (fd === undefined || !node.fresh) {
      let flags = write || truncate ? (read ? O_RDWR : O_WRONLY) : O_RDONLY;
      flags |= O_NOFOLLOW | (truncate ? O_TRUNC : 0);
      // A pipe without another end must not hold the thread.
      if (node.kind !== "regular-file") flags |= O_NONBLOCK;
      fd = sys(() => fs.openSync(this.#path(node), flags));
    }
    node.fd = fd;
    node.fresh = false;
    return new HostFile(node, fd, this.#byDescriptor);
  }

  /** @param {HostNode} node */
  hold(node) {
    if (!this.#byDescriptor || node.fd !== undefined) return;
    const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
    node.fd = sys(() => fs.openSync(this.#path(node), flags));
  }

  /** @param {HostNode} node */
  release(node) {
    const { fd } = node;
    // The root's stays: every later descriptor starts from it.
    if (fd === undefined || node === this.root) return;
    node.fd = undefined;
    sys(() => fs.closeSync(fd));
  }

  /**
   * @param {HostNode} node
   * @param {boolean} dataOnly
   */
  sync(node, dataOnly) {
    const { fd } = node;
    if (fd === undefined) return;
    sys(() => (dataOnly ? fs.fdatasyncSync(fd) : fs.fsyncSync(fd)));
  }

  /**
   * @param {HostNode} a
   * @param {HostNode} b
   */
  same(a, b) {
    const [x, y] = [this.#lstat(a), this.#lstat(b)];
    return x.ino === y.ino && x.dev === y.dev;
  }

  /** @param {HostNode} node */
  hash(node) {
    const { dev, ino, mtimeNs, size } = this.#lstat(node);
    return hashOf(this.#seed, (dev << 64n) ^ ino, mtimeNs, size);
  }
}

/** @implements {File} */
class HostFile {
  #node;
  #fd;
  #byDescriptor;
  /** @type {number | undefined} */
  #appendFd;
  #buffer = new Uint8Array(0);

  /**
   * @param {HostNode} node
   * @param {number} fd
   * @param {boolean} byDescriptor
   */
  constructor(node, fd, byDescriptor) {
    this.#node = node;
    this.#fd = fd;
    this.#byDescriptor = byDescriptor;
  }

  /**
   * @param {number} offset
   * @param {number} length
   */
  read(offset, length) {
    const most = Math.min(length, MOST);
    if (this.#buffer.length < most) this.#buffer = new Uint8Array(most);
    const n = sys(() =>
      fs.readSync(this.#fd, this.#buffer, 0, most, positionOf(offset)),
    );
    return this.#buffer.subarray(0, n);
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} bytes
   */
  write(offset, bytes) {
    if (bytes.length === 0) return 0;
    if (offset > Number.MAX_SAFE_INTEGER) fail("file-too-large");
    return sys(() => fs.writeSync(this.#fd, bytes, 0, bytes.length, offset));
  }

  /**
   * A second descriptor with O_APPEND lets the system find the end, so that two
   * writers never overwrite each other.
   * @param {Uint8Array} bytes
   */
  append(bytes) {
    if (!this.#byDescriptor)
      return this.write(sys(() => fs.fstatSync(this.#fd)).size, bytes);
    this.#appendFd ??= sys(() =>
      fs.openSync(`/proc/self/fd/${this.#fd}`, O_WRONLY | O_APPEND),
    );
    const fd = this.#appendFd;
    return sys(() => fs.writeSync(fd, bytes, 0, bytes.length));
  }

  /** @param {number} size */
  resize(size) {
    sys(() => fs.ftruncateSync(this.#fd, size));
  }

  close() {
    this.#node.fd = undefined;
    fs.closeSync(this.#fd);
    if (this.#appendFd !== undefined) fs.closeSync(this.#appendFd);
  }
}

/**
 * Whether a path through `/proc/self/fd` leads to a directory held open.
 * @param {string} real
 */
function canReachByDescriptor(real) {
  if (process.platform !== "linux") return false;
  let fd;
  try {
    fd = fs.openSync(real, O_RDONLY | O_DIRECTORY);
    const there = fs.statSync(`/proc/self/fd/${fd}/.`);
    const here = fs.statSync(real);
    return there.ino === here.ino && there.dev === here.dev;
  } catch {
    return false;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/**
 * @param {fs.StatsBase<any> | fs.Dirent<any>} stat
 * @returns {Kind}
 */
function kindOf(stat) {
  if (stat.isFile()) return "regular-file";
  if (stat.isDirectory()) return "directory";
  if (stat.isSymbolicLink()) return "symbolic-link";
  if (stat.isFIFO()) return "fifo";
  if (stat.isSocket()) return "socket";
  if (stat.isCharacterDevice()) return "character-device";
  if (stat.isBlockDevice()) return "block-device";
  return "unknown";
}

/**
 * @param {bigint} ns
 * @returns {Time}
 */
function timeOf(ns) {
  const nanoseconds = Number(((ns % 1000000000n) + 1000000000n) % 1000000000n);
  return {
    seconds: Number((ns - BigInt(nanoseconds)) / 1000000000n),
    nanoseconds,
  };
}

/**
 * As a double, which is cut off on its way to the system: the next one where the
 * nearest lies before the time, so that whole microseconds are kept.
 * @param {Time} time
 */
function secondsOf({ seconds, nanoseconds }) {
  const time = seconds + nanoseconds / 1e9;
  const short = (time - seconds) * 1e9 < nanoseconds;
  return short ? time * (1 + Number.EPSILON) : time;
}

/**
 * @param {number} offset
 * @returns {number | bigint}
 */
function positionOf(offset) {
  return offset > Number.MAX_SAFE_INTEGER ? BigInt(offset) : offset;
}
