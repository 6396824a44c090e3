/**
 * Puts the functions of a Wasm module into the order that gzip likes best: what it has seen in the last 32 kB costs next to
 * nothing, so functions that read alike stand together. Owns the search for that order and the numbering that follows from it;
 * of Wasm it knows where functions are named by their numbers, and nothing else of what they do.
 * @module
 */
import { deflateRawSync, gzipSync } from "node:zlib";

/** Two functions are as alike as many runs of so many bytes are in both. */
const GRAM = 8;
/** gzip's window. */
const WINDOW = 32_768;

/** The first order looks back by less: what stands at the far end of the window is soon out of it. */
const CHAIN_WINDOW = 28_000;
/** So many runs more are held against each function: the large ones, which small ones are parts of, come first. */
const CHAIN_BIAS = 200;

/** Functions that a function is tried behind: those most like it. */
const PARTNERS = 8;
/** A run that so many functions have tells nothing of likeness. */
const COMMON = 40;
/** Bytes after a function whose cost it may change. */
const AFTER = 8_000;
/** Bytes that a move has to save: what is measured around one place is not exact. */
const WORTH = 3;
/** A function that costs less is left where it is. */
const CHEAP = 12;

/**
 * @typedef {object} Code bytes in which function indices are left out
 * @property {Uint8Array[]} parts what stands around the indices
 * @property {number[]} indices
 *
 * @typedef {object} Module
 * @property {number} imported how many functions are
 * @property {Uint8Array[]} types the type of each function, encoded
 * @property {Code[]} bodies
 * @property {Array<{ id: number, code: Code }>} sections all of them; `code` is empty where types and bodies go
 */

const SECTION = {
  import: 2,
  function: 3,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
};

/** Reads a module from one place on. */
class Cursor {
  /** @param {Uint8Array} bytes @param {number} at @param {number} end */
  constructor(bytes, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    /** Where the bytes begin that have not been put into `code` yet. */
    this.kept = at;
    /** @type {Code} */
    this.code = { parts: [], indices: [] };
  }

  byte() {
    return this.bytes[this.at++];
  }

  u32() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** Passes over numbers of any width. */
  skip(count = 1) {
    while (count > 0) if (this.byte() < 0x80) count--;
  }

  /** Passes over a name or any other run of bytes with its length. */
  run() {
    const length = this.u32();
    return this.bytes.subarray(this.at, (this.at += length));
  }

  /** A function index, which is left out of `code`. */
  index() {
    this.code.parts.push(this.bytes.subarray(this.kept, this.at));
    this.code.indices.push(this.u32());
    this.kept = this.at;
  }

  finish() {
    this.code.parts.push(this.bytes.subarray(this.kept, this.end));
    return this.code;
  }
}

/** @param {Cursor} cursor of a function's locals and instructions */
function readBody(cursor) {
  for (let groups = cursor.u32(); groups > 0; groups--) cursor.skip(2);
  while (cursor.at < cursor.end) readInstruction(cursor);
  return cursor.finish();
}

/** @param {Cursor} cursor */
function readInstruction(cursor) {
  const op = cursor.byte();
  if (op === 0x10 || op === 0x12 || op === 0xd2)
    cursor.index(); // call, return_call, ref.func
  else if (op === 0x0e)
    cursor.skip(cursor.u32() + 1); // br_table
  else if (op === 0x1c)
    cursor.run(); // select with types
  else if (op === 0x43)
    cursor.at += 4; // f32.const
  else if (op === 0x44)
    cursor.at += 8; // f64.const
  else if (op === 0xfc) cursor.skip(bulkImmediates(cursor.u32()));
  else cursor.skip(immediates(op));
}

/** How many numbers follow an opcode. @param {number} op */
function immediates(op) {
  if (op === 0x11 || op === 0x13) return 2; // call_indirect, return_call_indirect
  if (op >= 0x28 && op <= 0x3e) return 2; // loads and stores
  if (op >= 0x20 && op <= 0x26) return 1; // variables and tables
  if (op >= 0x02 && op <= 0x04) return 1; // block, loop, if
  if ([0x0c, 0x0d, 0x3f, 0x40, 0x41, 0x42, 0xd0].includes(op)) return 1;
  if (op <= 0x1b || (op >= 0x45 && op <= 0xc4) || op === 0xd1) return 0;
  throw new Error(
    `the order of functions: opcode 0x${op.toString(16)} is not known`,
  );
}

/** The same after the prefix of saturating conversions and of bulk instructions. @param {number} op */
function bulkImmediates(op) {
  if (op < 8) return 0;
  return [8, 10, 12, 14].includes(op) ? 2 : 1;
}

