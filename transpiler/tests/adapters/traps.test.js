/**
 * Where adapters trap, why they say they do, and what state they leave behind.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { adapters, connect, side } from "./harness.js";

/** @typedef {import('./abi.js').Core} Core */

/**
 * @typedef {object} Case
 * @property {string} why the reason, or "" when it is fine
 * @property {Core[]} args
 * @property {(a: ReturnType<typeof setup>) => void} [before] prepares memories
 * @property {Core | void} [returns] what the callee returns
 */

/** @param {import('./harness.js').Module} module @param {string} request */
function setup(module, request) {
  const [callerOptions, calleeOptions] = request.split(" ");
  const caller = side("caller", callerOptions);
  const callee = side("callee", calleeOptions);
  /** @type {{ calls: Core[][], returns: Core | void }} */
  const state = { calls: [], returns: undefined };
  const adapter = connect(module, caller, callee, (...args) => {
    state.calls.push(args);
    return state.returns;
  });
  return { caller, callee, adapter, state };
}

/** @param {Uint8Array} bytes @param {import('./harness.js').TestSide} s @param {number} at */
const write = (s, at, bytes) => new Uint8Array(s.memory.buffer).set(bytes, at);
/** @param {import('./harness.js').TestSide} s @param {number} at @param {number[]} units */
const write16 = (s, at, units) =>
  write(s, at, new Uint8Array(Uint16Array.from(units).buffer));

/**
 * @param {string} name
 * @param {string} request
 * @param {Case[]} cases
 */
function traps(name, request, cases) {
  test(name, () => {
    const [module] = adapters([request]);
    cases.forEach((c, i) => {
      const a = setup(module, request);
      a.state.returns = c.returns;
      c.before?.(a);
      const what = `case ${i}`;
      if (!c.why) {
        a.adapter.call(...c.args);
        assert.equal(a.state.calls.length, 1, what);
        assert.equal(a.adapter.trapped.why, null, what);
        return;
      }
      // The engine's own trap, which no guest can catch.
      assert.throws(
        () => a.adapter.call(...c.args),
        { name: "RuntimeError", message: "unreachable" },
        what,
      );
      assert.equal(a.adapter.trapped.why, c.why, what);
    });
  });
}

const END = 65536;
const MAX = 2 ** 28 - 1;

traps("chars", "utf8/32 utf8/32 . char -> -", [
  ...[0, 0xd7ff, 0xe000, 0x10ffff].map((c) => ({ why: "", args: [c] })),
  ...[0xd800, 0xdbff, 0xdc00, 0xdfff, 0x110000, 0x11d800, 0x7fffffff, -1].map(
    (c) => ({ why: "invalid `char` bit pattern", args: [c] }),
  ),
]);

traps("discriminants", "utf8/32 utf8/32 . enum 3 option u8 -> -", [
  { why: "", args: [2, 1, 0] },
  { why: "invalid variant discriminant", args: [3, 0, 0] },
  { why: "invalid variant discriminant", args: [-1, 0, 0] },
  { why: "invalid variant discriminant", args: [0, 2, 0] },
]);

traps("a discriminant of two bytes", "utf8/32 utf8/32 . list enum 257 -> -", [
  { why: "", args: [8, 1], before: (a) => write16(a.caller, 8, [256]) },
  {
    why: "invalid variant discriminant",
    args: [8, 1],
    before: (a) => write16(a.caller, 8, [257]),
  },
]);

traps(
  "the core value of an i64 slot",
  "utf8/64 utf8/32 . variant 2 enum 2 u64 -> -",
  [
    { why: "", args: [0, 0x7f_0000_0001n] },
    { why: "invalid variant discriminant", args: [0, 2n] },
    { why: "", args: [1, 2n] },
  ],
);

