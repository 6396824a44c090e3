/**
 * A hostile guest (tests/guests/wat/raw.wat): every core value and every bytes it can answer with or pass to the host, and
 * what the Canonical ABI says of each: taken, or a trap that kills the instance.
 * @module
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { instantiate, transpiled } from "./lib/harness.js";

/** @type {import('./lib/harness.js').Built} */
let built;
before(async () => {
  built = await transpiled("wat-raw", { instantiation: "async" });
});

const PAGE = 65536;

async function fresh() {
  /** @type {any[]} */
  const sunk = [];
  let give = () => "given";
  class Thing {}
  const imports = {
    Thing,
    thing: Thing,
    "sink-string": (/** @type {any} */ v) => void sunk.push(v),
    "sink-list": (/** @type {any} */ v) => void sunk.push(v),
    "sink-char": (/** @type {any} */ v) => void sunk.push(v),
    "give-string": () => give(),
  };
  const guest = await instantiate(built, imports);
  /** @param {number} at @param {number[]} words */
  const words = (at, ...words) =>
    words.forEach((word, i) => guest.poke(at + 4 * i, word));
  /** @param {number} at @param {ArrayLike<number>} bytes */
  const bytes = (at, bytes) => {
    const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
    padded.set(bytes);
    words(at, ...new Uint32Array(padded.buffer));
  };
  /** What a call may be followed by: nothing but traps. @param {() => any} call @param {string} what */
  const traps = (call, what) => {
    assert.throws(call, { name: "Trap" }, what);
    assert.throws(
      () => guest.poke(0, 0),
      { name: "Trap" },
      `${what}: the instance is dead`,
    );
    assert.equal(sunk.length, 0, `${what}: the host saw nothing`);
  };
  return {
    guest,
    words,
    bytes,
    traps,
    sunk,
    setGive: (/** @type {() => any} */ f) => (give = f),
  };
}

/** One fresh instance per case. @param {Array<[string, (f: Awaited<ReturnType<typeof fresh>>) => any]>} cases */
async function eachTraps(cases) {
  for (const [what, call] of cases) {
    const f = await fresh();
    f.traps(() => call(f), what);
  }
}

const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);

describe("results in registers", () => {
  it("any bool but 0 is true; extra bits are ignored", async () => {
    const { guest } = await fresh();
    for (const [name, given, wanted] of /** @type {const} */ ([
      ["asBool", 0, false],
      ["asBool", 1, true],
      ["asBool", 2, true],
      ["asBool", 0x80000000, true],
      ["asBool", 256, true],
      ["asU8", 0x1ff, 0xff],
      ["asU8", 0xffffff00, 0],
      ["asS8", 0x80, -128],
      ["asS8", 0x17f, 127],
      ["asU16", 0x1ffff, 0xffff],
      ["asS16", 0x8000, -32768],
      ["asChar", 0x41, "A"],
      ["asChar", 0xd7ff, "\ud7ff"],
      ["asChar", 0xe000, "\ue000"],
      ["asChar", 0x10ffff, "\u{10ffff}"],
      ["asColour", 2, "blue"],
    ]))
      assert.equal(guest[name](given), wanted, `${name}(${given})`);
    assert.deepEqual(guest.asRights(0xfffffff9), {
      read: true,
      write: false,
      exec: false,
    });
  });

  it("what is no char, no case or no handle traps", () =>
    eachTraps([
      ["char 0xd800", ({ guest }) => guest.asChar(0xd800)],
      ["char 0xdfff", ({ guest }) => guest.asChar(0xdfff)],
      ["char 0x110000", ({ guest }) => guest.asChar(0x110000)],
      ["char 0xffffffff", ({ guest }) => guest.asChar(0xffffffff)],
      ["enum 3", ({ guest }) => guest.asColour(3)],
      ["enum 0xffffffff", ({ guest }) => guest.asColour(0xffffffff)],
      ["handle 0", ({ guest }) => guest.asThing(0)],
      ["handle 1", ({ guest }) => guest.asThing(1)],
      ["handle 0xffffffff", ({ guest }) => guest.asThing(0xffffffff)],
    ]));
});

