/**
 * A value that a component is given is what would come back from it: numbers wrap, strings are USVStrings, lists and records
 * are copies; what is of no case is refused.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LinkError } from "./link.js";
import { coerce, linkValue, outcome } from "./values.js";

test("scalars", () => {
  /** @type {[string, unknown, unknown][]} */
  const cases = [
    ["bool", "x", true],
    ["u8", 257, 1],
    ["s8", 255, -1],
    ["u16", -1, 65535],
    ["s16", 40000, -25536],
    ["u32", -1, 4294967295],
    ["s32", 3.9, 3],
    ["u64", -1n, 18446744073709551615n],
    ["s64", 1n << 63n, -(1n << 63n)],
    ["f32", 0.1, Math.fround(0.1)],
    ["f64", "2.5", 2.5],
    ["char", "🍰", "🍰"],
    ["string", "\ufeffa\ud800", "\ufeffa\ufffd"],
  ];
  for (const [type, v, wanted] of cases)
    assert.equal(coerce(type, v), wanted, type);
  assert.throws(() => coerce("char", "ab"), TypeError);
  assert.throws(() => coerce("u64", "x"), SyntaxError);
});

test("strict", () => {
  for (const [type, v] of /** @type {const} */ ([
    ["u8", 256],
    ["u8", NaN],
    ["s32", 0.5],
    ["u64", 1],
    ["f64", "1"],
    ["bool", 1],
    ["string", 1],
  ]))
    assert.throws(() => coerce(type, v, true), /not a|Cannot convert/, type);
  assert.equal(coerce("f32", 0.1, true), Math.fround(0.1));
  assert.equal(coerce("string", "\ud800", true), "\ufffd");
  assert.deepEqual(coerce(["tuple", ["u8", "f64"]], [1, NaN], true), [1, NaN]);
});

test("compound values", () => {
  const bytes = ["list", "u8", undefined, Uint8Array];
  assert.deepEqual(coerce(bytes, [1, 256]), new Uint8Array([1, 0]));
  assert.deepEqual(coerce(["list", "char"], "ab"), ["a", "b"]);
  assert.throws(() => coerce(["list", "u8", 2, Uint8Array], [1]), TypeError);
  assert.throws(() => coerce(["list", "u8"], { length: 1, 0: 1 }), TypeError);
  assert.throws(() => coerce(["list", "u8"], 5), TypeError);
  assert.throws(() => coerce(["map", "string", "u8"], { a: 1 }), TypeError);
  assert.deepEqual(
    coerce(["map", "string", "u8"], new Map([["a", 257]])),
    new Map([["a", 1]]),
  );
  const record = ["record", ["__proto__", "b"], ["u8", ["option", "u8"]]];
  const copy = coerce(record, JSON.parse('{"__proto__": 257, "c": 1}'));
  assert.deepEqual(Object.entries(copy), [
    ["__proto__", 1],
    ["b", undefined],
  ]);
  assert.deepEqual(coerce(["flags", ["a", "b"]], { b: 1 }), {
    a: false,
    b: true,
  });
  assert.equal(coerce(["enum", ["a", "b"]], "b"), "b");
  assert.throws(() => coerce(["enum", ["a", "b"]], "c"), TypeError);
  const variant = ["variant", ["a", "b"], [undefined, "u8"]];
  assert.deepEqual(coerce(variant, { tag: "a", val: 1 }), { tag: "a" });
  assert.deepEqual(coerce(variant, { tag: "b", val: 257 }), {
    tag: "b",
    val: 1,
  });
  assert.throws(() => coerce(variant, { tag: "c" }), TypeError);
  assert.throws(() => coerce(variant, undefined), TypeError);
  const result = ["result", ["ok", "err"], [undefined, "u8"]];
  assert.deepEqual(coerce(result, { tag: "ok" }), {
    tag: "ok",
    val: undefined,
  });
  const now = new Date();
  assert.equal(coerce(["own", Date], now), now);
  assert.throws(() => coerce(["own", Date], {}), TypeError);
});

test("finding values", () => {
  assert.equal(linkValue({ a: 1 }, ["a"], "u8"), 1);
  assert.equal(
    linkValue({ "a:b/c@1.2.0": { dE: 1 } }, ["a:b/c@1.1.0", "dE"], "u8"),
    1,
  );
  assert.equal(linkValue({}, ["a"], ["option", "u8"]), undefined);
  assert.throws(() => linkValue({}, ["a"], "u8"), /missing: a \(a value\)/);
  assert.throws(() => linkValue(undefined, ["a", "b"], "u8"), LinkError);
  assert.throws(
    () => linkValue({ a: "xy" }, ["a"], "char"),
    (e) => e instanceof LinkError && /import a: not a char/.test(e.message),
  );
});

test("a start function of the host's that may fail", async () => {
  assert.deepEqual(
    outcome(() => 1),
    { tag: "ok", val: 1 },
  );
  const fails = () => {
    throw 2;
  };
  assert.deepEqual(outcome(fails), { tag: "err", val: 2 });
  assert.deepEqual(await outcome(async () => 1), { tag: "ok", val: 1 });
  assert.deepEqual(await outcome(async () => fails()), { tag: "err", val: 2 });
  assert.throws(() =>
    outcome(() => {
      throw new Error("host");
    }),
  );
});
