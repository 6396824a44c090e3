/**
 * @module The log of a persistent volume: what its files and directories are, as
 * records that each take the volume from one whole state to the next. It owns the
 * format, the replay and the choice between its two files; blocks and inodes it
 * only describes.
 *
 * A log file is a header (magic, version, generation, checksum) and records of
 * `length, checksum, payload`. Its first record is a whole state, the others are
 * changes. Each checksum also covers the generation and the number of the record,
 * so that nothing left over from an earlier use of the file can pass for new.
 * When a log has grown too long, a whole state is written to the other file under
 * the next generation; once that is safe, it is the log.
 */
import { BLOCK, blocksOf, flushAll, grow, writeAll } from "./blocks.js";
import { crc32 } from "./crc32.js";
import { Inode } from "./inode.js";
import { Below } from "./layer.js";
import { fail } from "./volume.js";

/** @import { Blocks } from "./blocks.js" */

/** @import { SyncHandle } from "./blocks.js" */
/** @import { Kind } from "./volume.js" */

const MAGIC = 0x57504c53; // "SLPW"
const VERSION = 2;
const HEADER = 24;
const PREFIX = 8;
/**
 * Room kept after the log's end, so that on a full disk what frees space can
 * still be written down.
 */
const RESERVE = 1 << 16;

const INODE = 1;
const ENTRY = 2;
const REMOVE = 3;
/** As `REMOVE`, of a name that the layer below has. */
const HIDE = 4;

/** @type {Kind[]} */
const KINDS = ["regular-file", "directory", "symbolic-link"];
/** Added to the kind of what has its names or its content in the layer below. */
const MERGED = 4;

/** A change of a name, in the order in which they happened. */
/** @typedef {{ dir: Inode, name: string, inode: Inode | undefined }} EntryChange */

/** Bytes to be, growing. */
class Writer {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #at;

  /** @param {number} at where to begin, leaving room before */
  constructor(at) {
    this.#at = at;
  }

