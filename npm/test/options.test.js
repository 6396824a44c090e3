import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError, parseOptions } from "../src/cli/options.js";

/** @type {import('../src/cli/options.js').OptionTable} */
const TABLE = {
  out: { short: "o", value: "DIR", help: "" },
  mode: {
    short: "I",
    value: "MODE",
    choices: ["async", "sync"],
    optional: true,
    help: "",
  },
  how: { value: "HOW", choices: ["a", "b"], help: "" },
  map: { short: "M", value: "A=B", many: true, help: "" },
  features: { value: "X,…", many: true, split: true, help: "" },
  quiet: { short: "q", help: "" },
  minify: { short: "m", help: "" },
};

/** @type {Array<[string, Record<string, any>, string[]]>} */
const cases = [
  ["f -o d", { out: "d" }, ["f"]],
  ["-od f", { out: "d" }, ["f"]],
  ["--out=d=e f", { out: "d=e" }, ["f"]],
  ["--out= f", { out: "" }, ["f"]],
  ["--out - f", { out: "-" }, ["f"]],
  ["-I f", { mode: "async" }, ["f"]],
  ["-I sync f", { mode: "sync" }, ["f"]],
  ["--mode=sync f", { mode: "sync" }, ["f"]],
  ["-M a=b -M c=d", { map: ["a=b", "c=d"] }, []],
  ["--features a,b --features c", { features: ["a", "b", "c"] }, []],
  ["-qm f", { quiet: true, minify: true }, ["f"]],
  ["-qo d", { quiet: true, out: "d" }, []],
  ["-- -q", {}, ["-q"]],
  ["- -q", { quiet: true }, ["-"]],
];
for (const [line, values, positionals] of cases)
  test(line, () =>
    assert.deepEqual(parseOptions(line.split(" "), TABLE), {
      values,
      positionals,
    }),
  );

test("after the first positional all belongs to the guest", () => {
  const args = ["-q", "f.wasm", "-o", "--unknown", "--", "x"];
  assert.deepEqual(parseOptions(args, TABLE, { stopAtFirst: true }), {
    values: { quiet: true },
    positionals: ["f.wasm", "-o", "--unknown", "--", "x"],
  });
});

/** @type {Array<[string, RegExp]>} */
const refused = [
  ["--ot d", /unknown option --ot; did you mean --out\?/],
  ["--nothing-like-it", /unknown option --nothing-like-it$/],
  ["-x", /unknown option -x/],
  ["-o", /--out needs a value: --out DIR/],
  ["-o -q", /--out needs a value/],
  ["--quiet=1", /--quiet takes no value/],
  ["-q -q", /--quiet is given twice/],
  ["--how c", /--how needs one of: a, b/],
  ["--mode=x", /want one of async, sync/],
];
for (const [line, message] of refused)
  test(`refused: ${line}`, () =>
    assert.throws(
      () => parseOptions(line.split(" "), TABLE),
      (error) => error instanceof UsageError && message.test(error.message),
    ));
