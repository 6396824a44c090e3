/**
 * The canonical ABI as the specification writes it, value by value, to hold adapters against: flattening, load, store and
 * realloc sequences. Slow and plain on purpose; shares no code with the transpiler or its runtime. Knows no adapters.
 * @module
 */

/**
 * A type: a primitive's name, or a tag with parts.
 * @typedef {string | { t: 'list' | 'option', of: Type } | { t: 'fixed', n: number, of: Type } | { t: 'map', k: Type, v: Type }
 *   | { t: 'record' | 'tuple', parts: Type[] } | { t: 'variant', cases: (Type | null)[] }
 *   | { t: 'enum' | 'flags', n: number } | { t: 'result', ok: Type | null, err: Type | null }
 *   | { t: 'own' | 'borrow', r: number }} Type
 */
/** @typedef {'i32' | 'i64' | 'f32' | 'f64'} Flat */
/** @typedef {number | bigint} Core */
/**
 * One side of a call. `transfer` maps a handle of the other side to the handle that arrives here.
 * @typedef {object} Side
 * @property {'utf8' | 'utf16' | 'latin1'} encoding
 * @property {32 | 64} bits
 * @property {WebAssembly.Memory} memory
 * @property {(old: number, oldSize: number, align: number, size: number) => number} realloc
 */

/** @typedef {[oldSize: number, align: number, size: number]} Realloc */

/** @param {Type | null} t */
const words = (t) => (t === null ? "-" : spell(t));

/**
 * A type in the notation of examples/adapter.rs.
 * @param {Type} t
 * @returns {string}
 */
export function spell(t) {
  if (typeof t === "string") return t;
  switch (t.t) {
    case "list":
    case "option":
      return `${t.t} ${spell(t.of)}`;
    case "fixed":
      return `fixed ${t.n} ${spell(t.of)}`;
    case "map":
      return `map ${spell(t.k)} ${spell(t.v)}`;
    case "record":
    case "tuple":
      return [t.t, t.parts.length, ...t.parts.map(spell)].join(" ");
    case "variant":
      return [t.t, t.cases.length, ...t.cases.map(words)].join(" ");
    case "enum":
    case "flags":
      return `${t.t} ${t.n}`;
    case "result":
      return `result ${words(t.ok)} ${words(t.err)}`;
    default:
      return `${t.t} ${t.r}`;
  }
}

/** @type {Record<string, [bytes: number, flat: Flat]>} */
const PRIMITIVES = {
  bool: [1, "i32"],
  s8: [1, "i32"],
  u8: [1, "i32"],
  s16: [2, "i32"],
  u16: [2, "i32"],
  s32: [4, "i32"],
  u32: [4, "i32"],
  s64: [8, "i64"],
  u64: [8, "i64"],
  f32: [4, "f32"],
  f64: [8, "f64"],
  char: [4, "i32"],
};

/**
 * @param {Type} t
 * @returns {(Type | null)[] | null} the cases of what is a variant underneath
 */
export function casesOf(t) {
  if (typeof t === "string") return null;
  if (t.t === "variant") return t.cases;
  if (t.t === "enum") return Array(t.n).fill(null);
  if (t.t === "option") return [null, t.of];
  if (t.t === "result") return [t.ok, t.err];
  return null;
}

/**
 * @param {Type} t
 * @returns {Type[] | null} the fields of what is a record underneath
 */
export function partsOf(t) {
  if (typeof t === "string") return null;
  if (t.t === "record" || t.t === "tuple") return t.parts;
  if (t.t === "fixed") return Array(t.n).fill(t.of);
  return null;
}

/** @param {Type} t @returns {Type | null} the element of what is a list underneath */
export function elementOf(t) {
  if (typeof t === "string") return null;
  if (t.t === "list") return t.of;
  if (t.t === "map") return { t: "tuple", parts: [t.k, t.v] };
  return null;
}

