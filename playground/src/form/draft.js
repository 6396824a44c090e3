/**
 * What stands in a form while it is filled in, a draft, for a value of any plain type: made empty, made from a value, and read
 * into one. A draft holds what was typed, right or wrong. Pure functions; knows no element.
 * @module
 */
import { camelCase } from "../../../npm/src/names.js";

/** @import { World, WorldType } from '../../../npm/src/types.js' */

/**
 * By the type: text (numbers, char, string), boolean, the case (enum) as text; a list of drafts (list, tuple, record and map
 * entries in order); a set of names (flags); or a choice with the draft of what goes with it.
 * @typedef {string | boolean | DraftList | DraftFlags | DraftChoice} Draft
 * @typedef {Draft[]} DraftList
 * @typedef {{ flags: string[] }} DraftFlags
 * @typedef {{ choice: string, payload: Draft | null }} DraftChoice
 */

/** Something in a form that is no value of its type; `path` names the field, from the outside in. */
export class DraftError extends Error {
  /**
   * @param {string} message
   * @param {string[]} path
   */
  constructor(message, path) {
    super(message);
    this.path = path;
  }
}

/** @type {Record<string, [bigint, bigint]>} */
const INTEGERS = {
  u8: [0n, 255n],
  u16: [0n, 65535n],
  u32: [0n, 4294967295n],
  u64: [0n, 18446744073709551615n],
  s8: [-128n, 127n],
  s16: [-32768n, 32767n],
  s32: [-2147483648n, 2147483647n],
  s64: [-9223372036854775808n, 9223372036854775807n],
};

const FLOATS = new Set(["f32", "f64"]);

/**
 * A list of numbers is written as one line of text.
 * @param {World} world
 * @param {number} index the type of the items
 */
export function isNumber(world, index) {
  const type = world.types[index];
  return typeof type === "string" && (type in INTEGERS || FLOATS.has(type));
}

/**
 * What a choice can be, with the type that goes with each.
 * @param {WorldType} type
 * @returns {Array<[name: string, payload: number | null]> | undefined}
 */
export function choicesOf(type) {
  if (typeof type === "string") return undefined;
  if ("variant" in type) return type.variant;
  if ("result" in type)
    return [
      ["ok", type.result[0]],
      ["err", type.result[1]],
    ];
  if ("option" in type)
    return [
      ["none", null],
      ["some", type.option],
    ];
  return undefined;
}

/** @param {WorldType} type */
export const isOptionType = (type) =>
  typeof type === "object" && "option" in type;

/**
 * The draft of a form that nobody has touched.
 * @param {World} world
 * @param {number} index
 * @returns {Draft}
 */
export function emptyDraft(world, index) {
  const type = world.types[index];
  const of = (/** @type {number} */ t) => emptyDraft(world, t);
  if (typeof type === "string") {
    if (type === "bool") return false;
    return type in INTEGERS || FLOATS.has(type) ? "0" : "";
  }
  if ("list" in type) {
    if (type.length !== undefined)
      return Array.from({ length: type.length }, () => of(type.list));
    return isNumber(world, type.list) ? "" : [];
  }
  if ("map" in type) return [];
  if ("record" in type) return type.record.map(([, t]) => of(t));
  if ("tuple" in type) return type.tuple.map(of);
  if ("enum" in type) return type.enum[0];
  if ("flags" in type) return { flags: [] };
  const choices = choicesOf(type);
  if (choices) return choose(world, choices, choices[0][0]);
  return "";
}

/**
 * A choice newly made: what goes with it starts empty.
 * @param {World} world
 * @param {Array<[name: string, payload: number | null]>} choices
 * @param {string} choice
 * @returns {DraftChoice}
 */
export function choose(world, choices, choice) {
  const type = choices.find(([name]) => name === choice)?.[1] ?? null;
  return { choice, payload: type === null ? null : emptyDraft(world, type) };
}

/**
 * @param {string} text
 * @param {string} type
 * @param {string[]} path
 */
function readNumber(text, type, path) {
  const trimmed = text.trim().replaceAll("_", "");
  if (FLOATS.has(type)) {
    const word = trimmed.toLowerCase();
    if (word === "nan") return NaN;
    if (/^[+-]?inf(inity)?$/.test(word))
      return word.startsWith("-") ? -Infinity : Infinity;
    const value = Number(trimmed);
    if (trimmed === "" || Number.isNaN(value))
      throw new DraftError(`“${text}” is not a number`, path);
    return type === "f32" ? Math.fround(value) : value;
  }
  if (!/^[+-]?(\d+|0x[\da-f]+)$/i.test(trimmed))
    throw new DraftError(
      trimmed === ""
        ? "a number is missing"
        : `“${text}” is not a whole number`,
      path,
    );
  const magnitude = BigInt(trimmed.replace(/^[+-]/, ""));
  const value = trimmed.startsWith("-") ? -magnitude : magnitude;
  const [least, most] = INTEGERS[type];
  if (value < least || value > most)
    throw new DraftError(
      `${value} is not a ${type} (${least} to ${most})`,
      path,
    );
  return type.endsWith("64") ? value : Number(value);
}

