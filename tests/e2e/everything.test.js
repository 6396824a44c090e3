/**
 * Every value type of the component model through guests in Rust and C: JavaScript to guest to host and all the way back,
 * with random values; resources of both sides; what is refused.
 * @module
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { echoes, everythingHost, results, wide } from "./lib/everything.js";
import { assertTypes, instantiate, transpiled } from "./lib/harness.js";
import { seeded } from "./lib/random.js";
import { assertSame } from "./lib/same.js";

/** @import { Value } from './lib/random.js' */
/** @import { Built } from './lib/harness.js' */

const ROUNDS = 60;
const seed = Number(globalThis.process?.env.E2E_SEED ?? 20261122);

/** Turns what a result is into what a host function does. @param {{ tag: string, val?: any }} result */
function finish({ tag, val }) {
  if (tag === "ok") return val;
  throw val;
}

/** Turns what a call did into the result it had. @param {() => any} call */
function outcome(call) {
  try {
    return { tag: "ok", val: call() };
  } catch (error) {
    const { name, payload } = /** @type {any} */ (error);
    assert.equal(
      name,
      "ComponentError",
      String(/** @type {any} */ (error)?.stack ?? error),
    );
    return { tag: "err", val: payload };
  }
}

/** @param {() => any} call @param {RegExp} [message] @returns {any} the trap */
function traps(call, message = /./) {
  let trap;
  assert.throws(call, (error) => {
    trap = error;
    return (
      /** @type {any} */ (error).name === "Trap" &&
      message.test(/** @type {any} */ (error).message)
    );
  });
  return trap;
}

