import assert from "node:assert/strict";
import { test } from "node:test";
import { printWit } from "../src/wit.js";

/** @typedef {import('../src/types.js').World} World */

/** @type {World} */
const WORLD = {
  types: [
    "u32",
    "string",
    {
      record: [
        ["x", 0],
        ["type", 1],
      ],
    },
    { list: 2 },
    {
      variant: [
        ["none", null],
        ["some-point", 2],
      ],
    },
    { enum: ["low", "high"] },
    { flags: ["read", "write"] },
    { option: 3 },
    { result: [0, 1] },
    { result: [null, 1] },
    { result: [null, null] },
    { tuple: [0, 1] },
    { own: 0 },
    { borrow: 0 },
    { list: 0, length: 4 },
    { map: [1, 0] },
    { result: [12, 1] },
    { stream: 0 },
    { future: null },
  ],
  resources: [{ name: "file", interface: "a:b/types@1.0.0" }],
  imports: [
    {
      name: "a:b/types@1.0.0",
      kind: "instance",
      items: [
        { name: "file", kind: "resource", resource: 0 },
        { name: "point", kind: "type", type: 2 },
        { name: "size", kind: "type", type: 0 },
        {
          name: "[constructor]file",
          kind: "func",
          params: [["path", 1]],
          result: 16,
          async: false,
        },
        {
          name: "[method]file.read",
          kind: "func",
          params: [
            ["self", 13],
            ["n", 0],
          ],
          result: 8,
          async: false,
        },
        {
          name: "[static]file.default",
          kind: "func",
          params: [],
          result: 12,
          async: false,
        },
        {
          name: "move",
          kind: "func",
          params: [
            ["to", 2],
            ["all", 7],
          ],
          result: null,
          async: true,
        },
      ],
    },
    { name: "log", kind: "func", params: [["p", 11]], result: 9, async: false },
    {
      name: "inline",
      kind: "instance",
      items: [
        {
          name: "f",
          kind: "func",
          params: [
            ["a", 14],
            ["b", 15],
          ],
          result: 10,
          async: false,
        },
      ],
    },
  ],
  exports: [
    {
      name: "a:b/api@1.0.0",
      kind: "instance",
      items: [
        { name: "point", kind: "type", type: 2 },
        { name: "file", kind: "resource", resource: 0 },
        { name: "dot", kind: "type", type: 2 },
        { name: "shape", kind: "type", type: 4 },
        { name: "level", kind: "type", type: 5 },
        { name: "rights", kind: "type", type: 6 },
        {
          name: "open",
          kind: "func",
          params: [
            ["f", 13],
            ["l", 5],
          ],
          result: 17,
          async: false,
        },
        { name: "wait", kind: "func", params: [], result: 18, async: false },
      ],
    },
    { name: "core", kind: "module" },
  ],
};

test("a world with everything in it", () => {
  assert.equal(
    printWit(WORLD),
    `package root:component;

world root {
  import a:b/types@1.0.0;
  import inline: interface {
    f: func(a: list<u32, 4>, b: map<string, u32>) -> result;
  }
  import log: func(p: tuple<u32, string>) -> result<_, string>;
  export a:b/api@1.0.0;
  /* export "core": a module, for which WIT has no words */
}

package a:b@1.0.0 {
  interface types {
    resource file {
      constructor(path: string) -> result<file, string>;
      read: func(n: u32) -> result<u32, string>;
      default: static func() -> file;
    }

    record point {
      x: u32,
      %type: string,
    }

    type size = u32;

    move: async func(to: point, all: option<list<point>>);
  }

  interface api {
    use a:b/types@1.0.0.{point, file};

    type dot = point;

    variant shape {
      none,
      some-point(point),
    }

    enum level {
      low,
      high,
    }

    flags rights {
      read,
      write,
    }

    open: func(f: borrow<file>, l: level) -> stream<u32>;
    wait: func() -> future;
  }
}
`,
  );
});

test("interfaces can be left out", () => {
  const wit = printWit(WORLD, (name) => name !== "a:b/types@1.0.0");
  assert.doesNotMatch(wit, /interface types/);
  assert.match(wit, /interface api/);
  assert.match(wit, /import a:b\/types@1.0.0;/);
});

test("an empty world", () =>
  assert.equal(
    printWit({ types: [], resources: [], imports: [], exports: [] }),
    "package root:component;\n\nworld root {}\n",
  ));
