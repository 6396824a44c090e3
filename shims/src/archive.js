/**
 * @module `@slipway/wasi/archive`: zip and tar, in and out. It owns the formats.
 * Reading gives a tree literal, so `memory(await unzip(bytes))` is a writable
 * layer in memory over an archive that stays as it is. Compression is the
 * platform's: nothing is bundled for it.
 */
import { files } from "./fs/files.js";
import { FileEntry, Symlink, readAtOnce } from "./fs/memory.js";
import { readonly } from "./fs/volume.js";

/** @import { Entry, Tree } from "./fs/memory.js" */
/** @import { Volume } from "./fs/volume.js" */

const text = new TextDecoder();

/**
 * @param {Uint8Array} bytes
 * @param {ReadableWritablePair<any, any>} transform
 * @returns {Promise<Uint8Array>}
 */
async function through(bytes, transform) {
  const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream();
  const out = stream.pipeThrough(transform);
  return new Uint8Array(await new Response(out).arrayBuffer());
}

/**
 * Puts an entry at a path, in directories made on the way. Archives come from
 * anywhere: names that would lead out of the tree are refused.
 * @param {Tree} tree
 * @param {string} path
 * @param {Entry} entry
 */
function put(tree, path, entry) {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw new Error(`a path that leads out: ${path}`);
  const last = names.pop();
  if (last === undefined) return;
  let at = tree;
  for (const name of names) at = directory(at, name);
  if (isTree(entry)) directory(at, last);
  else define(at, last, entry);
}

/**
 * @param {Tree} tree
 * @param {string} name
 * @returns {Tree}
 */
function directory(tree, name) {
  const there = Object.hasOwn(tree, name) ? tree[name] : undefined;
  if (isTree(there)) return there;
  /** @type {Tree} */
  const made = {};
  define(tree, name, made);
  return made;
}

/**
 * `__proto__` is a name like any other.
 * @param {Tree} tree
 * @param {string} name
 * @param {Entry} value
 */
function define(tree, name, value) {
  const how = { configurable: true, enumerable: true, writable: true };
  Object.defineProperty(tree, name, { ...how, value });
}

/**
 * @param {Entry | undefined} entry
 * @returns {entry is Tree}
 */
function isTree(entry) {
  return (
    typeof entry === "object" &&
    !(entry instanceof Uint8Array) &&
    !(entry instanceof Blob) &&
    !(entry instanceof FileEntry) &&
    !(entry instanceof Symlink)
  );
}

/**
 * @param {Tree} tree
 * @param {string} path
 * @returns {Entry | undefined}
 */
function find(tree, path) {
  /** @type {Entry | undefined} */
  let at = tree;
  for (const name of path.split("/").filter((n) => n !== "" && n !== "."))
    at = isTree(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  return at;
}

// Zip

const END_OF_CENTRAL = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const SYMLINK_MODE = 0o120000;
const FORMAT = 0o170000;

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<Tree>}
 */
export async function unzip(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = findEnd(view);
  /** @type {Tree} */
  const tree = {};
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
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
  if (method === 0) return raw.slice();
  if (method !== 8) throw new Error(`zip method ${method}`);
  const content = await through(raw, new DecompressionStream("deflate-raw"));
  if (content.length !== size) throw new Error("a broken zip");
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

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let c = ~0;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  }
  return ~c >>> 0;
}

// Tar

const BLOCK = 512;

/**
 * A tar file, also a gzipped one: ustar, with the extensions of pax and GNU for
 * long names.
 * @param {Uint8Array} bytes
 * @returns {Promise<Tree>}
 */
