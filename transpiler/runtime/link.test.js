/**
 * Imports are found by name and version; what is missing is named, all of it.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  LinkError,
  compatible,
  find,
  link,
  linkModule,
  tracer,
} from "./link.js";

test("versions", () => {
  assert.equal(compatible("1.2.3"), compatible("1.9.0"));
  assert.equal(compatible("0.2.3"), compatible("0.2.0"));
  assert.equal(compatible("0.2"), compatible("0.2.9"));
  assert.notEqual(compatible("0.2.3"), compatible("0.3.0"));
  assert.notEqual(compatible("0.0.1"), compatible("0.0.2"));
  assert.notEqual(compatible("1.0.0-rc.1"), compatible("1.0.0"));
});

test("exact, then compatible, then without version", () => {
  const imports = {
    "a:b/c@0.2.0": 1,
    "a:b/c@0.2.10": 2,
    "a:b/c@0.3.0": 3,
    "a:b/d": 4,
  };
  assert.equal(find(imports, "a:b/c@0.2.0"), 1);
  assert.equal(find(imports, "a:b/c@0.2.3"), 2);
  assert.equal(find(imports, "a:b/c@0.3.7"), 3);
  assert.equal(find(imports, "a:b/c@0.4.0"), undefined);
  assert.equal(find(imports, "a:b/d@1.0.0"), 4);
  assert.equal(find({}, "toString"), undefined);
});

test("every missing import is named in one message", () => {
  class R {
    m() {}
    static s() {}
  }
  const imports = { i: { f() {}, R }, g: { default() {} }, h() {} };
  assert.equal(
    link(imports, [["i", "f", "R", ["R", "m"], "R.s"], "g", "h"]).length,
    3,
  );
  assert.throws(
    () =>
      link(imports, [
        ["i", "x", ["R", "m", "y"], ["Q", "z"], "Q.z"],
        "j",
        ["k", "l"],
      ]),
    new LinkError(
      "imports are missing: i x, i R#y, i Q#z, i Q.z, j (a function), k",
    ),
  );
  assert.throws(() => link(undefined, ["f"]), LinkError);
});

test("core modules", () => {
  const module = new WebAssembly.Module(
    new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]),
  );
  assert.equal(linkModule({ a: { m: module } }, ["a", "m"]), module);
  assert.throws(() => linkModule({ a: {} }, ["a", "m"]), LinkError);
});

test("calls are traced where the host says, or to the console", () => {
  const trace = () => {};
  assert.equal(tracer({ trace }), trace);
  assert.equal(tracer({}), console.debug);
});