for (const guest of ["rust-everything", "c-everything", "c-everything-utf16"]) {
  describe(guest, () => {
    /** @type {Built} */
    let built;
    before(async () => {
      built = await transpiled(guest, { instantiation: "async" });
    });

    /** A fresh instance with a fresh host. */
    const fresh = async () => {
      const host = everythingHost();
      const exports = await instantiate(built, host.imports);
      return { ...host, exports, values: exports.values, guest: exports.guest };
    };

    it("type-checks, with the declarations saying what is meant", () =>
      assertTypes(built, typedUse(guest)));

    it("has both spellings of each export", async () => {
      const { exports } = await fresh();
      assert.equal(exports.values, exports["slipway:everything/values@1.2.3"]);
      assert.equal(exports.guest, exports["slipway:everything/guest@1.2.3"]);
    });

    it("gives back every value", async () => {
      const { values, on } = await fresh();
      for (const [name, type] of Object.entries(echoes)) {
        const r = seeded(seed);
        for (let round = 0; round < ROUNDS; round++) {
          const [there, back] = [type(r), type(r)];
          const where = `${name}, round ${round} of seed ${seed}`;
          let calls = 0;
          on[name] = (...args) => {
            calls++;
            assert.equal(args.length, 1, where);
            assertSame(args[0], there.get, `${where}: to the host`);
            return back.give;
          };
          assertSame(
            values[name](there.give),
            back.get,
            `${where}: from the host`,
          );
          assert.equal(calls, 1, where);
        }
      }
    });

    it("returns or throws what a result is", async () => {
      const { values, on } = await fresh();
      for (const [name, type] of Object.entries(results)) {
        const r = seeded(seed);
        for (let round = 0; round < ROUNDS; round++) {
          const [there, back] = [type(r), type(r)];
          const where = `${name}, round ${round} of seed ${seed}`;
          on[name] = (v) => {
            assertSame(v, there.get, `${where}: to the host`);
            return finish(back.give);
          };
          assertSame(
            outcome(() => values[name](there.give)),
            back.get,
            `${where}: from the host`,
          );
        }
      }
    });

    it("passes many parameters, in registers and spilled", async () => {
      const { values, on } = await fresh();
      for (const [name, { params, answer }] of Object.entries(wide)) {
        const r = seeded(seed);
        for (let round = 0; round < ROUNDS; round++) {
          const there = params.map((type) => type(r));
          const back = answer(r);
          on[name] = (...args) => {
            assertSame(
              args,
              there.map((v) => v.get),
            );
            return back.give;
          };
          assertSame(
            values[name](...there.map((v) => v.give)),
            back.get,
            `${name}, round ${round}`,
          );
        }
      }
    });

    it("calls without parameters and results", async () => {
      const { values, on } = await fresh();
      let args;
      on.echoNothing = (...given) => {
        args = given;
        return "ignored";
      };
      assert.equal(values.echoNothing(), undefined);
      assert.deepEqual(args, []);
    });

    it("survives a value of a megabyte", async () => {
      const { values, on } = await fresh();
      const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => i * 7);
      const text = "ab☃𝄞".repeat(100_000);
      on.echoListU8 = (v) => v;
      on.echoString = (v) => v;
      for (let i = 0; i < 3; i++) {
        assert.deepEqual(values.echoListU8(bytes), bytes);
        assert.equal(values.echoString(text), text);
      }
    });

    it("gives copies, not views of the guest's memory", async () => {
      const { values, on } = await fresh();
      /** @type {any} */
      let seen;
      on.echoListU32 = (v) => (seen = v);
      const first = values.echoListU32(Uint32Array.of(1, 2, 3));
      values.echoListU32(Uint32Array.of(9, 9, 9));
      assert.deepEqual(first, Uint32Array.of(1, 2, 3));
      assert.deepEqual(seen, Uint32Array.of(9, 9, 9));
      assert.equal(first.byteLength, first.buffer.byteLength);
    });

    it("coerces as the JS API says", async () => {
      const { values, on } = await fresh();
      for (const name of Object.keys(echoes)) on[name] = (v) => v;
      for (const [
        name,
        given,
        wanted,
      ] of /** @type {Array<[string, any, any]>} */ ([
        ["echoBool", 1, true],
        ["echoBool", "", false],
        ["echoU8", 300, 44],
        ["echoU8", -1, 255],
        ["echoU8", 1.9, 1],
        ["echoU8", "7", 7],
        ["echoU8", NaN, 0],
        ["echoS8", 200, -56],
        ["echoU16", 65536 + 5, 5],
        ["echoS16", 40000, 40000 - 65536],
        ["echoU32", -1, 4294967295],
        ["echoU32", 2 ** 32 + 3, 3],
        ["echoS32", 2 ** 31, -(2 ** 31)],
        ["echoU64", -1n, 2n ** 64n - 1n],
        ["echoU64", "12", 12n],
        ["echoS64", 2n ** 63n, -(2n ** 63n)],
        ["echoF32", "0.5", 0.5],
        ["echoF64", "0.1", 0.1],
        ["echoString", 5, "5"],
        ["echoListU8", [256, -1, "3"], Uint8Array.of(0, 255, 3)],
        ["echoListString", [1, null], ["1", "null"]],
        ["echoPoint", { x: 1.5, y: "2", z: 3 }, { x: 1, y: 2 }],
        [
          "echoRights",
          { read: 1, runAsRoot: "yes" },
          { read: true, write: false, runAsRoot: true },
        ],
      ]))
        assertSame(
          values[name](given),
          wanted,
          `${name}(${typeof given} ${String(given)})`,
        );
    });

    it("refuses what cannot be coerced, before the guest sees it, and goes on", async () => {
      const { values, on } = await fresh();
      let reached = 0;
      for (const name of Object.keys(echoes))
        on[name] = (v) => {
          reached++;
          return v;
        };
      for (const [name, given] of /** @type {Array<[string, any]>} */ ([
        ["echoU8", 5n],
        ["echoU8", Symbol("s")],
        ["echoU64", 5],
        ["echoU64", 1.5],
        ["echoF64", 5n],
        ["echoChar", ""],
        ["echoChar", "ab"],
        ["echoString", Symbol("s")],
        ["echoListU8", 5],
        ["echoListU8", null],
        ["echoListString", {}],
        ["echoPoint", undefined],
        ["echoPoint", null],
        ["echoColour", "darkGreen"],
        ["echoColour", "purple"],
        ["echoColour", 0],
        ["echoRights", null],
        ["echoShape", { tag: "triangle" }],
        ["echoShape", {}],
        ["echoShape", null],
        ["echoInnerResult", [{ tag: "fine", val: 1 }]],
      ])) {
        assert.throws(
          () => values[name](given),
          TypeError,
          `${name}(${typeof given} ${String(given)})`,
        );
      }
      assert.equal(reached, 0);
      assert.equal(values.echoU8(5), 5);
    });

    it("has functions and types at the root", async () => {
      const { exports, on } = await fresh();
      /** @type {any} */
      let noted;
      on.note = (p) => {
        noted = p;
      };
      on.pick = (c) => ({ x: c === "dark-green" ? -7 : 0, y: 0.25 });
      assert.deepEqual(exports.twice({ left: 4294967295, right: "ab☃" }), {
        left: 0,
        right: "ab☃ab☃",
      });
      assert.deepEqual(noted, { left: 4294967295, right: "ab☃" });
      assert.deepEqual(exports.whereIs("dark-green"), { x: -7, y: 0.25 });
    });

    it("makes records of its own types", async () => {
      const { guest } = await fresh();
      const places = [
        { x: 10, y: 1 },
        { x: 21, y: 2 },
      ];
      assertSame(guest.summarise(["a", "b", "c"], places), {
        count: 3,
        names: ["a", "b", "c"],
        middle: { x: 15, y: 1.5 },
      });
      assertSame(guest.summarise([], []), {
        count: 0,
        names: [],
        middle: undefined,
      });
    });

    describe("resources of the guest", () => {
      const dispose = Symbol.dispose ?? Symbol.for("dispose");

      it("are classes with constructor, methods and statics", async () => {
        const { guest } = await fresh();
        const { Counter } = guest;
        const a = new Counter(40);
        assert.ok(a instanceof Counter);
        assert.equal(a.add(2), 42);
        assert.equal(a.get(), 42);
        const b = a.clone();
        assert.ok(b instanceof Counter);
        assert.equal(b.add(1), 43);
        assert.equal(a.get(), 42);
        assert.equal(guest.live(), 2);
        const sum = Counter.merge(a, b);
        assert.equal(sum.get(), 85);
        assert.equal(guest.live(), 2, "merge consumed a");
      });

      it("throw the error a static fails with", async () => {
        const { guest } = await fresh();
        const { Counter } = guest;
        const b = new Counter(600);
        assert.throws(() => Counter.merge(new Counter(600), b), {
          name: "ComponentError",
          payload: "1200 is too much",
        });
        assert.equal(b.get(), 600, "a borrow is only borrowed");
        assert.equal(guest.live(), 1);
      });

      it("cross in options, records, lists and results", async () => {
        const { guest } = await fresh();
        const { Counter } = guest;
        const counters = [5, 3, 4].map((n) => new Counter(n));
        assert.equal(guest.sum(counters), 12n);
        const sorted = guest.sorted(counters);
        assert.deepEqual(
          sorted.map((/** @type {any} */ c) => c.get()),
          [3, 4, 5],
        );
        assert.throws(
          () => counters[0].get(),
          "a handle that was given away is gone",
        );
        const held = guest.hold({ label: "x", inner: sorted[0] });
        assert.equal(held.label, "“x”");
        assert.equal(held.inner.get(), 4);
        assert.equal(guest.maybe(held.inner).get(), 4);
        assert.throws(() => guest.maybe(undefined), {
          name: "ComponentError",
          payload: "none",
        });
        assert.equal(guest.intoValue(sorted[2]), 5);
      });

      it("are dropped once, by Symbol.dispose", async () => {
        const { guest } = await fresh();
        const c = new guest.Counter(1);
        assert.equal(guest.live(), 1);
        c[dispose]();
        assert.equal(guest.live(), 0);
        c[dispose]();
        assert.equal(guest.live(), 0);
        assert.throws(() => c.get());
        assert.throws(() => guest.intoValue(c));
        assert.equal(guest.live(), 0);
        assert.equal(
          new guest.Counter(7).get(),
          7,
          "nothing of this harms the instance",
        );
      });

      it("are checked", async () => {
        const { guest } = await fresh();
        const other = await fresh();
        const c = new guest.Counter(1);
        for (const wrong of [
          undefined,
          null,
          0,
          {},
          Object.create(other.guest.Counter.prototype),
          new other.guest.Counter(1),
        ])
          assert.throws(() => guest.intoValue(wrong), TypeError);
        assert.throws(() => guest.Counter.prototype.get.call({}), TypeError);
        assert.throws(() => guest.sum([c, {}]), TypeError);
        assert.equal(guest.intoValue(c), 1);
      });

      it("do not leak over thousands of handles", async () => {
        const { guest } = await fresh();
        for (let i = 0; i < 5000; i++) {
          const c = new guest.Counter(i);
          assert.equal(guest.intoValue(c), i);
        }
        assert.equal(guest.live(), 0);
      });
    });

    describe("resources of the host", () => {
      it("are made, called and given back by the guest", async () => {
        const { guest, on, Thing, disposed } = await fresh();
        const made = guest.makeThing("new ☃");
        assert.ok(made instanceof Thing);
        assert.equal(made.text, "new ☃");
        const mine = new Thing("mine");
        assert.equal(guest.passOwn(mine), mine, "the same object comes back");
        /** @type {any} */
        let looked;
        on.look = (thing) => {
          looked = thing;
          return `saw ${thing.text}`;
        };
        assert.equal(guest.passBorrow(mine), "saw mine");
        assert.equal(looked, mine);
        assert.equal(guest.renameThing(mine, "yours"), "mine");
        assert.equal(mine.text, "yours");
        assert.throws(() => guest.renameThing(mine, ""), {
          name: "ComponentError",
          payload: "yours",
        });
        assert.deepEqual(disposed, []);
      });

      it("cross in lists and tuples, and through the host", async () => {
        const { guest, on, Thing, disposed } = await fresh();
        const [a, b, c] = ["a", "b", "c"].map((name) => new Thing(name));
        assert.deepEqual(guest.pairs([a, b]), [
          ["a", a],
          ["b", b],
        ]);
        const [joined, back] = guest.joinThings(a, b);
        assert.equal(joined.text, "a+b");
        assert.equal(back, b);
        on.swap = (thing) => {
          assert.equal(thing, b);
          return c;
        };
        assert.deepEqual(guest.throughHost(b), ["b", c]);
        assert.equal(guest.areSame(a, a), true);
        assert.equal(guest.areSame(a, c), false);
        assert.deepEqual(disposed, []);
      });

      it("are kept and taken back, the last first", async () => {
        const { guest, Thing, disposed } = await fresh();
        const things = ["a", "b", "c"].map((name) => new Thing(name));
        for (const thing of things) guest.keep(thing);
        assert.equal(guest.takeBack(), things[2]);
        assert.equal(guest.takeBack(), things[1]);
        assert.equal(guest.takeBack(), things[0]);
        assert.equal(guest.takeBack(), undefined);
        assert.deepEqual(disposed, []);
      });
    });

    describe("what breaks", () => {
      it("a trap kills the instance, and every later call names it", async () => {
        const { guest, values, on } = await fresh();
        on.echoU8 = (v) => v;
        const first = traps(() => guest.unreachable());
        assert.equal(traps(() => values.echoU8(1)).cause, first);
        assert.equal(traps(() => new guest.Counter(1)).cause, first);
        const other = await fresh();
        other.on.echoU8 = (/** @type {any} */ v) => v;
        assert.equal(other.values.echoU8(1), 1, "another instance lives on");
      });

      it("the host's error passes through, and a bad value of the host's is refused", async () => {
        const mine = new Error("mine");
        const first = await fresh();
        first.on.echoU8 = () => {
          throw mine;
        };
        assert.throws(
          () => first.values.echoU8(1),
          (error) =>
            error === mine || /** @type {any} */ (error).cause === mine,
        );
        const second = await fresh();
        second.on.echoColour = () => "purple";
        assert.throws(
          () => second.values.echoColour("red"),
          /colour|enum|purple/i,
        );
      });

      it("an err of the host's is the guest's to pass on", async () => {
        const { guest, on } = await fresh();
        on.checked = (v) => {
          if (v > 5) throw `${v} > 5`;
          return v + 1;
        };
        assert.equal(guest.checked(5), 6);
        assert.throws(() => guest.checked(6), {
          name: "ComponentError",
          payload: "6 > 5",
        });
        on.checked = () => {
          throw Object.assign(new Error("wrapped"), { payload: "as payload" });
        };
        assert.throws(() => guest.checked(6), {
          name: "ComponentError",
          payload: "as payload",
        });
        on.checked = (v) => v;
        assert.equal(guest.checked(7), 7, "an err is no trap");
      });

      it("the host calls back into the guest that called it", async () => {
        const { guest, on } = await fresh();
        let live;
        on.callBack = () => void (live = guest.live());
        guest.callBack();
        assert.equal(live, guest.live());
      });

      it("missing imports are named, all in one error", async () => {
        const { imports } = everythingHost();
        const {
          ["slipway:everything/host@1.2.3"]: _,
          pick: __,
          ...rest
        } = imports;
        await assert.rejects(instantiate(built, rest), (error) => {
          const { name, message } = /** @type {Error} */ (error);
          assert.equal(name, "LinkError");
          assert.match(message, /slipway:everything\/host@1\.2\.3/);
          assert.match(message, /pick/);
          return true;
        });
      });
    });
  });
}

