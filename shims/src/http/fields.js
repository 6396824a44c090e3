/**
 * @module The resource `fields` of wasi:http: names and values with the rules of
 * the specification. It owns syntax, order, case and what is forbidden.
 */

import { DISPOSE } from "../core/exit.js";
import { trap } from "../io.js";

/** @import { Family } from "./family.js" */
/** @typedef {[name: string, value: Uint8Array]} Entry */
/** @typedef {{ tag: "invalid-syntax" | "forbidden" | "immutable" }} HeaderError */

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** What the connection's owner sets, and no guest. */
const FORBIDDEN = new Set([
  ...["connection", "host", "http2-settings", "keep-alive"],
  ...["proxy-authenticate", "proxy-authorization", "proxy-connection"],
  ...["transfer-encoding", "upgrade"],
]);

/** What a guest may gather in one `fields`, in bytes: the host keeps it. */
const MOST = 1 << 20;
/** What an entry costs beside its bytes. */
const ENTRY = 32;

/** @param {string} text */
export function isToken(text) {
  return TOKEN.test(text);
}

/**
 * @param {HeaderError["tag"]} tag
 * @returns {never}
 */
function refuse(tag) {
  throw { tag };
}

/** @param {string} name */
function checkName(name) {
  if (!isToken(name)) refuse("invalid-syntax");
  if (FORBIDDEN.has(name.toLowerCase())) refuse("forbidden");
}

/** @param {Uint8Array} value */
function checkValue(value) {
  for (const byte of value)
    if ((byte < 32 && byte !== 9) || byte === 127) refuse("invalid-syntax");
}

export class Fields {
  /** @type {Entry[]} */
  #entries = [];
  #immutable = false;
  /** Whether somebody else holds the entries: they are copied before a change. */
  #shared = false;
  #size = 0;
  /** Told when a child of another resource goes. @type {(() => void) | undefined} */
  #leave;

  /**
   * @param {Iterable<Entry>} entries
   * @returns {Fields}
   */
  static fromList(entries) {
    const fields = new Fields();
    for (const [name, value] of entries) fields.append(name, value);
    return fields;
  }

  /**
   * Fields that came over the wire: unchecked, and not to be changed.
   * @param {Entry[]} entries
   * @param {Family} [family] of the resource whose child they are
   * @returns {Fields}
   */
  static received(entries, family) {
    const fields = new Fields();
    fields.#entries = entries;
    fields.#immutable = true;
    fields.#shared = true;
    fields.#leave = family?.adopt();
    return fields;
  }

  /**
   * What the guest has given away: nobody's child any more.
   * @returns {Entry[]}
   */
  given() {
    this.#leave?.();
    return this.entries();
  }

  [DISPOSE]() {
    this.#leave?.();
  }

  /**
   * @param {string} name
   * @returns {Uint8Array[]}
   */
  get(name) {
    const lower = name.toLowerCase();
    return this.#entries
      .filter(([other]) => other.toLowerCase() === lower)
      .map(([, value]) => value);
  }

  /**
   * @param {string} name
   * @returns {boolean}
   */
  has(name) {
    const lower = name.toLowerCase();
    return this.#entries.some(([other]) => other.toLowerCase() === lower);
  }

  /** The entries, to be changed. @returns {Entry[]} */
  #mutable() {
    if (this.#immutable) refuse("immutable");
    if (this.#shared) this.#entries = [...this.#entries];
    this.#shared = false;
    return this.#entries;
  }

  /**
   * @param {string} name
   * @param {Uint8Array} value
   */
  #add(name, value) {
    this.#size += name.length + value.length + ENTRY;
    if (this.#size > MOST)
      throw trap(`wasi:http: fields of more than ${MOST} bytes`);
    this.#entries.push([name, value]);
  }

  /**
   * @param {string} name
   * @param {Uint8Array[]} values
   */
  set(name, values) {
    checkName(name);
    for (const value of values) checkValue(value);
    const lower = name.toLowerCase();
    const entries = this.#mutable();
    const at = entries.findIndex(([n]) => n.toLowerCase() === lower);
    const after = at < 0 ? [] : entries.splice(at);
    for (const value of values) this.#add(name, value);
    for (const entry of after)
      if (entry[0].toLowerCase() !== lower) entries.push(entry);
  }

  /** @param {string} name */
  delete(name) {
    checkName(name);
    this.#mutable();
    const lower = name.toLowerCase();
    this.#entries = this.#entries.filter(([n]) => n.toLowerCase() !== lower);
  }

  /**
   * @param {string} name
   * @param {Uint8Array} value
   */
  append(name, value) {
    checkName(name);
    checkValue(value);
    this.#mutable();
    this.#add(name, value);
  }

  /** @returns {Entry[]} which nobody may change */
  entries() {
    this.#shared = true;
    return this.#entries;
  }

  /** @returns {Fields} */
  clone() {
    const copy = new Fields();
    copy.#entries = this.#entries.map(([name, value]) => [name, value.slice()]);
    copy.#size = this.#size;
    return copy;
  }
}

/**
 * What `content-length` says.
 * @param {Entry[]} entries
 * @returns {number | undefined} NaN where it is no number, or several
 */
export function contentLength(entries) {
  let length;
  for (const [name, value] of entries) {
    if (name.toLowerCase() !== "content-length") continue;
    const text = latin1(value);
    const told = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (length !== undefined && length !== told) return NaN;
    length = told;
  }
  return length;
}

/**
 * Header values are bytes; the platform's strings hold one each.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function latin1(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/**
 * @param {string} text
 * @returns {Uint8Array}
 */
export function fromLatin1(text) {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Where the platform has decoded UTF-8 (workerd), that is what came.
    if (unit > 255) return new TextEncoder().encode(text);
    bytes[i] = unit;
  }
  return bytes;
}
