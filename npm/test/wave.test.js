import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseArguments,
  parseWave,
  splitCall,
  WaveError,
} from "../src/wave.js";
import { printWave } from "../src/wave-print.js";

/** A world whose types are these; the last one is the one under test. @param {any[]} types */
const worldOf = (types) => ({ types, resources: [], imports: [], exports: [] });

/** @param {any[]} types @param {string} text */
const parse = (types, text) =>
  parseWave(text, types.length - 1, worldOf(types));

/** @param {any[]} types @param {any} value */
const print = (types, value) =>
  printWave(value, types.length - 1, worldOf(types));

/** [types, text, value]: the text parses to the value, and the value prints as the text. @type {Array<[any[], string, unknown]>} */
const both = [
  [["bool"], "true", true],
  [["u8"], "255", 255],
  [["s8"], "-128", -128],
  [["u64"], "18446744073709551615", 18446744073709551615n],
  [["s64"], "-9223372036854775808", -9223372036854775808n],
  [["f64"], "1.5", 1.5],
  [["f64"], "-inf", -Infinity],
  [["f32"], "nan", NaN],
  [["f64"], "-0", -0],
  [["char"], "'x'", "x"],
  [["char"], "'\\''", "'"],
  [["char"], "'☃'", "☃"],
  [["char"], "'\"'", '"'],
  [["string"], '""', ""],
  [["string"], '"  two  spaces "', "  two  spaces "],
  [
    ["string"],
    '"it\'s \\"q\\" \\\\ \\n \\t \\u{1}"',
    'it\'s "q" \\ \n \t \u0001',
  ],
  [["string"], '"// no comment"', "// no comment"],
  [["u8", { list: 0 }], "[1, 2, 3]", [1, 2, 3]],
  [["u8", { list: 0 }], "[]", []],
  [["u8", { list: 0, length: 2 }], "[1, 2]", [1, 2]],
  [["u8", "string", { tuple: [0, 1] }], '(1, "a")', [1, "a"]],
  [
    [
      "u8",
      {
        record: [
          ["a-field", 0],
          ["true", 0],
        ],
      },
    ],
    "{a-field: 1, %true: 2}",
    { aField: 1, true: 2 },
  ],
  [[{ record: [] }], "{:}", {}],
  [
    [
      "u8",
      {
        variant: [
          ["some-case", 0],
          ["none", null],
        ],
      },
    ],
    "some-case(1)",
    { tag: "some-case", val: 1 },
  ],
  [
    [
      "u8",
      {
        variant: [
          ["some-case", 0],
          ["none", null],
        ],
      },
    ],
    "%none",
    { tag: "none" },
  ],
  [[{ enum: ["low", "very-high"] }], "very-high", "very-high"],
  [
    [{ flags: ["read", "read-write", "x"] }],
    "{read-write, x}",
    { readWrite: true, x: true },
  ],
  [[{ flags: ["read"] }], "{}", {}],
  [["u8", { option: 0 }], "some(1)", 1],
  [["u8", { option: 0 }], "none", undefined],
  [
    ["u8", { option: 0 }, { option: 1 }],
    "some(none)",
    { tag: "some", val: undefined },
  ],
  [["u8", { option: 0 }, { option: 1 }], "none", { tag: "none" }],
  [
    ["u8", "string", { result: [0, 1] }],
    'err("bad")',
    { tag: "err", val: "bad" },
  ],
  [["u8", { result: [0, null] }], "err", { tag: "err" }],
  [["u8", { result: [null, 0] }], "ok", { tag: "ok" }],
  [["string", "u8", { map: [0, 1] }], '[("a", 1)]', new Map([["a", 1]])],
];

for (const [types, text, value] of both) {
  const name = `${JSON.stringify(types.at(-1))}: ${text}`;
  test(`parse ${name}`, () =>
    assert.deepStrictEqual(parse(types, text), value));
  test(`print ${name}`, () => assert.equal(print(types, value), text));
}