/**
 * @param {string} text
 * @param {string} type
 * @param {string[]} path
 */
function readText(text, type, path) {
  if (type === "string") return text;
  if (type === "char") {
    if ([...text].length !== 1)
      throw new DraftError("a char is exactly one character", path);
    return text;
  }
  return readNumber(text, type, path);
}

/**
 * The JavaScript value that a draft stands for.
 * @param {World} world
 * @param {number} index
 * @param {any} draft
 * @param {string[]} [path]
 * @returns {unknown}
 */
export function readDraft(world, index, draft, path = []) {
  const type = world.types[index];
  if (type === "bool") return draft;
  if (typeof type === "string") return readText(draft, type, path);
  const of = (
    /** @type {number} */ t,
    /** @type {Draft} */ d,
    /** @type {string} */ name,
  ) => readDraft(world, t, d, [...path, name]);
  if ("list" in type) return readList(world, type, draft, path);
  if ("map" in type)
    return new Map(
      draft.map(([key, value] = ["", ""], /** @type {number} */ i) => [
        of(type.map[0], key, `${i} key`),
        of(type.map[1], value, `${i} value`),
      ]),
    );
  if ("record" in type)
    return Object.fromEntries(
      type.record.map(([name, t], i) => [
        camelCase(name),
        of(t, draft[i], name),
      ]),
    );
  if ("tuple" in type)
    return type.tuple.map((t, i) => of(t, draft[i], String(i)));
  if ("enum" in type) return draft;
  if ("flags" in type)
    return Object.fromEntries(
      type.flags.map((name) => [camelCase(name), draft.flags.includes(name)]),
    );
  if ("own" in type || "borrow" in type) {
    if (draft === "")
      throw new DraftError("choose a resource; calls make them", path);
    return Number(draft);
  }
  const payload = choicesOf(type)?.find(([name]) => name === draft.choice)?.[1];
  const val =
    payload == null ? undefined : of(payload, draft.payload, draft.choice);
  if ("option" in type && !isOptionType(world.types[type.option])) return val;
  return payload == null ? { tag: draft.choice } : { tag: draft.choice, val };
}

/**
 * @param {World} world
 * @param {{ list: number, length?: number }} type
 * @param {any} draft
 * @param {string[]} path
 */
function readList(world, type, draft, path) {
  // A list of numbers is text, unless its length is fixed.
  const items =
    typeof draft === "string"
      ? draft.split(/[\s,;[\]]+/).filter(Boolean)
      : draft;
  return items.map((/** @type {Draft} */ item, /** @type {number} */ i) =>
    readDraft(world, type.list, item, [...path, String(i)]),
  );
}

/**
 * The draft that would be read as a value.
 * @param {World} world
 * @param {number} index
 * @param {any} value
 * @returns {Draft}
 */
export function draftOf(world, index, value) {
  const type = world.types[index];
  const of = (/** @type {number} */ t, /** @type {any} */ v) =>
    draftOf(world, t, v);
  if (type === "bool") return value;
  if (typeof type === "string") return String(value);
  if ("list" in type)
    return type.length === undefined && isNumber(world, type.list)
      ? Array.from(value).join(", ")
      : Array.from(value, (item) => of(type.list, item));
  if ("map" in type)
    return Array.from(value, ([k, v]) => [
      of(type.map[0], k),
      of(type.map[1], v),
    ]);
  if ("record" in type)
    return type.record.map(([name, t]) => of(t, value[camelCase(name)]));
  if ("tuple" in type) return type.tuple.map((t, i) => of(t, value[i]));
  if ("enum" in type) return value;
  if ("flags" in type)
    return { flags: type.flags.filter((name) => value[camelCase(name)]) };
  const choices = choicesOf(type);
  if (!choices) return "";
  const tagged =
    "option" in type && !isOptionType(world.types[type.option])
      ? value == null
        ? { tag: "none" }
        : { tag: "some", val: value }
      : value;
  const payload = choices.find(([name]) => name === tagged.tag)?.[1] ?? null;
  return {
    choice: tagged.tag,
    payload: payload === null ? null : of(payload, tagged.val),
  };
}