for (const bits of [32, 64]) {
  const n = (/** @type {number} */ v) => (bits === 32 ? v | 0 : BigInt(v));
  const huge = bits === 32 ? -1 : -1n;
  traps(
    `lists of u32 in ${bits} bits`,
    `utf8/${bits} utf8/32 . list u32 -> -`,
    [
      { why: "", args: [n(END - 8), n(2)] },
      { why: "", args: [n(END), n(0)] },
      { why: "unaligned pointer", args: [n(2), n(0)] },
      { why: "list content out-of-bounds", args: [n(END - 4), n(2)] },
      { why: "list content out-of-bounds", args: [n(END + 4), n(0)] },
      {
        why: "list content out-of-bounds",
        args: [bits === 32 ? -4 : -4n, n(1)],
      },
      { why: "list content out-of-bounds", args: [n(0), n((MAX - 3) / 4)] },
      { why: "list too long", args: [n(0), n((MAX + 1) / 4)] },
      { why: "list too long", args: [n(0), huge] },
      { why: "list too long", args: [huge, huge] },
    ],
  );
  traps(`utf-8 ranges in ${bits} bits`, `utf8/${bits} utf8/32 . string -> -`, [
    { why: "", args: [n(END), n(0)] },
    { why: "string content out-of-bounds", args: [n(END + 1), n(0)] },
    { why: "string content out-of-bounds", args: [n(END - 1), n(2)] },
    { why: "string content out-of-bounds", args: [huge, n(1)] },
    { why: "string content out-of-bounds", args: [n(0), n(MAX)] },
    { why: "string too long", args: [n(0), n(MAX + 1)] },
    { why: "string too long", args: [n(0), huge] },
  ]);
  traps(
    `utf-16 ranges in ${bits} bits`,
    `utf16/${bits} utf8/32 . string -> -`,
    [
      { why: "", args: [n(END), n(0)] },
      { why: "unaligned pointer", args: [n(1), n(0)] },
      { why: "string content out-of-bounds", args: [n(END - 2), n(2)] },
      { why: "string content out-of-bounds", args: [n(0), n(MAX >> 1)] },
      { why: "string too long", args: [n(0), n((MAX >> 1) + 1)] },
    ],
  );
  const tag = (/** @type {number} */ v) =>
    bits === 32 ? v | (1 << 31) : BigInt.asIntN(64, BigInt(v) | (1n << 63n));
  traps(
    `compact ranges in ${bits} bits`,
    `latin1/${bits} utf8/32 . string -> -`,
    [
      { why: "", args: [n(END), n(0)] },
      { why: "unaligned pointer", args: [n(1), n(0)] },
      { why: "unaligned pointer", args: [n(1), tag(0)] },
      { why: "string content out-of-bounds", args: [n(END - 2), tag(2)] },
      { why: "", args: [n(END - 2), n(2)] },
      { why: "string too long", args: [n(0), n(MAX + 1)] },
      { why: "string too long", args: [n(0), tag((MAX >> 1) + 1)] },
    ],
  );
}

/** Every two- and three-byte beginning with its verdict from the platform's decoder. */
for (const to of ["utf8", "utf16", "latin1"])
  test(`invalid utf-8 to ${to}`, () => {
    const [module] = adapters([`utf8/32 ${to}/32 . string -> -`]);
    const a = setup(module, `utf8/32 ${to}/32`);
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const tails = [
      0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff,
    ];
    let bad = 0;
    for (let lead = 0x80; lead <= 0xff; lead++)
      for (const b of [-1, ...tails])
        for (const c of [-1, 0x41, 0x80, 0xbf, 0xc0])
          for (const d of [-1, 0x80, 0xc0]) {
            // Some ASCII before, so that the fast way is on its way.
            const bytes = [..."123456789"].map((c) => c.charCodeAt(0));
            for (const byte of [lead, b, c, d]) {
              if (byte < 0) break;
              bytes.push(byte);
            }
            write(a.caller, 16, Uint8Array.from(bytes));
            let valid = true;
            try {
              decoder.decode(Uint8Array.from(bytes));
            } catch {
              valid = false;
              bad++;
            }
            a.adapter.trapped.why = null;
            try {
              a.adapter.call(16, bytes.length);
            } catch {
              // The note says it.
            }
            assert.equal(
              a.adapter.trapped.why,
              valid ? null : "invalid utf-8 encoding",
              String(bytes),
            );
          }
    assert.ok(bad > 1000);
  });

