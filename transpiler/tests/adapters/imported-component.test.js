/**
 * A component that the host supplies: any object that can instantiate one, made of JavaScript or of a component.
 * @module
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { example } from "./harness.js";

const folder = mkdtempSync(join(tmpdir(), "imported-component-"));
after(() => rmSync(folder, { recursive: true }));

/** @param {string} wat @returns {Promise<{ instantiate(imports: any): Promise<any> }>} as `compile` gives it */
async function component(wat) {
  const out = join(folder, wat.replace(/.*\//, ""));
  const path = fileURLToPath(new URL(wat, import.meta.url));
  example("transpile", [path, "-o", out, "--instantiation", "async"]);
  const { instantiate } = await import(
    pathToFileURL(join(out, "component.js")).href
  );
  return {
    instantiate: (imports) =>
      instantiate(
        (/** @type {string} */ file) =>
          new WebAssembly.Module(readFileSync(join(out, file))),
        imports,
      ),
  };
}

const root = component("../cases/link-imported-component.wat");

/** @param {any} imports what the component is given */
function plugin(imports) {
  const { Counter } = imports["test:host/counters@1.0.0"];
  class Thing {
    /** @param {number} n */
    constructor(n) {
      this.n = n;
    }
    get() {
      return this.n;
    }
  }
  return {
    /** @param {any} a @param {number} b */
    sum(a, b) {
      assert.ok(a instanceof Counter);
      imports.log(b);
      return a.value() + b;
    },
    make: (/** @type {number} */ n) => new Counter(n),
    things: { Thing },
  };
}

for (const [what, made] of /** @type {const} */ ([
  ["JavaScript", { instantiate: plugin }],
  ["a component", component("plugin.wat")],
])) {
  test(`made of ${what}`, async () => {
    /** @type {number[]} */
    const logged = [];
    const log = (/** @type {number} */ n) => void logged.push(n);
    const given = await made;
    /** @type {any[]} */
    const instances = [];
    const { run, dropped, things } = await (
      await root
    ).instantiate({
      log,
      plugin: {
        /** @param {any} imports */
        instantiate(imports) {
          assert.deepEqual(Object.keys(imports), [
            "log",
            "test:host/counters@1.0.0",
          ]);
          // No more than its type asks for.
          assert.deepEqual(Object.keys(imports["test:host/counters@1.0.0"]), [
            "Counter",
          ]);
          const instance = given.instantiate(imports);
          instances.push(instance);
          return instance;
        },
      },
    });
    assert.equal(instances.length, 2);
    assert.equal(run(5), 21);
    assert.deepEqual(logged, [1, 10]);
    assert.equal(dropped(), 77, "what the plugin made is dropped like ours");
    assert.equal(things.Thing, (await instances[0]).things.Thing);
  });
}

test("one that cannot be instantiated, or whose instance lacks something, is named", async () => {
  const { instantiate } = await root;
  const log = () => {};
  await assert.rejects(instantiate({ log, plugin: {} }), {
    name: "LinkError",
    message: /plugin instantiate/,
  });
  const lacks = { instantiate: () => ({ sum() {}, things: {} }) };
  await assert.rejects(instantiate({ log, plugin: lacks }), {
    name: "LinkError",
    message: /plugin:instance-0 make, .* things\.Thing/,
  });
});
