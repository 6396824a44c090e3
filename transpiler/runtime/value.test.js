/**
 * Scalars: what is lifted is checked, what is lowered is coerced or refused.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ComponentError, badCase, errorPayload } from "./error.js";
import { Trap } from "./trap.js";
import * as rt from "./value.js";

test("chars", () => {
  for (const c of ["a", "é", "\uFFFF", "\u{10FFFF}"]) {
    assert.equal(rt.liftChar(rt.lowerChar(c)), c);
  }
  for (const bad of [0xd800, 0xdfff, 0x110000, 0xffffffff]) {
    assert.throws(() => rt.liftChar(bad), Trap);
  }
  for (const bad of ["", "ab", "a\u0301", "\u{1F600}x"]) {
    assert.throws(() => rt.lowerChar(bad), TypeError);
  }
  assert.equal(rt.lowerChar("\uD800"), 0xfffd);
});

test("discriminants", () => {
  assert.equal(rt.liftBit(1), true);
  assert.equal(rt.liftBit(0), false);
  assert.throws(() => rt.liftBit(2), Trap);
  assert.throws(rt.badDiscriminant, Trap);
  assert.equal(rt.liftEnum(["a", "b"], 1), "b");
  assert.throws(() => rt.liftEnum(["a", "b"], 2), Trap);
  assert.equal(rt.lowerEnum(["a", "b"], "b"), 1);
  assert.throws(() => rt.lowerEnum(["a", "b"], "c"), TypeError);
  assert.throws(() => rt.lowerEnum(["a", "b"], "toString"), TypeError);
});

test("reinterpretations", () => {
  assert.equal(rt.i32ToF32(rt.f32ToI32(1.5)), 1.5);
  assert.equal(rt.i64ToF64(rt.f64ToI64(-0.1)), -0.1);
  assert.equal(rt.f32ToI32(1), 0x3f800000);
  assert.equal(rt.i64ToI32(0x1_ffff_ffffn), -1);
  assert.equal(rt.toI64(5n), 5n);
  assert.throws(() => rt.toI64(5), TypeError);
});

test("strict", () => {
  assert.equal(rt.strictInt(255, 0, 255), 255);
  for (const bad of [256, -1, 1.5, "1", NaN]) {
    assert.throws(() => rt.strictInt(bad, 0, 255), TypeError);
  }
  assert.equal(rt.strictBigInt(5n, false), 5n);
  assert.throws(() => rt.strictBigInt(-1n, false), TypeError);
  assert.throws(() => rt.strictBigInt(1n << 63n, true), TypeError);
  assert.throws(() => rt.strictType(1, "string"), TypeError);
});

test("error payloads", () => {
  assert.equal(errorPayload(new ComponentError(5)), 5);
  assert.equal(errorPayload("bad"), "bad");
  assert.deepEqual(errorPayload({ payload: undefined }), undefined);
  assert.throws(() => errorPayload(new TypeError("host")), TypeError);
  assert.ok(badCase("shape", { tag: "x" }) instanceof TypeError);
  assert.equal(new ComponentError("why").message, "why");
});

test("a field that was left out is undefined, whatever objects inherit under its name", () => {
  assert.equal(rt.own({}, "constructor"), undefined);
  assert.equal(rt.own({ constructor: 1 }, "constructor"), 1);
  assert.equal(rt.own({ ["__proto__"]: 2 }, "__proto__"), 2);
  assert.equal(rt.own(Object.create({ a: 1 }), "a"), undefined);
  assert.throws(() => rt.own(undefined, "a"), TypeError);
});
