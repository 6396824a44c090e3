/**
 * One component that imports an interface in several versions: each is looked up by its own key, by a compatible version,
 * and last by the name without one.
 * @module
 */
import assert from "node:assert/strict";
import { before, it } from "node:test";
import { assertTypes, instantiate, transpiled } from "./lib/harness.js";

/** @type {import('./lib/harness.js').Built} */
let built;
before(async () => {
  built = await transpiled("wat-versions", { instantiation: "async" });
});

/** @param {number} n */
const which = (n) => ({ which: () => n });

/** @param {Record<string, any>} imports */
async function answers(imports) {
  const { first, second, third } = await instantiate(built, imports);
  return [first(), second(), third()];
}

it("two versions of one interface stay two", async () => {
  assert.deepEqual(
    await answers({
      "test:dep/which@0.2.1": which(1),
      "test:dep/which@0.2.6": which(6),
      "test:dep/which@0.3.0": which(3),
    }),
    [1, 6, 3],
  );
});

it("a compatible version will do, older or newer", async () => {
  for (const version of ["0.2.0", "0.2.3", "0.2.6", "0.2.12"])
    assert.deepEqual(
      await answers({
        [`test:dep/which@${version}`]: which(9),
        "test:dep/which@0.3.5": which(3),
      }),
      [9, 9, 3],
      version,
    );
});

it("the name without a version is the last resort", async () => {
  assert.deepEqual(await answers({ "test:dep/which": which(7) }), [7, 7, 7]);
  assert.deepEqual(
    await answers({
      "test:dep/which": which(7),
      "test:dep/which@0.2.12": which(9),
    }),
    [9, 9, 7],
  );
  assert.deepEqual(
    await answers({
      "test:dep/which": which(7),
      "test:dep/which@0.2.1": which(1),
    }),
    [1, 1, 7],
  );
});

it("an incompatible version will not", async () => {
  for (const version of ["0.1.9", "1.2.1", "0.20.1"])
    await assert.rejects(
      answers({
        [`test:dep/which@${version}`]: which(0),
        "test:dep/which@0.3.0": which(3),
      }),
      (error) => {
        const { name, message } = /** @type {Error} */ (error);
        assert.equal(name, "LinkError");
        assert.match(message, /test:dep\/which@0\.2\.1/);
        assert.match(message, /test:dep\/which@0\.2\.6/);
        assert.doesNotMatch(message, /0\.3\.0/);
        return true;
      },
    );
});

it("the declarations demand exactly the keys that are read", () =>
  assertTypes(
    built,
    `import { instantiate } from "./wat-versions.js";
     type Imports = Parameters<typeof instantiate>[1];
     const which = { which: () => 1 };
     export const all: Imports = { "test:dep/which@0.2.1": which, "test:dep/which@0.2.6": which, "test:dep/which@0.3.0": which };
     // @ts-expect-error one of them is missing
     export const some: Imports = { "test:dep/which@0.2.1": which, "test:dep/which@0.2.6": which };`,
  ));
