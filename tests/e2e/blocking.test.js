/**
 * Calls that wait: in order, or each in an instance of its own; and what is said where none can. Needs an engine with JSPI; on
 * others it looks at the one thing that they say.
 * @module
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compile } from "slipway";
import { tools } from "slipway/tools";

const jspi = "Suspending" in WebAssembly;
const skip = !jspi && "this engine has no JSPI";

/** Calls `slow` between looking whether it is alone: a second call inside would be seen, as would a memory that is shared. */
const WAITS = `(component
  (import "slow" (func $slow (param "ms" u32) (result u32)))
  (core func $slow (canon lower (func $slow)))
  (core module $m
    (import "" "slow" (func $slow (param i32) (result i32)))
    (global $inside (mut i32) (i32.const 0))
    (global $calls (mut i32) (i32.const 0))
    (func (export "wait") (param i32) (result i32)
      (if (global.get $inside) (then unreachable))
      (global.set $inside (i32.const 1))
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (drop (call $slow (local.get 0)))
      (global.set $inside (i32.const 0))
      (global.get $calls))
    (func (export "fail") (param i32) (result i32)
      (drop (call $slow (local.get 0))) unreachable)
    (func (export "plain") (result i32) (global.get $calls)))
  (core instance $i (instantiate $m (with "" (instance (export "slow" (func $slow))))))
  (func (export "wait") (param "ms" u32) (result u32) (canon lift (core func $i "wait")))
  (func (export "fail") (param "ms" u32) (result u32) (canon lift (core func $i "fail"))))`;

/** @param {string} text @param {import("slipway").Options} [options] */
const component = async (text, options = {}) =>
  compile(await tools.parse(["a.wat", new TextEncoder().encode(text)]), {
    asyncImports: ["slow"],
    ...options,
  });
const slow = async (/** @type {number} */ ms) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
};

it("without JSPI the trap names the import", { skip: jspi }, async () => {
  const { wait } = await (await component(WAITS)).instantiate({ slow });
  await assert.rejects(async () => wait(1), {
    name: "Trap",
    message: /^slow returned a promise, .* no JSPI/,
  });
});

it("a promise is no answer of an import that is not listed", async () => {
  const { instantiate } = await component(WAITS, { asyncImports: [] });
  const unlisted = {
    name: "TypeError",
    message: /^slow returned a promise: list it in asyncImports/,
  };
  const { wait } = await instantiate({ slow });
  assert.throws(() => wait(1), unlisted);
  // It was the host's mistake, and the guest had been entered.
  assert.throws(() => wait(1), { name: "Trap", message: /dead/ });
  const save = `(component
    (import "a:b/c" (instance $c (export "save" (func (result (result))))))
    (core func $save (canon lower (func $c "save")))
    (core module $m
      (import "" "save" (func $save (result i32)))
      (func (export "save") (result i32) (call $save)))
    (core instance $i (instantiate $m (with "" (instance (export "save" (func $save))))))
    (func (export "save") (result (result)) (canon lift (core func $i "save"))))`;
  const saving = await component(save);
  const failing = await saving.instantiate({
    "a:b/c": { save: async () => {} },
  });
  assert.throws(() => failing.save(), {
    message: /^a:b\/c#save returned a promise/,
  });
  const done = await saving.instantiate({ "a:b/c": { save: () => {} } });
  assert.equal(done.save(), undefined);
});