  /** @param {number} count */
  #room(count) {
    if (this.#at + count <= this.#bytes.length) return;
    const more = new Uint8Array(
      Math.max(this.#bytes.length * 2, this.#at + count),
    );
    more.set(this.#bytes);
    this.#bytes = more;
    this.#view = new DataView(more.buffer);
  }

  /** @param {number} value below 2^53 */
  number(value) {
    this.#room(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  /** @param {number} value */
  float(value) {
    this.#room(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** @param {string} value */
  text(value) {
    const bytes = new TextEncoder().encode(value);
    this.number(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** @returns {Uint8Array} */
  done() {
    return this.#bytes.subarray(0, this.#at);
  }
}

/** Bytes that were, read again. */
class Reader {
  #bytes;
  #view;
  #at = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get more() {
    return this.#at < this.#bytes.length;
  }

  /** @returns {number} */
  number() {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#view.getUint8(this.#at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  /** @returns {number} */
  float() {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** @returns {string} */
  text() {
    const length = this.number();
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }
}

/**
 * @param {Writer} out
 * @param {Inode} inode
 * @param {boolean} whole all its blocks, or those that changed
 */
function putInode(out, inode, whole) {
  out.number(INODE);
  out.number(inode.ino);
  const { below } = inode;
  out.number(KINDS.indexOf(inode.kind) + (below ? MERGED : 0));
  if (below) out.text(below.path);
  out.number(inode.size);
  for (const time of [inode.atime, inode.mtime, inode.ctime]) {
    out.float(time.seconds);
    out.number(time.nanoseconds);
  }
  if (inode.kind === "symbolic-link") out.text(inode.target);
  if (inode.kind === "regular-file") putBlocks(out, blocksOf(inode), whole);
}

/**
 * @param {Writer} out
 * @param {Blocks} blocks
 * @param {boolean} whole
 */
function putBlocks(out, { map, changed, cut }, whole) {
  // Plus one: 0 says that nothing was cut off.
  out.number(whole ? 1 : cut === Infinity ? 0 : cut + 1);
  const logicals = whole
    ? Array.from(map.keys()).filter((logical) => map[logical] !== 0)
    : [...changed].sort((a, b) => a - b);
  /** @type {Array<[number, number, number]>} */
  const runs = [];
  for (const logical of logicals) {
    const last = runs[runs.length - 1];
    const next =
      last &&
      last[0] + last[2] === logical &&
      last[1] + last[2] === map[logical];
    if (next) last[2]++;
    else runs.push([logical, map[logical], 1]);
  }
  out.number(runs.length);
  for (const run of runs) for (const value of run) out.number(value);
}

/**
 * @param {Reader} from
 * @param {Map<number, Inode>} inodes
 */
function getInode(from, inodes) {
  const ino = from.number();
  const code = from.number();
  const kind = KINDS[code & ~MERGED];
  const path = code & MERGED ? from.text() : undefined;
  const size = from.number();
  const time = () => ({ seconds: from.float(), nanoseconds: from.number() });
  const atime = time();
  const inode = inodes.get(ino) ?? new Inode(ino, kind, atime);
  inodes.set(ino, inode);
  if (path === undefined) inode.below = undefined;
  else inode.below ??= new Below(path);
  inode.size = size;
  inode.atime = atime;
  inode.mtime = time();
  inode.ctime = time();
  if (kind === "symbolic-link") inode.target = from.text();
  if (kind === "regular-file") getBlocks(from, blocksOf(inode));
}

/**
 * @param {Reader} from
 * @param {Blocks} blocks
 */
function getBlocks(from, blocks) {
  const cut = from.number();
  if (cut > 0) blocks.map = blocks.map.slice(0, cut - 1);
  for (let runs = from.number(); runs > 0; runs--) {
    const [logical, entry, count] = [
      from.number(),
      from.number(),
      from.number(),
    ];
    grow(blocks, logical + count);
    for (let i = 0; i < count; i++) blocks.map[logical + i] = entry + i;
  }
}

/**
 * A whole state, as the payload of a record.
 * @param {Inode} root
 * @returns {Uint8Array}
 */
function snapshot(root) {
  const out = new Writer(PREFIX);
  /** @type {Set<Inode>} */
  const seen = new Set();
  const visit = (/** @type {Inode} */ inode) => {
    if (seen.has(inode)) return;
    seen.add(inode);
    putInode(out, inode, true);
    // What is only below is found there again.
    const names = [...(inode.entries ?? [])].filter(([, c]) => !c.below?.home);
    for (const [, child] of names) visit(child);
    for (const name of inode.below?.gone ?? []) {
      out.number(HIDE);
      out.number(inode.ino);
      out.text(name);
    }
    for (const [name, child] of names) {
      out.number(ENTRY);
      out.number(inode.ino);
      out.text(name);
      out.number(child.ino);
    }
  };
  visit(root);
  return out.done();
}

/**
 * @param {Uint8Array} payload
 * @param {Map<number, Inode>} inodes
 */
function replay(payload, inodes) {
  const from = new Reader(payload);
  while (from.more) {
    const op = from.number();
    if (op === INODE) {
      getInode(from, inodes);
      continue;
    }
    const dir = inodes.get(from.number());
    const name = from.text();
    if (!dir?.entries) throw new Error("entry of no directory");
    if (op === REMOVE || op === HIDE) {
      dir.entries.delete(name);
      if (op === HIDE) (dir.below?.gone ?? hidden(dir)).add(name);
      continue;
    }
    if (op !== ENTRY) throw new Error(`unknown operation ${op}`);
    const inode = inodes.get(from.number());
    if (!inode) throw new Error("entry without a file");
    dir.entries.set(name, inode);
  }
}

/**
 * @param {Inode} dir
 * @returns {Set<string>}
 */
function hidden({ below }) {
  if (!below) throw new Error("a hidden name where there is no layer");
  return (below.gone = new Set());
}

/** The number of the root, which is made first. */
export const ROOT = 1;

/**
 * @typedef {object} State
 * @property {Inode} root
 * @property {Set<Inode>} inodes those that can be reached
 * @property {number} nextIno
 */

/** The log of a mounted volume. */
export class Log {
  #handles;
  /** Which of the two files is the log now. */
  #current = 0;
  #generation = 0;
  #records = 0;
  #end = 0;
  /** Up to where the file has been given room. */
  #room = 0;
  /** Length of the first record, by which growth is judged. */
  #base = 0;
  /** @type {State | undefined} */
  state;

  /**
   * Reads what is there.
   * @param {[SyncHandle, SyncHandle]} handles
   */
  constructor(handles) {
    this.#handles = handles;
    const found = handles.map((handle) => readLog(handle));
    const [a, b] = found;
    if (!a && !b) return;
    this.#current = !a || (b && b.generation > a.generation) ? 1 : 0;
    const log = /** @type {NonNullable<ReturnType<typeof readLog>>} */ (
      found[this.#current]
    );
    this.#generation = log.generation;
    this.#records = log.payloads.length;
    this.#end = log.end;
    this.#room = handles[this.#current].getSize();
    this.#base = log.payloads[0].length;
    this.state = build(log.payloads);
  }

  /**
   * Adds a record of changes, and makes it safe.
   * @param {Iterable<Inode>} inodes
   * @param {Iterable<EntryChange>} entries
   */
  append(inodes, entries) {
    const out = new Writer(PREFIX);
    for (const inode of inodes) putInode(out, inode, false);
    for (const { dir, name, inode } of entries) {
      const hides = dir.below?.gone?.has(name);
      out.number(inode ? ENTRY : hides ? HIDE : REMOVE);
      out.number(dir.ino);
      out.text(name);
      if (inode) out.number(inode.ino);
    }
    const record = out.done();
    seal(record, this.#generation, this.#records);
    const handle = this.#handles[this.#current];
    this.#keepRoom(handle, this.#end + record.length);
    if (!writeAll(handle, record, this.#end)) fail("insufficient-space");
    flushAll(handle);
    this.#end += record.length;
    this.#records++;
  }

  /**
   * Zeros after the end are no record: their checksum would not be zero.
   * @param {SyncHandle} handle
   * @param {number} end
   */
  #keepRoom(handle, end) {
    if (end + RESERVE <= this.#room) return;
    const to = end + 2 * RESERVE;
    const zeros = new Uint8Array(to - this.#room);
    // Without success the reserve is what is left of it.
    if (writeAll(handle, zeros, this.#room)) this.#room = to;
  }

  /** Whether writing a whole state anew is worth it. */
  get isLong() {
    return this.#end > 1 << 20 && this.#end > 4 * this.#base;
  }

  /**
   * Begins the other file with a whole state, and makes it the log.
   * @param {Inode} root
   */
  restart(root) {
    const next = this.#generation === 0 ? this.#current : 1 - this.#current;
    const handle = this.#handles[next];
    const generation = this.#generation + 1;
    const record = snapshot(root);
    seal(record, generation, 0);
    const header = headerOf(generation);
    handle.truncate(0);
    // The header last: until it is there, the file is no log.
    if (
      !writeAll(handle, record, HEADER) ||
      (flushAll(handle), !writeAll(handle, header, 0))
    ) {
      handle.truncate(0);
      fail("insufficient-space");
    }
    flushAll(handle);
    this.#current = next;
    this.#generation = generation;
    this.#records = 1;
    this.#end = HEADER + record.length;
    this.#room = this.#end;
    this.#keepRoom(handle, this.#end);
    this.#base = record.length;
  }

  close() {
    for (const handle of this.#handles) handle.close();
  }
}

/** @param {number} generation */
function headerOf(generation) {
  const header = new Uint8Array(HEADER);
  const view = new DataView(header.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setFloat64(8, generation, true);
  view.setUint32(16, BLOCK, true);
  view.setUint32(20, crc32(header.subarray(0, 20)), true);
  return header;
}

/**
 * Fills in the room before a payload.
 * @param {Uint8Array} record
 * @param {number} generation
 * @param {number} number
 */
function seal(record, generation, number) {
  const view = new DataView(record.buffer, record.byteOffset);
  view.setUint32(0, record.length - PREFIX, true);
  const sum = checksum(record.subarray(PREFIX), generation, number);
  view.setUint32(4, sum, true);
}

/**
 * @param {Uint8Array} payload
 * @param {number} generation
 * @param {number} number
 */
function checksum(payload, generation, number) {
  const place = new Uint32Array([
    generation,
    Math.floor(generation / 2 ** 32),
    number,
    payload.length,
  ]);
  return crc32(payload, crc32(new Uint8Array(place.buffer)));
}

/**
 * What a log file holds up to where it is whole; nothing if it is no log.
 * @param {SyncHandle} handle
 */
function readLog(handle) {
  const bytes = new Uint8Array(handle.getSize());
  const n = handle.read(bytes, { at: 0 });
  if (n < HEADER) return undefined;
  const view = new DataView(bytes.buffer, 0, n);
  if (view.getUint32(0, true) !== MAGIC) return undefined;
  if (view.getUint32(20, true) !== crc32(bytes.subarray(0, 20)))
    return undefined;
  if (view.getUint32(4, true) > VERSION)
    throw new Error("the volume was made by a newer version");
  const generation = view.getFloat64(8, true);
  const payloads = [];
  let end = HEADER;
  while (end + PREFIX <= n) {
    const length = view.getUint32(end, true);
    if (end + PREFIX + length > n) break;
    const payload = bytes.subarray(end + PREFIX, end + PREFIX + length);
    const sum = checksum(payload, generation, payloads.length);
    if (view.getUint32(end + 4, true) !== sum) break;
    payloads.push(payload);
    end += PREFIX + length;
  }
  return payloads.length > 0 ? { generation, payloads, end } : undefined;
}

/**
 * The state after all records: links counted, what nothing names forgotten.
 * @param {Uint8Array[]} payloads
 * @returns {State}
 */
function build(payloads) {
  /** @type {Map<number, Inode>} */
  const all = new Map();
  for (const payload of payloads) replay(payload, all);
  const root = all.get(ROOT);
  if (!root?.entries) throw new Error("the volume has no root");
  root.links = 1;
  root.parent = root;
  /** @type {Set<Inode>} */
  const inodes = new Set([root]);
  // A set grows while it is walked.
  for (const dir of inodes)
    for (const inode of dir.entries?.values() ?? []) {
      inode.links++;
      if (inode.entries) inode.parent = dir;
      inodes.add(inode);
    }
  let nextIno = ROOT + 1;
  for (const ino of all.keys()) nextIno = Math.max(nextIno, ino + 1);
  return { root, inodes, nextIno };
}
