/**
 * The harness against itself: a judge that passes everything would make every number worthless.
 * @module
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { featuresOf } from "./features.js";
import { ScriptRun } from "./script.js";
import { SkipList } from "./skip.js";
import { intoMarkers, table, tally } from "./table.js";
import { trapDiffers } from "./traps.js";
import { camelCase, difference, toJs } from "./values.js";

test("values go to JavaScript as the README's table has them", () => {
  assert.equal(toJs(["u64", "18446744073709551615"]), 18446744073709551615n);
  assert.equal(toJs(["f32", 0x3fc00000]), 1.5);
  assert.ok(Object.is(toJs(["f64", String(1n << 63n)]), -0));
  assert.deepEqual(toJs(["record", [["a-b", ["option", null]]]]), {
    aB: undefined,
  });
  assert.deepEqual(toJs(["option", ["option", null]]), {
    tag: "some",
    val: undefined,
  });
  assert.deepEqual(toJs(["variant", ["x", ["u8", 1]]]), { tag: "x", val: 1 });
  assert.deepEqual(toJs(["flags", ["a-b"]]), { aB: true });
  assert.deepEqual(
    toJs([
      "map",
      [
        [
          ["char", "x"],
          ["bool", true],
        ],
      ],
    ]),
    new Map([["x", true]]),
  );
  assert.equal(camelCase("get-HTTP-2x"), "getHttp2x");
});

test("equal values have no difference, others name the place", () => {
  /** @type {[import("./values.js").Val, unknown, unknown][]} value, equal, not equal */
  const cases = [
    [["u8", 1], 1, 1n],
    [["s64", "-1"], -1n, -1],
    [["f32", 0x80000000], -0, 0],
    [["f64", "9221120237041090561"], NaN, 0],
    [["list", [["u8", 1]]], Uint8Array.of(1), [1]],
    [["list", [["string", "a"]]], ["a"], ["b"]],
    [["list", []], [], [1]],
    [["tuple", [["u8", 1]]], [1], Uint8Array.of(1)],
    [["record", [["a-b", ["u8", 1]]]], { aB: 1 }, { aB: 1, c: 2 }],
    [["option", null], undefined, null],
    [["option", ["u8", 0]], 0, undefined],
    [["result", ["err", null]], { tag: "err" }, { tag: "ok" }],
    [["flags", ["a"]], { a: true, b: false }, { a: true, b: true }],
    [
      [
        "map",
        [
          [
            ["u8", 1],
            ["u8", 2],
          ],
        ],
      ],
      new Map([[1, 2]]),
      new Map([[1, 3]]),
    ],
  ];
  for (const [val, equal, other] of cases) {
    assert.equal(difference(val, equal), null);
    assert.match(difference(val, other) ?? "", /^result/);
  }
});

/** A transpiler whose "binary" is the name of what it does. */
const fake = {
  transpile: async (
    /** @type {Uint8Array} */ bytes,
    /** @type {any} */ { validate },
  ) => {
    const name = new TextDecoder().decode(bytes);
    if (name === "bad" || (name === "body" && validate))
      throw Object.assign(new Error(name), { name: "TranspileError" });
    if (name === "new")
      throw Object.assign(new Error("async is not supported"), {
        name: "TranspileError",
        code: "unsupported",
      });
    if (name === "crash") throw new TypeError("a bug");
    return { files: { "x.js": name } };
  },
  load:
    async (/** @type {any} */ files) => async (/** @type {any} */ imports) => {
      if (files["x.js"] === "trap")
        throw Object.assign(new Error("unreachable"), { name: "Trap" });
      return {
        one: () => 1,
        trap: () =>
          Promise.reject(
            Object.assign(new Error("unreachable"), { name: "Trap" }),
          ),
        oops: () => Promise.reject(new TypeError("oops")),
        err: () =>
          Promise.reject(
            Object.assign(new Error("e"), {
              name: "ComponentError",
              payload: 2,
            }),
          ),
        given: () => Object.keys(imports).join(),
      };
    },
};

/** @param {any[]} commands @param {boolean} [lazy] */
async function statuses(commands, lazy = false) {
  const words = ["good", "bad", "body", "new", "crash", "trap"];
  const blob = new TextEncoder().encode(words.join(""));
  const wasm = (/** @type {string} */ w) => {
    const start = words.slice(0, words.indexOf(w)).join("").length;
    return { core: false, range: [start, start + w.length] };
  };
  const run = new ScriptRun(fake, blob, { options: {}, lazy });
  const out = [];
  for (const c of commands) {
    out.push(
      (
        await run.run({
          line: 1,
          name: null,
          ...c,
          ...(c.w ? { wasm: wasm(c.w) } : {}),
          ...(c.x ? { exec: { type: "component", wasm: wasm(c.x) } } : {}),
        })
      ).status,
    );
  }
  return out;
}
const call = (/** @type {string} */ name) => ({
  type: "invoke",
  of: null,
  export: name,
  args: [],
});

