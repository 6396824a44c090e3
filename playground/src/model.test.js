/**
 * What the page reads from a world.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { callables, commandOf, functionName, unmetImports } from "./model.js";
import { mapHandles } from "./run/handles.js";

/** @import { World } from '../../npm/src/types.js' */

/** @type {World} */
const world = {
  types: [
    "u32",
    { own: 0 },
    { borrow: 0 },
    { record: [["x", 0]] },
    { result: [3, null] },
    { stream: 0 },
    { list: 1 },
    { option: 1 },
    {
      record: [
        ["the-list", 6],
        ["maybe", 7],
        ["n", 0],
      ],
    },
  ],
  resources: [{ name: "thing", interface: "a:b/c@1.0.0" }],
  imports: [
    {
      name: "wasi:cli/stdout@0.2.0",
      kind: "instance",
      items: [
        {
          name: "get-stdout",
          kind: "func",
          params: [],
          result: null,
          async: false,
        },
      ],
    },
    {
      name: "wasi:keyvalue/store@0.2.0",
      kind: "instance",
      items: [
        { name: "get", kind: "func", params: [], result: null, async: false },
      ],
    },
    {
      name: "a:b/types",
      kind: "instance",
      items: [{ name: "x", kind: "type", type: 0 }],
    },
    { name: "log", kind: "func", params: [], result: null, async: false },
  ],
  exports: [
    {
      name: "wasi:cli/run@0.2.6",
      kind: "instance",
      items: [
        { name: "run", kind: "func", params: [], result: null, async: false },
      ],
    },
    {
      name: "a:b/c@1.0.0",
      kind: "instance",
      items: [
        { name: "thing", kind: "resource", resource: 0 },
        { name: "point", kind: "type", type: 3 },
        {
          name: "[method]thing.move-to",
          kind: "func",
          params: [
            ["self", 2],
            ["to", 3],
          ],
          result: 4,
          async: false,
        },
        {
          name: "flow",
          kind: "func",
          params: [["s", 5]],
          result: null,
          async: false,
        },
      ],
    },
  ],
};

test("functions are found where they stand, and told in WIT's words", () => {
  const found = callables(world);
  assert.deepEqual(
    found.map(({ key, label, kind, signature }) => [
      key,
      label,
      kind,
      signature,
    ]),
    [
      [
        "a:b/c@1.0.0#[method]thing.move-to",
        "thing.move-to",
        "method",
        "func(to: point) -> result<point>",
      ],
      ["a:b/c@1.0.0#flow", "flow", "function", "func(s: stream<u32>)"],
    ],
  );
  assert.equal(found[0].obstacle, null);
  assert.equal(found[0].usesHandles, true);
  assert.match(String(found[1].obstacle), /no form/);
});

test("a command is found by its interface, whatever its version", () => {
  assert.equal(commandOf(world), "wasi:cli/run@0.2.6");
  assert.equal(commandOf({ ...world, exports: [] }), undefined);
});

test("imports that a page has nothing for are named", () => {
  assert.deepEqual(unmetImports(world), ["wasi:keyvalue/store@0.2.0", "log"]);
});

test("names of resources' functions", () => {
  assert.deepEqual(functionName("[constructor]counter"), {
    kind: "constructor",
    resource: "counter",
    label: "new counter",
  });
  assert.deepEqual(functionName("[static]a-b.c-d"), {
    kind: "static",
    resource: "a-b",
    label: "a-b.c-d",
  });
});

test("resources are replaced wherever they are, and nothing else is touched", () => {
  const value = { theList: ["a", "b"], maybe: undefined, n: 3 };
  const mapped = mapHandles(world, 8, value, (it) => `<${it}>`);
  assert.deepEqual(mapped, { theList: ["<a>", "<b>"], maybe: undefined, n: 3 });
  const plain = { x: 1 };
  assert.equal(mapHandles(world, 3, plain, assert.fail), plain);
});
