/**
 * @module The resource `fields` of wasi:http: names and values with the rules of
 * the specification. It owns syntax, order, case and what is forbidden.
 */

/** @typedef {[name: string, value: Uint8Array]} Entry */
/** @typedef {{ tag: "invalid-syntax" | "forbidden" | "immutable" }} HeaderError */

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** What the connection's owner sets, and no guest. */
const FORBIDDEN = new Set([
  ...["connection", "host", "http2-settings", "keep-alive"],
  ...["proxy-authenticate", "proxy-authorization", "proxy-connection"],
  ...["transfer-encoding", "upgrade"],
]);

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
   * @returns {Fields}
   */
  static received(entries) {
    const fields = new Fields();
    fields.#entries = entries;
    fields.#immutable = true;
    return fields;
  }

  /**
   * What a parent shows of its fields.
   * @returns {Fields}
   */
  view() {
    return Fields.received(this.#entries);
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

  #mutable() {
    if (this.#immutable) refuse("immutable");
  }

  /**
   * @param {string} name
   * @param {Uint8Array[]} values
   */
  set(name, values) {
    checkName(name);
    for (const value of values) checkValue(value);
    this.#mutable();
    const lower = name.toLowerCase();
    const at = this.#entries.findIndex(([n]) => n.toLowerCase() === lower);
    const rest = this.#entries.filter(([n]) => n.toLowerCase() !== lower);
    const place = at < 0 ? rest.length : at;
    /** @type {Entry[]} */
    const added = values.map((value) => [name, value]);
    this.#entries = [...rest.slice(0, place), ...added, ...rest.slice(place)];
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
    this.#entries = [...this.#entries, [name, value]];
  }

  /** @returns {Entry[]} */
  entries() {
    return this.#entries;
  }

  /** @returns {Fields} */
  clone() {
    const copy = new Fields();
    copy.#entries = this.#entries.map(([name, value]) => [name, value.slice()]);
    return copy;
  }

  /**
   * The one value of `content-length`, if it is there.
   * @returns {number | undefined}
   */
  contentLength() {
    const [value] = this.get("content-length");
    if (!value) return undefined;
    const text = latin1(value);
    return /^\d+$/.test(text) ? Number(text) : undefined;
  }
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
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
