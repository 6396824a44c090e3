/**
 * Several instances behind one set of exports: who waits is served in order, and a maker that fails holds nobody up.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedExports } from "../src/instances.js";

test("who waits is handed an instance, in order", async () => {
  /** @type {string[]} */
  const begun = [];
  const { call } = await sharedExports(
    async () => ({
      call: async (/** @type {string} */ name) => {
        begun.push(name);
        await new Promise((resolve) => setImmediate(resolve));
      },
    }),
    1,
  );
  const late = call("a").then(() => call("d"));
  await Promise.all([call("b"), call("c"), late]);
  assert.deepEqual(begun, ["a", "b", "c", "d"]);
});

test("an instance that cannot be made is the failure of one call", async () => {
  let made = 0;
  const { call } = await sharedExports(async () => {
    if (++made === 2) throw new Error("no room");
    return {
      call: async (/** @type {boolean} */ fails) => {
        if (fails) throw new Error("trapped");
        return "fine";
      },
    };
  }, 1);
  const all = await Promise.allSettled([call(true), call(false), call(false)]);
  assert.deepEqual(
    all.map((one) =>
      one.status === "rejected" ? one.reason.message : one.value,
    ),
    ["trapped", "no room", "fine"],
  );
});
