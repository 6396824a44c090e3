/**
 * @module Zip, in and out (PKWARE's APPNOTE): stored and deflated members, with
 * Unix modes for symbolic links. Compression is the platform's.
 */
import { crc32 } from "../fs/crc32.js";
import { FileEntry, Symlink } from "../fs/memory.js";
import { contents, join, put, through } from "./tree.js";

/** @import { Tree } from "../fs/memory.js" */
/** @import { Volume } from "../fs/volume.js" */

const text = new TextDecoder();

const END_OF_CENTRAL = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const SYMLINK_MODE = 0o120000;
const FORMAT = 0o170000;

/**
 * A zip file as a tree. Rejects what is broken, encrypted or larger than 4 GB, and
 * paths that lead out of it.
 * @param {Uint8Array} bytes
 * @returns {Promise<Tree>}
 */
export async function unzip(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = findEnd(view);
  /** @type {Tree} */
  const tree = {};
  let at = view.getUint32(end + 16, true);
  const count = view.getUint16(end + 10, true);
  if (count === 0xffff) throw new Error("a zip of more than 65,534 files");
  for (let left = count; left > 0; left--) {
    if (view.getUint32(at, true) !== CENTRAL) throw new Error("a broken zip");
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) =>
      view.getUint16(at + offset, true),
    );
    const name = text.decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const mode = view.getUint32(at + 38, true) >>> 16;
    const content = await zipContent(bytes, view, at);
    if (name.endsWith("/")) put(tree, name, {});
    else if ((mode & FORMAT) === SYMLINK_MODE)
      put(tree, name, new Symlink(text.decode(content)));
    else put(tree, name, new FileEntry(content, { mtime: zipTime(view, at) }));
    at += 46 + nameLength + extra + comment;
  }
  return tree;
}

/** @param {DataView} view */
function findEnd(view) {
  const least = Math.max(0, view.byteLength - 65557);
  for (let at = view.byteLength - 22; at >= least; at--)
    if (view.getUint32(at, true) === END_OF_CENTRAL) return at;
  throw new Error("not a zip file");
}

/**
 * @param {Uint8Array} bytes
 * @param {DataView} view
 * @param {number} at the file's entry in the central directory
 * @returns {Promise<Uint8Array>}
 */
async function zipContent(bytes, view, at) {
  const flags = view.getUint16(at + 8, true);
  if (flags & 1) throw new Error("an encrypted zip");
  const method = view.getUint16(at + 10, true);
  const packed = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const local = view.getUint32(at + 42, true);
  if (packed === 0xffffffff || local === 0xffffffff)
    throw new Error("a zip of more than 4 GB");
  if (view.getUint32(local, true) !== LOCAL) throw new Error("a broken zip");
  const start =
    local +
    30 +
    view.getUint16(local + 26, true) +
    view.getUint16(local + 28, true);
  const raw = bytes.subarray(start, start + packed);
  if (method !== 0 && method !== 8) throw new Error(`zip method ${method}`);
  const content =
    method === 0
      ? raw.slice()
      : await through(raw, new DecompressionStream("deflate-raw"));
  const sum = view.getUint32(at + 16, true);
  if (content.length !== size || crc32(content) !== sum)
    throw new Error("a broken zip");
  return content;
}

/**
 * Zip times are local, to two seconds. As the zone is not told, ours is taken.
 * @param {DataView} view
 * @param {number} at
 */
function zipTime(view, at) {
  const [time, date] = [12, 14].map((o) => view.getUint16(at + o, true));
  return new Date(
    1980 + (date >> 9),
    ((date >> 5) & 15) - 1,
    date & 31,
    time >> 11,
    (time >> 5) & 63,
    (time & 31) * 2,
  ).getTime();
}

/**
 * Everything in a volume, as a zip file.
 * @param {Volume} volume
 * @returns {Promise<Uint8Array>}
 */
export async function toZip(volume) {
  /** @type {Uint8Array[]} */
  const parts = [];
  /** @type {Uint8Array[]} */
  const central = [];
  let at = 0;
  for (const { path, kind, content, modified } of contents(volume)) {
    const name = new TextEncoder().encode(
      kind === "directory" ? `${path}/` : path,
    );
    const deflated = await through(
      content,
      new CompressionStream("deflate-raw"),
    );
    const smaller = deflated.length < content.length;
    const stored = smaller ? deflated : content;
    const common = new DataView(new ArrayBuffer(26));
    common.setUint16(0, 20, true);
    common.setUint16(2, 0x800, true); // The name is UTF-8.
    common.setUint16(4, smaller ? 8 : 0, true);
    setZipTime(common, 6, modified);
    common.setUint32(10, crc32(content), true);
    common.setUint32(14, stored.length, true);
    common.setUint32(18, content.length, true);
    common.setUint16(22, name.length, true);
    const shared = new Uint8Array(common.buffer);
    parts.push(word(LOCAL), shared, name, stored);
    /** @type {Record<string, number>} */
    const modes = { directory: 0o40755, "symbolic-link": 0o120777 };
    const rest = new DataView(new ArrayBuffer(14));
    rest.setUint32(6, ((modes[kind] ?? 0o100644) << 16) >>> 0, true);
    rest.setUint32(10, at, true);
    const made = new Uint8Array([20, 3]); // By version 2.0, on Unix.
    const tail = new Uint8Array(rest.buffer);
    central.push(word(CENTRAL), made, shared, tail, name);
    at += 30 + name.length + stored.length;
  }
  const count = central.length / 5;
  const size = central.reduce((sum, part) => sum + part.length, 0);
  if (count >= 0xffff || at + size >= 0xffffffff)
    throw new RangeError("too much for a zip file: take a tar");
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, END_OF_CENTRAL, true);
  end.setUint16(8, count, true);
  end.setUint16(10, count, true);
  end.setUint32(12, size, true);
  end.setUint32(16, at, true);
  return join([...parts, ...central, new Uint8Array(end.buffer)]);
}

/**
 * @param {DataView} view
 * @param {number} at
 * @param {Date} date
 */
function setZipTime(view, at, date) {
  const year = Math.max(1980, date.getFullYear());
  const time =
    (date.getHours() << 11) |
    (date.getMinutes() << 5) |
    (date.getSeconds() >> 1);
  const day =
    ((year - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
  view.setUint16(at, time, true);
  view.setUint16(at + 2, day, true);
}

/** @param {number} value */
function word(value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
