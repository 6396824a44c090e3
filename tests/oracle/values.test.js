/** @module */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJs, toJs } from "./values.js";

/** @type {[type: any, json: any, js: unknown][]} */
const CASES = [
  ["bool", true, true],
  ["u64", "18446744073709551615", 18446744073709551615n],
  ["f32", String(0x80000000), -0],
  ["f64", String(0x7ff8000000000000n), NaN],
  ["char", "\u{10ffff}", "\u{10ffff}"],
  [{ list: "char" }, ["a"], ["a"]],
  [
    { map: ["string", "u8"] },
    [
      ["\u00e9", 2], // in the order of their JSON with escapes
      ["a", 1],
    ],
    new Map([
      ["\u00e9", 2],
      ["a", 1],
    ]),
  ],
  [{ tuple: ["u8", "string"] }, [1, "x"], [1, "x"]],
  [{ record: [["a-b", "u8"]] }, [1], { aB: 1 }],
  [
    {
      variant: [
        ["none", null],
        ["new", "u8"],
      ],
    },
    [1, 3],
    { tag: "new", val: 3 },
  ],
  [{ result: [null, "u8"] }, [0, null], { tag: "ok" }],
  [{ enum: ["none", "to-string"] }, 1, "to-string"],
  [{ option: "u8" }, null, undefined],
  [{ option: "u8" }, [0], 0],
  [{ option: { option: "u8" } }, [null], { tag: "some", val: undefined }],
  [{ option: { option: "u8" } }, null, { tag: "none" }],
  [{ flags: ["a-b", "class"] }, [0], { aB: true }],
];

test("values go to JavaScript and back", () => {
  for (const [type, json, js] of CASES) {
    assert.deepEqual(toJs(type, json), js);
    const whole = type.flags ? { aB: true, class: false } : js;
    assert.deepEqual(fromJs(type, whole), json);
  }
  assert.deepEqual(fromJs({ list: "u8" }, Uint8Array.of(1)), [1]);
});

test("another shape than the table's is refused", () => {
  /** @type {[type: any, js: unknown][]} */
  const wrong = [
    ["u8", 1n],
    ["s64", 1],
    ["f32", 0.1],
    ["bool", 1],
    [{ list: "u8" }, [1]],
    [{ tuple: ["u8"] }, Uint8Array.of(1)],
    [{ record: [["a", "u8"]] }, { a: 1, b: 2 }],
    [{ variant: [["a", null]] }, { tag: "b" }],
    [{ variant: [["a", null]] }, { tag: "a", val: 1 }],
    [{ option: "u8" }, null],
    [{ flags: ["a", "b"] }, { a: true }],
    [{ enum: ["a"] }, "b"],
  ];
  for (const [type, js] of wrong)
    assert.throws(() => fromJs(type, js), TypeError);
});
