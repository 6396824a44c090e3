/**
 * Output in chunks of whole lines.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { append } from "./console.js";

/** @import { Chunk, Piece } from './console.js' */

/** @param {Chunk[]} chunks */
const textOf = (chunks) =>
  chunks
    .map(({ pieces }) => pieces.map(({ text }) => text).join(""))
    .join("\n");

test("chunks, one below the other, are the text; none ends in an empty line", () => {
  const lines = Array.from({ length: 3000 }, (_, i) =>
    i % 7 ? `line ${i}` : i % 14 ? "" : "\n",
  );
  const whole = `${lines.join("\n")}\n`;
  for (const size of [1, 7, 1000, 50_000]) {
    /** @type {Chunk[]} */
    let chunks = [];
    for (let at = 0; at < whole.length; at += size)
      chunks = append(chunks, [
        { stream: "stdout", text: whole.slice(at, at + size) },
      ]);
    assert.equal(textOf(chunks), whole);
    assert.ok(chunks.length > 3, `${chunks.length} chunks`);
    for (const chunk of chunks.slice(0, -1))
      assert.doesNotMatch(textOf([chunk]), /\n$/);
  }
});

test("streams keep their order, and stretches of one are one piece", () => {
  /** @type {Piece[]} */
  const pieces = [
    { stream: "stdout", text: "a" },
    { stream: "stdout", text: "b\n" },
    { stream: "stderr", text: "c\n" },
    { stream: "stdout", text: "d" },
  ];
  const [{ pieces: made }] = append([], pieces);
  assert.deepEqual(made, [
    { stream: "stdout", text: "ab\n" },
    { stream: "stderr", text: "c\n" },
    { stream: "stdout", text: "d" },
  ]);
});

test("the last characters are kept", () => {
  /** @type {Chunk[]} */
  let chunks = [];
  for (let i = 0; i < 100; i++)
    chunks = append(chunks, [
      { stream: "stdout", text: `${"x".repeat(99)}\n`.repeat(100) },
    ]);
  const { length } = textOf(chunks);
  assert.ok(length >= 200_000 && length < 210_000, String(length));
});
