/**
 * JavaScript values to WAVE, the text form of component values, guided by their types. `wave.js` is the way back.
 * @module
 */
import { camelCase } from "./names.js";
import { ESCAPES, isTagged } from "./wave.js";

/** @import { World } from './types.js' */

const UNESCAPES = new Map([...ESCAPES].map(([to, from]) => [from, to]));

/** Words that a label has to stand apart from with a `%`. */
const KEYWORDS = new Set([..."true false inf nan some none ok err".split(" ")]);

/**
 * Text between quotes, with escapes for what cannot stand there.
 * @param {string} text
 * @param {string} quote the one that needs an escape
 */
function quote(text, quote) {
  const body = text.replace(/["'\\\n\r\t]|\p{Cc}/gu, (character) => {
    if (/["']/.test(character) && character !== quote) return character;
    const short = UNESCAPES.get(character);
    return short
      ? `\\${short}`
      : `\\u{${character.charCodeAt(0).toString(16)}}`;
  });
  return quote + body + quote;
}

const label = (/** @type {string} */ name) =>
  KEYWORDS.has(name) ? `%${name}` : name;

/** @param {number} value */
function float(value) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

/**
 * A value as WAVE text.
 * @param {any} value
 * @param {number} index an index of `world.types`
 * @param {World} world
 * @returns {string}
 */
export function printWave(value, index, world) {
  const type = world.types[index];
  const print = (/** @type {any} */ v, /** @type {number} */ t) =>
    printWave(v, t, world);
  const apply = (
    /** @type {string} */ name,
    /** @type {number | null} */ t,
    /** @type {any} */ v,
  ) => (t === null ? name : `${name}(${print(v, t)})`);
  if (typeof type === "string") return printPrimitive(value, type);
  if ("list" in type)
    return `[${Array.from(value, (v) => print(v, type.list)).join(", ")}]`;
  if ("map" in type)
    return `[${Array.from(value, ([k, v]) => `(${print(k, type.map[0])}, ${print(v, type.map[1])})`).join(", ")}]`;
  if ("tuple" in type)
    return `(${type.tuple.map((t, i) => print(value[i], t)).join(", ")})`;
  if ("record" in type) {
    const fields = type.record.map(
      ([name, t]) => `${label(name)}: ${print(value[camelCase(name)], t)}`,
    );
    return fields.length ? `{${fields.join(", ")}}` : "{:}";
  }
  if ("variant" in type) {
    const [, payload] = type.variant.find(([name]) => name === value.tag) ?? [];
    return apply(label(value.tag), payload ?? null, value.val);
  }
  if ("enum" in type) return label(value);
  if ("flags" in type)
    return `{${type.flags
      .filter((name) => value[camelCase(name)])
      .map(label)
      .join(", ")}}`;
  if ("option" in type) {
    if (!isTagged(world.types[type.option]))
      return value == null ? "none" : apply("some", type.option, value);
    return value.tag === "none"
      ? "none"
      : apply("some", type.option, value.val);
  }
  if ("result" in type)
    return apply(value.tag, type.result[value.tag === "ok" ? 0 : 1], value.val);
  return `<${Object.keys(type)[0]}>`;
}

/**
 * @param {any} value
 * @param {string} type
 */
function printPrimitive(value, type) {
  switch (type) {
    case "string":
      return quote(value, '"');
    case "char":
      return quote(value, "'");
    case "f32":
    case "f64":
      return float(value);
    default:
      return String(value);
  }
}