/** Other ways to write a value. @type {Array<[any[], string, unknown]>} */
const alsoParsed = [
  [["u8"], " 7 // seven\n", 7],
  [["string"], '"\\u{1F600}"', "😀"],
  [["string"], '"""\n  a\n   b "c"\n  """', 'a\n b "c"'],
  [["u8", { list: 0 }], "[1, 2,]", [1, 2]],
  [["u8", { option: 0 }], "1", 1],
  [["u8", { result: [0, null] }], "1", { tag: "ok", val: 1 }],
  [
    [
      "u8",
      { option: 0 },
      {
        record: [
          ["a", 0],
          ["b", 1],
        ],
      },
    ],
    "{a: 1}",
    { a: 1, b: undefined },
  ],
  [[{ enum: ["%", "ok"] }], "%ok", "ok"],
  [
    ["u8", { option: 0 }, { option: 1 }],
    "some(some(1))",
    { tag: "some", val: 1 },
  ],
  [["f64"], "1e3", 1000],
  [["f64"], "7", 7],
];
for (const [types, text, value] of alsoParsed)
  test(`parse ${JSON.stringify(text)}`, () =>
    assert.deepStrictEqual(parse(types, text), value));

/** Refused, with these words. @type {Array<[any[], string, RegExp]>} */
const refused = [
  [["u8"], "256", /256 is not a u8 at offset 0/],
  [["u8"], "-1", /-1 is not a u8/],
  [["u8"], "1.5", /expected a number \(u8\), found `1.5`/],
  [["u8"], "", /found the end/],
  [["u8"], "1 2", /`2` is too much/],
  [["bool"], "yes", /expected true or false/],
  [["string"], '"abc', /ends in a string/],
  [["string"], '"\\q"', /unknown escape/],
  [["string"], '"\\u{d800}"', /scalar value/],
  [["char"], "'ab'", /expected `'`/],
  [["u8", { list: 0 }], "[1", /expected `\]`/],
  [["u8", { list: 0, length: 2 }], "[1]", /has 1 elements, its type 2/],
  [["u8", { tuple: [0, 0] }], "(1)", /2 elements, 1 are given/],
  [["u8", { tuple: [0] }], "(1, 2)", /has 1 elements/],
  [["u8", { record: [["a", 0]] }], "{b: 1}", /no field b; there is a/],
  [["u8", { record: [["a", 0]] }], "{a: 1, a: 2}", /given twice/],
  [["u8", { record: [["a", 0]] }], "{:}", /field a is missing/],
  [["u8", { variant: [["a", 0]] }], "b", /no case b; there are a/],
  [["u8", { variant: [["a", 0]] }], "a", /expected `\(`/],
  [[{ enum: ["a"] }], "b", /no case b/],
  [["u8", { option: 0 }, { option: 1 }], "1", /expected some/],
  [[{ own: 0 }], "1", /cannot be written down/],
];
for (const [types, text, message] of refused)
  test(`refuse ${JSON.stringify(text)} as ${JSON.stringify(types.at(-1))}`, () =>
    assert.throws(
      () => parse(types, text),
      (error) => error instanceof WaveError && message.test(error.message),
    ));

test("a typed array prints as a list", () =>
  assert.equal(print(["u8", { list: 0 }], new Uint8Array([1, 2])), "[1, 2]"));

test("a call is split at its first parenthesis", () => {
  assert.deepEqual(splitCall(' a:b/c@1.0.0#f-g ("(", 1)'), {
    name: "a:b/c@1.0.0#f-g",
    args: '("(", 1)',
  });
  assert.throws(() => splitCall("greet"), WaveError);
  assert.throws(() => splitCall("(1)"), WaveError);
});

test("arguments: in order, options at the end may be left out", () => {
  const world = worldOf(["u8", { option: 0 }]);
  /** @type {Array<[string, number]>} */
  const params = [
    ["a", 0],
    ["b", 1],
  ];
  assert.deepEqual(parseArguments("(1, some(2))", params, world), [1, 2]);
  assert.deepEqual(parseArguments("(1)", params, world), [1, undefined]);
  assert.deepEqual(parseArguments("()", [], world), []);
  assert.throws(
    () => parseArguments("()", params, world),
    /argument a is missing; the function takes \(a, b\)/,
  );
  assert.throws(
    () => parseArguments("(1, 2, 3)", params, world),
    /too many arguments/,
  );
  assert.throws(() => parseArguments("(1) x", params, world), /too much/);
});
