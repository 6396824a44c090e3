/**
 * The handle table as the specification has it, wasm adapters' view of it, and the objects outside.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as adapter from "./adapter.js";
import * as rt from "./handle.js";
import * as outside from "./resource.js";
import { Trap } from "./trap.js";

const type = () => {
  /** @type {any[]} */
  const dropped = [];
  return {
    name: "r",
    dropped,
    drop: (/** @type {any} */ rep) => void dropped.push(rep),
  };
};

test("indices start at 1 and the last one freed is the next one used", () => {
  const table = new rt.Table();
  const r = type();
  assert.deepEqual(
    [7, 8, 9].map((rep) => rt.lowerOwn(table, r, rep)),
    [1, 2, 3],
  );
  rt.canonResourceDrop(table, r, 2);
  rt.canonResourceDrop(table, r, 1);
  assert.deepEqual(r.dropped, [8, 7]);
  assert.equal(rt.lowerOwn(table, r, 10), 1);
  assert.equal(rt.lowerOwn(table, r, 11), 2);
  assert.equal(rt.lowerOwn(table, r, 12), 4);
  assert.equal(rt.liftBorrow(table, r, 4), 12);
});

test("what is no handle of the type traps", () => {
  const table = new rt.Table();
  const r = type();
  const i = rt.lowerOwn(table, r, 1);
  for (const bad of [0, -1, 2, 0xffffffff | 0]) {
    assert.throws(() => rt.liftOwn(table, r, bad), Trap);
  }
  assert.throws(() => rt.liftBorrow(table, type(), i), Trap);
  assert.equal(rt.liftOwn(table, r, i), 1);
  assert.throws(() => rt.liftOwn(table, r, i), /unknown handle index 1/);
});

test("a lent handle can be neither dropped nor taken until the call is over", () => {
  const table = new rt.Table();
  const r = type();
  const i = rt.lowerOwn(table, r, 5);
  const scope = new rt.BorrowScope();
  assert.equal(rt.lend(table, r, i, scope), 5);
  assert.throws(() => rt.canonResourceDrop(table, r, i), Trap);
  assert.throws(() => rt.liftOwn(table, r, i), Trap);
  rt.endBorrows(scope);
  rt.canonResourceDrop(table, r, i);
  assert.deepEqual(r.dropped, [5]);
});

test("a callee has to give its borrows back", () => {
  const table = new rt.Table();
  const r = type();
  const scope = new rt.BorrowScope();
  const i = rt.lowerBorrow(table, r, 5, scope);
  assert.throws(() => rt.checkBorrows(scope), Trap);
  assert.throws(() => rt.liftOwn(new rt.Table(), r, i), Trap);
  rt.canonResourceDrop(table, r, i);
  rt.checkBorrows(scope);
  assert.deepEqual(r.dropped, []);
});

test("scopes and handles are used again, and nothing stays in them", () => {
  const table = new rt.Table();
  const r = type();
  const first = rt.openScope(table);
  const i = rt.lowerBorrow(table, r, {}, first);
  const inner = rt.openScope(table);
  assert.notEqual(inner, first);
  rt.checkBorrows(inner);
  assert.throws(() => rt.checkBorrows(first), Trap);
  rt.canonResourceDrop(table, r, i);
  rt.checkBorrows(first);
  assert.equal(rt.openScope(table), first);
  assert.equal(table.entries[i].rep, undefined);
  const [one, two] = [rt.lowerOwn(table, r, 7), rt.lowerOwn(table, r, 8)];
  assert.equal(one, i);
  assert.equal(rt.liftOwn(table, r, one), 7);
  assert.equal(rt.liftOwn(table, r, two), 8);
  // The last one freed is the next one used.
  assert.equal(rt.lowerOwn(table, r, 9), two);
  assert.equal(rt.lowerOwn(table, r, 10), one);
});

test("a borrow is no own", () => {
  const table = new rt.Table();
  const r = type();
  const i = rt.lowerBorrow(table, r, 5, new rt.BorrowScope());
  assert.throws(() => rt.liftOwn(table, r, i), Trap);
});