/** @param {number} n */
const discriminantSize = (n) => (n <= 0x100 ? 1 : n <= 0x10000 ? 2 : 4);
/** @param {number} n */
const flagsSize = (n) => (n <= 8 ? 1 : n <= 16 ? 2 : 4);
/** @param {number} at @param {number} align */
const alignTo = (at, align) => Math.ceil(at / align) * align;

/**
 * @param {Type} t
 * @param {32 | 64} bits
 * @returns {number}
 */
export function alignment(t, bits) {
  if (typeof t === "string")
    return t === "string" ? bits / 8 : PRIMITIVES[t][0];
  const cases = casesOf(t);
  if (cases)
    return Math.max(
      discriminantSize(cases.length),
      ...cases.map((c) => (c ? alignment(c, bits) : 1)),
    );
  const parts = partsOf(t);
  if (parts) return Math.max(1, ...parts.map((p) => alignment(p, bits)));
  if (elementOf(t)) return bits / 8;
  return t.t === "flags" ? flagsSize(t.n) : 4;
}

/** @param {(Type | null)[]} cases @param {32 | 64} bits */
const payloadOffset = (cases, bits) =>
  alignTo(
    discriminantSize(cases.length),
    Math.max(1, ...cases.map((c) => (c ? alignment(c, bits) : 1))),
  );

/**
 * @param {Type} t
 * @param {32 | 64} bits
 * @returns {number}
 */
export function size(t, bits) {
  if (typeof t === "string")
    return t === "string" ? bits / 4 : PRIMITIVES[t][0];
  const cases = casesOf(t);
  if (cases) {
    const most = Math.max(0, ...cases.map((c) => (c ? size(c, bits) : 0)));
    return alignTo(payloadOffset(cases, bits) + most, alignment(t, bits));
  }
  const parts = partsOf(t);
  if (parts) {
    let at = 0;
    for (const p of parts) at = alignTo(at, alignment(p, bits)) + size(p, bits);
    return alignTo(at, alignment(t, bits));
  }
  if (elementOf(t)) return bits / 4;
  return t.t === "flags" ? flagsSize(t.n) : 4;
}

/**
 * @param {Type} t
 * @param {32 | 64} bits
 * @returns {Flat[]}
 */
export function flatten(t, bits) {
  /** @type {Flat} */
  const ptr = bits === 32 ? "i32" : "i64";
  if (typeof t === "string")
    return t === "string" ? [ptr, ptr] : [PRIMITIVES[t][1]];
  const cases = casesOf(t);
  if (cases) {
    /** @type {Flat[]} */
    const joined = [];
    for (const c of cases) {
      if (!c) continue;
      flatten(c, bits).forEach((f, i) => {
        joined[i] = joined[i] === undefined ? f : join(joined[i], f);
      });
    }
    return ["i32", ...joined];
  }
  const parts = partsOf(t);
  if (parts) return parts.flatMap((p) => flatten(p, bits));
  return elementOf(t) ? [ptr, ptr] : ["i32"];
}

/** @param {Flat} a @param {Flat} b @returns {Flat} */
function join(a, b) {
  if (a === b) return a;
  return (a === "i32" && b === "f32") || (a === "f32" && b === "i32")
    ? "i32"
    : "i64";
}

/** @param {Side} side */
const view = (side) => new DataView(side.memory.buffer);

/** @param {Side} side @param {number} at */
const loadPtr = (side, at) =>
  side.bits === 32
    ? view(side).getUint32(at, true)
    : view(side).getBigUint64(at, true);

/** @param {Side} side @param {number} at @param {number | bigint} v */
function storePtr(side, at, v) {
  if (side.bits === 32) view(side).setUint32(at, Number(v), true);
  else view(side).setBigUint64(at, BigInt(v), true);
}

/** @param {Side} side */
const tag = (side) => (side.bits === 32 ? 1n << 31n : 1n << 63n);

