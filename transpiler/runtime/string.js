/**
 * @module Strings in the three encodings of the Canonical ABI. A JavaScript string is taken as a USVString: lone surrogates
 * become U+FFFD. Bytes of the guest are never repaired: what is not well-formed traps.
 */
import { allocate, checkList } from "./memory.js";
import { trap } from "./trap.js";

/** @typedef {import("./memory.js").Memory} Memory */

const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
// As everywhere on the web, this is windows-1252, which differs from 0x80 to 0x9f.
const latin1 = new TextDecoder("latin1");
const utf16 = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });

/**
 * @param {Memory} mem
 * @param {number} ptr
 * @param {number} length
 * @returns {string}
 */
export function loadUtf8(mem, ptr, length) {
  checkList(mem, ptr, length, 1, 1);
  const { u8 } = mem;
  const end = ptr + length;
  // What starting the decoder costs is more than a few characters do.
  if (length < 12) {
    let ascii = "";
    let i = ptr;
    while (i < end && u8[i] < 128) ascii += String.fromCharCode(u8[i++]);
    if (i === end) return ascii;
  }
  return decode(utf8, u8, ptr, end);
}

/**
 * @param {TextDecoder} decoder
 * @param {Uint8Array} u8
 * @param {number} ptr
 * @param {number} end
 * @returns {string}
 */
export function decode(decoder, u8, ptr, end) {
  try {
    return decoder.decode(u8.subarray(ptr, end));
  } catch {
    return trap(`invalid ${decoder.encoding} encoding`);
  }
}

/**
 * Room is asked for once, and exactly: the realloc of WASI's Preview 1 adapter shrinks but does not grow, and that of
 * componentize-py does neither. So a string is encoded aside first; a short one by hand, which is faster than what starts the
 * encoder.
 * @param {Memory} mem
 * @param {unknown} v
 * @returns {number}
 */
export function storeUtf8(mem, v) {
  const s = typeof v === "string" ? v : `${v}`;
  let { length } = s;
  let bytes = (mem.scratch ??= new Uint8Array(3 * 4096));
  // All its characters at once: whether one of them is not ASCII.
  let all = length < 24 ? 0 : 128;
  for (let i = all && length; i < length; i++)
    all |= bytes[i] = s.charCodeAt(i);
  if (all > 127) {
    bytes =
      length > 4096
        ? encoder.encode(s)
        : bytes.subarray(0, encoder.encodeInto(s, bytes).written);
    length = bytes.length;
  }
  const ptr = allocate(mem, length, 1, 1);
  const { u8 } = mem;
  if (all > 127) u8.set(bytes, ptr);
  else {
    const words = (mem.words ??= new DataView(bytes.buffer));
    let i = 0;
    for (; i < length - 3; i += 4)
      mem.view.setUint32(ptr + i, words.getUint32(i, true), true);
    for (; i < length; i++) u8[ptr + i] = bytes[i];
  }
  mem.length = length;
  return ptr;
}

/**
 * @param {Memory} mem
 * @param {number} ptr
 * @param {number} units
 * @returns {string}
 */
export function loadUtf16(mem, ptr, units) {
  checkList(mem, ptr, units, 2, 2);
  return decode(utf16, mem.u8, ptr, ptr + 2 * units);
}

/**
 * @param {Memory} mem
 * @param {unknown} v
 * @returns {number}
 */
export function storeUtf16(mem, v) {
  const s = `${v}`.toWellFormed();
  const { length } = s;
  const ptr = allocate(mem, length, 2, 2);
  const { view } = mem;
  for (let i = 0; i < length; i++)
    view.setUint16(ptr + 2 * i, s.charCodeAt(i), true);
  mem.length = length;
  return ptr;
}

/**
 * `latin1+utf16`: the top bit of the length says which of the two it is.
 * @param {Memory} mem
 * @param {number} ptr
 * @param {number} tagged
 * @returns {string}
 */
export function loadCompact(mem, ptr, tagged) {
  if (tagged >= 0x80000000) return loadUtf16(mem, ptr, tagged - 0x80000000);
  checkList(mem, ptr, tagged, 1, 2);
  const { u8 } = mem;
  const end = ptr + tagged;
  let i = ptr;
  if (tagged > 24) while (i < end && (u8[i] & 0xe0) !== 0x80) i++;
  if (i === end) return decode(latin1, u8, ptr, end);
  let s = "";
  // In slices, because an argument list has a limit; 4096 is below that of every engine.
  for (i = ptr; i < end; i += 4096) {
    s += String.fromCharCode.apply(
      null,
      /** @type {any} */ (u8.subarray(i, Math.min(i + 4096, end))),
    );
  }
  return s;
}

/**
 * @param {Memory} mem
 * @param {unknown} v
 * @returns {number}
 */
export function storeCompact(mem, v) {
  const s = `${v}`;
  const { length } = s;
  for (let i = 0; i < length; i++) {
    if (s.charCodeAt(i) > 255) {
      const wide = storeUtf16(mem, s);
      mem.length += 0x80000000;
      return wide;
    }
  }
  const ptr = allocate(mem, length, 1, 2);
  const { u8 } = mem;
  for (let i = 0; i < length; i++) u8[ptr + i] = s.charCodeAt(i);
  mem.length = length;
  return ptr;
}
