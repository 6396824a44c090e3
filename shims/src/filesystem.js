/**
 * @module `wasi:filesystem@0.2`: types and preopens. A face: it turns resources,
 * records and bigints into calls on `Open`, which knows the rules.
 */
import { DISPOSE } from "./core/exit.js";
import { Open } from "./fs/open.js";
import { InputStream, OutputStream } from "./io.js";

/** @import { IoError } from "./io.js" */
/** @import { Time } from "./core/clock.js" */
/** @import { Code, Kind, Stat } from "./fs/volume.js" */
/** @import { Context } from "./host.js" */
/** @import { Waiter } from "./wait.js" */

/** @typedef {{ seconds: bigint, nanoseconds: number }} Datetime */
/** @typedef {{ tag: "no-change" } | { tag: "now" } | { tag: "timestamp", val: Datetime }} NewTimestamp */
/** @typedef {{ symlinkFollow?: boolean }} PathFlags */
/** @typedef {{ create?: boolean, directory?: boolean, exclusive?: boolean, truncate?: boolean }} OpenFlags */
/**
 * @typedef {object} DescriptorFlags
 * @property {boolean} [read]
 * @property {boolean} [write]
 * @property {boolean} [fileIntegritySync]
 * @property {boolean} [dataIntegritySync]
 * @property {boolean} [requestedWriteSync]
 * @property {boolean} [mutateDirectory]
 */

/** What one `read` returns at most; the WIT lets it be less than asked. */
const MOST = 1 << 24;

/** The resource `descriptor`. */
export class Descriptor {
  #open;
  #waiter;

  /**
   * @param {Open} open
   * @param {Waiter} waiter
   */
  constructor(open, waiter) {
    this.#open = open;
    this.#waiter = waiter;
  }

