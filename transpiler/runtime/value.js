/**
 * @module Scalars and discriminants between core values and JavaScript. Knows no memory.
 */
import { badCase } from "./error.js";
import { trap } from "./trap.js";

/**
 * `convert_i32_to_char`
 * @param {number} i
 * @returns {string}
 */
export function liftChar(i) {
  if (i >= 0x110000 || (i & 0x1ff800) === 0xd800) trap("invalid char");
  return String.fromCodePoint(i);
}

/**
 * `char_to_i32`, of a USVString that has to be one scalar value.
 * @param {unknown} v
 * @returns {number}
 */
export function lowerChar(v) {
  const s = `${v}`;
  const code = /** @type {number} */ (s.codePointAt(0));
  if (s.length !== (code > 0xffff ? 2 : 1))
    throw new TypeError(`not a char: ${JSON.stringify(s)}`);
  return (code & 0x1ff800) === 0xd800 ? 0xfffd : code;
}

/**
 * The discriminant of an option or a result: whether it is 1.
 * @param {number} i
 * @returns {boolean}
 */
export function liftBit(i) {
  return i === 1 || (i !== 0 && badDiscriminant());
}

/** @returns {never} */
export function badDiscriminant() {
  return trap("invalid variant discriminant");
}

/**
 * @param {readonly string[]} cases
 * @param {number} i
 * @returns {string}
 */
export function liftEnum(cases, i) {
  if (i >= cases.length) trap("invalid variant discriminant");
  return cases[i];
}

/**
 * @param {readonly string[]} cases
 * @param {any} v
 * @returns {number}
 */
export function lowerEnum(cases, v) {
  const i = cases.indexOf(v);
  if (i < 0) throw badCase(`enum { ${cases.join(", ")} }`, v);
  return i;
}

/**
 * An argument for an i64, outside of the call that would trap on a mistake.
 * @param {any} v
 * @returns {bigint}
 */
export function toI64(v) {
  return typeof v === "bigint" ? v : BigInt.asIntN(64, v);
}

const reinterpret = new DataView(new ArrayBuffer(8));

/**
 * @param {number} i
 * @returns {number}
 */
export function i32ToF32(i) {
  reinterpret.setInt32(0, i);
  return reinterpret.getFloat32(0);
}

/**
 * @param {number} f
 * @returns {number}
 */
export function f32ToI32(f) {
  reinterpret.setFloat32(0, f);
  return reinterpret.getInt32(0);
}

/**
 * @param {bigint} i
 * @returns {number}
 */
export function i64ToF64(i) {
  reinterpret.setBigInt64(0, i);
  return reinterpret.getFloat64(0);
}

/**
 * @param {number} f
 * @returns {bigint}
 */
export function f64ToI64(f) {
  reinterpret.setFloat64(0, f);
  return reinterpret.getBigInt64(0);
}

/**
 * `wrap_i64_to_i32`
 * @param {bigint} i
 * @returns {number}
 */
export function i64ToI32(i) {
  return Number(BigInt.asIntN(32, i));
}

/**
 * For `strict`: an integer of a range, or a TypeError.
 * @param {unknown} v
 * @param {number} min
 * @param {number} max
 * @returns {number}
 */
export function strictInt(v, min, max) {
  if (
    !Number.isInteger(v) ||
    /** @type {number} */ (v) < min ||
    /** @type {number} */ (v) > max
  ) {
    throw new TypeError(`not an integer from ${min} to ${max}: ${String(v)}`);
  }
  return /** @type {number} */ (v);
}

/**
 * For `strict`: a 64-bit integer, or a TypeError.
 * @param {unknown} v
 * @param {boolean} signed
 * @returns {bigint}
 */
export function strictBigInt(v, signed) {
  if (
    typeof v !== "bigint" ||
    v !== (signed ? BigInt.asIntN(64, v) : BigInt.asUintN(64, v))
  ) {
    throw new TypeError(`not a 64-bit integer: ${String(v)}`);
  }
  return v;
}

/**
 * For `strict`: a value of one JavaScript type.
 * @template T
 * @param {T} v
 * @param {string} type
 * @returns {T}
 */
export function strictType(v, type) {
  if (typeof v !== type) throw new TypeError(`not a ${type}: ${String(v)}`);
  return v;
}

/**
 * A field whose name every object inherits something under, as `constructor`: one that was left out is undefined.
 * @param {any} v
 * @param {string} name
 * @returns {any}
 */
export function own(v, name) {
  return Object.hasOwn(v, name) ? v[name] : undefined;
}
