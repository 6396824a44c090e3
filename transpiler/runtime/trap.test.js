/**
 * Traps poison: the first one is remembered, whoever raises it and whoever catches it on the way.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as rt from "./trap.js";

/** @returns {import("./trap.js").Root} */
const newRoot = () => ({ dead: undefined });

test("what comes out of core code is a trap, and later calls name it", () => {
  const root = newRoot();
  rt.alive(root);
  const engine = new WebAssembly.RuntimeError("unreachable");
  const trap = /** @type {Error} */ (rt.fail(root, engine));
  assert.ok(trap instanceof rt.Trap);
  assert.equal(trap.name, "Trap");
  assert.equal(trap.message, "unreachable");
  assert.equal(trap.cause, engine);
  assert.throws(
    () => rt.alive(root),
    (e) => e instanceof rt.Trap && e.cause === trap,
  );
  assert.equal(rt.fail(root, new Error("later")), trap);
});

test("a core exception is a trap too", () => {
  const root = newRoot();
  const tag = new WebAssembly.Tag({ parameters: [] });
  const trap = rt.fail(root, new WebAssembly.Exception(tag, []));
  assert.ok(trap instanceof rt.Trap);
});

test("an error of the host passes unchanged and leaves the instance dead", () => {
  const root = newRoot();
  const error = new Error("exit");
  assert.equal(rt.die(root, error), error);
  assert.equal(rt.fail(root, error), error);
  assert.throws(() => rt.check(root), error);
  assert.throws(
    () => rt.alive(root),
    (e) => e instanceof rt.Trap && e.cause === error,
  );
});

test("anything can be thrown", () => {
  for (const thrown of [undefined, null, 0, "text"]) {
    const root = newRoot();
    assert.equal(rt.die(root, thrown), thrown);
    assert.equal(rt.fail(root, thrown), thrown);
    assert.ok(rt.fail(newRoot(), thrown) instanceof rt.Trap);
  }
});

test("a bad argument is the caller's mistake", () => {
  const root = newRoot();
  const mistake = new TypeError("not a case");
  assert.equal(rt.failCall(root, mistake, true), mistake);
  rt.alive(root);
  assert.ok(rt.failCall(root, new rt.Trap("realloc"), true) instanceof rt.Trap);
  assert.ok(root.dead);
  // A stack overflow inside realloc is no mistake of the caller's, nor is anything that the core function throws.
  for (const [e, lowering] of /** @type {const} */ ([
    [new RangeError("stack"), true],
    [new TypeError("late"), false],
  ])) {
    const other = newRoot();
    assert.ok(rt.failCall(other, e, lowering) instanceof rt.Trap);
    assert.ok(other.dead);
  }
});

test("realloc and post-return cannot call out", () => {
  const flags = { value: 3 };
  rt.checkLeave(flags);
  const inner = rt.staying(
    flags,
    (/** @type {number} */ a, /** @type {number} */ b) => {
      assert.throws(() => rt.checkLeave(flags), rt.Trap);
      return a + b;
    },
  );
  assert.equal(inner(1, 2), 3);
  rt.checkLeave(flags);
});
