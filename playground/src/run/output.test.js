/**
 * Output at a pace that a page can take.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createOutput } from "./output.js";

/** An output whose clock is turned by hand. */
function make() {
  /** @type {Array<[string, string] | number>} */
  const heard = [];
  const clock = { now: 0 };
  const output = createOutput({
    send: (stream, bytes) =>
      heard.push([stream, new TextDecoder().decode(bytes)]),
    skip: (bytes) => heard.push(bytes),
    now: () => clock.now,
  });
  const write = (
    /** @type {'stdout' | 'stderr'} */ stream,
    /** @type {string} */ text,
  ) => output.write(stream, new TextEncoder().encode(text));
  return { heard, clock, output, write };
}

test("what is written is passed on at once and in order", () => {
  const { heard, write } = make();
  write("stdout", "a");
  write("stderr", "b");
  write("stdout", "c");
  assert.deepEqual(heard, [
    ["stdout", "a"],
    ["stderr", "b"],
    ["stdout", "c"],
  ]);
});

test("many small pieces become fewer, and none is lost", () => {
  const { heard, clock, output, write } = make();
  let all = "";
  for (let i = 0; i < 20_000; i++) {
    write("stdout", `${i}\n`);
    all += `${i}\n`;
    clock.now += 0.01;
  }
  output.flush();
  assert.ok(heard.length < 1500, `${heard.length} messages`);
  assert.equal(heard.map((it) => /** @type {any} */ (it)[1]).join(""), all);
});

test("of a flood the beginning and the end come through, and how much did not", () => {
  const { heard, clock, output, write } = make();
  const line = `${"x".repeat(999)}\n`;
  for (let i = 0; i < 10_000; i++) {
    write("stdout", line);
    clock.now += 0.001;
  }
  write("stderr", "the end\n");
  output.flush();
  assert.deepEqual(heard[0], ["stdout", line]);
  assert.deepEqual(heard.at(-1), ["stderr", "the end\n"]);
  let shown = 0;
  let skipped = 0;
  for (const it of heard)
    if (typeof it === "number") skipped += it;
    else shown += it[1].length;
  assert.equal(shown + skipped, 10_000 * 1000 + 8);
  assert.ok(shown < 700_000, `${shown} shown`);
});