/**
 * Allocates and writes a string as guest code would, in the side's own encoding, without asking for more than it needs.
 * @param {Side} side
 * @param {string} s
 * @param {boolean} wide latin1+utf16 only: write UTF-16 even if it would fit Latin-1
 * @returns {[number, bigint]}
 */
export function putString(side, s, wide) {
  const latin1 = side.encoding === "latin1" && !wide && /^[\0-\xff]*$/.test(s);
  const bytes =
    side.encoding === "utf8"
      ? new TextEncoder().encode(s)
      : latin1
        ? Uint8Array.from(s, (c) => c.charCodeAt(0))
        : utf16(s);
  const at = side.realloc(0, 0, side.encoding === "utf8" ? 1 : 2, bytes.length);
  new Uint8Array(side.memory.buffer).set(bytes, at);
  if (side.encoding === "utf8" || latin1) return [at, BigInt(bytes.length)];
  const units = BigInt(s.length);
  return [at, side.encoding === "latin1" ? units | tag(side) : units];
}

/** @param {string} s */
function utf16(s) {
  const bytes = new Uint8Array(2 * s.length);
  const v = new DataView(bytes.buffer);
  for (let i = 0; i < s.length; i++) v.setUint16(2 * i, s.charCodeAt(i), true);
  return bytes;
}

/**
 * @param {Side} side
 * @param {number} at
 * @param {bigint} tagged
 */
function getString(side, at, tagged) {
  const wide = side.encoding === "latin1" && (tagged & tag(side)) !== 0n;
  const units = Number(wide ? tagged ^ tag(side) : tagged);
  const bytes = new Uint8Array(side.memory.buffer);
  if (side.encoding === "utf8")
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      bytes.slice(at, at + units),
    );
  if (side.encoding === "latin1" && !wide)
    return String.fromCharCode(...bytes.slice(at, at + units));
  let s = "";
  for (let i = 0; i < units; i++)
    s += String.fromCharCode(view(side).getUint16(at + 2 * i, true));
  return s;
}

/** @typedef {number | bigint | boolean | string | Value[] | { c: number, v: Value | null }} Value */
/** @typedef {{ wide: () => boolean, noise: () => boolean }} Whims what is left open: see callers */

/**
 * Writes a value as guest code would.
 * @param {Side} side
 * @param {Type} t
 * @param {any} v
 * @param {number} at
 * @param {Whims} whims
 */
export function store(side, t, v, at, whims) {
  const d = view(side);
  switch (t) {
    case "bool":
      return d.setUint8(at, v ? (whims.noise() ? 0xfe : 1) : 0);
    case "u8":
    case "s8":
      return d.setUint8(at, v);
    case "u16":
    case "s16":
      return d.setUint16(at, v, true);
    case "u32":
    case "s32":
      return d.setUint32(at, v, true);
    case "char":
      return d.setUint32(at, v.codePointAt(0), true);
    case "u64":
    case "s64":
      return d.setBigUint64(at, BigInt.asUintN(64, v), true);
    case "f32":
      return d.setFloat32(at, v, true);
    case "f64":
      return d.setFloat64(at, v, true);
    case "string": {
      const [p, n] = putString(side, v, whims.wide());
      storePtr(side, at, p);
      return storePtr(side, at + side.bits / 8, n);
    }
  }
  if (typeof t === "string") throw new Error(t);
  const cases = casesOf(t);
  if (cases) {
    const n = discriminantSize(cases.length);
    if (n === 1) d.setUint8(at, v.c);
    else if (n === 2) d.setUint16(at, v.c, true);
    else d.setUint32(at, v.c, true);
    const payload = cases[v.c];
    if (payload)
      store(side, payload, v.v, at + payloadOffset(cases, side.bits), whims);
    return;
  }
  const parts = partsOf(t);
  if (parts) {
    parts.forEach((p, i) => {
      at = alignTo(at, alignment(p, side.bits));
      store(side, p, v[i], at, whims);
      at += size(p, side.bits);
    });
    return;
  }
  const element = elementOf(t);
  if (element) {
    storePtr(side, at, putList(side, element, v, whims));
    return storePtr(side, at + side.bits / 8, v.length);
  }
  if (t.t === "flags") {
    const bits = flagBits(t.n, v, whims);
    const n = flagsSize(t.n);
    if (n === 1) d.setUint8(at, bits);
    else if (n === 2) d.setUint16(at, bits, true);
    else d.setUint32(at, bits, true);
    return;
  }
  d.setUint32(at, v, true);
}