for (const [from, length] of /** @type {[string, (n: number) => number][]} */ ([
  ["utf16", (n) => n],
  ["latin1", (n) => n | (1 << 31)],
]))
  for (const to of ["utf8", "utf16", "latin1"])
    traps(
      `lone surrogates, ${from} to ${to}`,
      `${from}/32 ${to}/32 . string -> -`,
      [
        [0xd800],
        [0xdc00],
        [0xdc00, 0xd800],
        [0xd800, 0xd800],
        [0xdbff, 0x41],
        [0x41, 0x42, 0x43, 0x44, 0xdfff],
        [0x41, 0x42, 0x43, 0x44, 0xd800],
        [0xd800, 0xdc00, 0xdc00],
      ]
        .map((units) => ({
          why: "unpaired surrogate in utf-16 encoding",
          args: [16, length(units.length)],
          before: (/** @type {ReturnType<typeof setup>} */ a) => {
            write16(a.caller, 16, units);
            // What follows the string must not be read.
            write16(a.caller, 16 + 2 * units.length, [0xdc00]);
          },
        }))
        .concat([
          {
            why: "",
            args: [16, length(6)],
            before: (a) =>
              write16(
                a.caller,
                16,
                [0xd800, 0xdc00, 0xdbff, 0xdfff, 0xd7ff, 0xe000],
              ),
          },
        ]),
    );

/** @param {number} at */
const reallocGives = (at) => (/** @type {ReturnType<typeof setup>} */ a) => {
  a.callee.realloc = () => at;
};
traps("realloc of a list", "utf8/32 utf8/32 . list u32 -> -", [
  {
    why: "realloc return: result not aligned",
    args: [8, 1],
    before: reallocGives(2),
  },
  {
    why: "realloc return: result not aligned",
    args: [8, 0],
    before: reallocGives(-1),
  },
  {
    why: "realloc return: beyond end of memory",
    args: [8, 0],
    before: reallocGives(-4),
  },
  {
    why: "realloc return: beyond end of memory",
    args: [8, 2],
    before: reallocGives(END - 4),
  },
  { why: "", args: [8, 1], before: reallocGives(END - 4) },
]);
traps("realloc of strings", "utf8/32 utf16/32 . string -> -", [
  {
    why: "realloc return: result not aligned",
    args: [8, 0],
    before: reallocGives(1),
  },
  {
    why: "realloc return: beyond end of memory",
    args: [8, 2],
    before: reallocGives(END - 2),
  },
  { why: "", args: [8, 1], before: reallocGives(END - 2) },
]);

const seventeen = Array(17).fill("u32").join(" ");
traps("spilled parameters", `utf8/32 utf8/32 . ${seventeen} -> -`, [
  { why: "", args: [END - 68] },
  { why: "unaligned pointer", args: [2] },
  { why: "pointer out of bounds of memory", args: [END - 64] },
  { why: "pointer out of bounds of memory", args: [-4] },
  {
    why: "realloc return: result not aligned",
    args: [0],
    before: reallocGives(2),
  },
  {
    why: "realloc return: beyond end of memory",
    args: [0],
    before: reallocGives(END),
  },
]);
traps("spilled results", "utf8/32 utf8/32 . -> tuple 2 u32 u32", [
  { why: "", args: [END - 8], returns: END - 8 },
  { why: "unaligned pointer", args: [8], returns: 2 },
  { why: "unaligned pointer", args: [2], returns: 8 },
  { why: "pointer out of bounds of memory", args: [8], returns: END - 4 },
  { why: "pointer out of bounds of memory", args: [END - 4], returns: 8 },
]);
traps("results are checked like parameters", "utf8/32 utf8/32 . -> char", [
  { why: "", args: [], returns: 0x41 },
  { why: "invalid `char` bit pattern", args: [], returns: 0xd800 },
]);