test("handles cross between tables, and traps are noted", () => {
  const [a, b, r] = [new rt.Table(), new rt.Table(), type()];
  /** @type {import("./trap.js").Root} */
  const root = { dead: undefined };
  /** @type {rt.BorrowScope[]} */
  const scopes = [];
  const i = rt.lowerOwn(a, r, 5);
  adapter.enterCall(scopes)();
  const borrow = adapter.transferBorrow(root, scopes, a, b, r)(i);
  assert.equal(rt.liftBorrow(b, r, borrow), 5);
  assert.equal(adapter.transferBorrow(root, scopes, a, undefined, r)(i), 5);
  rt.canonResourceDrop(b, r, borrow);
  adapter.exitCall(root, scopes)();
  const moved = adapter.transferOwn(root, a, b, r)(i);
  assert.equal(rt.liftOwn(b, r, moved), 5);
  assert.throws(() => adapter.transferOwn(root, a, b, r)(i), Trap);
  assert.ok(root.dead);
});

test("an object owns its representation until it is disposed of or given away", () => {
  class R {}
  /** @type {any[]} */
  const dropped = [];
  /** @type {import("./trap.js").Root} */
  const root = { dead: undefined };
  const r = outside.guestResource(root, "r", (rep) => void dropped.push(rep));
  r.proto = R.prototype;
  const object = outside.wrapOwn(r, 5);
  assert.ok(object instanceof R);
  assert.equal(outside.repOf(r, object), 5);
  outside.dropOwn(root, r, object);
  outside.dropOwn(root, r, object);
  assert.deepEqual(dropped, [5]);
  assert.throws(() => outside.repOf(r, object), TypeError);
  const given = outside.wrapOwn(r, 6);
  assert.equal(outside.disown(r, given), 6);
  assert.throws(() => outside.disown(r, given), TypeError);
  assert.throws(() => outside.repOf(r, {}), TypeError);
  assert.throws(() => outside.repOf(r, undefined), TypeError);
});

test("a borrowed object dies with its call", () => {
  const r = outside.guestResource({ dead: undefined }, "r", undefined);
  const scope = new rt.BorrowScope();
  const object = outside.wrapBorrow(r, 5, scope);
  assert.equal(outside.repOf(r, object), 5);
  rt.endBorrows(scope);
  assert.throws(() => outside.repOf(r, object), TypeError);
});

test("the net watches what a turn leaves behind, and nothing that was given away in it", async () => {
  const r = outside.guestResource({ dead: undefined }, "r", () => {});
  /** @type {any[]} */
  const watched = [];
  const net = /** @type {any} */ (r.net);
  net.register = (/** @type {any} */ object) => watched.push(object);
  net.unregister = (/** @type {any} */ object) => {
    if (watched.includes(object)) watched.splice(watched.indexOf(object), 1);
  };
  const [kept, first] = [outside.wrapOwn(r, 1), outside.wrapOwn(r, 2)];
  outside.disown(r, first);
  for (let i = 0; i < 1000; i++) outside.disown(r, outside.wrapOwn(r, i));
  const [second] = [outside.wrapOwn(r, 3), outside.wrapOwn(r, 4)];
  outside.disown(r, second);
  assert.deepEqual(watched, []);
  await Promise.resolve();
  assert.equal(watched.length, 2);
  assert.equal(watched[0], kept);
  outside.disown(r, kept);
  assert.equal(watched.length, 1);
  const many = Array.from({ length: 200 }, (_, i) => outside.wrapOwn(r, i));
  assert.ok(watched.length > 100 && r.fresh.length <= 64);
  await Promise.resolve();
  assert.equal(watched.length, 1 + many.length);
});

test("a drop that traps is remembered, and a dead instance drops nothing", () => {
  const [table, r] = [new rt.Table(), type()];
  /** @type {import("./trap.js").Root} */
  const root = { dead: undefined };
  const flags = { value: 1 };
  const drop = rt.dropper(root, table, r, flags);
  const [a, b] = [rt.lowerOwn(table, r, 5), rt.lowerOwn(table, r, 6)];
  drop(a);
  assert.deepEqual(r.dropped, [5]);
  flags.value = 0;
  assert.throws(() => drop(b), /cannot leave/);
  flags.value = 1;
  assert.throws(() => drop(b), /cannot leave/);
  assert.deepEqual(r.dropped, [5]);
  const host = outside.hostResource("host");
  host.drop({});
  let disposed = 0;
  host.drop({ [outside.dispose]: () => disposed++ });
  assert.equal(disposed, 1);
});