/** Flags, with rubbish in the bits that no label has. @param {number} n @param {number} v @param {Whims} whims */
function flagBits(n, v, whims) {
  return (n < 32 && whims.noise() ? v | (-1 << n) : v) >>> 0;
}

/** @param {Side} side @param {Type} element @param {any[]} v @param {Whims} whims */
function putList(side, element, v, whims) {
  const n = size(element, side.bits);
  const begin = side.realloc(0, 0, alignment(element, side.bits), n * v.length);
  v.forEach((e, i) => store(side, element, e, begin + i * n, whims));
  return begin;
}

/**
 * Reads a value that was lowered: everything has to be in canonical form.
 * @param {Side} side
 * @param {Type} t
 * @param {number} at
 * @returns {any}
 */
export function load(side, t, at) {
  const d = view(side);
  switch (t) {
    case "bool":
      return canonicalBool(d.getUint8(at));
    case "u8":
      return d.getUint8(at);
    case "s8":
      return d.getInt8(at);
    case "u16":
      return d.getUint16(at, true);
    case "s16":
      return d.getInt16(at, true);
    case "u32":
      return d.getUint32(at, true);
    case "s32":
      return d.getInt32(at, true);
    case "char":
      return String.fromCodePoint(d.getUint32(at, true));
    case "u64":
      return d.getBigUint64(at, true);
    case "s64":
      return d.getBigInt64(at, true);
    case "f32":
      return d.getFloat32(at, true);
    case "f64":
      return d.getFloat64(at, true);
    case "string":
      return getString(
        side,
        Number(loadPtr(side, at)),
        BigInt(loadPtr(side, at + side.bits / 8)),
      );
  }
  if (typeof t === "string") throw new Error(t);
  const cases = casesOf(t);
  if (cases) {
    const n = discriminantSize(cases.length);
    const c =
      n === 1
        ? d.getUint8(at)
        : n === 2
          ? d.getUint16(at, true)
          : d.getUint32(at, true);
    const payload = cases[c];
    const from = at + payloadOffset(cases, side.bits);
    return { c, v: payload ? load(side, payload, from) : null };
  }
  const parts = partsOf(t);
  if (parts) {
    return parts.map((p) => {
      at = alignTo(at, alignment(p, side.bits));
      const v = load(side, p, at);
      at += size(p, side.bits);
      return v;
    });
  }
  const element = elementOf(t);
  if (element)
    return getList(
      side,
      element,
      Number(loadPtr(side, at)),
      Number(loadPtr(side, at + side.bits / 8)),
    );
  if (t.t === "flags") {
    const n = flagsSize(t.n);
    return n === 1
      ? d.getUint8(at)
      : n === 2
        ? d.getUint16(at, true)
        : d.getUint32(at, true);
  }
  return d.getUint32(at, true);
}

/** @param {number} i */
function canonicalBool(i) {
  if (i > 1) throw new Error(`bool ${i}`);
  return i === 1;
}

/** @param {Side} side @param {Type} element @param {number} begin @param {number} length */
function getList(side, element, begin, length) {
  const n = size(element, side.bits);
  return Array.from({ length }, (_, i) => load(side, element, begin + i * n));
}

/**
 * Core values for a value, as guest code passes it.
 * @param {Side} side
 * @param {Type} t
 * @param {any} v
 * @param {Whims} whims
 * @returns {Core[]}
 */
