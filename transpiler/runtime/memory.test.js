/**
 * Ranges are checked before a byte is touched; views follow growth.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  loadNumbers,
  storeNumbers,
  exactly,
  toArray,
  toEntries,
} from "./list.js";
import * as rt from "./memory.js";
import { Trap } from "./trap.js";

function newMemory() {
  const mem = new rt.Memory();
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
  mem.memory = memory;
  let next = 64;
  mem.realloc = (
    /** @type {number} */ _old,
    /** @type {number} */ _oldLength,
    /** @type {number} */ align,
    /** @type {number} */ length,
  ) => {
    next = Math.ceil(next / align) * align + length;
    return next - length;
  };
  return { mem, memory };
}

test("bounds and alignment", () => {
  const { mem } = newMemory();
  rt.checkRange(mem, 65532, 4, 4);
  rt.checkRange(mem, 65536, 0, 1);
  assert.throws(() => rt.checkRange(mem, 65533, 4, 1), Trap);
  assert.throws(() => rt.checkRange(mem, 2, 4, 4), Trap);
  assert.throws(() => rt.checkRange(mem, 0xffffffff, 1, 1), Trap);
  assert.throws(() => rt.checkList(mem, 0, 0x2000000, 8, 8), Trap);
});

test("views are renewed when the memory has grown, and only then", () => {
  const { mem, memory } = newMemory();
  rt.checkRange(mem, 0, 1, 1);
  const before = mem.view;
  rt.checkRange(mem, 0, 1, 1);
  assert.equal(mem.view, before);
  memory.grow(1);
  rt.checkRange(mem, 65536, 4, 4);
  assert.notEqual(mem.view, before);
});

test("realloc's result is not trusted", () => {
  const { mem } = newMemory();
  mem.realloc = () => -1;
  assert.throws(() => rt.allocate(mem, 0, 1, 1), Trap);
  mem.realloc = () => 2;
  assert.throws(() => rt.allocate(mem, 1, 4, 4), Trap);
  assert.throws(() => rt.allocate(mem, 0x10000000, 1, 1), Trap);
});

test("lists of numbers are copies", () => {
  const { mem, memory } = newMemory();
  for (const [Numbers, values] of /** @type {[any, any][]} */ ([
    [Uint8Array, [1, 2, 300]],
    [Int16Array, new Int16Array([-1, 5])],
    [BigInt64Array, [1n, -2n]],
    [Float64Array, new Set([1.5, NaN])],
  ])) {
    const ptr = storeNumbers(mem, values, Numbers);
    const list = loadNumbers(mem, ptr, mem.length, Numbers);
    assert.deepEqual(list, Numbers.from(values));
    assert.notEqual(list.buffer, memory.buffer);
  }
  assert.throws(() => loadNumbers(mem, 65529, 1, Float64Array), Trap);
  assert.throws(() => storeNumbers(mem, [1], BigInt64Array), TypeError);
});

test("lists from what can be iterated", () => {
  assert.deepEqual(toArray(new Set([1, 2])), [1, 2]);
  assert.deepEqual(exactly(new Set([1, 2]), 2), [1, 2]);
  assert.throws(() => exactly([1], 2), TypeError);
  assert.deepEqual(toEntries(new Map([["a", 1]])), [["a", 1]]);
  assert.deepEqual(toEntries({ a: 1 }), [["a", 1]]);
});
