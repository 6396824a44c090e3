/**
 * Random values of every WIT type, from a seed: what JavaScript passes in, and what has to come out of it on the other
 * side. Written from the tables of the JS API, not from any implementation. Knows no interface.
 * @module
 */

/** @typedef {() => number} Random in [0, 1) */

/** mulberry32. @param {number} seed @returns {Random} */
export function seeded(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A value on its way: `give` is passed in, `get` is what arrives.
 * @typedef {{ give: any, get: any }} Value
 * @typedef {(r: Random) => Value} Type
 */

/** @param {Random} r @param {number} n below it */
export const below = (r, n) => Math.floor(r() * n);
/** @template T @param {Random} r @param {readonly T[]} list @returns {T} */
export const pick = (r, list) => list[below(r, list.length)];
/** @param {any} v @returns {Value} */
const same = (v) => ({ give: v, get: v });

/** Edges more often than chance would have them. @param {Random} r @param {bigint} min @param {bigint} max */
function integer(r, min, max) {
  const edges = [min, min + 1n, -1n, 0n, 1n, max - 1n, max].filter(
    (v) => v >= min && v <= max,
  );
  if (r() < 0.4) return pick(r, edges);
  const bits = BigInt(below(r, 65));
  const raw = (BigInt(below(r, 2 ** 32)) << 32n) | BigInt(below(r, 2 ** 32));
  const span = max - min + 1n;
  return min + ((((raw >> (64n - bits)) % span) + span) % span);
}

/** @param {number} bits @param {boolean} signed @returns {Type} */
function int(bits, signed) {
  const max = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  const min = signed ? -(1n << BigInt(bits - 1)) : 0n;
  return (r) =>
    same(bits === 64 ? integer(r, min, max) : Number(integer(r, min, max)));
}

export const u8 = int(8, false);
export const s8 = int(8, true);
export const u16 = int(16, false);
export const s16 = int(16, true);
export const u32 = int(32, false);
export const s32 = int(32, true);
export const u64 = int(64, false);
export const s64 = int(64, true);

/** @type {Type} */
export const bool = (r) => same(r() < 0.5);

const FLOATS = [
  0,
  -0,
  1,
  -1,
  0.1,
  NaN,
  Infinity,
  -Infinity,
  5e-324,
  1e-45,
  3.4028235e38,
  1e39,
  Number.MAX_VALUE,
];
/** @type {Type} */
export const f64 = (r) =>
  same(r() < 0.5 ? pick(r, FLOATS) : (r() - 0.5) * 10 ** (below(r, 600) - 300));
/** @type {Type} */
export const f32 = (r) => {
  const { give } = f64(r);
  return { give, get: Math.fround(give) };
};

/** @param {Random} r */
function scalar(r) {
  const edges = [
    0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xffff,
    0x10000, 0x10ffff,
  ];
  if (r() < 0.2) return pick(r, edges);
  const point = below(r, pick(r, [0x80, 0x800, 0x10000, 0x110000]));
  return point >= 0xd800 && point < 0xe000 ? point - 0x800 : point;
}

/** @type {Type} */
export const char = (r) => same(String.fromCodePoint(scalar(r)));

/** @type {Type} */
export const string = (r) => {
  const length = pick(r, [
    0,
    1,
    2,
    5,
    15,
    16,
    17,
    63,
    64,
    65,
    300,
    r() < 0.1 ? 5000 : 8,
  ]);
  const ascii = r() < 0.4;
  let text = "";
  for (let i = 0; i < length; i++)
    text += ascii
      ? String.fromCharCode(32 + below(r, 95))
      : String.fromCodePoint(scalar(r));
  if (r() < 0.1) text = `\uFEFF${text}`;
  // A lone surrogate: a JavaScript string is taken as a USVString.
  if (r() < 0.1) text = `${text}\uD800a\uDC00`;
  return { give: text, get: text.toWellFormed() };
};

/** @param {Random} r */
const length = (r) => pick(r, [0, 1, 2, 3, 7, 8, 9, r() < 0.2 ? 100 : 4]);

/** @param {Type} type @param {Random} r @returns {Value[]} */
const several = (type, r) => Array.from({ length: length(r) }, () => type(r));

/** Any iterable will do for a list. @param {any[]} values @param {Random} r */
function iterable(values, r) {
  const form = below(r, 6);
  if (form === 0)
    return new Set(values).size === values.length ? new Set(values) : values;
  if (form === 1)
    return (function* () {
      yield* values;
    })();
  return values;
}

/** @param {Type} type @returns {Type} */
export const list = (type) => (r) => {
  const values = several(type, r);
  const give = iterable(
    values.map((v) => v.give),
    r,
  );
  return { give, get: values.map((v) => v.get) };
};

/**
 * @param {Type} type of its numbers
 * @param {new (values: any) => any} Typed the array that comes out @returns {Type}
 */
export const numbers = (type, Typed) => (r) => {
  const values = several(type, r).map((v) => v.get);
  const get = new Typed(values);
  // A view into the middle of a buffer, not only a whole one.
  const within = new Typed([
    ...values.slice(0, 1),
    ...values,
    ...values.slice(0, 1),
  ]).subarray(values.length ? 1 : 0, values.length ? values.length + 1 : 0);
  return {
    give: pick(r, [get.slice(), within, [...get], iterable([...get], r)]),
    get,
  };
};

/** @param {Record<string, Type>} fields camelCase @returns {Type} */
export const record = (fields) => (r) => {
  const values = Object.entries(fields).map(
    ([name, type]) => /** @type {const} */ ([name, type(r)]),
  );
  return {
    give: Object.fromEntries(values.map(([name, v]) => [name, v.give])),
    get: Object.fromEntries(values.map(([name, v]) => [name, v.get])),
  };
};

/** @param {Type[]} types @returns {Type} */
export const tuple =
  (...types) =>
  (r) => {
    const values = types.map((type) => type(r));
    return { give: values.map((v) => v.give), get: values.map((v) => v.get) };
  };

/** @param {Record<string, Type | null>} cases by their WIT names @returns {Type} */
export const variant = (cases) => (r) => {
  const [tag, type] = pick(r, Object.entries(cases));
  if (!type)
    return { give: pick(r, [{ tag }, { tag, val: undefined }]), get: { tag } };
  const value = type(r);
  return { give: { tag, val: value.give }, get: { tag, val: value.get } };
};

/** @param {string[]} names @returns {Type} */
export const enumeration =
  (...names) =>
  (r) =>
    same(pick(r, names));

/** @param {string[]} names camelCase @returns {Type} */
export const flags =
  (...names) =>
  (r) => {
    const get = Object.fromEntries(names.map((name) => [name, r() < 0.5]));
    // Missing flags are false.
    const give = Object.fromEntries(
      Object.entries(get).filter(([, on]) => on || r() < 0.5),
    );
    return { give, get };
  };

/** An option of something that is no option. @param {Type} type @returns {Type} */
export const option = (type) => (r) =>
  r() < 0.4 ? { give: pick(r, [undefined, null]), get: undefined } : type(r);

/** An option of an option. @param {Type} type the inner option @returns {Type} */
export const optionOfOption = (type) => (r) => {
  if (r() < 0.4) return { give: { tag: "none" }, get: { tag: "none" } };
  const value = type(r);
  return {
    give: { tag: "some", val: value.give },
    get: { tag: "some", val: value.get },
  };
};

/** @param {Type | null} ok @param {Type | null} err @returns {Type} */
export const result = (ok, err) => variant({ ok, err });
