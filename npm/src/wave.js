/**
 * WAVE, the text form of component values, to JavaScript values, guided by their types (`wave-print.js` is the way back).
 * Knows the values' shapes in JavaScript, and no function or instance.
 * @module
 */
import { camelCase } from "./names.js";

/** @import { World, WorldType } from './types.js' */

/** Text that is not WAVE, or not of the type; `offset` counts UTF-16 units. */
export class WaveError extends Error {
  /**
   * @param {string} message
   * @param {number} offset
   */
  constructor(message, offset) {
    super(message);
    this.offset = offset;
  }
}

const INTEGERS = new Map([
  ["u8", [0n, 255n]],
  ["u16", [0n, 65535n]],
  ["u32", [0n, 4294967295n]],
  ["u64", [0n, 18446744073709551615n]],
  ["s8", [-128n, 127n]],
  ["s16", [-32768n, 32767n]],
  ["s32", [-2147483648n, 2147483647n]],
  ["s64", [-9223372036854775808n, 9223372036854775807n]],
]);

/** What a backslash and a character stand for. */
export const ESCAPES = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ['"', '"'],
  ["'", "'"],
  ["\\", "\\"],
]);

/** Is the JavaScript value of an option of this type tagged? Only where `undefined` would have two meanings. */
export const isTagged = (/** @type {WorldType} */ inner) =>
  typeof inner === "object" && "option" in inner;

/** A cursor over WAVE text. */
class Cursor {
  at = 0;

  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.#space();
  }

  #space() {
    const pattern = /(?:\s+|\/\/[^\n]*)*/y;
    pattern.lastIndex = this.at;
    pattern.exec(this.text);
    this.at = pattern.lastIndex;
  }

  /**
   * @param {string} message
   * @returns {never}
   */
  fail(message) {
    throw new WaveError(`${message} at offset ${this.at}`, this.at);
  }

  /** What stands here, for messages. */
  here() {
    const text = this.text.slice(this.at, this.at + 12);
    return text ? `\`${text}\`` : "the end";
  }

  /**
   * Takes what a pattern (sticky) matches here.
   * @param {RegExp} pattern
   * @returns {string | undefined}
   */
  match(pattern) {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (!match) return undefined;
    this.at = pattern.lastIndex;
    this.#space();
    return match[0];
  }

  /**
   * Takes a token if it stands here.
   * @param {string} token
   */
  take(token) {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    this.#space();
    return true;
  }

  /** @param {string} token */
  expect(token) {
    if (!this.take(token))
      this.fail(`expected \`${token}\`, found ${this.here()}`);
  }

  /** A label; a `%` before it is not part of it. */
  label() {
    const label = this.match(/%?[a-zA-Z][a-zA-Z0-9]*(?:-[a-zA-Z0-9]+)*/y);
    return label?.replace("%", "");
  }

  /**
   * The word here if it is one of these, not followed by more of a label, and not a `%` label. Takes nothing.
   * @param {string[]} words
   */
  peekWord(words) {
    const pattern = /[a-z]+(?![a-zA-Z0-9-])/y;
    pattern.lastIndex = this.at;
    const word = pattern.exec(this.text)?.[0];
    return word !== undefined && words.includes(word) ? word : undefined;
  }

  /**
   * Items between brackets, separated by commas; one may follow the last.
   * @param {string} close
   * @param {() => void} item
   */
  items(close, item) {
    while (!this.take(close)) {
      item();
      if (!this.take(",")) {
        this.expect(close);
        return;
      }
    }
  }

  /** One character of a quoted text, with its escapes. */
  character() {
    const match = /\\(?:u\{([0-9a-fA-F]{1,6})\}|([^]))|[^]/uy;
    match.lastIndex = this.at;
    const found =
      match.exec(this.text) ?? this.fail("the text ends in a string");
    const [whole, hex, escape] = found;
    const point = hex === undefined ? 0 : parseInt(hex, 16);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
      this.fail(`${whole} is not a Unicode scalar value`);
    const character =
      hex !== undefined
        ? String.fromCodePoint(point)
        : escape !== undefined
          ? (ESCAPES.get(escape) ?? this.fail(`unknown escape ${whole}`))
          : whole;
    this.at = match.lastIndex;
    return character;
  }

  /**
   * The rest of a quoted text whose opening quote has been taken.
   * @param {string} quote
   */
  quoted(quote) {
    let text = "";
    while (!this.text.startsWith(quote, this.at)) {
      if (this.at >= this.text.length) this.fail("the text ends in a string");
      text += this.character();
    }
    this.at += quote.length;
    this.#space();
    return text;
  }

  /** Opens a quoted text without skipping the space that belongs to it. */
  open(/** @type {string} */ quote) {
    if (!this.text.startsWith(quote, this.at)) return false;
    this.at += quote.length;
    return true;
  }
}

/** Reads values of one world's types. */
class Reader {
  /** @type {Cursor} said here, so that the type checker believes `fail` */
  cursor;

  /**
   * @param {Cursor} cursor
   * @param {World} world
   */
  constructor(cursor, world) {
    this.cursor = cursor;
    this.types = world.types;
  }

