/**
 * The call cases: what each does with an instance of the bench's world, and how many operations one call of it counts for.
 * @module
 */
import { host } from "./host.js";

const ascii16 = "sixteen letters.";
const ascii1k = "The quick brown fox jumps over the lazy dog. "
  .repeat(23)
  .slice(0, 1000);
const utf1k = "Füchse — 狐 🦊 ".repeat(90).slice(0, 1000);
const points = Array.from({ length: 1000 }, (_, i) => ({
  x: i,
  y: -i / 3,
  name: `point ${i}`,
}));
const shapes = Array.from({ length: 1000 }, (_, i) =>
  i % 4 === 0
    ? { tag: "circle", val: i }
    : i % 4 === 1
      ? { tag: "label", val: `label ${i}` }
      : i % 4 === 2
        ? { tag: "empty" }
        : { tag: "pair", val: [i, i + 1] },
);
const nested = Array.from({ length: 100 }, (_, i) =>
  new Uint32Array(100).fill(i),
);
const strings = Array.from({ length: 1000 }, (_, i) => `string number ${i}`);
const megabyte = new Uint8Array(1 << 20).map((_, i) => i);
const floats = new Float64Array(65536).map((_, i) => i / 7);
const perms = {
  read: true,
  write: false,
  exec: true,
  share: false,
  list: true,
  move: false,
  copy: true,
  link: false,
  mount: true,
};

const pairs = Array.from({ length: 1000 }, (_, i) => [i, i / 3]);
const options = Array.from({ length: 1000 }, (_, i) =>
  i % 3 === 0 ? undefined : i,
);
const table = Array.from({ length: 50 }, (_, row) =>
  Array.from({ length: 20 }, (_, column) => `cell ${row} ${column}`),
);

/** @import { Encoding } from './hand/memory.js' */
/** @import { Case } from './measure.js' */

/** @type {Case[]} */
export const cases = [
  { name: "add(u32, u32)", make: (api) => () => api.add(40, 2), expect: 42 },
  {
    name: "resource method",
    make: (api) => {
      const counter = new api.Counter(0);
      return () => counter.add(1);
    },
  },
  {
    name: "import inc(u32), per call",
    ops: 1000,
    make: (api) => () => api.count(1000),
    expect: 1000,
  },
  {
    name: "string, 16 ASCII",
    make: (api) => () => api.echoString(ascii16),
    expect: ascii16,
  },
  {
    name: "string, 1k ASCII",
    make: (api) => () => api.echoString(ascii1k),
    expect: ascii1k,
  },
  {
    name: "string, 1k UTF-8",
    make: (api) => () => api.echoString(utf1k),
    expect: utf1k,
  },
  {
    name: "list of 1,000 records",
    make: (api) => () => api.echoPoints(points),
    expect: points,
  },
  {
    name: "list of 1,000 variants",
    make: (api) => () => api.echoShapes(shapes),
    expect: shapes,
  },
  {
    name: "list of 1,000 strings",
    make: (api) => () => api.echoStrings(strings),
    expect: strings,
  },
  ...inEncoding("utf16"),
  ...inEncoding("compact-utf16"),
  {
    name: "100 lists of 100 u32",
    make: (api) => () => api.echoNested(nested),
    expect: nested,
  },
  {
    name: "50 lists of 20 strings",
    make: (api) => () => api.echoTable(table),
    expect: table,
  },
  {
    name: "list of 1,000 tuples",
    make: (api) => () => api.echoPairs(pairs),
    expect: pairs,
  },
  {
    name: "list of 1,000 options",
    make: (api) => () => api.echoOptions(options),
    expect: options,
  },
  {
    name: "1 MB of bytes",
    make: (api) => () => api.echoBytes(megabyte),
    expect: megabyte,
  },
  {
    name: "64k f64",
    make: (api) => () => api.echoFloats(floats),
    expect: floats,
  },
  {
    name: "tuple<u32, f64, bool>",
    make: (api) => () => api.echoTuple([7, 0.5, true]),
    expect: [7, 0.5, true],
  },
  { name: "option<u32>", make: (api) => () => api.echoOption(7), expect: 7 },
  {
    name: "option<string>",
    make: (api) => () => api.echoMaybe(ascii16),
    expect: ascii16,
  },
  {
    name: "result<string, enum>, ok",
    make: (api) => () => api.echoOutcome({ tag: "ok", val: ascii16 }),
    expect: ascii16,
  },
  {
    name: "result<string, enum>, err",
    make: (api) => () => {
      try {
        return api.echoOutcome({ tag: "err", val: "blue" });
      } catch (error) {
        return /** @type {any} */ (error).payload;
      }
    },
    expect: "blue",
  },
  {
    name: "result<u32, u32>",
    make: (api) => () => api.echoResult({ tag: "ok", val: 7 }),
    expect: 7,
  },
  { name: "flags", make: (api) => () => api.echoFlags(perms), expect: perms },
  {
    name: "enum",
    make: (api) => () => api.echoColor("green"),
    expect: "green",
  },
  {
    name: "borrow passing",
    make: (api) => {
      const counter = new api.Counter(5);
      return () => api.peek(counter);
    },
    expect: 5,
  },
  {
    name: "own: make and pass",
    make: (api) => () => api.take(new api.Counter(9)),
    expect: 9,
  },
  {
    name: "host resource: lend",
    make: (api) => {
      const source = new host.Source(megabyte);
      return () => api.touch(source);
    },
    expect: 1,
  },
  {
    name: "host resource: give",
    make: (api) => () => api.swallow(new host.Source(megabyte)),
    expect: 1,
  },
  stream("64 B", 64, 1000),
  stream("4 KB", 4096, 250),
  stream("64 KB", 65536, 16),
];

/** A host's stream read and written by the guest, per chunk. @param {string} label @param {number} size @param {number} times @returns {Case} */
function stream(label, size, times) {
  return {
    name: `stream of bytes, ${label} chunks`,
    ops: times,
    make: (api) => {
      const from = new host.Source(megabyte.subarray(0, size));
      const to = new host.Sink();
      return () => api.pump(from, to, BigInt(size), times);
    },
    expect: BigInt(size * times),
  };
}

/** The string cases for a guest of another encoding. @param {Encoding} encoding @returns {Case[]} */
function inEncoding(encoding) {
  const label = encoding === "utf16" ? "utf16" : "latin1+utf16";
  /** @type {[string, string][]} */
  const texts = [
    ["16 ASCII", ascii16],
    ["1k ASCII", ascii1k],
    ["1k non-ASCII", utf1k],
  ];
  return texts.map(([name, text]) => ({
    name: `${label} string, ${name}`,
    encoding,
    make: (api) => () => api.echoString(text),
    expect: text,
  }));
}
