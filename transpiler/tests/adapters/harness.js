/**
 * Runs an adapter module between a caller and a callee made of plain JavaScript functions and memories. Owns the imports
 * of an adapter; knows what each is for, and nothing of the values that pass.
 * @module
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { trapMessages } from "../../runtime/adapter.js";

/** @typedef {import('./abi.js').Side} Side */
/** @typedef {import('./abi.js').Type} Type */
/** @typedef {import('./abi.js').Core} Core */
/** @typedef {{ bytes: Uint8Array, imports: [name: string, what: string][] } | null} Module `null`: the callee's own function */

const root = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * Runs an example of the transpiler.
 * @param {string} name
 * @param {string[]} args
 * @param {string} input
 * @returns {string} what it printed
 */
export function example(name, args, input = "") {
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const build = spawnSync(
    "cargo",
    ["build", "--quiet", "-p", "slipway-transpiler", "--example", name],
    { cwd: root, encoding: "utf8" },
  );
  if (build.status !== 0) throw new Error(build.stderr);
  const run = spawnSync(join(target, "debug/examples", name), args, {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout;
}

/**
 * Adapter modules for requests in the notation of examples/adapter.rs.
 * @param {string[]} requests
 * @returns {Module[]}
 */
export function adapters(requests) {
  const input = requests.map((r) => `${r}\n`).join("");
  return example("adapter", [], input)
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [hex, ...imports] = line.split(" ");
      if (hex === "direct") return null;
      return {
        bytes: Buffer.from(hex, "hex"),
        imports: imports.map((i) => {
          const [name, what] = i.split("=");
          return [name, what];
        }),
      };
    });
}

/**
 * A memory with a bump allocator that notes what it was asked for and gives away no byte twice.
 * @param {'caller' | 'callee'} name
 * @param {string} options `utf8/32`, …
 * @param {number} pages
 */
export function side(name, options, pages = 1) {
  const [encoding, width] = options.split("/");
  const bits = width === "64" ? 64 : 32;
  const memory = /** @type {WebAssembly.Memory} */ (
    bits === 32
      ? new WebAssembly.Memory({ initial: pages })
      : new WebAssembly.Memory(
          /** @type {any} */ ({ initial: BigInt(pages), address: "i64" }),
        )
  );
  let top = 8;
  /** @type {[number, number, number][]} */
  const log = [];
  /** @type {Map<number, number>} */
  const sizes = new Map();
  const s = {
    name,
    encoding: /** @type {Side['encoding']} */ (encoding),
    bits: /** @type {32 | 64} */ (bits),
    memory,
    log,
    /** What realloc does before it answers. */
    onRealloc: () => {},
    /** @param {number} old @param {number} oldSize @param {number} align @param {number} size */
    realloc(old, oldSize, align, size) {
      s.onRealloc();
      log.push([oldSize, align, size]);
      if (oldSize !== 0 && sizes.get(old) !== oldSize)
        throw new Error(
          `realloc of ${oldSize} bytes that are ${sizes.get(old)}`,
        );
      const at = Math.ceil(top / align) * align;
      top = at + size;
      const pages = Math.ceil(top / 65536) - memory.buffer.byteLength / 65536;
      if (pages > 0)
        memory.grow(/** @type {any} */ (bits === 32 ? pages : BigInt(pages)));
      const bytes = new Uint8Array(memory.buffer);
      bytes.copyWithin(at, old, old + Math.min(oldSize, size));
      // Rubbish where nothing is promised, and in what was given back.
      bytes.fill(0xa5, at + Math.min(oldSize, size), at + size);
      if (oldSize) bytes.fill(0x5a, old, old + oldSize);
      sizes.delete(old);
      sizes.set(at, size);
      return at;
    },
    /** Room for values of the test's own. @param {number} align @param {number} size */
    scratch(align, size) {
      const at = s.realloc(0, 0, align, size);
      log.pop();
      return at;
    },
    /** Forgets what was noted so far. */
    clear() {
      log.length = 0;
    },
  };
  return s;
}

/** @typedef {ReturnType<typeof side>} TestSide */

/**
 * Instantiates an adapter.
 * @param {Module} module
 * @param {TestSide} caller
 * @param {TestSide} callee
 * @param {(...args: Core[]) => Core | void} core the lifted core function
 * @param {(...args: Core[]) => void} [postReturn]
 */
export function connect(module, caller, callee, core, postReturn) {
  /** @type {(string | (string | number)[])[]} */
  const events = [];
  const flags = {
    caller: new WebAssembly.Global({ value: "i32", mutable: true }, 1),
    callee: new WebAssembly.Global({ value: "i32", mutable: true }, 1),
  };
  /** @type {{ why: string | null, error: unknown }} */
  const trapped = { why: null, error: null };
  /** A guarded adapter turns what JavaScript throws into a trap; so it is kept. @template {any[]} A, R @param {(...args: A) => R} f */
  const kept =
    (f) =>
    (/** @type {A} */ ...args) => {
      try {
        return f(...args);
      } catch (e) {
        trapped.error ??= e;
        throw e;
      }
    };
  if (!module) return { call: core, events, flags, trapped, imports: [] };
  /** @param {TestSide} s */
  const realloc =
    (s) =>
    (/** @type {Core[]} */ ...args) => {
      const [old, oldSize, align, size] = args.map((a) =>
        Number(BigInt.asUintN(s.bits, BigInt(a))),
      );
      const at = s.realloc(old, oldSize, align, size);
      return s.bits === 32 ? at : BigInt(at);
    };
  /** @type {Record<string, any>} */
  const supply = {
    callee: kept(core),
    "callee-post-return": postReturn && kept(postReturn),
    "caller-memory": caller.memory,
    "callee-memory": callee.memory,
    "caller-realloc": kept(realloc(caller)),
    "callee-realloc": kept(realloc(callee)),
    "flags-caller": flags.caller,
    "flags-callee": flags.callee,
    enter: () => void events.push("enter"),
    exit: () => void events.push("exit"),
    trap: (/** @type {number} */ code) => {
      trapped.why ??= trapMessages[code];
    },
  };
  /** @type {Record<string, any>} */
  const imports = {};
  for (const [name, what] of module.imports) {
    const handle = /^(own|borrow)-(\d+)-(.*)$/.exec(what);
    imports[name] = handle
      ? (/** @type {number} */ h) => {
          events.push([handle[1], Number(handle[2]), handle[3], h]);
          return h + 1000;
        }
      : supply[what];
  }
  const instance = new WebAssembly.Instance(
    new WebAssembly.Module(/** @type {BufferSource} */ (module.bytes)),
    { "": imports },
  );
  const call = /** @type {(...args: Core[]) => Core | void} */ (
    instance.exports.f0
  );
  return {
    call,
    events,
    flags,
    trapped,
    imports: module.imports.map(([, what]) => what),
  };
}
