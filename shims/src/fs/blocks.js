/**
 * @module Where the bytes of a persistent volume live: blocks of one data file. It
 * owns allocation and the copy on write that makes commits atomic: a block that
 * the last commit refers to is never written again, only replaced; it is free
 * once a later commit no longer names it. So whatever a crash leaves of the
 * writes since, what was committed is whole.
 */
import { fail } from "./volume.js";

/** @import { Inode, Store } from "./inode.js" */

/**
 * The part of FileSystemSyncAccessHandle that a volume needs.
 * @typedef {object} SyncHandle
 * @property {(buffer: Uint8Array, options: { at: number }) => number} read
 * @property {(buffer: Uint8Array, options: { at: number }) => number} write
 * @property {(size: number) => void} truncate
 * @property {() => number} getSize
 * @property {() => void} flush
 * @property {() => void} close
 */

export const BLOCK = 4096;
/** Blocks are numbered in 32 bits less one: 16 TiB. */
const MOST_BLOCKS = 0xfffffffe;
/** The buffer that reads share; longer ones get their own. */
const SCRATCH = 1 << 20;

/** What the store knows of one file. */
export class Blocks {
  /** Logical block → physical block + 1; 0 is a hole. */
  map = new Uint32Array(0);
  /** Logical blocks that changed since the last commit. @type {Set<number>} */
  changed = new Set();
  /** The least number of blocks the file had since the last commit. */
  cut = Infinity;
}

/**
 * Runs of free blocks, the ones at the end of the list first.
 * @typedef {[start: number, count: number]} Run
 */

/** @implements {Store} */
export class BlockStore {
  #handle;
  /** @type {Run[]} */
  #free = [];
  /** Blocks the last commit names and no file does any more. @type {number[]} */
  #leaving = [];
  /** Per physical block: whether the last commit names it. */
  #durable = new Uint8Array(1024);
  /** Blocks that the data file has. */
  #end = 0;
  #scratch = new Uint8Array(SCRATCH);
  /** A block to compose in. */
  #one = new Uint8Array(BLOCK);
  #written = false;
  /** Called when space runs out, to commit and so free what is leaving. */
  reclaim = () => {};
  /** Bytes of blocks taken since the last commit. */
  pending = 0;

  /** @param {SyncHandle} handle */
  constructor(handle) {
    this.#handle = handle;
  }