describe("results in memory", () => {
  it("strings as they are, a byte order mark too", async () => {
    const { guest, words, bytes } = await fresh();
    for (const text of [
      "",
      "a",
      "\uFEFFbom",
      "zażółć ☃ 𝄞",
      "\0",
      "x".repeat(1000),
      "☃".repeat(700),
    ]) {
      bytes(1024, utf8(text));
      words(16, 1024, utf8(text).length);
      assert.equal(guest.atString(16), text);
      const units = Uint16Array.from({ length: text.length }, (_, i) =>
        text.charCodeAt(i),
      );
      bytes(4096, new Uint8Array(units.buffer));
      words(24, 4096, units.length);
      assert.equal(guest.atUtf16(24), text);
      words(32, 4096, (units.length | 0x80000000) >>> 0);
      assert.equal(guest.atLatin1(32), text);
    }
    bytes(1024, [0xe9, 0x80, 0xff, 0x00]);
    words(16, 1024, 4);
    assert.equal(guest.atLatin1(16), "\u00e9\u0080\u00ff\0");
  });

  it("at the very end of memory", async () => {
    const { guest, words } = await fresh();
    guest.poke(PAGE - 4, 0x64636261);
    words(16, PAGE - 4, 4);
    assert.equal(guest.atString(16), "abcd");
    assert.deepEqual(guest.atBytes(16), Uint8Array.of(0x61, 0x62, 0x63, 0x64));
    words(16, PAGE - 4, 1);
    assert.deepEqual(guest.atWords(16), Uint32Array.of(0x64636261));
    words(16, PAGE, 0);
    assert.equal(guest.atString(16), "");
    words(PAGE - 8, 1024, 0);
    assert.equal(guest.atString(PAGE - 8), "");
  });

  it("after memory has grown", async () => {
    const { guest, words } = await fresh();
    words(16, PAGE + 8, 4);
    assert.equal(guest.grow(3), 1);
    guest.poke(PAGE + 8, 0x64636261);
    assert.equal(guest.atString(16), "abcd");
  });

  it("bools, options, results and variants by their first byte", async () => {
    const { guest, words, bytes } = await fresh();
    bytes(1024, [0, 1, 2, 255]);
    words(16, 1024, 4);
    assert.deepEqual(guest.atBools(16), [false, true, true, true]);
    words(32, 0, 7);
    assert.equal(guest.atOption(32), undefined);
    // Only the byte of the discriminant counts.
    words(32, 0xffffff01, 7);
    assert.equal(guest.atOption(32), 7);
    words(32, 0, 7);
    assert.deepEqual(guest.atResults(32), [{ tag: "ok", val: 7 }]);
    words(32, 1, 8);
    assert.deepEqual(guest.atResults(32), [{ tag: "err", val: 8 }]);
    words(32, 2, 0x1f600);
    assert.deepEqual(guest.atChoice(32), { tag: "letter", val: "😀" });
  });

  it("what is out of bounds, unaligned, ill-formed or no case traps", () =>
    eachTraps([
      ["result pointer unaligned", ({ guest }) => guest.atString(17)],
      ["result pointer at the end", ({ guest }) => guest.atString(PAGE)],
      ["result half out of bounds", ({ guest }) => guest.atString(PAGE - 4)],
      ["result pointer -8", ({ guest }) => guest.atString(0xfffffff8)],
      ...[
        ["string past the end", "atString", PAGE - 3, 4],
        ["string far past the end", "atString", 0xfffffff0, 4],
        ["string that wraps", "atString", 16, 0xfffffff8],
        ["utf16 unaligned", "atUtf16", 1025, 1],
        ["utf16 past the end", "atUtf16", PAGE - 2, 2],
        ["latin1 unaligned", "atLatin1", 1025, 1],
        ["bytes past the end", "atBytes", PAGE - 1, 2],
        ["bytes longer than memory", "atBytes", 0, PAGE + 1],
        ["bytes with a length of -1", "atBytes", 0, 0xffffffff],
        ["words unaligned", "atWords", 1026, 1],
        ["words unaligned, none of them", "atWords", 1026, 0],
        ["words past the end", "atWords", PAGE - 4, 2],
        ["words that wrap", "atWords", 4, 0x40000000],
        ["longs aligned to 4", "atLongs", 1028, 1],
        ["empty list out of bounds", "atWords", PAGE + 4, 0],
      ].map(
        ([what, name, ptr, len]) =>
          /** @type {[string, (f: any) => any]} */ ([
            String(what),
            ({ guest, words }) => (words(16, ptr, len), guest[name](16)),
          ]),
      ),
      ...[
        [0xff],
        [0xc0, 0x80],
        [0xe2, 0x98],
        [0xed, 0xa0, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
        [0x61, 0x80],
        [...utf8("a long string with a bad end, past any short way"), 0xfe],
      ].map(
        (bad) =>
          /** @type {[string, (f: any) => any]} */ ([
            `UTF-8 ${bad.map((b) => b.toString(16)).join(" ")}`,
            ({ guest, words, bytes }) => (
              bytes(1024, bad),
              words(16, 1024, bad.length),
              guest.atString(16)
            ),
          ]),
      ),
      [
        "UTF-16 lone high",
        ({ guest, words }) => (
          words(1024, 0x0061d800),
          words(16, 1024, 2),
          guest.atUtf16(16)
        ),
      ],
      [
        "UTF-16 lone low",
        ({ guest, words }) => (
          words(1024, 0xdc00),
          words(16, 1024, 1),
          guest.atUtf16(16)
        ),
      ],
      ["option 2", ({ guest, words }) => (words(16, 2, 7), guest.atOption(16))],
      [
        "result 2",
        ({ guest, words }) => (words(16, 2, 7), guest.atResults(16)),
      ],
      [
        "variant 3",
        ({ guest, words }) => (words(16, 3, 7), guest.atChoice(16)),
      ],
      [
        "variant's char 0xd800",
        ({ guest, words }) => (words(16, 2, 0xd800), guest.atChoice(16)),
      ],
    ]));
});

describe("arguments of the host's functions", () => {
  it("arrive", async () => {
    const { guest, words, sunk } = await fresh();
    words(1024, 0x64636261, 0, 7, 0);
    guest.sendString(1024, 4);
    guest.sendList(1024, 2);
    guest.sendChar(0x1f600);
    assert.deepEqual(sunk, ["abcd", BigUint64Array.of(0x64636261n, 7n), "😀"]);
  });

  it("trap before the host is called", () =>
    eachTraps([
      ["string past the end", ({ guest }) => guest.sendString(PAGE - 3, 4)],
      ["string of -1", ({ guest }) => guest.sendString(0, 0xffffffff)],
      [
        "ill-formed",
        ({ guest, words }) => (words(1024, 0xff), guest.sendString(1024, 1)),
      ],
      ["list unaligned", ({ guest }) => guest.sendList(1028, 1)],
      ["list past the end", ({ guest }) => guest.sendList(PAGE - 8, 2)],
      ["char 0xdc00", ({ guest }) => guest.sendChar(0xdc00)],
      ["char 0x110000", ({ guest }) => guest.sendChar(0x110000)],
    ]));
});

describe("what realloc answers", () => {
  it("is where parameters and results go", async () => {
    const { guest, setGive } = await fresh();
    guest.setRealloc(2048);
    guest.takeString("abcd");
    assert.equal(guest.peek(2048), 0x64636261);
    guest.takeLongs([0x1122334455667788n]);
    assert.equal(guest.peek(2048), 0x55667788);
    assert.equal(guest.peek(2052), 0x11223344);
    setGive(() => "wxyz");
    guest.setRealloc(PAGE - 4);
    guest.ask(32);
    assert.deepEqual(
      [guest.peek(32), guest.peek(36), guest.peek(PAGE - 4)],
      [PAGE - 4, 4, 0x7a797877],
    );
  });

  it("traps where there is no room, or none that is aligned", () =>
    eachTraps([
      [
        "string past the end",
        ({ guest }) => (guest.setRealloc(PAGE - 3), guest.takeString("abcd")),
      ],
      [
        "string at -1",
        ({ guest }) => (guest.setRealloc(0xffffffff), guest.takeString("abcd")),
      ],
      [
        "list unaligned",
        ({ guest }) => (guest.setRealloc(2052), guest.takeLongs([1n])),
      ],
      [
        "list past the end",
        ({ guest }) => (guest.setRealloc(PAGE - 8), guest.takeLongs([1n, 2n])),
      ],
      [
        "the host's string past the end",
        ({ guest }) => (guest.setRealloc(PAGE - 2), guest.ask(32)),
      ],
      [
        "a result pointer past the end",
        ({ guest }) => (guest.setRealloc(2048), guest.ask(PAGE - 4)),
      ],
      [
        "a result pointer unaligned",
        ({ guest }) => (guest.setRealloc(2048), guest.ask(33)),
      ],
    ]));
});

it("an unreachable is a Trap that keeps its cause", async () => {
  const { guest } = await fresh();
  /** @type {any} */
  let first;
  assert.throws(
    () => guest.trap(),
    (error) => {
      first = error;
      return (
        /** @type {Error} */ (error).name === "Trap" &&
        /unreachable/i.test(/** @type {Error} */ (error).message)
      );
    },
  );
  assert.throws(
    () => guest.peek(0),
    (error) => /** @type {Error} */ (error).cause === first,
  );
});