export async function untar(bytes) {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    return untar(await through(bytes, new DecompressionStream("gzip")));
  /** @type {Tree} */
  const tree = {};
  /** @type {Record<string, string>} */
  let next = {};
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    checkTar(header);
    const type = String.fromCharCode(header[156] || 48);
    const size = Number(next.size ?? octal(header, 124, 12));
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) throw new Error("a tar file that was cut off");
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (type === "x") next = { ...next, ...paxRecords(content) };
    else if (type === "L") next.path = cString(content);
    else if (type === "K") next.linkpath = cString(content);
    if ("xLKg".includes(type)) continue;
    putTar(tree, header, type, content, next);
    next = {};
  }
  return tree;
}

/**
 * @param {Tree} tree
 * @param {Uint8Array} header
 * @param {string} type
 * @param {Uint8Array} content
 * @param {Record<string, string>} extended
 */
function putTar(tree, header, type, content, extended) {
  const prefix =
    field(header, 257, 5) === "ustar" ? field(header, 345, 155) : "";
  const short = field(header, 0, 100);
  const path = extended.path ?? (prefix ? `${prefix}/${short}` : short);
  const target = extended.linkpath ?? field(header, 157, 100);
  const seconds = Number(extended.mtime ?? octal(header, 136, 12));
  if (type === "5") put(tree, path, {});
  else if (type === "2") put(tree, path, new Symlink(target));
  else if (type === "1") {
    // A hard link becomes a file of its own with the same content.
    const entry = find(tree, target);
    if (entry === undefined) throw new Error(`a link to nothing: ${target}`);
    put(tree, path, entry);
  } else if (type === "0" || type === "7")
    put(tree, path, new FileEntry(content.slice(), { mtime: seconds * 1000 }));
}

/** @param {Uint8Array} header */
function checkTar(header) {
  let sum = 0;
  header.forEach((byte, i) => (sum += i >= 148 && i < 156 ? 32 : byte));
  if (sum !== octal(header, 148, 8)) throw new Error("not a tar file");
}

/** @param {Uint8Array} bytes */
function cString(bytes) {
  const end = bytes.indexOf(0);
  return text.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/**
 * @param {Uint8Array} header
 * @param {number} at
 * @param {number} length
 */
function field(header, at, length) {
  return cString(header.subarray(at, at + length));
}

/**
 * Octal digits, or for what is too large for them GNU's binary.
 * @param {Uint8Array} header
 * @param {number} at
 * @param {number} length
 */
function octal(header, at, length) {
  if (header[at] & 0x80) {
    let value = 0;
    for (let i = 1; i < length; i++) value = value * 256 + header[at + i];
    return value;
  }
  return parseInt(field(header, at, length).trim() || "0", 8);
}

/**
 * `length key=value\n`, over and over.
 * @param {Uint8Array} bytes
 * @returns {Record<string, string>}
 */
function paxRecords(bytes) {
  /** @type {Array<[string, string]>} */
  const records = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const length = parseInt(text.decode(bytes.subarray(at, space)), 10);
    if (!(length > 0)) throw new Error("a broken pax header");
    const record = text.decode(bytes.subarray(space + 1, at + length - 1));
    const equals = record.indexOf("=");
    records.push([record.slice(0, equals), record.slice(equals + 1)]);
    at += length;
  }
  return Object.fromEntries(records);
}

/**
 * Everything in a volume, as a tar file.
 * @param {Volume} volume
 * @returns {Uint8Array}
 */
