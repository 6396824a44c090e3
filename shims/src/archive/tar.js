/**
 * @module Tar, in and out: ustar with the extensions of pax and GNU, gzipped or
 * not. Compression is the platform's.
 */
import { FileEntry, Symlink } from "../fs/memory.js";
import { contents, find, join, put, through } from "./tree.js";

/** @import { Tree } from "../fs/memory.js" */
/** @import { Volume } from "../fs/volume.js" */

const text = new TextDecoder();

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