test("each directive passes for its own reason only", async () => {
  assert.deepEqual(
    await statuses([
      { type: "component", w: "good" },
      { type: "assert_return", exec: call("one"), results: [["u8", 1]] },
      { type: "assert_return", exec: call("one"), results: [["u8", 2]] },
      { type: "assert_return", exec: call("one"), results: [] },
      {
        type: "assert_return",
        exec: call("err"),
        results: [["result", ["err", ["u8", 2]]]],
      },
      {
        type: "assert_return",
        exec: call("err"),
        results: [["result", ["err", ["u8", 3]]]],
      },
      { type: "assert_return", exec: call("err"), results: [["u8", 2]] },
      { type: "assert_trap", exec: call("trap"), message: "" },
      { type: "assert_trap", exec: call("oops"), message: "" },
      { type: "assert_trap", exec: call("one"), message: "" },
      { type: "assert_trap", exec: call("absent"), message: "" },
      { type: "assert_trap", x: "trap", message: "" },
      { type: "assert_trap", x: "good", message: "" },
      { type: "invoke", exec: call("oops") },
      { type: "nonsense" },
    ]),
    [
      "passed",
      "passed",
      "failed",
      "failed",
      "passed",
      "failed",
      "failed",
      "passed",
      "failed",
      "failed",
      "failed",
      "passed",
      "failed",
      "failed",
      "failed",
    ],
  );
});

test("a refusal counts when it is for what the input is", async () => {
  assert.deepEqual(
    await statuses([
      { type: "assert_invalid", w: "bad" },
      { type: "assert_invalid", w: "body" },
      { type: "assert_invalid", w: "good" },
      { type: "assert_invalid", w: "new" },
      { type: "assert_invalid", w: "crash" },
      { type: "assert_malformed", wasm: { core: false, error: "text" } },
      { type: "assert_malformed", wasm: { core: true, range: [0, 0] } },
    ]),
    ["passed", "passed", "failed", "unsupported", "failed", "text", "core"],
  );
});

test("definitions, instances and registration", async () => {
  assert.deepEqual(
    await statuses([
      { type: "define", name: "D", w: "good" },
      { type: "instance", name: "i", of: "D" },
      { type: "instance", name: "j", of: "E" },
      { type: "register", as: "r", of: "i" },
      { type: "instance", name: "k", of: "D" },
      {
        type: "assert_return",
        exec: call("given"),
        results: [["string", "r"]],
      },
      { type: "component", name: "N", w: "new" },
      { type: "assert_return", exec: call("one"), results: [["u8", 1]] },
      { type: "component", w: "trap" },
    ]),
    [
      "passed",
      "passed",
      "failed",
      "passed",
      "passed",
      "passed",
      "unsupported",
      "unsupported",
      "failed",
    ],
  );
  assert.deepEqual(
    await statuses(
      [
        { type: "component", w: "trap" },
        { type: "invoke", exec: call("one") },
      ],
      true,
    ),
    ["passed", "failed"],
  );
});

test("skip.json: what fails needs an entry, what passes must not have one", () => {
  const path = join(mkdtempSync(join(tmpdir(), "skip-")), "skip.json");
  writeFileSync(
    path,
    JSON.stringify({ f: [{ lines: [1, 2, 9], reason: "r" }] }),
  );
  const outcomes = new Map([
    [
      "f",
      /** @type {import("./script.js").Outcome[]} */ ([
        { line: 1, type: "t", status: "passed" },
        { line: 2, type: "t", status: "failed" },
        { line: 3, type: "t", status: "failed" },
        {
          line: 4,
          type: "t",
          status: "unsupported",
          why: "TranspileError: async functions is not supported at x",
        },
        { line: 5, type: "t", status: "text" },
      ]),
    ],
  ]);
  const list = new SkipList(path);
  const verdict = list.judge(outcomes, { complete: true });
  assert.deepEqual(
    [verdict.passed, verdict.failed, verdict.stale.length],
    [1, 2, 2],
  );
  assert.match(
    table(tally(outcomes, verdict)),
    /\| all \| 1 \| 1 \| 2 \| 1 \| 1 \|/,
  );
  list.bless(outcomes);
  assert.deepEqual(JSON.parse(readFileSync(path, "utf8")), {
    f: [
      { lines: [2], reason: "r" },
      { lines: [4], reason: "async functions is not supported" },
    ],
  });
});

test("features come from the RUN lines", () => {
  assert.deepEqual(
    featuresOf("wasm-tools", ["RUN: wast % -f cm-map,cm-error-context"]),
    ["error-context"],
  );
  assert.ok(featuresOf("spec", []).includes("fixed-length-lists"));
  assert.deepEqual(
    featuresOf("wasm-tools", ["RUN: wast % --features=nonsense"]),
    [],
  );
});

test("a trap of another kind is another trap", () => {
  assert.equal(
    trapDiffers([
      "wasm trap: unaligned pointer",
      "realloc return: result not aligned",
    ]),
    null,
  );
  assert.equal(
    trapDiffers(["unknown handle index 1", "unknown handle index 1"]),
    null,
  );
  assert.match(
    trapDiffers(["unknown handle index 1", "unknown handle index 2"]) ?? "",
    /expected/,
  );
  assert.match(trapDiffers(["invalid utf-8", "unreachable"]) ?? "", /expected/);
  assert.equal(trapDiffers(["words nobody knows", "unreachable"]), null);
});

test("the table goes between the README's markers, once and again", () => {
  const begin = "<!-- conformance: written by the run -->";
  const document = `a\n${begin}\n<!-- end -->\nb`;
  const once = intoMarkers(document, "| 1 |");
  assert.equal(once, `a\n${begin}\n\n| 1 |\n\n<!-- end -->\nb`);
  assert.equal(intoMarkers(once, "| 1 |"), once);
  assert.throws(() => intoMarkers("no markers", ""), /expected one/);
  assert.throws(() => intoMarkers(document + document, ""), /expected one/);
});