  /**
   * Takes over what a log says is in use, when a volume is mounted.
   * @param {Iterable<Inode>} inodes
   */
  adopt(inodes) {
    for (const inode of inodes) {
      if (!inode.data) continue;
      for (const entry of blocksOf(inode).map) {
        if (entry === 0) continue;
        this.#reach(entry);
        if (this.#durable[entry - 1]) throw new Error("block in use twice");
        this.#durable[entry - 1] = 1;
      }
    }
    for (let block = 0; block < this.#end; block++)
      if (!this.#durable[block]) this.#release(block);
  }

  /** @param {number} end */
  #reach(end) {
    this.#end = Math.max(this.#end, end);
    if (end <= this.#durable.length) return;
    const more = new Uint8Array(Math.max(end, this.#durable.length * 2));
    more.set(this.#durable);
    this.#durable = more;
  }

  /** @param {number} block */
  #release(block) {
    const last = this.#free[this.#free.length - 1];
    if (last && last[0] + last[1] === block) last[1]++;
    else this.#free.push([block, 1]);
  }

  /**
   * Some blocks in a row, `count` at most.
   * @param {number} count
   * @param {number} goal the block they had best begin with
   * @returns {Run}
   */
  #allocate(count, goal) {
    if (goal === this.#end || this.#free.length === 0) {
      const start = this.#end;
      if (start + count > MOST_BLOCKS) fail("insufficient-space");
      this.#reach(start + count);
      return [start, count];
    }
    const run = this.#free[this.#free.length - 1];
    const taken = Math.min(count, run[1]);
    const start = run[0];
    run[0] += taken;
    run[1] -= taken;
    if (run[1] === 0) this.#free.pop();
    return [start, taken];
  }

  /**
   * A file no longer uses a block.
   * @param {number} entry physical + 1
   */
  #drop(entry) {
    if (entry === 0) return;
    if (this.#durable[entry - 1]) this.#leaving.push(entry - 1);
    else this.#release(entry - 1);
  }

  /**
   * @param {Inode} inode
   * @param {number} offset
   * @param {number} length
   */
  read(inode, offset, length) {
    const { map } = blocksOf(inode);
    const out =
      length <= SCRATCH
        ? this.#scratch.subarray(0, length)
        : new Uint8Array(length);
    for (let at = 0; at < length;) {
      const position = offset + at;
      const first = Math.floor(position / BLOCK);
      const within = position - first * BLOCK;
      const entry = map[first] ?? 0;
      let count = 1;
      const needed = Math.ceil((within + length - at) / BLOCK);
      if (entry === 0) while (count < needed && !map[first + count]) count++;
      else
        while (count < needed && map[first + count] === entry + count) count++;
      const n = Math.min(count * BLOCK - within, length - at);
      const part = out.subarray(at, at + n);
      if (entry === 0) part.fill(0);
      else this.#fetch(part, (entry - 1) * BLOCK + within);
      at += n;
    }
    return out;
  }

  /**
   * @param {Uint8Array} part
   * @param {number} at
   */
  #fetch(part, at) {
    if (attempt(() => this.#handle.read(part, { at })) !== part.length)
      fail("io");
  }

  /**
   * @param {Inode} inode
   * @param {number} offset
   * @param {Uint8Array} bytes
   */
  write(inode, offset, bytes) {
    const end = offset + bytes.length;
    if (end > MOST_BLOCKS * BLOCK) fail("file-too-large");
    const blocks = blocksOf(inode);
    grow(blocks, Math.ceil(end / BLOCK));
    for (let at = 0; at < bytes.length;) {
      const position = offset + at;
      const first = Math.floor(position / BLOCK);
      const within = position - first * BLOCK;
      const left = bytes.length - at;
      at +=
        within === 0 && left >= BLOCK
          ? this.#writeWhole(blocks, first, bytes.subarray(at))
          : this.#writePart(
              blocks,
              first,
              within,
              bytes.subarray(at, at + Math.min(BLOCK - within, left)),
            );
    }
    return bytes.length;
  }

  /**
   * Whole blocks, as many in one call as lie in a row.
   * @param {Blocks} blocks
   * @param {number} first
   * @param {Uint8Array} bytes
   * @returns {number} how much of `bytes` was written
   */
  #writeWhole(blocks, first, bytes) {
    const wanted = Math.floor(bytes.length / BLOCK);
    const { map } = blocks;
    const entry = map[first];
    let count = 1;
    if (this.#isFresh(entry)) {
      while (
        count < wanted &&
        map[first + count] === entry + count &&
        this.#isFresh(map[first + count])
      )
        count++;
      this.#store(bytes.subarray(0, count * BLOCK), entry - 1);
      return count * BLOCK;
    }
    while (count < wanted && !this.#isFresh(map[first + count])) count++;
    const goal = first > 0 ? map[first - 1] : 0;
    const [start, got] = this.#place(bytes, count, goal);
    for (let i = 0; i < got; i++) this.#assign(blocks, first + i, start + i);
    return got * BLOCK;
  }

  /**
   * Less than a block: into the block if it is new, else into a copy of it.
   * @param {Blocks} blocks
   * @param {number} logical
   * @param {number} within
   * @param {Uint8Array} bytes
   * @returns {number}
   */
  #writePart(blocks, logical, within, bytes) {
    const entry = blocks.map[logical];
    if (this.#isFresh(entry)) {
      this.#storeAt(bytes, (entry - 1) * BLOCK + within);
      return bytes.length;
    }
    const block = this.#one;
    if (entry === 0) block.fill(0);
    else this.#fetch(block, (entry - 1) * BLOCK);
    block.set(bytes, within);
    const goal = logical > 0 ? blocks.map[logical - 1] : 0;
    const [start] = this.#place(block, 1, goal);
    this.#assign(blocks, logical, start);
    return bytes.length;
  }

  /** @param {number} entry */
  #isFresh(entry) {
    return entry > 0 && !this.#durable[entry - 1];
  }

  /**
   * @param {Blocks} blocks
   * @param {number} logical
   * @param {number} physical
   */
  #assign(blocks, logical, physical) {
    this.#drop(blocks.map[logical]);
    blocks.map[logical] = physical + 1;
    blocks.changed.add(logical);
  }

  /**
   * Writes to new blocks in a row: some of the bytes, `count` blocks at most.
   * @param {Uint8Array} bytes
   * @param {number} count
   * @param {number} goal
   * @returns {Run}
   */
  #place(bytes, count, goal) {
    for (let near = goal; ; near = -1) {
      const run = this.#allocate(count, near);
      const [start, got] = run;
      try {
        this.#store(bytes.subarray(0, got * BLOCK), start);
        this.pending += got * BLOCK;
        return run;
      } catch (error) {
        const atEnd = start + got === this.#end;
        if (atEnd) this.#end = start;
        else for (let i = 0; i < got; i++) this.#release(start + i);
        // The file cannot grow, but there may be room within it.
        if (!atEnd || this.#free.length === 0 || near === -1) throw error;
      }
    }
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} block
   */
  #store(bytes, block) {
    this.#storeAt(bytes, block * BLOCK);
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} at
   */
  #storeAt(bytes, at) {
    this.#written = true;
    if (writeAll(this.#handle, bytes, at)) return;
    // Blocks that only the last commit needs may be all that is in the way.
    if (this.#leaving.length > 0) this.reclaim();
    if (!writeAll(this.#handle, bytes, at)) fail("insufficient-space");
  }

  /**
   * @param {Inode} inode
   * @param {number} size
   */
  resize(inode, size) {
    if (size > MOST_BLOCKS * BLOCK) fail("file-too-large");
    if (size >= inode.size) return;
    const blocks = blocksOf(inode);
    const count = Math.ceil(size / BLOCK);
    const within = size % BLOCK;
    // What is cut off must read as zeros if the file grows again.
    if (within > 0 && blocks.map[count - 1])
      this.#writePart(
        blocks,
        count - 1,
        within,
        new Uint8Array(Math.min(BLOCK - within, inode.size - size)),
      );
    for (const entry of blocks.map.subarray(count)) this.#drop(entry);
    blocks.map = blocks.map.slice(0, count);
    blocks.cut = Math.min(blocks.cut, count);
    for (const logical of blocks.changed)
      if (logical >= count) blocks.changed.delete(logical);
  }

  /** @param {Inode} inode */
  free(inode) {
    if (!inode.data) return;
    for (const entry of blocksOf(inode).map) this.#drop(entry);
    inode.data = undefined;
  }

  /** Makes what was written safe, before a log may refer to it. */
  flush() {
    if (!this.#written) return;
    flushAll(this.#handle);
    this.#written = false;
  }

  /**
   * The log now names these files' blocks as they are.
   * @param {Iterable<Inode>} inodes
   */
  committed(inodes) {
    for (const inode of inodes) {
      if (!inode.data) continue;
      const blocks = blocksOf(inode);
      for (const logical of blocks.changed) {
        const entry = blocks.map[logical];
        if (entry > 0) this.#durable[entry - 1] = 1;
      }
      blocks.changed.clear();
      blocks.cut = Infinity;
    }
    for (const block of this.#leaving) {
      this.#durable[block] = 0;
      this.#release(block);
    }
    this.#leaving = [];
    this.pending = 0;
    if (this.#free.length > 1024) this.#tidy();
  }

  /** Joins what lies in a row, the longest runs to be taken first. */
  #tidy() {
    const runs = this.#free.sort((a, b) => a[0] - b[0]);
    this.#free = [];
    for (const [start, count] of runs) {
      const last = this.#free[this.#free.length - 1];
      if (last && last[0] + last[1] === start) last[1] += count;
      else this.#free.push([start, count]);
    }
    this.#free.sort((a, b) => a[1] - b[1]);
  }

  /** @returns {{ blocks: number, free: number }} */
  usage() {
    let free = 0;
    for (const [, count] of this.#free) free += count;
    return { blocks: this.#end, free };
  }

  close() {
    this.#handle.close();
  }
}

/**
 * @param {Inode} inode
 * @returns {Blocks}
 */
export function blocksOf(inode) {
  return (inode.data ??= new Blocks());
}

/**
 * @param {Blocks} blocks
 * @param {number} count
 */
export function grow(blocks, count) {
  if (count <= blocks.map.length) return;
  // Twice the length at a time: a map is cheap, and growing it block by block
  // is not.
  const more = new Uint32Array(Math.max(count, blocks.map.length * 2, 4));
  more.set(blocks.map);
  blocks.map = more;
}

/**
 * Writes all or says that it could not. A full disk is told in three ways: an
 * exception, a short count, and in Chromium 150 a negative number.
 * @param {SyncHandle} handle
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {boolean}
 */
export function writeAll(handle, bytes, at) {
  return attempt(() => handle.write(bytes, { at })) === bytes.length;
}

/**
 * Makes what was written safe. Where a database stands behind the handle, only
 * this may tell that there was no room.
 * @param {SyncHandle} handle
 */
export function flushAll(handle) {
  if (attempt(() => handle.flush() ?? 0) === undefined)
    fail("insufficient-space");
}

/**
 * A call of the platform's. What it throws is not for guests.
 * @template T
 * @param {() => T} call
 * @returns {T | undefined} nothing where there is no room
 */
function attempt(call) {
  try {
    return call();
  } catch (error) {
    const { name } = /** @type {any} */ (error);
    if (name === "QuotaExceededError") return undefined;
    // A handle that was closed or taken away, a disk that cannot be read.
    if (error instanceof DOMException) fail("io");
    throw error;
  }
}
