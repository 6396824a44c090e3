/**
 * The two components of composed.wat put together by hand: their core modules, and between them either adapter.wat or
 * functions of JavaScript.
 * @module
 */

/** @typedef {{ libc: WebAssembly.Module, callee: WebAssembly.Module, caller: WebAssembly.Module, adapter: WebAssembly.Module }} Modules */

const SHORT = 32;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf16 = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** @param {Modules} modules @param {'wasm' | 'js'} form */
export async function instantiate({ libc, callee, caller, adapter }, form) {
  const make = async (
    /** @type {WebAssembly.Module} */ module,
    /** @type {WebAssembly.Imports} */ imports = {},
  ) =>
    /** @type {Record<string, any>} */ (
      (await WebAssembly.instantiate(module, imports)).exports
    );
  const a = await make(libc);
  const b = { ...(await make(libc)), ...(await make(callee)) };
  const between =
    form === "wasm" ? await make(adapter, { a, b }) : inJavaScript(a, b);
  const add =
    form === "wasm"
      ? b.add
      : (/** @type {number} */ x, /** @type {number} */ y) => b.add(x, y);
  const core = await make(caller, {
    libc: a,
    near: await make(callee),
    b: { ...between, add },
  });
  /** @type {Record<string, (n: number, length?: number) => number>} */
  const loops = {};
  for (const [name, loop] of Object.entries(core))
    loops[name] = (n, length) => loop(n, length) >>> 0;
  return loops;
}

/** @param {Record<string, any>} a the caller's libc @param {Record<string, any>} b the callee and its libc */
function inJavaScript(a, b) {
  // Neither memory grows: its module has no instruction that would.
  const from = new Uint8Array(a.memory.buffer);
  const to = new Uint8Array(b.memory.buffer);

  /** @param {number} p @param {number} n */
  function bytes(p, n) {
    if (p + n > from.length) throw new RangeError("out of bounds");
    const at = b.realloc(0, 0, 1, n) >>> 0;
    if (at + n > to.length) throw new RangeError("out of bounds");
    to.set(from.subarray(p, p + n), at);
    return b.take(at, n);
  }

  return {
    "add-small": (/** @type {number} */ x, /** @type {number} */ y) =>
      b["add-small"](x & 0xffff, y & 0xffff) & 0xffff,
    bytes: (/** @type {number} */ p, /** @type {number} */ n) =>
      bytes(p >>> 0, n >>> 0),
    text(/** @type {number} */ p, /** @type {number} */ n) {
      const end = p + n;
      let i = p;
      if (n < SHORT) while (i < end && from[i] < 128) i++;
      // UTF-8 has to be valid before the callee sees it.
      if (i < end) utf8.decode(from.subarray(p, end));
      return bytes(p, n);
    },
    text16(/** @type {number} */ p, /** @type {number} */ units) {
      if (p + 2 * units > from.length) throw new RangeError("out of bounds");
      const s = utf16.decode(from.subarray(p, p + 2 * units));
      const coded = encoder.encode(s);
      const at = b.realloc(0, 0, 1, coded.length) >>> 0;
      if (at + coded.length > to.length) throw new RangeError("out of bounds");
      to.set(coded, at);
      return b.take(at, coded.length);
    },
  };
}
