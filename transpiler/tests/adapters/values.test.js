/**
 * Values outside of calls: a component that takes some, starts with one of them and shows what came of it.
 * @module
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { example } from "./harness.js";

const folder = mkdtempSync(join(tmpdir(), "values-"));
after(() => rmSync(folder, { recursive: true }));

before(() => {
  const wat = fileURLToPath(new URL("../cases/values.wat", import.meta.url));
  example("transpile", [
    ...[wat, "-o", folder, "--instantiation", "async"],
    ...["--features", "values"],
  ]);
});

/** @param {Record<string, any>} imports */
async function instance(imports) {
  const { instantiate } = await import(
    pathToFileURL(join(folder, "component.js")).href
  );
  return instantiate(
    (/** @type {string} */ path) =>
      new WebAssembly.Module(readFileSync(join(folder, path))),
    imports,
  );
}

const imports = {
  name: "Ada ☃",
  n: [1, 300],
  hello: "hello",
  shout: (/** @type {string} */ text) => {
    if (text === "") throw "nothing";
    return `${text.toUpperCase()}!`;
  },
  "a:b/c@1.0.0": { origin: { x: 1.5, theY: { tag: "some" } } },
};

test("values go in, through a start function, and out", async () => {
  const exports = await instance(imports);
  assert.equal(exports.greeting, "Ada ☃");
  assert.deepEqual(exports.nAgain, new Uint8Array([1, 44]));
  assert.deepEqual(exports.values, {
    origin: { x: 1, theY: { tag: "some", val: undefined } },
  });
  assert.equal(exports.values, exports["geo:out/values@1.0.0"]);
  assert.deepEqual(exports.shouted, { tag: "ok", val: "HELLO!" });
});

test("a start function of the host's that fails is a result too", async () => {
  const { shouted } = await instance({
    ...imports,
    shout: () => {
      throw "nothing";
    },
  });
  assert.deepEqual(shouted, { tag: "err", val: "nothing" });
});

test("a missing value and one of the wrong type are named", async () => {
  const { name: _, ...rest } = imports;
  await assert.rejects(instance(rest), {
    name: "LinkError",
    message: /name \(a value\)/,
  });
  await assert.rejects(
    instance({ ...imports, "a:b/c": 1, n: 5n, name: Symbol("x") }),
    {
      name: "LinkError",
      message: /import name: /,
    },
  );
});

test("a trap in a start function is a Trap", async () => {
  await assert.rejects(instance({ ...imports, name: "trap" }), {
    name: "Trap",
  });
});
