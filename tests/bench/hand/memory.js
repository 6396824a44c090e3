/**
 * What hand-written glue needs of a guest's memory: views that follow its growth, bounds, and strings in the one encoding
 * that the component was made with. Knows no function of the world.
 * @module
 */

/** @typedef {'utf8' | 'utf16' | 'compact-utf16'} Encoding */

/**
 * Shorter strings are faster by hand than through the platform's coders. Longer ones that are put together by hand come out
 * as ropes, which is fast only until somebody looks at them.
 */
const SHORT_TO_WRITE = 32;
const SHORT_TO_READ = 13;
const UTF16_TAG = 0x80000000;

/** Where strings go to and come from; `write` returns the pointer and leaves what goes with it in `written`. */
export class GuestMemory {
  /** @param {WebAssembly.Memory} memory @param {Function} realloc */
  constructor(memory, realloc) {
    this.memory = memory;
    this.realloc = realloc;
    this.written = 0;
    this.u8 = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
  }

  refresh() {
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }

  /** @param {number} ptr @param {number} size */
  check(ptr, size) {
    if (this.u8.length === 0) this.refresh();
    if (ptr + size > this.u8.length) throw new RangeError("out of bounds");
  }

  /** @param {number} align @param {number} size */
  allocate(align, size) {
    const ptr = this.realloc(0, 0, align, size) >>> 0;
    this.check(ptr, size);
    return ptr;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** @param {GuestMemory} mem @param {string} s */
function writeUtf8(mem, s) {
  const { length } = s;
  let ptr = mem.allocate(1, length);
  const { u8 } = mem;
  let read = 0;
  let at;
  if (length < SHORT_TO_WRITE) {
    for (; read < length; read++) {
      const c = s.charCodeAt(read);
      if (c > 127) break;
      u8[ptr + read] = c;
    }
    at = read;
  } else {
    const done = encoder.encodeInto(s, u8.subarray(ptr, ptr + length));
    read = done.read;
    at = done.written;
  }
  if (read < length) {
    const rest = encoder.encode(s.slice(read));
    ptr = mem.realloc(ptr, length, 1, at + rest.length) >>> 0;
    mem.check(ptr, at + rest.length);
    mem.u8.set(rest, ptr + at);
    at += rest.length;
  }
  mem.written = at;
  return ptr;
}

/** @param {GuestMemory} mem @param {number} ptr @param {number} length */
function readUtf8(mem, ptr, length) {
  mem.check(ptr, length);
  const { u8 } = mem;
  if (length < SHORT_TO_READ) {
    let s = "";
    for (let i = ptr; i < ptr + length; i++) {
      const c = u8[i];
      if (c > 127) return utf8.decode(u8.subarray(ptr, ptr + length));
      s += String.fromCharCode(c);
    }
    return s;
  }
  return utf8.decode(u8.subarray(ptr, ptr + length));
}

const utf16 = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });

/** @type {(s: string) => string} lone surrogates become U+FFFD */
const wellFormed =
  "toWellFormed" in String.prototype
    ? (s) => /** @type {any} */ (s).toWellFormed()
    : (s) => s.replace(/\p{Surrogate}/gu, "\ufffd");

/** @param {GuestMemory} mem @param {string} v */
function writeUtf16(mem, v) {
  const s = wellFormed(v);
  const { length } = s;
  const ptr = mem.allocate(2, length * 2);
  const units = new Uint16Array(mem.memory.buffer, ptr, length);
  for (let i = 0; i < length; i++) units[i] = s.charCodeAt(i);
  mem.written = length;
  return ptr;
}

/** @param {GuestMemory} mem @param {number} ptr @param {number} length in code units */
function readUtf16(mem, ptr, length) {
  if (ptr & 1) throw new RangeError("not aligned");
  mem.check(ptr, length * 2);
  return utf16.decode(mem.u8.subarray(ptr, ptr + length * 2));
}

/** @param {GuestMemory} mem @param {string} s */
function writeCompact(mem, s) {
  const { length } = s;
  let wide = 0;
  for (let i = 0; i < length; i++) wide |= s.charCodeAt(i);
  if (wide > 255) {
    const ptr = writeUtf16(mem, s);
    mem.written += UTF16_TAG;
    return ptr;
  }
  const ptr = mem.allocate(2, length);
  const { u8 } = mem;
  for (let i = 0; i < length; i++) u8[ptr + i] = s.charCodeAt(i);
  mem.written = length;
  return ptr;
}

/** @param {GuestMemory} mem @param {number} ptr @param {number} tagged */
function readCompact(mem, ptr, tagged) {
  if (tagged >= UTF16_TAG) return readUtf16(mem, ptr, tagged - UTF16_TAG);
  if (ptr & 1) throw new RangeError("not aligned");
  mem.check(ptr, tagged);
  // No decoder on the web is Latin-1: "latin1" is another name of windows-1252.
  let s = "";
  for (let i = ptr; i < ptr + tagged; i += 4096)
    s += String.fromCharCode.apply(
      null,
      /** @type {any} */ (mem.u8.subarray(i, Math.min(i + 4096, ptr + tagged))),
    );
  return s;
}

/** @type {Record<Encoding, { read: typeof readUtf8, write: typeof writeUtf8 }>} */
export const strings = {
  utf8: { read: readUtf8, write: writeUtf8 },
  utf16: { read: readUtf16, write: writeUtf16 },
  "compact-utf16": { read: readCompact, write: writeCompact },
};
