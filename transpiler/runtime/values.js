/**
 * @module Values outside of calls: those that the host supplies to a component, and what its start functions make of them. A
 * type comes as data: the name of a scalar, or `[kind, …parts]`. Knows no core value and no memory.
 */
import { badCase, errorPayload } from "./error.js";
import { LinkError, find } from "./link.js";
import { instanceOf } from "./resource.js";
import { liftChar, lowerChar, lowerEnum } from "./value.js";

/** @typedef {string | any[]} ValueType */

/** What a scalar becomes on its way through a component. @type {Record<string, (v: any) => any>} */
export const coerceScalar = {
  bool: (v) => !!v,
  s8: (v) => (v << 24) >> 24,
  u8: (v) => v & 255,
  s16: (v) => (v << 16) >> 16,
  u16: (v) => v & 65535,
  s32: (v) => v | 0,
  u32: (v) => v >>> 0,
  s64: (v) => BigInt.asIntN(64, v),
  u64: (v) => BigInt.asUintN(64, v),
  f32: (v) => Math.fround(v),
  f64: (v) => +v,
  char: (v) => liftChar(lowerChar(v)),
  string: (v) =>
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      new TextEncoder().encode(v),
    ),
};

/**
 * A value as it would come back from a component that it was passed to.
 * @param {ValueType} type
 * @param {any} v
 * @param {boolean} [strict] a number that would change is a TypeError
 * @returns {any}
 */
export function coerce(type, v, strict) {
  if (typeof type === "string") {
    const out = coerceScalar[type](v);
    const same =
      type[0] === "f" || typeof v === "string"
        ? typeof v === typeof out
        : v === out;
    if (strict && !same) throw new TypeError(`not a ${type}: ${String(v)}`);
    return out;
  }
  const [kind, a, b, c] = type;
  const part = (/** @type {ValueType} */ t, /** @type {any} */ v) =>
    coerce(t, v, strict);
  switch (kind) {
    case "list": {
      const all = [...v].map((e) => part(a, e));
      if (b !== undefined && all.length !== b)
        throw new TypeError(`not a list of ${b}: ${all.length} elements`);
      return c ? c.from(all) : all;
    }
    case "map":
      return new Map([...v].map(([k, e]) => [part(a, k), part(b, e)]));
    case "record":
      return Object.fromEntries(
        a.map((/** @type {string} */ name, /** @type {number} */ i) => [
          name,
          part(b[i], v[name]),
        ]),
      );
    case "tuple":
      return a.map((/** @type {ValueType} */ t, /** @type {number} */ i) =>
        part(t, v[i]),
      );
    case "flags":
      return Object.fromEntries(
        a.map((/** @type {string} */ name) => [name, !!v[name]]),
      );
    case "enum":
      return a[lowerEnum(a, v)];
    case "option":
      return v === undefined || v === null ? undefined : part(a, v);
    case "own":
      return instanceOf(v, a);
    default: {
      const i = a.indexOf(v?.tag);
      if (i < 0) throw badCase(kind, v);
      const tag = a[i];
      if (b[i]) return { tag, val: part(b[i], v.val) };
      return kind === "result" ? { tag, val: undefined } : { tag };
    }
  }
}

/**
 * Finds an imported value: by its name, and the names inside interfaces.
 * @param {any} imports
 * @param {string[]} path
 * @param {ValueType} type
 * @param {boolean} [strict]
 * @returns {any}
 */
export function linkValue(imports, path, type, strict) {
  const [first, ...rest] = path;
  let value = rest.reduce((o, key) => o?.[key], find(imports ?? {}, first));
  // What an `import * as` gave.
  if (value?.[Symbol.toStringTag] === "Module") value = value.default;
  if (value === undefined && type[0] !== "option")
    throw new LinkError(`imports are missing: ${path.join(" ")} (a value)`);
  try {
    return coerce(type, value, strict);
  } catch (e) {
    const why = e instanceof Error ? e.message : e;
    throw new LinkError(`import ${path.join(" ")}: ${why}`, { cause: e });
  }
}

/**
 * A host function's `result` as a value.
 * @param {() => any} call
 * @returns {any} or a promise of it
 */
export function outcome(call) {
  const ok = (/** @type {any} */ val) => ({ tag: "ok", val });
  const err = (/** @type {any} */ e) => ({ tag: "err", val: errorPayload(e) });
  try {
    const val = call();
    return val instanceof Promise ? val.then(ok, err) : ok(val);
  } catch (e) {
    return err(e);
  }
}