/** @param {string} instance @param {number} bits */
const flags =
  (instance, bits) => (/** @type {ReturnType<typeof setup>} */ a) => {
    a.adapter.flags[instance === "caller" ? "caller" : "callee"].value = bits;
  };
traps("may_leave of the caller", "utf8/32 utf8/32 caller-leaves u32 -> -", [
  {
    why: "cannot leave component instance",
    args: [1],
    before: flags("caller", 2),
  },
  { why: "", args: [1], before: flags("caller", 1) },
  { why: "", args: [1], before: flags("callee", 0) },
]);
test("a core exception becomes a trap, where there are tags", () => {
  const requests = [
    "utf8/32 utf8/32 tags u8 -> u8",
    "utf8/32 utf8/32 . u8 -> u8",
  ];
  const [guarded, bare] = adapters(requests);
  const tag = new WebAssembly.Tag({ parameters: [] });
  const thrown = new WebAssembly.Exception(tag, []);
  for (const module of [guarded, bare]) {
    const [caller, callee] = [
      side("caller", "utf8/32"),
      side("callee", "utf8/32"),
    ];
    const adapter = connect(module, caller, callee, () => {
      throw thrown;
    });
    if (module === guarded) {
      assert.throws(() => adapter.call(1), WebAssembly.RuntimeError);
      assert.equal(
        adapter.trapped.why,
        "uncaught exception thrown out of a component instance",
      );
    } else
      assert.throws(
        () => adapter.call(1),
        (e) => e === thrown,
      );
  }
});

test("a trap of the callee stays a trap of the engine", () => {
  const [module] = adapters(["utf8/32 utf8/32 tags u8 -> u8"]);
  const trap = new WebAssembly.Instance(
    new WebAssembly.Module(
      Uint8Array.of(
        ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f],
        ...[3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10, 5, 1, 3, 0, 0, 0x0b],
      ),
    ),
  ).exports.f;
  const adapter = connect(
    module,
    side("caller", "utf8/32"),
    side("callee", "utf8/32"),
    /** @type {any} */ (trap),
  );
  assert.throws(() => adapter.call(1), WebAssembly.RuntimeError);
  assert.equal(adapter.trapped.why, null);
});

test("numbers pass without an adapter", () => {
  const answers = adapters([
    "utf8/32 utf8/32 . u32 s64 f32 f64 -> u32",
    "utf8/32 utf16/64 . tuple 2 u32 flags 32 -> -",
    "utf8/32 utf8/32 . u8 -> -",
    "utf8/32 utf8/32 . u32 -> bool",
    "utf8/32 utf8/32 . -> tuple 2 u32 u32",
    "utf8/32 utf8/32 caller-leaves u32 -> u32",
    "utf8/32 utf8/32 tags u32 -> u32",
    "utf8/32 utf8/32 post-return u32 -> u32",
    `utf8/32 utf8/32 . ${seventeen} -> -`,
  ]);
  assert.deepEqual(
    answers.map((a) => a === null),
    [true, true, false, false, false, false, false, false, false],
  );
});

test("adapters ask for no more than they use", () => {
  const requests = {
    "u8 -> bool": ["callee"],
    "char -> -": ["callee", "trap"],
    "list u8 -> -": [
      "callee",
      "callee-memory",
      "caller-memory",
      "trap",
      "callee-realloc",
    ],
    "own 0 -> -": ["callee", "own-0-caller-callee"],
    "borrow 1 -> -": ["callee", "enter", "borrow-1-caller-callee", "exit"],
  };
  const modules = adapters(
    Object.keys(requests).map((r) => `utf8/32 utf8/32 . ${r}`),
  );
  Object.values(requests).forEach((wanted, i) => {
    const got = modules[i]?.imports.map(([, what]) => what);
    assert.deepEqual(got?.sort(), wanted.sort());
  });
});
