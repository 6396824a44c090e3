/**
 * Component values of a lowered script (`[type, payload]`, see lower/src/value.rs) as the JavaScript values that
 * Slipway's users see, and the comparison of the two. The table is the README's; nothing here knows a generated module.
 * @module
 */

/** @typedef {[string, any]} Val */

/** `foo-bar` is `fooBar`; a word in capitals is a word. @param {string} name */
export function camelCase(name) {
  return name
    .split("-")
    .map((word, i) =>
      i === 0
        ? word.toLowerCase()
        : word[0].toUpperCase() + word.slice(1).toLowerCase(),
    )
    .join("");
}

/** @param {Val} val @returns {unknown} what a caller passes */
export function toJs([type, v]) {
  switch (type) {
    case "u64":
    case "s64":
      return BigInt(v);
    case "f32":
      return f32FromBits(v);
    case "f64":
      return f64FromBits(v);
    case "list":
    case "tuple":
      return v.map(toJs);
    case "map":
      return new Map(
        v.map((/** @type {[Val, Val]} */ [k, e]) => [toJs(k), toJs(e)]),
      );
    case "record":
      return Object.fromEntries(
        v.map((/** @type {[string, Val]} */ [n, f]) => [camelCase(n), toJs(f)]),
      );
    case "variant":
    case "result":
      return v[1] === null ? { tag: v[0] } : { tag: v[0], val: toJs(v[1]) };
    case "option":
      if (v === null) return undefined;
      // The inner option tells that this one is nested; of `none` alone the script does not say.
      return v[0] === "option" ? { tag: "some", val: toJs(v) } : toJs(v);
    case "flags":
      return Object.fromEntries(
        v.map((/** @type {string} */ n) => [camelCase(n), true]),
      );
    default: // bool, u8 … s32, char, string, enum
      return v;
  }
}

/**
 * Where `actual` differs from the expected value: null for nowhere, else a sentence. A NaN equals any NaN (lifting may
 * canonicalize it); every other float is compared by its bits.
 * @param {Val} val @param {any} actual @param {string} [at] @returns {string | null}
 */
export function difference([type, v], actual, at = "result") {
  const differs = () =>
    `${at}: expected ${type} ${JSON.stringify(v)}, got ${show(actual)}`;
  switch (type) {
    case "bool":
    case "string":
    case "char":
    case "enum":
    case "u8":
    case "s8":
    case "u16":
    case "s16":
    case "u32":
    case "s32":
      return Object.is(actual, v) ? null : differs();
    case "u64":
    case "s64":
      return actual === BigInt(v) ? null : differs();
    case "f32":
      return typeof actual === "number" && Object.is(actual, f32FromBits(v))
        ? null
        : differs();
    case "f64":
      return typeof actual === "number" && Object.is(actual, f64FromBits(v))
        ? null
        : differs();
    case "list":
      return listDifference(v, actual, at);
    case "tuple":
      return Array.isArray(actual)
        ? elementsDifference(v, actual, at)
        : differs();
    case "map":
      if (!(actual instanceof Map)) return differs();
      return mapDifference(v, actual, at);
    case "record":
      return recordDifference(v, actual, at);
    case "variant":
    case "result":
      if (typeof actual !== "object" || actual?.tag !== v[0]) return differs();
      if (v[1] === null) return actual.val === undefined ? null : differs();
      return difference(v[1], actual.val, `${at}.${v[0]}`);
    case "option":
      return optionDifference(v, actual, at);
    case "flags":
      return flagsDifference(v, actual, at);
    default:
      return `${at}: the runner knows no type ${type}`;
  }
}

/** Element types whose list is a typed array in JavaScript. */
const TYPED = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};