export function toFlat(side, t, v, whims) {
  const ptr = (/** @type {number | bigint} */ n) =>
    side.bits === 32
      ? Number(BigInt.asIntN(32, BigInt(n)))
      : BigInt.asIntN(64, BigInt(n));
  const noisy = (/** @type {number} */ n, /** @type {number} */ width) =>
    (whims.noise() ? n ^ (0x5a5a5a5a << width) : n) | 0;
  switch (t) {
    case "bool":
      return [v ? (whims.noise() ? 0x100 : 1) : 0];
    case "u8":
    case "s8":
      return [noisy(v, 8)];
    case "u16":
    case "s16":
      return [noisy(v, 16)];
    case "char":
      return [v.codePointAt(0)];
    case "u64":
    case "s64":
      return [BigInt.asIntN(64, v)];
    case "string":
      return putString(side, v, whims.wide()).map(ptr);
  }
  if (typeof t === "string") return [t[0] === "f" ? v : v | 0];
  const cases = casesOf(t);
  if (cases) {
    const slots = flatten(t, side.bits).slice(1);
    const payload = cases[v.c];
    const have = payload ? flatten(payload, side.bits) : [];
    const flat = payload ? toFlat(side, payload, v.v, whims) : [];
    return [
      v.c,
      ...slots.map((want, i) =>
        i < flat.length
          ? widen(flat[i], have[i], want, whims)
          : want === "i64"
            ? 7n
            : 7,
      ),
    ];
  }
  const parts = partsOf(t);
  if (parts) return parts.flatMap((p, i) => toFlat(side, p, v[i], whims));
  const element = elementOf(t);
  if (element) return [putList(side, element, v, whims), v.length].map(ptr);
  if (t.t === "flags") return [flagBits(t.n, v, whims) | 0];
  return [v | 0];
}

/** @param {Core} v @param {Flat} have @param {Flat} want @param {Whims} whims @returns {Core} */
function widen(v, have, want, whims) {
  if (have === want) return v;
  const d = new DataView(new ArrayBuffer(8));
  if (have === "f64") d.setFloat64(0, Number(v), true);
  else if (have === "f32") d.setFloat32(0, Number(v), true);
  else d.setInt32(0, Number(v), true);
  if (want === "i32") return d.getInt32(0, true);
  // The upper half is nobody's when the case is narrower.
  if (have !== "f64" && whims.noise()) d.setInt32(4, -1, true);
  return d.getBigInt64(0, true);
}

/**
 * A value of core values that were lowered: canonical, with zero in the slots that the case does not use.
 * @param {Side} side
 * @param {Type} t
 * @param {Core[]} flat
 * @returns {any}
 */
export function fromFlat(side, t, flat) {
  const ptr = (/** @type {Core} */ v) => BigInt.asUintN(side.bits, BigInt(v));
  const [x] = flat;
  switch (t) {
    case "bool":
      return canonicalBool(Number(x));
    case "u32":
      return Number(x) >>> 0;
    case "u64":
      return BigInt.asUintN(64, BigInt(x));
    case "f32":
    case "f64":
    case "s8":
    case "s16":
    case "s32":
    case "u8":
    case "u16":
    case "s64":
      return x;
    case "char":
      return String.fromCodePoint(Number(x));
    case "string":
      return getString(side, Number(ptr(flat[0])), ptr(flat[1]));
  }
  if (typeof t === "string") throw new Error(t);
  const cases = casesOf(t);
  if (cases) {
    const slots = flatten(t, side.bits).slice(1);
    const payload = cases[Number(x)];
    const want = payload ? flatten(payload, side.bits) : [];
    flat.slice(1 + want.length).forEach((rest) => {
      if (rest !== 0 && rest !== 0n) throw new Error(`unused slot ${rest}`);
    });
    const inner = want.map((w, i) => narrow(flat[1 + i], slots[i], w));
    return { c: Number(x), v: payload ? fromFlat(side, payload, inner) : null };
  }
  const parts = partsOf(t);
  if (parts) {
    let at = 0;
    return parts.map((p) => {
      const n = flatten(p, side.bits).length;
      return fromFlat(side, p, flat.slice(at, (at += n)));
    });
  }
  const element = elementOf(t);
  if (element)
    return getList(side, element, Number(ptr(flat[0])), Number(ptr(flat[1])));
  return Number(x) >>> 0;
}