/** @param {Cursor} cursor of an import section @returns how many functions it has */
function countImports(cursor) {
  let functions = 0;
  for (let count = cursor.u32(); count > 0; count--) {
    cursor.run();
    cursor.run();
    const kind = cursor.byte();
    if (kind === 0) functions++;
    // A function's type, or after the type of a table's elements the limits of it, or of a memory, or a global's type.
    if (kind === 0) cursor.skip();
    else if (kind === 3) cursor.skip(2);
    else if (kind > 3)
      throw new Error("the order of functions: an import of another kind");
    else {
      if (kind === 1) cursor.skip();
      cursor.skip(1 + (cursor.u32() & 1));
    }
  }
  return functions;
}

/** @param {Cursor} cursor of an export section */
function readExports(cursor) {
  for (let count = cursor.u32(); count > 0; count--) {
    cursor.run();
    if (cursor.byte() === 0) cursor.index();
    else cursor.skip();
  }
}

/** @param {Cursor} cursor of an element section: active segments of function indices in the first table */
function readElements(cursor) {
  for (let count = cursor.u32(); count > 0; count--) {
    if (cursor.u32() !== 0)
      throw new Error("the order of functions: not such a segment");
    while (cursor.at < cursor.end && cursor.bytes[cursor.at] !== 0x0b)
      readInstruction(cursor);
    cursor.byte();
    for (let length = cursor.u32(); length > 0; length--) cursor.index();
  }
}

/** @param {Uint8Array} bytes @returns {Module} */
function read(bytes) {
  /** @type {Module} */
  const module = { imported: 0, types: [], bodies: [], sections: [] };
  const all = new Cursor(bytes, 8);
  while (all.at < all.end) {
    const id = all.byte();
    const { length } = all.run();
    const cursor = new Cursor(bytes, all.at - length, all.at);
    if (id === SECTION.function || id === SECTION.code) {
      for (let count = cursor.u32(); count > 0; count--) {
        const start = cursor.at;
        if (id === SECTION.function) {
          cursor.skip();
          module.types.push(bytes.subarray(start, cursor.at));
        } else {
          const body = cursor.run();
          module.bodies.push(readBody(new Cursor(body)));
        }
      }
      module.sections.push({ id, code: { parts: [], indices: [] } });
      continue;
    }
    if (id === SECTION.import) module.imported = countImports(cursor);
    else if (id === SECTION.export) readExports(cursor);
    else if (id === SECTION.element) readElements(cursor);
    else if (id === SECTION.start) cursor.index();
    module.sections.push({ id, code: cursor.finish() });
  }
  return module;
}

/** @param {number} value */
function u32(value) {
  const bytes = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80))
    bytes.push((value & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, value]);
}

/** @param {Uint8Array[]} parts */
const withLength = (...parts) => {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([u32(bytes.length), bytes]);
};

/** @param {Module} module @param {number[]} order the functions that are not imported, by their places before */
function write({ imported, types, bodies, sections }, order) {
  const numbers = new Map(
    order.map((old, now) => [old + imported, now + imported]),
  );
  /** @param {Code} code */
  const encode = ({ parts, indices }) =>
    Buffer.concat(
      parts.flatMap((part, i) =>
        i < indices.length
          ? [part, u32(numbers.get(indices[i]) ?? indices[i])]
          : [part],
      ),
    );
  const head = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const written = sections.map(({ id, code }) => {
    const contents =
      id === SECTION.function
        ? [u32(order.length), ...order.map((old) => types[old])]
        : id === SECTION.code
          ? [
              u32(order.length),
              ...order.map((old) => withLength(encode(bodies[old]))),
            ]
          : [encode(code)];
    return Buffer.concat([Uint8Array.of(id), withLength(...contents)]);
  });
  return Buffer.concat([head, ...written]);
}

/**
 * The runs of bytes of each function, as small numbers, each once; and the functions that have each run.
 * @param {Uint8Array[]} functions
 */
function runsOf(functions) {
  /** @type {Map<number, number>} */
  const numbers = new Map();
  /** @type {number[][]} */
  const owners = [];
  const runs = functions.map((bytes, f) => {
    const own = new Set();
    for (let at = 0; at + GRAM <= bytes.length; at++) {
      let hash = 0x811c9dc5;
      for (let i = 0; i < GRAM; i++)
        hash = Math.imul(hash ^ bytes[at + i], 0x01000193);
      let number = numbers.get(hash);
      if (number === undefined) {
        numbers.set(hash, (number = numbers.size));
        owners.push([]);
      }
      own.add(number);
    }
    for (const run of own) owners[run].push(f);
    return [...own];
  });
  return { runs, owners };
}