  /**
   * @param {number} index
   * @returns {unknown}
   */
  value(index) {
    const type = this.types[index];
    if (typeof type === "string") return this.primitive(type);
    if ("list" in type) return this.list(type.list, type.length);
    if ("map" in type) return this.map(type.map);
    if ("record" in type) return this.record(type.record);
    if ("tuple" in type) return this.tuple(type.tuple);
    if ("variant" in type) return this.variant(type.variant);
    if ("enum" in type) return this.enum(type.enum);
    if ("flags" in type) return this.flags(type.flags);
    if ("option" in type) return this.option(type.option);
    if ("result" in type) return this.result(type.result);
    return this.cursor.fail(
      "this parameter is a resource, a stream or a future, which cannot be written down",
    );
  }

  /** @param {string} type */
  primitive(type) {
    const range = INTEGERS.get(type);
    if (range) return this.integer(type, range);
    switch (type) {
      case "bool": {
        const word = this.cursor.peekWord(["true", "false"]);
        if (!word) this.wanted("true or false");
        this.cursor.label();
        return word === "true";
      }
      case "f32":
      case "f64":
        return this.float();
      case "char":
        return this.char();
      case "string":
        return this.string();
      default:
        return this.cursor.fail(
          `a value of type ${type} cannot be written down`,
        );
    }
  }

  /**
   * @param {string} what
   * @returns {never}
   */
  wanted(what) {
    return this.cursor.fail(`expected ${what}, found ${this.cursor.here()}`);
  }

  /**
   * @param {string} type
   * @param {bigint[]} range
   */
  integer(type, [low, high]) {
    const start = this.cursor.at;
    const text =
      this.cursor.match(/-?\d+(?![\w.])/y) ?? this.wanted(`a number (${type})`);
    const value = BigInt(text);
    if (value < low || value > high) {
      this.cursor.at = start;
      this.cursor.fail(`${text} is not a ${type}`);
    }
    return type.endsWith("64") ? value : Number(value);
  }

