/**
 * The oracle's values as JavaScript and back, by the types a case names (gen/src/types.rs, value.rs). Reading is strict: a
 * value of another shape than the README's table gives it is a difference, even if one could guess what it means.
 * @module
 */
import { camelCase, show } from "../conformance/values.js";

/** @typedef {any} Type a word, or an object with one key @typedef {any} Json */

const TYPED = /** @type {const} */ ({
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
});

/** @param {Type} ty */
export function tag(ty) {
  return typeof ty === "string" ? ty : Object.keys(ty)[0];
}

/** @param {Type} ty @param {Json} v @returns {any} */
export function toJs(ty, v) {
  switch (tag(ty)) {
    case "s64":
    case "u64":
      return BigInt(v);
    case "f32":
      return new Float32Array(Uint32Array.of(Number(v)).buffer)[0];
    case "f64":
      return new Float64Array(BigUint64Array.of(BigInt(v)).buffer)[0];
    case "list":
      return v.map((/** @type {Json} */ e) => toJs(ty.list, e));
    case "fixed":
      return v.map((/** @type {Json} */ e) => toJs(ty.fixed[0], e));
    case "map":
      return new Map(
        v.map((/** @type {Json} */ [k, e]) => [
          toJs(ty.map[0], k),
          toJs(ty.map[1], e),
        ]),
      );
    case "tuple":
      return ty.tuple.map((/** @type {Type} */ t, /** @type {number} */ i) =>
        toJs(t, v[i]),
      );
    case "record":
      return Object.fromEntries(
        ty.record.map(
          (/** @type {[string, Type]} */ [n, t], /** @type {number} */ i) => [
            camelCase(n),
            toJs(t, v[i]),
          ],
        ),
      );
    case "variant":
      return tagged(ty.variant[v[0]][0], ty.variant[v[0]][1], v[1]);
    case "result":
      return tagged(v[0] === 0 ? "ok" : "err", ty.result[v[0]], v[1]);
    case "enum":
      return ty.enum[v];
    case "option":
      if (tag(ty.option) === "option") {
        return v === null
          ? { tag: "none" }
          : { tag: "some", val: toJs(ty.option, v[0]) };
      }
      return v === null ? undefined : toJs(ty.option, v[0]);
    case "flags":
      return Object.fromEntries(
        v.map((/** @type {number} */ i) => [camelCase(ty.flags[i]), true]),
      );
    default: // bool, small integers, char, string
      return v;
  }
}

/** @param {string} name @param {Type | null} ty @param {Json} v */
function tagged(name, ty, v) {
  return ty === null ? { tag: name } : { tag: name, val: toJs(ty, v) };
}

/** @param {Type} ty @param {any} v @returns {Json} */
export function fromJs(ty, v) {
  const kind = tag(ty);
  /** @param {unknown} ok */
  const must = (ok) => {
    if (!ok) throw new TypeError(`${show(v)} is no ${kind}`);
  };
  switch (kind) {
    case "bool":
      must(typeof v === "boolean");
      return v;
    case "s64":
    case "u64":
      must(typeof v === "bigint");
      return String(v);
    case "f32":
      must(typeof v === "number" && Object.is(v, Math.fround(v)));
      return String(
        Number.isNaN(v)
          ? 0x7fc00000
          : new Uint32Array(Float32Array.of(v).buffer)[0],
      );
    case "f64":
      must(typeof v === "number");
      return String(
        Number.isNaN(v)
          ? 0x7ff8000000000000n
          : new BigUint64Array(Float64Array.of(v).buffer)[0],
      );
    case "char":
    case "string":
      must(typeof v === "string");
      return v;
    case "list":
    case "fixed": {
      const [of, length] = kind === "list" ? [ty.list] : ty.fixed;
      const Typed = TYPED[/** @type {keyof typeof TYPED} */ (tag(of))];
      must(Typed ? v instanceof Typed : Array.isArray(v));
      must(length === undefined || v.length === length);
      return Array.from(v, (e) => fromJs(of, e));
    }
    case "map":
      must(v instanceof Map);
      return sorted(
        [...v].map(([k, e]) => [fromJs(ty.map[0], k), fromJs(ty.map[1], e)]),
      );
    case "tuple":
      must(Array.isArray(v) && v.length === ty.tuple.length);
      return ty.tuple.map((/** @type {Type} */ t, /** @type {number} */ i) =>
        fromJs(t, v[i]),
      );
    case "record":
      must(typeof v === "object" && Object.keys(v).length === ty.record.length);
      return ty.record.map((/** @type {[string, Type]} */ [n, t]) => {
        must(Object.hasOwn(v, camelCase(n)));
        return fromJs(t, v[camelCase(n)]);
      });
    case "enum":
      must(ty.enum.includes(v));
      return ty.enum.indexOf(v);
    case "flags":
      must(Object.keys(v).length === ty.flags.length);
      return ty.flags.flatMap(
        (/** @type {string} */ n, /** @type {number} */ i) => {
          must(typeof v[camelCase(n)] === "boolean");
          return v[camelCase(n)] ? [i] : [];
        },
      );
    case "variant":
    case "result":
    case "option":
      return fromCases(ty, v, must);
    default:
      must(typeof v === "number" && Number.isInteger(v));
      return v;
  }
}

/** @param {Type} ty @param {any} v @param {(ok: unknown) => void} must */
function fromCases(ty, v, must) {
  if (ty.option !== undefined) {
    if (tag(ty.option) !== "option")
      return v === undefined ? null : [fromJs(ty.option, v)];
    must(v?.tag === "some" || v?.tag === "none");
    return v.tag === "none" ? null : [fromJs(ty.option, v.val)];
  }
  /** @type {[string, Type | null][]} */
  const cases = ty.variant ?? [
    ["ok", ty.result[0]],
    ["err", ty.result[1]],
  ];
  const i = cases.findIndex(([n]) => n === v?.tag);
  must(i >= 0 && (cases[i][1] !== null || v.val === undefined));
  const payload = cases[i][1];
  return [i, payload === null ? null : fromJs(payload, v.val)];
}

/** @param {[Json, Json][]} entries in the order the other side has them too */
function sorted(entries) {
  const key = (/** @type {[Json, Json]} */ [k]) => pythonJson(k);
  return entries.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** As Python's json.dumps writes a scalar: everything beyond ASCII is an escape. @param {Json} v */
function pythonJson(v) {
  return JSON.stringify(v).replace(
    /[\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
