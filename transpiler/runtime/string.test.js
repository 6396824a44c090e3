/**
 * Strings in three encodings, in and out, well-formed and not.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Memory } from "./memory.js";
import * as rt from "./string.js";
import { Trap } from "./trap.js";

/** A memory with a bump allocator whose memory grows when it has to. */
function newMemory() {
  const mem = new Memory();
  const memory = new WebAssembly.Memory({ initial: 1 });
  let next = 16;
  /** @type {number[][]} */
  const calls = [];
  mem.memory = memory;
  mem.realloc = (
    /** @type {number} */ old,
    /** @type {number} */ oldLength,
    /** @type {number} */ align,
    /** @type {number} */ length,
  ) => {
    calls.push([old, oldLength, align, length]);
    next = Math.ceil(next / align) * align;
    const at = next;
    next += length;
    while (next > memory.buffer.byteLength) memory.grow(1);
    const bytes = new Uint8Array(memory.buffer);
    bytes.copyWithin(at, old, old + Math.min(oldLength, length));
    return at;
  };
  return { mem, memory, calls };
}

const samples = [
  "",
  "a",
  "hello, world",
  "grüße",
  "日本語",
  "\u{1F600} smile",
  "\uFEFFbom",
  "x".repeat(100),
  "é".repeat(5000),
  "x".repeat(70000) + "\u{1F600}",
  "ÿ".repeat(9000),
];

for (const [encoding, store, load] of /** @type {const} */ ([
  ["utf8", rt.storeUtf8, rt.loadUtf8],
  ["utf16", rt.storeUtf16, rt.loadUtf16],
  ["latin1+utf16", rt.storeCompact, rt.loadCompact],
])) {
  test(`${encoding}: what goes in comes out`, () => {
    for (const sample of samples) {
      const { mem } = newMemory();
      const ptr = store(mem, sample);
      assert.equal(load(mem, ptr, mem.length), sample);
    }
  });

  test(`${encoding}: lone surrogates become U+FFFD`, () => {
    const { mem } = newMemory();
    for (const bad of ["\uD800", "a\uDC00b", "\uD800\uD800".repeat(40)]) {
      const ptr = store(mem, bad);
      assert.equal(
        load(mem, ptr, mem.length),
        bad.replace(/\p{Surrogate}/gu, "\uFFFD"),
      );
    }
  });

  test(`${encoding}: out of bounds and too long trap`, () => {
    const { mem } = newMemory();
    assert.throws(() => load(mem, 65534, 3), Trap);
    assert.throws(() => load(mem, 0, 0x10000000), Trap);
    assert.throws(() => load(mem, 0xfffffff0, 32), Trap);
  });
}

test("utf8 that is not well-formed traps, however short", () => {
  const { mem, memory } = newMemory();
  const bytes = new Uint8Array(memory.buffer);
  for (const bad of [[0x80], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80]]) {
    bytes.set(bad, 100);
    assert.throws(() => rt.loadUtf8(mem, 100, bad.length), Trap);
    assert.throws(() => rt.loadUtf8(mem, 60, 40 + bad.length), Trap);
  }
});

test("utf16: misaligned and lone surrogates trap", () => {
  const { mem, memory } = newMemory();
  assert.throws(() => rt.loadUtf16(mem, 1, 1), Trap);
  new DataView(memory.buffer).setUint16(64, 0xd800, true);
  assert.throws(() => rt.loadUtf16(mem, 64, 1), Trap);
  assert.throws(() => rt.loadCompact(mem, 65, 1), Trap);
});

test("a compact string is wide only where it has to be", () => {
  const { mem } = newMemory();
  rt.storeCompact(mem, "ÿ");
  assert.equal(mem.length, 1);
  rt.storeCompact(mem, "Ā");
  assert.equal(mem.length, 0x80000001);
});

test("Latin-1 is all of its 256 characters, not windows-1252", () => {
  const all = String.fromCharCode(...Array(256).keys());
  for (const sample of [all, all.slice(0xa0), all.slice(0x80, 0xa0), "é€"]) {
    const { mem } = newMemory();
    const ptr = rt.storeCompact(mem, sample);
    assert.equal(rt.loadCompact(mem, ptr, mem.length), sample);
  }
});

test("one call of realloc, for exactly what is needed", () => {
  for (const sample of [
    "",
    "abc",
    "grüße",
    "x".repeat(3000),
    "日本".repeat(50),
  ]) {
    const { mem, calls } = newMemory();
    rt.storeUtf8(mem, sample);
    assert.deepEqual(calls, [[0, 0, 1, Buffer.byteLength(sample)]]);
  }
});

test("a symbol is no string", () => {
  const { mem } = newMemory();
  assert.throws(() => rt.storeUtf8(mem, Symbol("s")), TypeError);
});
