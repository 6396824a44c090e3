/**
 * Contents in memory against a model: what one file leaves behind must not be seen in another, nor what was cut off.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { memory } from "@slipway/wasi";
import { seeded } from "./fake-disk.js";
import { fails, rootOf } from "./fs.suite.js";

const DISPOSE = Symbol.dispose ?? Symbol.for("dispose");
const RW = { read: true, write: true };
const SIZES = [0, 1, 63, 64, 65, 200, 4096, 4097, 16384, 16385, 40000];

test("files of all sizes that grow, shrink and go", () => {
  const random = seeded(11);
  const { root } = rootOf(memory());
  /** @type {Map<string, Uint8Array>} */
  const model = new Map();
  for (let step = 0; step < 6000; step++) {
    const name = `f${random.below(40)}`;
    if (random.below(5) === 0 && model.delete(name)) {
      root.unlinkFileAt(name);
      continue;
    }
    const file = root.openAt({}, name, { create: true }, RW);
    const old = model.get(name) ?? new Uint8Array(0);
    const size = random.pick(SIZES);
    const at = random.pick(SIZES);
    const cut = random.below(2) === 0;
    const now = new Uint8Array(
      cut ? size : size && Math.max(old.length, at + size),
    );
    if (cut) {
      file.setSize(BigInt(size));
      now.set(old.subarray(0, size));
      model.set(name, now);
    } else if (size > 0) {
      const bytes = new Uint8Array(size).fill(1 + random.below(255));
      file.write(bytes, BigInt(at));
      now.set(old);
      now.set(bytes, at);
      model.set(name, now);
    } else model.set(name, old);
    const expected = /** @type {Uint8Array} */ (model.get(name));
    const [bytes] = file.read(1n << 20n, 0n);
    assert.ok(Buffer.from(bytes).equals(expected), `step ${step}, ${name}`);
    file[DISPOSE]();
  }
  for (const [name, expected] of model) {
    const [bytes] = root.openAt({}, name, {}, {}).read(1n << 20n, 0n);
    assert.ok(Buffer.from(bytes).equals(expected), name);
  }
});

test("the bytes of a tree literal stay as they are", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const { root, open } = rootOf(memory({ f: bytes, g: bytes, h: bytes }));
  open("f").write(new Uint8Array([9]), 1n);
  open("g").setSize(1n);
  open("g").setSize(3n);
  open("h").setSize(5n);
  const all = (/** @type {string} */ name) => [...open(name).read(9n, 0n)[0]];
  assert.deepEqual(all("f"), [1, 9, 3]);
  assert.deepEqual(all("g"), [1, 0, 0]);
  assert.deepEqual(all("h"), [1, 2, 3, 0, 0]);
  assert.deepEqual([...bytes], [1, 2, 3]);
  root.unlinkFileAt("f");
});

test("a limit counts what is written, and gives it back", () => {
  const tree = { made: () => new Uint8Array(100), given: "1234" };
  const { root, open } = rootOf(memory(tree, { maxBytes: 10 }));
  const file = open("f", { create: true });
  fails("insufficient-space", () => file.write(new Uint8Array(7), 0n));
  // What the owner makes was never counted.
  assert.equal(open("made").stat().size, 100n);
  open("made").setSize(0n);
  root.unlinkFileAt("made");
  fails("insufficient-space", () => file.write(new Uint8Array(7), 0n));
  root.unlinkFileAt("given");
  file.write(new Uint8Array(10), 0n);
  fails("insufficient-space", () => file.setSize(11n));
  file.setSize(4n);
  file.write(new Uint8Array(6), 4n);
});
