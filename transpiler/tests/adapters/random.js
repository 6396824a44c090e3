/**
 * Random types and values from a seed.
 * @module
 */
import { casesOf, elementOf, partsOf } from "./abi.js";

/** @typedef {import('./abi.js').Type} Type */

/** @param {number} seed a source of numbers below `n`, the same for the same seed (mulberry32) */
export function source(seed) {
  let s = seed >>> 0;
  return (/** @type {number} */ n) => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), s | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** @typedef {ReturnType<typeof source>} Source */

export const PRIMITIVES = [
  ...["bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64"],
  ...["f32", "f64", "char", "string"],
];
// Keys of a map are scalars or strings.
const KEYS = PRIMITIVES.filter((t) => t[0] !== "f");

/**
 * @param {Source} r
 * @param {number} depth
 * @param {boolean} borrows may hold borrows: parameters
 * @returns {Type}
 */
export function randomType(r, depth, borrows) {
  const one = () => randomType(r, depth - 1, borrows);
  const maybe = () => (r(3) === 0 ? null : one());
  const many = (/** @type {number} */ n) =>
    Array.from({ length: 1 + r(n) }, one);
  switch (depth <= 0 ? r(3) : r(14)) {
    case 1:
      return { t: "enum", n: [1, 2, 3, 200, 256, 257, 300][r(7)] };
    case 2:
      return r(4)
        ? { t: "flags", n: 1 + r(32) }
        : { t: borrows && r(2) ? "borrow" : "own", r: r(2) };
    case 3:
    case 4:
      return { t: "record", parts: many(5) };
    case 5:
      return { t: "tuple", parts: many(4) };
    case 6:
      return { t: "variant", cases: Array.from({ length: 1 + r(6) }, maybe) };
    case 7:
      return { t: "option", of: one() };
    case 8:
      return { t: "result", ok: maybe(), err: maybe() };
    case 9:
    case 10:
      return { t: "list", of: one() };
    case 11:
      return { t: "map", k: KEYS[r(KEYS.length)], v: one() };
    case 12:
      return { t: "fixed", n: 1 + r(7), of: one() };
    default:
      return r(6) ? PRIMITIVES[r(PRIMITIVES.length)] : "string";
  }
}

const INTS = /** @type {Record<string, [bits: number, signed: boolean]>} */ ({
  s8: [8, true],
  u8: [8, false],
  s16: [16, true],
  u16: [16, false],
  s32: [32, true],
  u32: [32, false],
  s64: [64, true],
  u64: [64, false],
});

const FLOATS = [0, -0, 1.5, -1, Infinity, -Infinity, NaN, 1e-40, 3.4e38, 1e300];

/** Strings by the largest code point in them. @param {Source} r */
export function randomString(r) {
  const kind = r(5);
  const n = r(4) ? r(12) : r(60);
  let s = "";
  for (let i = 0; i < n; i++) s += randomChar(r, r(5) ? 0 : kind);
  return s;
}

/** @param {Source} r @param {number} kind */
function randomChar(r, kind) {
  const [low, span] = [
    [0, 0x80],
    [0x80, 0x80],
    [0x80, 0x780],
    [0x800, 0xd000],
    [0x1_0000, 0x10_0000],
  ][kind];
  const c = low + r(span);
  return c >= 0xd800 && c < 0xe000 ? "\ufeff" : String.fromCodePoint(c);
}

/**
 * @param {Source} r
 * @param {Type} t
 * @returns {any}
 */
export function randomValue(r, t) {
  if (typeof t === "string") {
    const int = INTS[t];
    if (int) {
      const [bits, signed] = int;
      const raw = (BigInt(r(2 ** 32)) << 32n) | BigInt(r(2 ** 32));
      const edge = [0n, -1n, 1n << BigInt(bits - 1), raw, raw][r(5)];
      const v = signed ? BigInt.asIntN(bits, edge) : BigInt.asUintN(bits, edge);
      return bits === 64 ? v : Number(v);
    }
    if (t === "bool") return r(2) === 1;
    if (t === "char")
      return (
        ["\0", "\ud7ff", "\ue000", "\u{10ffff}"][r(8)] ?? randomChar(r, r(5))
      );
    if (t === "string") return randomString(r);
    const f = FLOATS[r(FLOATS.length)] * (r(2) ? 1 : r(1000) + 1);
    return t === "f32" ? Math.fround(f) : f;
  }
  const cases = casesOf(t);
  if (cases) {
    const c = r(cases.length);
    const payload = cases[c];
    return { c, v: payload ? randomValue(r, payload) : null };
  }
  const parts = partsOf(t);
  if (parts) return parts.map((p) => randomValue(r, p));
  const element = elementOf(t);
  if (element)
    return Array.from({ length: r(r(4) ? 4 : 20) }, () =>
      randomValue(r, element),
    );
  if (t.t === "flags") return (r(2 ** 32) & (2 ** t.n - 1)) >>> 0;
  return 1 + r(500);
}