export function toTar(volume) {
  /** @type {Uint8Array[]} */
  const parts = [];
  for (const { path, kind, content, modified } of contents(volume)) {
    const link = kind === "symbolic-link";
    const type = link ? "2" : kind === "directory" ? "5" : "0";
    const target = link ? text.decode(content) : "";
    const name = kind === "directory" ? `${path}/` : path;
    const seconds = modified.getTime() / 1000;
    /** @type {Array<[string, string]>} */
    const records = [["mtime", String(seconds)]];
    if (byteLength(name) > 100) records.push(["path", name]);
    if (byteLength(target) > 100) records.push(["linkpath", target]);
    const pax = paxOf(records);
    parts.push(...member("pax", "x", pax, "", seconds));
    parts.push(
      ...member(
        name,
        type,
        link ? new Uint8Array(0) : content,
        target,
        seconds,
      ),
    );
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return join(parts);
}

/** @param {string} value */
function byteLength(value) {
  return new TextEncoder().encode(value).length;
}

/** @param {Array<[string, string]>} records */
function paxOf(records) {
  let all = "";
  for (const [key, value] of records) {
    const rest = ` ${key}=${value}\n`;
    let length = byteLength(rest);
    // The length counts its own digits.
    while (String(length).length + byteLength(rest) > length) length++;
    all += length + rest;
  }
  return new TextEncoder().encode(all);
}

/**
 * @param {string} name
 * @param {string} type
 * @param {Uint8Array} content
 * @param {string} target
 * @param {number} seconds
 * @returns {Uint8Array[]}
 */
function member(name, type, content, target, seconds) {
  const header = new Uint8Array(BLOCK);
  const set = (
    /** @type {number} */ at,
    /** @type {string} */ value,
    max = 100,
  ) => header.set(new TextEncoder().encode(value).subarray(0, max), at);
  const number = (
    /** @type {number} */ at,
    /** @type {number} */ width,
    /** @type {number} */ value,
  ) =>
    set(
      at,
      Math.floor(value)
        .toString(8)
        .padStart(width - 1, "0"),
    );
  set(0, name);
  number(100, 8, type === "5" ? 0o755 : type === "2" ? 0o777 : 0o644);
  number(108, 8, 0);
  number(116, 8, 0);
  number(124, 12, content.length);
  number(136, 12, Math.max(0, seconds));
  set(156, type);
  set(157, target);
  set(257, "ustar\u000000");
  header.fill(32, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  set(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  const padding = (BLOCK - (content.length % BLOCK)) % BLOCK;
  return [header, content, new Uint8Array(padding)];
}

/**
 * What an archive holds of a volume, directories before what is in them.
 * @param {Volume} volume
 */
function* contents(volume) {
  const all = files(readonly(volume));
  for (const [path, { kind, modified }] of all.walk()) {
    if (kind === "regular-file")
      yield { path, kind, modified, content: all.read(path) };
    if (kind === "directory")
      yield { path, kind, modified, content: new Uint8Array(0) };
    if (kind === "symbolic-link") {
      const target = new TextEncoder().encode(linkAt(volume, path));
      yield { path, kind, modified, content: target };
    }
  }
}

/**
 * @param {Volume} volume
 * @param {string} path
 */
function linkAt(volume, path) {
  let node = volume.root;
  for (const name of path.split("/")) node = volume.lookup(node, name);
  return volume.readlink(node);
}

/** @param {Uint8Array[]} parts */
function join(parts) {
  const out = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/**
 * Copies a tree into a volume of any kind, over what is there.
 * @param {Volume} volume
 * @param {Tree} tree
 * @param {string} [into] a directory in it
 */
export function install(volume, tree, into = "") {
  const all = files(volume);
  for (const [name, entry] of Object.entries(tree)) {
    const path = into ? `${into}/${name}` : name;
    if (entry instanceof Symlink) {
      if (all.info(path)) all.remove(path);
      if (into) all.makeDirectory(into);
      let dir = volume.root;
      for (const part of into.split("/").filter((p) => p !== ""))
        dir = volume.lookup(dir, part);
      volume.createSymlink(dir, name, entry.target);
    } else if (isTree(entry)) {
      all.makeDirectory(path);
      install(volume, entry, path);
    } else all.write(path, contentOf(entry));
  }
}

/**
 * @param {Exclude<Entry, Tree | Symlink>} entry
 * @returns {string | Uint8Array}
 */
function contentOf(entry) {
  const content = entry instanceof FileEntry ? entry.content : entry;
  if (content instanceof Blob) return readAtOnce(content);
  return typeof content === "function" ? content() : content;
}