/** @param {Core} v @param {Flat} have @param {Flat} want @returns {Core} */
function narrow(v, have, want) {
  if (have === want) return v;
  const d = new DataView(new ArrayBuffer(8));
  if (have === "i64") d.setBigInt64(0, BigInt(v), true);
  else d.setInt32(0, Number(v), true);
  if (have === "i64" && want !== "f64" && d.getInt32(4, true) !== 0)
    throw new Error("upper half not zero");
  if (want === "f64") return d.getFloat64(0, true);
  return want === "f32" ? d.getFloat32(0, true) : d.getInt32(0, true);
}

/**
 * The realloc calls that storing the strings, lists and spilled values of `t` makes, in order: `[old size, align, size]`.
 * @param {Side} from
 * @param {Side} to
 * @param {Type} t
 * @param {any} v
 * @param {boolean} wide what `from` did with latin1+utf16 strings
 * @returns {Realloc[]}
 */
export function reallocs(from, to, t, v, wide) {
  if (t === "string")
    return stringReallocs(from.encoding, to.encoding, v, wide);
  if (typeof t === "string") return [];
  const cases = casesOf(t);
  if (cases) {
    const payload = cases[v.c];
    return payload ? reallocs(from, to, payload, v.v, wide) : [];
  }
  const parts = partsOf(t);
  if (parts) return parts.flatMap((p, i) => reallocs(from, to, p, v[i], wide));
  const element = elementOf(t);
  if (!element) return [];
  return [
    [0, alignment(element, to.bits), v.length * size(element, to.bits)],
    ...v.flatMap((/** @type {any} */ e) =>
      reallocs(from, to, element, e, wide),
    ),
  ];
}

/**
 * `store_string_into_range`, as the sizes it asks for.
 * @param {string} from
 * @param {string} to
 * @param {string} s
 * @param {boolean} wide
 * @returns {Realloc[]}
 */
function stringReallocs(from, to, s, wide) {
  const utf8 = new TextEncoder().encode(s).length;
  const fits = /^[\0-\xff]*$/.test(s);
  const simple =
    from === "latin1" ? (wide || !fits ? "utf16" : "latin1") : from;
  /** A last call, when there is something to give back. @param {number} have @param {number} align @param {number} need @returns {Realloc[]} */
  const shrink = (have, align, need) =>
    have > need ? [[have, align, need]] : [];
  const units = simple === "utf8" ? utf8 : s.length;
  if (to === "utf8") {
    if (simple === "utf8") return [[0, 1, utf8]];
    const worst = units * (simple === "utf16" ? 3 : 2);
    if (/^[\0-\x7f]*$/.test(s)) return [[0, 1, units]];
    return [[0, 1, units], [units, 1, worst], ...shrink(worst, 1, utf8)];
  }
  if (to === "utf16")
    return [[0, 2, 2 * units], ...shrink(2 * units, 2, 2 * s.length)];
  if (from !== "latin1") {
    if (fits) return [[0, 2, units], ...shrink(units, 2, s.length)];
    const worst = 2 * units;
    return [
      [0, 2, units],
      [units, 2, worst],
      ...shrink(worst, 2, 2 * s.length),
    ];
  }
  if (simple === "latin1") return [[0, 2, units]];
  return fits
    ? [
        [0, 2, 2 * units],
        [2 * units, 1, units],
      ]
    : [[0, 2, 2 * units]];
}