/**
 * Puts after each function the one of which most has been seen lately.
 * @param {Uint8Array[]} functions
 * @returns {number[]}
 */
function chain(functions) {
  const { runs, owners } = runsOf(functions);
  const times = new Uint32Array(owners.length);
  const seen = new Uint32Array(functions.length);
  /** @param {number} run @param {1 | -1} step */
  const tally = (run, step) => {
    for (const f of owners[run]) seen[f] += step;
  };
  const left = new Set(functions.keys());
  /** @type {number[]} */
  const order = [];
  let [next] = left;
  for (let first = 0, length = 0; left.size > 0;) {
    left.delete(next);
    order.push(next);
    length += functions[next].length;
    for (const run of runs[next]) if (times[run]++ === 0) tally(run, 1);
    for (; length > CHAIN_WINDOW && first < order.length - 1; first++) {
      length -= functions[order[first]].length;
      for (const run of runs[order[first]])
        if (--times[run] === 0) tally(run, -1);
    }
    let best = -1;
    for (const f of left) {
      const share = seen[f] / (runs[f].length + CHAIN_BIAS);
      if (share > best) [best, next] = [share, f];
    }
  }
  return order;
}

/**
 * For each function those that are most like it.
 * @param {Uint8Array[]} functions
 * @returns {number[][]}
 */
function partnersOf(functions) {
  const { runs, owners } = runsOf(functions);
  return runs.map((own, f) => {
    /** @type {Map<number, number>} */
    const shared = new Map();
    for (const run of own)
      if (owners[run].length <= COMMON)
        for (const g of owners[run]) shared.set(g, (shared.get(g) ?? 0) + 1);
    shared.delete(f);
    /** @param {[number, number]} entry */
    const likeness = ([g, count]) => count / Math.sqrt(runs[g].length + 40);
    return [...shared]
      .sort((a, b) => likeness(b) - likeness(a))
      .slice(0, PARTNERS)
      .map(([g]) => g);
  });
}

/**
 * Moves each function behind the one of its partners where it and what follows cost least: measured with what stands around.
 * @param {Uint8Array[]} functions in their order
 * @returns {number[]}
 */
function move(functions) {
  const order = [...functions.keys()];
  /** What it costs to have `f` before `order[at]`. @param {number} f @param {number} at */
  const cost = (f, at) => {
    let [from, to] = [at, at];
    for (let length = 0; from > 0 && length < WINDOW;)
      length += functions[order[--from]].length;
    for (let length = 0; to < order.length && length < AFTER;)
      length += functions[order[to++]].length;
    /** @param {number[]} fs */
    const text = (fs) =>
      Buffer.concat(fs.filter((g) => g !== f).map((g) => functions[g]));
    const dictionary = text(order.slice(from, at)).subarray(-WINDOW);
    const after = text(order.slice(at, to));
    /** @param {Buffer} data */
    const size = (data) =>
      deflateRawSync(data, {
        level: 9,
        ...(dictionary.length > 0 && { dictionary }),
      }).length;
    return size(Buffer.concat([functions[f], after])) - size(after);
  };
  partnersOf(functions).forEach((partners, f) => {
    const at = order.indexOf(f);
    let least = cost(f, at) - WORTH;
    if (least < CHEAP) return;
    let behind;
    for (const g of partners) {
      const there = cost(f, order.indexOf(g) + 1);
      if (there < least) [least, behind] = [there, g];
    }
    if (behind === undefined) return;
    order.splice(at, 1);
    order.splice(order.indexOf(behind) + 1, 0, f);
  });
  return order;
}

/**
 * @param {Uint8Array} bytes a module
 * @param {number} passes that move functions. Each gives new numbers, and calls read differently; a fourth finds little, and the
 *   first takes ten seconds for a thousand functions, and a minute and more for three times as many.
 * @returns {Uint8Array} the same with its functions in another order
 */
export function orderFunctions(bytes, passes) {
  const size = (/** @type {Uint8Array} */ module) =>
    gzipSync(module, { level: 9 }).length;
  let best = bytes;
  let from = bytes;
  for (const find of [chain, ...Array(passes).fill(move)]) {
    const module = read(from);
    const functions = module.bodies.map(({ parts, indices }) =>
      Buffer.concat(parts.flatMap((part, i) => [part, u32(indices[i] ?? 0)])),
    );
    from = write(module, find(functions));
    if (size(from) < size(best)) best = from;
  }
  return best;
}
