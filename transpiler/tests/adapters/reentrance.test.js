/**
 * The host calls an instance again while that calls the host: allowed, as the specification has it since it dropped
 * `may_enter`. A call that may suspend has the instance's one stack, and the next of that kind waits for it.
 * @module
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { example } from "./harness.js";

const folder = mkdtempSync(join(tmpdir(), "reentrance-"));
after(() => rmSync(folder, { recursive: true }));

const jspi = "Suspending" in WebAssembly;

before(() => {
  for (const name of ["reentrance", "borrow"]) {
    const wat = fileURLToPath(new URL(`${name}.wat`, import.meta.url));
    example("transpile", [
      ...[wat, "-o", join(folder, name), "--instantiation", "async"],
      ...["--async-imports", "sleep"],
    ]);
  }
});

/** @param {Record<string, any>} imports @param {string} [name] of the component */
async function instance(imports, name = "reentrance") {
  const { instantiate } = await import(
    pathToFileURL(join(folder, name, "component.js")).href
  );
  const none = () => assert.fail("not to be called");
  return instantiate(
    (/** @type {string} */ path) =>
      new WebAssembly.Module(readFileSync(join(folder, name, path))),
    { again: none, sleep: none, ...imports },
  );
}

test("an import calls the export that called it", async () => {
  const guest = await instance({
    again: (/** @type {number} */ n) => guest.factorial(n),
  });
  assert.equal(guest.factorial(5), 120);
});

test("an object is disposed of from inside an import: its destructor runs there", async () => {
  const guest = await instance({
    again: () => {
      thing[Symbol.dispose ?? Symbol.for("dispose")]();
      return guest.dropped();
    },
  });
  const thing = new guest.Thing(7);
  assert.equal(guest.factorial(1), 7);
});

test("a trap inside ends the calls around it, whatever the import makes of it", async () => {
  const guest = await instance({
    again: () => {
      assert.throws(() => guest.fail(), { name: "Trap" });
      return 1;
    },
  });
  assert.throws(() => guest.factorial(2), { name: "Trap" });
  assert.throws(() => guest.dropped(), /dead/);
});

test(
  "while it is suspended, what cannot suspend runs at once",
  {
    skip: !jspi,
  },
  async () => {
    /** @type {PromiseWithResolvers<number>} */
    const { promise, resolve } = Promise.withResolvers();
    const guest = await instance({
      sleep: () => promise,
      again: (/** @type {number} */ n) => guest.factorial(n),
    });
    const wait = guest.wait(1);
    await Promise.resolve();
    assert.equal(guest.factorial(4), 24);
    resolve(5);
    assert.equal(await wait, 6);
  },
);

test(
  "while it is suspended, what may suspend waits",
  {
    skip: !jspi,
  },
  async () => {
    /** @type {number[]} */
    const slept = [];
    const guest = await instance({
      sleep: async (/** @type {number} */ n) => {
        slept.push(n);
        await new Promise((resolve) => setTimeout(resolve, 1));
        return n;
      },
    });
    const calls = [guest.wait(1), guest.wait(2)];
    assert.deepEqual(slept, [1]);
    assert.deepEqual(await Promise.all(calls), [2, 3]);
    assert.deepEqual(slept, [1, 2]);
  },
);

test(
  "what is suspended when another call traps is not resumed",
  {
    skip: !jspi,
  },
  async () => {
    /** @type {PromiseWithResolvers<number>} */
    const { promise, resolve } = Promise.withResolvers();
    const guest = await instance({ sleep: () => promise });
    const calls = [guest.wait(1), guest.wait(2)];
    assert.throws(() => guest.fail(), { name: "Trap" });
    resolve(5);
    for (const call of calls) await assert.rejects(call, { name: "Trap" });
  },
);

test("a call that fails within another's arguments leaves that one's borrows alone", async () => {
  class R {}
  const { first, last } = await instance({ r: R }, "borrow");
  const own = new TypeError("the caller's");
  const broken = {
    [Symbol.iterator]() {
      throw own;
    },
  };
  const calling = {
    [Symbol.iterator]() {
      assert.throws(() => first(new R(), broken), own);
      return [].values();
    },
  };
  last(calling, new R());
  first(new R(), []);
});
