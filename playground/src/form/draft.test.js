/**
 * Drafts against values, for every kind of type.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DraftError, draftOf, emptyDraft, readDraft } from "./draft.js";

/** @import { World } from '../../../npm/src/types.js' */

/** @param {World['types']} types @returns {World} */
const world = (...types) => ({
  types,
  resources: [],
  imports: [],
  exports: [],
});

test("numbers are read as they are written, and held to their range", () => {
  const w = world("u8", "s64", "f32", "f64");
  assert.equal(readDraft(w, 0, " 255 "), 255);
  assert.equal(readDraft(w, 0, "0x1f"), 31);
  assert.equal(readDraft(w, 1, "-9_223_372_036_854_775_808"), -(2n ** 63n));
  assert.equal(readDraft(w, 2, "0.1"), Math.fround(0.1));
  assert.equal(readDraft(w, 3, "-inf"), -Infinity);
  assert.ok(Number.isNaN(readDraft(w, 3, "NaN")));
  for (const [type, text] of /** @type {const} */ ([
    [0, "256"],
    [0, "-1"],
    [0, "1.5"],
    [0, ""],
    [1, "9223372036854775808"],
    [3, ""],
    [3, "1,5"],
  ]))
    assert.throws(() => readDraft(w, type, text), DraftError, text);
});

test("a char is one scalar value, in however many units", () => {
  const w = world("char");
  assert.equal(readDraft(w, 0, "🦀"), "🦀");
  assert.throws(() => readDraft(w, 0, ""), DraftError);
  assert.throws(() => readDraft(w, 0, "ab"), DraftError);
});

test("compound values go to a draft and back", () => {
  const w = world(
    "u32",
    "string",
    { list: 1 },
    {
      record: [
        ["first-name", 1],
        ["tags", 2],
      ],
    },
    { option: 3 },
    { option: 4 },
    {
      variant: [
        ["none", null],
        ["some-thing", 0],
      ],
    },
    { result: [0, 1] },
    { enum: ["a", "b"] },
    { flags: ["read-it", "write"] },
    { tuple: [0, 8] },
    { list: 0 },
    { list: 0, length: 2 },
    { map: [1, 0] },
    "bool",
  );
  /** @type {Array<[number, unknown]>} */
  const values = [
    [3, { firstName: "Ada", tags: ["x", "y"] }],
    [4, undefined],
    [4, { firstName: "", tags: [] }],
    [5, { tag: "none" }],
    [5, { tag: "some", val: undefined }],
    [5, { tag: "some", val: { firstName: "A", tags: [] } }],
    [6, { tag: "none" }],
    [6, { tag: "some-thing", val: 7 }],
    [7, { tag: "ok", val: 1 }],
    [7, { tag: "err", val: "no" }],
    [8, "b"],
    [9, { readIt: true, write: false }],
    [10, [3, "a"]],
    [11, [1, 2, 3]],
    [12, [4, 5]],
    [13, new Map([["k", 1]])],
    [14, true],
  ];
  for (const [type, value] of values)
    assert.deepEqual(readDraft(w, type, draftOf(w, type, value)), value);
});

test("an empty form is a value wherever the type has one that is obvious", () => {
  const w = world(
    "u32",
    "string",
    { list: 1 },
    { option: 0 },
    { list: 0 },
    {
      record: [
        ["a", 0],
        ["b", 1],
        ["c", 2],
        ["d", 3],
        ["e", 4],
      ],
    },
  );
  assert.deepEqual(readDraft(w, 5, emptyDraft(w, 5)), {
    a: 0,
    b: "",
    c: [],
    d: undefined,
    e: [],
  });
});

test("an error names the field", () => {
  const w = world("u8", { record: [["age", 0]] }, { option: 1 });
  const draft = { choice: "some", payload: ["old"] };
  assert.throws(
    () => readDraft(w, 2, draft, ["who"]),
    (error) =>
      error instanceof DraftError && error.path.join() === "who,some,age",
  );
});