/** @param {string} name */
function typedUse(name) {
  return `
import { instantiate } from "./${name}.js";
declare const load: (path: string) => Promise<WebAssembly.Module>;
type Imports = Parameters<typeof instantiate>[1];
declare const imports: Imports;
const { values, guest, twice, whereIs } = await instantiate(load, imports);

const bytes: Uint8Array = values.echoListU8(new Uint8Array());
const longs: BigInt64Array = values.echoListS64(new BigInt64Array());
const flag: boolean = values.echoBool(true);
const big: bigint = values.echoU64(5n);
const text: string = values.echoChar("x");
const strings: string[][] = values.echoListList([["a"]]);
const maybe: string | undefined = values.echoOptionString(undefined);
const pair: [number, string, number, boolean] = values.echoTuple([1, "a", 0.5, true]);
const deep = values.echoDeep({ name: "n", kebabCaseName: 1, at: { x: 1, y: 2 }, path: [], note: undefined });
const at: number = deep.at.x;
const shape = values.echoShape({ tag: "circle", val: 1 });
if (shape.tag === "label") { const label: string = shape.val; void label; }
if (shape.tag === "both") { const second: bigint = shape.val[1]; void second; }
const colour: "red" | "dark-green" | "blue" = values.echoColour("dark-green");
const rights = values.echoRights({ read: true });
const root: boolean | undefined = rights.runAsRoot;
const nested = values.echoNested({ tag: "some", val: undefined });
const inner = values.echoInnerResult([{ tag: "err", val: "no" }])[0];
if (inner.tag === "ok") { const n: number = inner.val; void n; } else { const e: string = inner.val; void e; }
const ok: number = values.echoResult({ tag: "ok", val: 1 });
const counter = new guest.Counter(1);
const sum: number = counter.add(2);
const merged: InstanceType<typeof guest.Counter> = guest.Counter.merge(counter, counter.clone());
const two: { left: number; right: string } = twice({ left: 1, right: "a" });
const place: { x: number; y: number } = whereIs("blue");

// @ts-expect-error a u64 is a bigint
values.echoU64(5);
// @ts-expect-error no such colour
values.echoColour("purple");
// @ts-expect-error no such case
values.echoShape({ tag: "triangle" });
// @ts-expect-error a required field is missing
values.echoPoint({ x: 1 });
// @ts-expect-error there is no such function
values.echoNothingAtAll();
// @ts-expect-error an import is missing
const none: Imports = {};
export { bytes, longs, flag, big, text, strings, maybe, pair, at, colour, root, nested, ok, sum, merged, two, place, none };
`;
}