  float() {
    const text =
      this.cursor.match(
        /-?(?:inf|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])|nan(?!\w)/y,
      ) ?? this.wanted("a number");
    return Number(text.replace("inf", "Infinity").replace("nan", "NaN"));
  }

  char() {
    if (!this.cursor.open("'")) this.wanted("a character in '…'");
    const character = this.cursor.character();
    this.cursor.expect("'");
    return character;
  }

  string() {
    if (this.cursor.open('"""')) return this.multiline();
    if (!this.cursor.open('"')) this.wanted('a string in "…"');
    return this.cursor.quoted('"');
  }

  /** Lines between `"""`, without the indentation of the last. */
  multiline() {
    const start = this.cursor.at;
    const text = this.cursor.quoted('"""');
    const lines = text.split("\n");
    const indent = /** @type {string} */ (lines.pop());
    if (lines.shift()?.trim() !== "" || indent.trim() !== "") {
      this.cursor.at = start;
      this.cursor.fail(
        'the quotes of a """ string stand on lines without text',
      );
    }
    return lines
      .map((line) =>
        line.startsWith(indent) ? line.slice(indent.length) : line,
      )
      .join("\n");
  }

  /**
   * @param {number} type
   * @param {number | undefined} length
   */
  list(type, length) {
    this.cursor.expect("[");
    /** @type {unknown[]} */
    const values = [];
    this.cursor.items("]", () => values.push(this.value(type)));
    if (length !== undefined && values.length !== length)
      this.cursor.fail(
        `the list has ${values.length} elements, its type ${length}`,
      );
    return values;
  }

  /** A map has no form of its own in WAVE: a list of pairs. */
  map(/** @type {[number, number]} */ types) {
    const map = new Map();
    this.cursor.expect("[");
    this.cursor.items("]", () => {
      const [key, value] = this.tuple(types);
      map.set(key, value);
    });
    return map;
  }

  /** @param {number[]} types */
  tuple(types) {
    this.cursor.expect("(");
    /** @type {unknown[]} */
    const values = [];
    this.cursor.items(")", () => {
      if (values.length === types.length)
        this.cursor.fail(`the tuple has ${types.length} elements`);
      values.push(this.value(types[values.length]));
    });
    if (values.length !== types.length)
      this.cursor.fail(
        `the tuple has ${types.length} elements, ${values.length} are given`,
      );
    return values;
  }

  /** @param {Array<[string, number]>} fields */
  record(fields) {
    /** @type {Map<string, unknown>} */
    const given = new Map();
    this.cursor.expect("{");
    if (this.cursor.take(":")) this.cursor.expect("}");
    else {
      this.cursor.items("}", () => {
        const label = this.cursor.label() ?? this.wanted("a field's name");
        const field = fields.find(([name]) => name === label);
        if (!field)
          this.cursor.fail(
            `there is no field ${label}; there ${fields.length === 1 ? "is" : "are"} ${fields.map(([name]) => name).join(", ") || "none"}`,
          );
        if (given.has(label))
          this.cursor.fail(`the field ${label} is given twice`);
        this.cursor.expect(":");
        given.set(label, this.value(field[1]));
      });
    }
    return Object.fromEntries(
      fields.map(([name, type]) => {
        if (!given.has(name) && !this.isOptional(type))
          this.cursor.fail(`the field ${name} is missing`);
        return [
          camelCase(name),
          given.has(name) ? given.get(name) : this.none(type),
        ];
      }),
    );
  }

  /** @param {number} index */
  isOptional(index) {
    const type = this.types[index];
    return typeof type === "object" && "option" in type;
  }

  /** The value of an option that is left out. */
  none(/** @type {number} */ index) {
    const type = /** @type {{ option: number }} */ (this.types[index]);
    return isTagged(this.types[type.option]) ? { tag: "none" } : undefined;
  }

  /** @param {Array<[string, number | null]>} cases */
  variant(cases) {
    const label = this.cursor.label() ?? this.wanted("a case's name");
    const found = cases.find(([name]) => name === label);
    if (!found)
      this.cursor.fail(
        `there is no case ${label}; there are ${cases.map(([name]) => name).join(", ")}`,
      );
    const [tag, type] = found;
    if (type === null) return { tag };
    return { tag, val: this.payload(type) };
  }

  /** @param {number} type */
  payload(type) {
    this.cursor.expect("(");
    const value = this.value(type);
    this.cursor.take(",");
    this.cursor.expect(")");
    return value;
  }

  /** @param {string[]} names */
  enum(names) {
    const label = this.cursor.label() ?? this.wanted("a case's name");
    if (!names.includes(label))
      this.cursor.fail(
        `there is no case ${label}; there are ${names.join(", ")}`,
      );
    return label;
  }

  /** @param {string[]} names */
  flags(names) {
    /** @type {Record<string, boolean>} */
    const flags = {};
    this.cursor.expect("{");
    this.cursor.items("}", () => {
      flags[camelCase(this.enum(names))] = true;
    });
    return flags;
  }

  /** @param {number} inner */
  option(inner) {
    const tagged = isTagged(this.types[inner]);
    const word = this.cursor.peekWord(["some", "none"]);
    if (word === "none") {
      this.cursor.label();
      return tagged ? { tag: "none" } : undefined;
    }
    if (word) this.cursor.label();
    else if (!this.mayStandBare(inner)) this.wanted("some(…) or none");
    const val = word ? this.payload(inner) : this.value(inner);
    return tagged ? { tag: "some", val } : val;
  }

  /** May `some(…)` or `ok(…)` be left off around a value of this type? */
  mayStandBare(/** @type {number} */ index) {
    const type = this.types[index];
    return typeof type === "string" || !("option" in type || "result" in type);
  }

  /** @param {[number | null, number | null]} types */
  result([ok, err]) {
    const tag = this.cursor.peekWord(["ok", "err"]);
    if (!tag) {
      if (ok === null || !this.mayStandBare(ok)) this.wanted("ok or err");
      return { tag: "ok", val: this.value(ok) };
    }
    this.cursor.label();
    const type = tag === "ok" ? ok : err;
    return type === null ? { tag } : { tag, val: this.payload(type) };
  }
}

/**
 * The value that WAVE text stands for.
 * @param {string} text
 * @param {number} type an index of `world.types`
 * @param {World} world
 * @returns {unknown}
 */
export function parseWave(text, type, world) {
  /** @type {Cursor} */
  const cursor = new Cursor(text);
  const value = new Reader(cursor, world).value(type);
  if (cursor.at < text.length) cursor.fail(`${cursor.here()} is too much`);
  return value;
}

/**
 * A call as text, `ns:pkg/api#greet("Ada")`, in its two parts.
 * @param {string} text
 * @returns {{ name: string, args: string }} `args` with its parentheses
 */
export function splitCall(text) {
  const [, name, args] = /^\s*([^()]*?)\s*(\([^]*)$/.exec(text) ?? [];
  if (!name)
    throw new WaveError(
      `${JSON.stringify(text)} is not a call; write one like 'greet("Ada")'`,
      0,
    );
  return { name, args };
}

/**
 * The arguments of a call. Options at the end may be left out.
 * @param {string} text `("Ada", 3)`
 * @param {Array<[name: string, type: number]>} params
 * @param {World} world
 * @returns {unknown[]}
 */
export function parseArguments(text, params, world) {
  /** @type {Cursor} */
  const cursor = new Cursor(text);
  const reader = new Reader(cursor, world);
  /** @type {unknown[]} */
  const values = [];
  const signature = `(${params.map(([name]) => name).join(", ")})`;
  cursor.expect("(");
  cursor.items(")", () => {
    if (values.length === params.length)
      cursor.fail(`too many arguments; the function takes ${signature}`);
    values.push(reader.value(params[values.length][1]));
  });
  if (cursor.at < text.length) cursor.fail(`${cursor.here()} is too much`);
  for (const [name, type] of params.slice(values.length)) {
    if (!reader.isOptional(type))
      cursor.fail(
        `the argument ${name} is missing; the function takes ${signature}`,
      );
    values.push(reader.none(type));
  }
  return values;
}
