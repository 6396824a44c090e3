/**
 * What waits, waits in order; and where nothing can wait, a promise is a trap that names the import.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as rt from "./block.js";
import { Trap, die } from "./trap.js";

/** @returns {import("./block.js").BlockingRoot} */
const newRoot = () => ({
  dead: undefined,
  exclusive: false,
  queue: [],
  blocked: { value: 0 },
  waits: "",
});

test("a promise needs an engine that can suspend", () => {
  const root = { ...newRoot(), queue: undefined };
  assert.throws(
    () =>
      rt.suspend(
        root,
        "a:b/c f",
        Promise.reject(new Error("x")),
        (v) => v,
        undefined,
        0,
      ),
    (e) => e instanceof Trap && e.message.includes("a:b/c f"),
  );
});

test("where no call can be suspended, that is said", () => {
  const root = { ...newRoot(), waits: undefined };
  assert.throws(
    () =>
      rt.suspend(root, "a:b/c f", Promise.resolve(), (v) => v, undefined, 0),
    (e) =>
      e instanceof Trap &&
      /^a:b\/c f has to wait.*instantiated/.test(e.message),
  );
});

test("the event loop turns at least once in a thousand calls", async () => {
  const root = newRoot();
  let calls = 0;
  /** @type {number[]} */
  const turns = [];
  const turn = () => {
    turns.push(calls);
    if (calls < 3000) setTimeout(turn);
  };
  setTimeout(turn);
  for (; calls < 3000; calls++)
    await rt.settle(root, Promise.resolve(), (v) => v);
  turns.push(calls);
  turns.reduce((last, at) => {
    // The timer is a turn behind the one that is made for it.
    assert.ok(at - last <= 2000, `${last} to ${at} without a turn`);
    return at;
  }, 0);
  assert.ok(turns.length > 2);
});

test("the answer is lowered when it is there", async () => {
  const root = newRoot();
  assert.equal(
    rt.suspend(root, "f", Promise.resolve(2), (v) => v * 2, undefined, 0),
    0,
  );
  assert.equal(root.blocked.value, 1);
  assert.equal(await root.pending, 4);
  rt.suspend(
    root,
    "f",
    Promise.reject(new Error("no")),
    (v) => v,
    (e) => e.message,
    0,
  );
  assert.equal(await root.pending, "no");
  assert.equal(root.dead, undefined);
  rt.suspend(
    root,
    "f",
    Promise.reject(new Error("host")),
    (v) => v,
    undefined,
    0,
  );
  await assert.rejects(/** @type {Promise<any>} */ (root.pending), /host/);
  assert.ok(root.dead);
});

test("calls wait for their turn", async () => {
  const root = newRoot();
  /** @type {string[]} */
  const order = [];
  /** @type {(name: string) => any} */
  const call = (name) => {
    if (rt.mustWait(root)) return rt.later(root, () => call(name));
    rt.enter(root);
    order.push(`${name} in`);
    return rt.settle(root, Promise.resolve(name), () => {
      order.push(`${name} out`);
      return name;
    });
  };
  assert.deepEqual(await Promise.all(["a", "b", "c"].map(call)), [
    "a",
    "b",
    "c",
  ]);
  assert.deepEqual(order, ["a in", "a out", "b in", "b out", "c in", "c out"]);
});

test("who comes between two calls waits too", async () => {
  const root = newRoot();
  /** @type {string[]} */
  const order = [];
  /** @type {(name: string) => any} */
  const call = (name) => {
    if (rt.mustWait(root)) return rt.later(root, () => call(name));
    rt.enter(root);
    order.push(name);
    return rt.settle(root, Promise.resolve(), () => {
      // Runs as soon as it can, and finds the next one inside.
      if (name === "a") queueMicrotask(() => call("late"));
    });
  };
  await Promise.all(["a", "b", "c"].map(call));
  assert.deepEqual(order.slice(0, 3), ["a", "b", "c"]);
});

test("after a trap, those that wait are told", async () => {
  const root = newRoot();
  rt.enter(root);
  const first = rt.settle(
    root,
    Promise.reject(new WebAssembly.RuntimeError("unreachable")),
    (v) => v,
  );
  const second = rt.later(root, () => rt.enter(root));
  const third = rt.later(root, () => rt.enter(root));
  await assert.rejects(first, /unreachable/);
  await assert.rejects(second, /dead/);
  await assert.rejects(third, /dead/);
  assert.ok(!rt.mustWait(root));
});

test("a call that does not start gives its turn away", async () => {
  const root = newRoot();
  rt.enter(root);
  const next = rt.later(root, () => {
    rt.enter(root);
    return rt.settle(root, Promise.resolve(1), (v) => v);
  });
  const mistake = new TypeError("not a case");
  assert.equal(rt.failBlocking(root, mistake, true), mistake);
  assert.equal(await next, 1);
  assert.equal(root.exclusive, false);
  assert.equal(root.dead, undefined);
});

test("what was suspended when its instance died is not resumed", async () => {
  const root = newRoot();
  let finished = false;
  root.waits = "";
  rt.suspend(
    root,
    "f",
    Promise.resolve(1),
    () => (finished = true),
    undefined,
    0,
  );
  die(root, new Error("elsewhere"));
  await assert.rejects(/** @type {Promise<any>} */ (root.pending), /elsewhere/);
  assert.ok(!finished);
});