/** @param {Val[]} vs @param {any} actual @param {string} at */
function listDifference(vs, actual, at) {
  if (vs.length === 0) {
    const empty =
      (Array.isArray(actual) || ArrayBuffer.isView(actual)) &&
      /** @type {any} */ (actual).length === 0;
    return empty ? null : `${at}: expected an empty list, got ${show(actual)}`;
  }
  const Typed = TYPED[/** @type {keyof typeof TYPED} */ (vs[0][0])];
  if (Typed) {
    if (!(actual instanceof Typed))
      return `${at}: expected a ${Typed.name}, got ${show(actual)}`;
  } else if (!Array.isArray(actual)) {
    return `${at}: expected an Array, got ${show(actual)}`;
  }
  return elementsDifference(vs, actual, at);
}

/** @param {Val[]} vs @param {ArrayLike<unknown>} actual @param {string} at */
function elementsDifference(vs, actual, at) {
  if (actual.length !== vs.length)
    return `${at}: expected ${vs.length} elements, got ${show(actual)}`;
  for (let i = 0; i < vs.length; i++) {
    const d = difference(vs[i], actual[i], `${at}[${i}]`);
    if (d) return d;
  }
  return null;
}

/** @param {[Val, Val][]} entries @param {Map<any, any>} actual @param {string} at */
function mapDifference(entries, actual, at) {
  // A script may repeat a key; a Map keeps the last, at the place of the first.
  const expected = new Map(entries.map(([k, v]) => [toJs(k), v]));
  if (actual.size !== expected.size)
    return `${at}: expected ${expected.size} entries, got ${actual.size}`;
  for (const [k, v] of expected) {
    if (!actual.has(k)) return `${at}: no entry ${show(k)}`;
    const d = difference(v, actual.get(k), `${at}.get(${show(k)})`);
    if (d) return d;
  }
  return null;
}

/** @param {[string, Val][]} fields @param {any} actual @param {string} at */
function recordDifference(fields, actual, at) {
  if (typeof actual !== "object" || actual === null)
    return `${at}: expected a record, got ${show(actual)}`;
  const names = Object.keys(actual);
  if (names.length !== fields.length)
    return `${at}: expected ${fields.length} fields, got ${names}`;
  for (const [name, v] of fields) {
    if (!Object.hasOwn(actual, camelCase(name)))
      return `${at}: no field ${camelCase(name)}, but ${names}`;
    const d = difference(
      v,
      actual[camelCase(name)],
      `${at}.${camelCase(name)}`,
    );
    if (d) return d;
  }
  return null;
}

/** @param {Val | null} v @param {any} actual @param {string} at */
function optionDifference(v, actual, at) {
  if (v === null) {
    const none =
      actual === undefined ||
      (actual?.tag === "none" &&
        !("val" in actual && actual.val !== undefined));
    return none ? null : `${at}: expected none, got ${show(actual)}`;
  }
  if (v[0] === "option") {
    return actual?.tag === "some"
      ? difference(v, actual.val, `${at}.some`)
      : `${at}: expected some, got ${show(actual)}`;
  }
  return difference(v, actual, `${at}.some`);
}

/** @param {string[]} names @param {any} actual @param {string} at */
function flagsDifference(names, actual, at) {
  if (typeof actual !== "object" || actual === null)
    return `${at}: expected flags, got ${show(actual)}`;
  const set = new Set(names.map(camelCase));
  for (const [name, on] of Object.entries(actual)) {
    if (on !== set.has(name))
      return `${at}.${name}: expected ${set.has(name)}, got ${show(on)}`;
    set.delete(name);
  }
  return set.size === 0 ? null : `${at}: no flags ${[...set]}`;
}

/** @param {unknown} value */
export function show(value) {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value === "symbol" || typeof value === "undefined")
    return String(value);
  if (ArrayBuffer.isView(value))
    return `${value.constructor.name}(${String(value).slice(0, 60)})`;
  try {
    return (
      JSON.stringify(value, (_, v) =>
        typeof v === "bigint" ? `${v}n` : v,
      )?.slice(0, 200) ?? String(value)
    );
  } catch {
    return String(value);
  }
}

/** @param {number} bits */
function f32FromBits(bits) {
  return new Float32Array(new Uint32Array([bits]).buffer)[0];
}

/** @param {string} bits */
function f64FromBits(bits) {
  return new Float64Array(new BigUint64Array([BigInt(bits)]).buffer)[0];
}