describe("calls that wait", { skip }, () => {
  it("one after the other, in order", async () => {
    const { wait } = await (await component(WAITS)).instantiate({ slow });
    /** @type {number[]} */
    const order = [];
    const all = [20, 1, 10, 0].map((ms, i) =>
      wait(ms).then((/** @type {number} */ calls) => {
        order.push(i);
        return calls;
      }),
    );
    assert.deepEqual(await Promise.all(all), [1, 2, 3, 4]);
    assert.deepEqual(order, [0, 1, 2, 3]);
  });

  it("a call that traps is the last; those that wait are told", async () => {
    const { wait, fail } = await (await component(WAITS)).instantiate({ slow });
    const [a, b] = [fail(5), wait(0)];
    await assert.rejects(a, { name: "Trap", message: /unreachable/ });
    await assert.rejects(b, { name: "Trap", message: /dead/ });
  });

  it("each in an instance of its own, as many as are allowed", async () => {
    const compiled = await component(WAITS);
    let running = 0;
    let most = 0;
    let made = 0;
    const imports = () => {
      made++;
      return {
        slow: async (/** @type {number} */ ms) => {
          most = Math.max(most, ++running);
          await slow(ms);
          running--;
          return ms;
        },
      };
    };
    const { wait } = await compiled.instantiate(imports, { instances: 3 });
    assert.equal(made, 1);
    /** @type {number[]} */
    const order = [];
    const all = [60, 20, 1, 5].map((ms, i) =>
      wait(ms).then(() => void order.push(i)),
    );
    await Promise.all(all);
    assert.equal(most, 3);
    assert.equal(made, 3);
    assert.equal(order.at(-1), 0);
    assert.equal(order[0], 2);
    // Idle instances are used again.
    await Promise.all([wait(0), wait(0), wait(0)]);
    assert.equal(made, 3);
  });

  it("a dead instance is replaced", async () => {
    let made = 0;
    const compiled = await component(WAITS);
    const { wait, fail } = await compiled.instantiate(
      () => (made++, { slow }),
      { instances: 1 },
    );
    const bad = fail(1);
    const good = wait(1);
    await assert.rejects(bad, { name: "Trap" });
    assert.equal(await good, 1);
    assert.equal(made, 2);
    await assert.rejects(compiled.instantiate({ slow }, { instances: 0 }), {
      name: "TypeError",
    });
  });

  it("a thousand calls and more leave the event loop a turn", async () => {
    const compiled = await component(WAITS);
    const { wait } = await compiled.instantiate({ slow: async () => 0 });
    let calls = 0;
    const turns = [0];
    const turn = () => {
      turns.push(calls);
      if (calls < 5000) setImmediate(turn);
    };
    setImmediate(turn);
    for (; calls < 5000; calls++) await wait(0);
    turns.push(calls);
    const gaps = turns.slice(1).map((at, i) => at - turns[i]);
    assert.ok(Math.max(...gaps) <= 1000, `turns at ${turns}`);
  });

  it("a borrow of the host's, given back before the wait", async () => {
    const compiled = await component(`(component
      (import "r" (type $r (sub resource)))
      (import "slow" (func $slow (param "ms" u32) (result u32)))
      (core func $slow (canon lower (func $slow)))
      (core func $drop (canon resource.drop $r))
      (core module $m
        (import "" "slow" (func $slow (param i32) (result i32)))
        (import "" "drop" (func $drop (param i32)))
        (func (export "f") (param i32) (result i32)
          (call $drop (local.get 0)) (call $slow (i32.const 7)))
        (func (export "g") (param i32) (result i32) (call $slow (i32.const 7))))
      (core instance $i (instantiate $m (with "" (instance
        (export "slow" (func $slow)) (export "drop" (func $drop))))))
      (func (export "f") (param "s" (borrow $r)) (result u32) (canon lift (core func $i "f")))
      (func (export "g") (param "s" (borrow $r)) (result u32) (canon lift (core func $i "g"))))`);
    class R {}
    const { f, g } = await compiled.instantiate({ slow, r: R });
    assert.deepEqual(await Promise.all([f(new R()), f(new R())]), [7, 7]);
    assert.throws(() => f({}), TypeError);
    await assert.rejects(g(new R()), /borrow handles still remain/);
  });

  it("a start function cannot wait, and says so", async () => {
    const compiled = await component(`(component
      (import "slow" (func $slow (param "ms" u32) (result u32)))
      (core func $slow (canon lower (func $slow)))
      (core module $m
        (import "" "slow" (func $slow (param i32) (result i32)))
        (func $start (drop (call $slow (i32.const 1))))
        (start $start))
      (core instance (instantiate $m (with "" (instance (export "slow" (func $slow)))))))`);
    await assert.rejects(compiled.instantiate({ slow }), {
      name: "Trap",
      message: /^slow has to wait.* instantiated/,
    });
  });

  for (const adapters of /** @type {const} */ (["wasm", "js"]))
    it(`through another component, with ${adapters} adapters`, async () => {
      const compiled = await component(
        `(component
          (import "slow" (func $slow (param "ms" u32) (result u32)))
          (component $inner
            (import "slow" (func $slow (param "ms" u32) (result u32)))
            (core func $slow (canon lower (func $slow)))
            (core module $m
              (import "" "slow" (func $slow (param i32) (result i32)))
              (func (export "f") (param i32) (result i32) (call $slow (local.get 0))))
            (core instance $i (instantiate $m (with "" (instance (export "slow" (func $slow))))))
            (func (export "f") (param "ms" u32) (result char) (canon lift (core func $i "f"))))
          (instance $inner (instantiate $inner (with "slow" (func $slow))))
          (core func $f (canon lower (func $inner "f")))
          (core module $m
            (import "" "f" (func $f (param i32) (result i32)))
            (func (export "g") (param i32) (result i32) (call $f (local.get 0))))
          (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
          (func (export "g") (param "ms" u32) (result char) (canon lift (core func $i "g"))))`,
        { adapters },
      );
      const { g } = await compiled.instantiate({ slow });
      if (adapters === "wasm") return assert.equal(await g(65), "A");
      await assert.rejects(g(65), {
        name: "Trap",
        message: /^slow has to wait.*JavaScript stands between/,
      });
    });
});