  /** @param {bigint} offset */
  readViaStream(offset) {
    return new InputStream(this.#open.source(Number(offset)), this.#waiter);
  }

  /** @param {bigint} offset */
  writeViaStream(offset) {
    return new OutputStream(this.#open.sink(Number(offset)), this.#waiter);
  }

  appendViaStream() {
    return new OutputStream(this.#open.sink("end"), this.#waiter);
  }

  /**
   * Accepted and ignored: nothing here reads ahead.
   * @param {bigint} _offset
   * @param {bigint} length
   * @param {string} _advice
   */
  advise(_offset, length, _advice) {
    this.#open.advise(Number(length));
  }

  syncData() {
    this.#open.syncNow(true);
  }

  /** @returns {DescriptorFlags} */
  getFlags() {
    const { read, write, kind, mutate, sync } = this.#open;
    return {
      read,
      write,
      fileIntegritySync: sync === "file",
      dataIntegritySync: sync === "data",
      requestedWriteSync: false,
      mutateDirectory: kind === "directory" && mutate,
    };
  }

  /** @returns {Kind} */
  getType() {
    return this.#open.kind;
  }

  /** @param {bigint} size */
  setSize(size) {
    this.#open.resize(Number(size));
  }

  /**
   * @param {NewTimestamp} atime
   * @param {NewTimestamp} mtime
   */
  setTimes(atime, mtime) {
    this.#open.setTimes(timeOf(atime), timeOf(mtime));
  }

  /**
   * As wasmtime does, the end is told by the read that finds nothing.
   * @param {bigint} length
   * @param {bigint} offset
   * @returns {[Uint8Array, boolean]}
   */
  read(length, offset) {
    const most = length > MOST ? MOST : Number(length);
    const bytes = this.#open.readAt(Number(offset), most);
    return [bytes, bytes.length === 0];
  }

  /**
   * @param {Uint8Array} buffer
   * @param {bigint} offset
   * @returns {bigint}
   */
  write(buffer, offset) {
    return BigInt(this.#open.writeAt(Number(offset), buffer));
  }

  readDirectory() {
    return new DirectoryEntryStream(this.#open.list());
  }

  sync() {
    this.#open.syncNow(false);
  }

  /** @param {string} path */
  createDirectoryAt(path) {
    this.#open.createDirectoryAt(path);
  }

  stat() {
    return statOf(this.#open.stat());
  }

  /**
   * @param {PathFlags} flags
   * @param {string} path
   */
  statAt(flags, path) {
    return statOf(this.#open.statAt(path, flags.symlinkFollow ?? false));
  }

  /**
   * @param {PathFlags} flags
   * @param {string} path
   * @param {NewTimestamp} atime
   * @param {NewTimestamp} mtime
   */
  setTimesAt(flags, path, atime, mtime) {
    const follow = flags.symlinkFollow ?? false;
    this.#open.setTimesAt(path, follow, timeOf(atime), timeOf(mtime));
  }

  /**
   * @param {PathFlags} flags
   * @param {string} path
   * @param {Descriptor} to
   * @param {string} toPath
   */
  linkAt(flags, path, to, toPath) {
    // A link to what a link points at: refused, as wasmtime does.
    if (flags.symlinkFollow) throw "invalid";
    this.#open.linkAt(path, to.#open, toPath);
  }

  /**
   * @param {PathFlags} pathFlags
   * @param {string} path
   * @param {OpenFlags} openFlags
   * @param {DescriptorFlags} flags
   * @returns {Descriptor}
   */
  openAt(pathFlags, path, openFlags, flags) {
    const open = this.#open.openAt(path, {
      follow: pathFlags.symlinkFollow,
      create: openFlags.create,
      directory: openFlags.directory,
      exclusive: openFlags.exclusive,
      truncate: openFlags.truncate,
      read: flags.read,
      write: flags.write,
      mutate: flags.mutateDirectory,
      sync: flags.fileIntegritySync
        ? "file"
        : flags.dataIntegritySync
          ? "data"
          : "none",
    });
    return new Descriptor(open, this.#waiter);
  }

  /** @param {string} path */
  readlinkAt(path) {
    return this.#open.readlinkAt(path);
  }

  /** @param {string} path */
  removeDirectoryAt(path) {
    this.#open.removeDirectoryAt(path);
  }

  /**
   * @param {string} path
   * @param {Descriptor} to
   * @param {string} toPath
   */
  renameAt(path, to, toPath) {
    this.#open.renameAt(path, to.#open, toPath);
  }

  /**
   * @param {string} target
   * @param {string} path
   */
  symlinkAt(target, path) {
    this.#open.symlinkAt(target, path);
  }

  /** @param {string} path */
  unlinkFileAt(path) {
    this.#open.unlinkAt(path);
  }

  /**
   * @param {Descriptor} other
   * @returns {boolean}
   */
  isSameObject(other) {
    return this.#open.same(other.#open);
  }

  metadataHash() {
    return hashOf(this.#open.hash());
  }

  /**
   * @param {PathFlags} flags
   * @param {string} path
   */
  metadataHashAt(flags, path) {
    return hashOf(this.#open.hashAt(path, flags.symlinkFollow ?? false));
  }

  [DISPOSE]() {
    this.#open.close();
  }
}

/** The resource `directory-entry-stream`: what was there when it was made. */
export class DirectoryEntryStream {
  #entries;
  #at = 0;

  /** @param {Array<{ name: string, kind: Kind }>} entries */
  constructor(entries) {
    this.#entries = entries;
  }

  /** @returns {{ type: Kind, name: string } | undefined} */
  readDirectoryEntry() {
    if (this.#at === this.#entries.length) return undefined;
    const { name, kind } = this.#entries[this.#at++];
    return { type: kind, name };
  }
}

/**
 * @param {NewTimestamp} time
 * @returns {Time | "now" | undefined}
 */
function timeOf(time) {
  if (time.tag === "no-change") return undefined;
  if (time.tag === "now") return "now";
  const { seconds, nanoseconds } = time.val;
  if (nanoseconds >= 1e9) throw "invalid";
  if (seconds > Number.MAX_SAFE_INTEGER) throw "overflow";
  return { seconds: Number(seconds), nanoseconds };
}

/**
 * A time before 1970 cannot be told in WASI 0.2, whose seconds are unsigned.
 * @param {Time} time
 * @returns {Datetime | undefined}
 */
function datetime({ seconds, nanoseconds }) {
  return seconds < 0 ? undefined : { seconds: BigInt(seconds), nanoseconds };
}

/** @param {Stat} stat */
function statOf(stat) {
  return {
    type: stat.kind,
    linkCount: BigInt(stat.links),
    size: BigInt(stat.size),
    dataAccessTimestamp: datetime(stat.atime),
    dataModificationTimestamp: datetime(stat.mtime),
    statusChangeTimestamp: datetime(stat.ctime),
  };
}

/** @param {[bigint, bigint]} hash */
function hashOf([lower, upper]) {
  return { lower, upper };
}

/**
 * The face of `wasi:filesystem`: types, and the host's grants as preopens.
 * @param {Context} context
 * @returns the interfaces, by full name
 */
export function filesystem({ options, waiter }) {
  const volumes = Object.entries(options.fs ?? {});
  return {
    "wasi:filesystem/types@0.2.12": {
      Descriptor,
      DirectoryEntryStream,
      filesystemErrorCode(/** @type {IoError} */ error) {
        // Volumes throw the code itself; no other source throws text.
        const { cause } = error;
        return typeof cause === "string"
          ? /** @type {Code} */ (cause)
          : undefined;
      },
    },
    "wasi:filesystem/preopens@0.2.12": {
      getDirectories: () =>
        volumes.map(([path, volume]) => {
          const access = { read: true, write: false, truncate: false };
          const open = new Open(volume, volume.root, access);
          return [new Descriptor(open, waiter), path];
        }),
    },
  };
}
