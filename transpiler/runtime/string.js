/**
 * @module Strings in the three encodings of the Canonical ABI. A JavaScript string is taken as a USVString: lone surrogates
 * become U+FFFD. Bytes of the guest are never repaired: what is not well-formed traps.
 */
import { MAX_BYTE_LENGTH, allocate, checkRange, reallocate } from "./memory.js";
import { trap } from "./trap.js";

/** @typedef {import("./memory.js").Memory} Memory */

const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf16 = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });

/**
 * @param {Memory} mem
 * @param {number} ptr
 * @param {number} length
 * @returns {string}
 */
export function loadUtf8(mem, ptr, length) {
  checkString(mem, ptr, length, 1);
  const { u8 } = mem;
  const end = ptr + length;
  if (length < 12) {
    let ascii = "";
    for (let i = ptr; i < end; i++) {
      const byte = u8[i];
      if (byte > 127) return decode(utf8, u8, ptr, end);
      ascii += String.fromCharCode(byte);
    }
    return ascii;
  }
  return decode(utf8, u8, ptr, end);
}

/**
 * @param {Memory} mem
 * @param {number} ptr
 * @param {number} byteLength
 * @param {number} align
 */
export function checkString(mem, ptr, byteLength, align) {
  if (byteLength > MAX_BYTE_LENGTH) trap("string too long");
  checkRange(mem, ptr, byteLength, align);
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

/** How many code units are encoded aside first. */
const SCRATCH_UNITS = 4096;

/**
 * Room is asked for once, and exactly, for every string up to `SCRATCH_UNITS`: the preview 1 adapter's realloc, which is in
 * most components there are, shrinks but does not grow, and has 4096 bytes at most.
 * @param {Memory} mem
 * @param {unknown} v
 * @returns {number}
 */
export function storeUtf8(mem, v) {
  const s = `${v}`;
  const { length } = s;
  if (length < 24) {
    let ascii = 0;
    while (ascii < length && s.charCodeAt(ascii) < 128) ascii++;
    if (ascii === length) {
      const ptr = allocate(mem, length, 1, 1);
      const { u8 } = mem;
      for (let i = 0; i < length; i++) u8[ptr + i] = s.charCodeAt(i);
      mem.length = length;
      return ptr;
    }
  } else if (length > SCRATCH_UNITS) {
    return storeLong(mem, s);
  }
  const scratch = (mem.scratch ??= new Uint8Array(3 * SCRATCH_UNITS));
  const { written } = encoder.encodeInto(s, scratch);
  const ptr = allocate(mem, written, 1, 1);
  mem.u8.set(scratch.subarray(0, written), ptr);
  mem.length = written;
  return ptr;
}

/**
 * Straight into the guest's memory, in the hope of ASCII.
 * @param {Memory} mem
 * @param {string} s
 * @returns {number}
 */
export function storeLong(mem, s) {
  const { length } = s;
  const ptr = allocate(mem, length, 1, 1);
  mem.length = length;
  const { read, written } = encoder.encodeInto(
    s,
    mem.u8.subarray(ptr, ptr + length),
  );
  return read < length ? storeRest(mem, s, ptr, read, written) : ptr;
}

/**
 * The part of a string from its first character beyond ASCII on: room for the worst case, then the excess given back
 * (`CanonicalABI.md#storing`, `store_string_to_utf8`).
 * @param {Memory} mem
 * @param {string} s
 * @param {number} old
 * @param {number} read
 * @param {number} start
 * @returns {number}
 */
export function storeRest(mem, s, old, read, start) {
  const worst = start + 3 * (s.length - read);
  const ptr = reallocate(mem, old, s.length, 1, worst);
  const { written } = encoder.encodeInto(
    s.slice(read),
    mem.u8.subarray(ptr + start, ptr + worst),
  );
  mem.length = start + written;
  if (mem.length > MAX_BYTE_LENGTH) trap("string too long");
  return mem.length < worst ? reallocate(mem, ptr, worst, 1, mem.length) : ptr;
}

/**
 * @param {Memory} mem
 * @param {number} ptr
 * @param {number} units
 * @returns {string}
 */
export function loadUtf16(mem, ptr, units) {
  checkString(mem, ptr, 2 * units, 2);
  return decode(utf16, mem.u8, ptr, ptr + 2 * units);
}

/**
 * @param {Memory} mem
 * @param {unknown} v
 * @returns {number}
 */
export function storeUtf16(mem, v) {
  const s = `${v}`.replace(/\p{Surrogate}/gu, "\ufffd");
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
  checkString(mem, ptr, tagged, 2);
  const { u8 } = mem;
  const end = ptr + tagged;
  let s = "";
  // In slices, because an argument list has a limit; 4096 is below that of every engine.
  for (let i = ptr; i < end; i += 4096) {
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
