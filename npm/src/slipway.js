/**
 * `transpile` and `compile`, for any place that has WebAssembly: what differs from place to place is a `Platform`. Owns the
 * order of things; reading, driving and compiling are in modules of their own.
 * @module
 */
import { CoreModules } from "./core-modules.js";
import { Drive } from "./drive.js";
import { hasMultiMemory } from "./engine.js";
import { TranspileError, asTranspileError } from "./errors.js";
import { sharedExports } from "./instances.js";
import { Gathered, open } from "./source.js";

/**
 * @import { Component, InstantiateOptions, Options, Output, Platform, Source, Transpiled, World } from './types.js'
 * @import { Input } from './source.js'
 */

/** Bytes of memory beyond which an instance of the transpiler is left to the garbage collector: it frees nothing itself. */
const SPENT = 1 << 25;

/**
 * @typedef {object} Slipway
 * @property {(source: Source | Promise<Source>, options?: Options) => Promise<Transpiled>} transpile
 *   Bytes of a component in; core modules, JavaScript and declarations out.
 * @property {(source: Source | Promise<Source>, options?: Options) => Promise<Component>} compile
 *   A component that can be instantiated here and now, in the shape of `WebAssembly.compileStreaming`. What it compiles
 *   is made while the source still arrives.
 */

/**
 * @param {Platform} platform
 * @returns {Slipway}
 */
export function createSlipway(platform) {
  const getTranspiler = lazyTranspiler(platform);

  /**
   * @param {Source | Promise<Source>} source
   * @param {Options} options
   * @param {CoreModules} [modules] is shown the bytes as they come
   */
  async function run(source, options, modules) {
    const [input, transpiler] = await Promise.all([
      open(source, platform),
      getTranspiler(options.typescript !== false),
    ]);
    const { Transpiler, memory, forget } = transpiler;
    // An option that is undefined was not given.
    const given = Object.fromEntries(
      Object.entries(options).filter(([, value]) => value !== undefined),
    );
    const machine = guard(forget, () => new Transpiler(given));
    try {
      const done = await push(input, machine, transpiler, modules);
      if (options.validate) await validateBodies(done.bytes, done.ranges);
      return done;
    } finally {
      // After `finish` there is nothing left to free.
      guard(forget, () => machine.free(), true);
      if (memory.buffer.byteLength > SPENT) forget();
    }
  }

  return {
    async transpile(source, options = {}) {
      const { bytes, output } = await run(source, options);
      return transpiled(bytes, output);
    },

    async compile(source, options = {}) {
      const modules = new CoreModules();
      try {
        const fixed = /** @type {const} */ ({
          instantiation: "async",
          typescript: false,
          world: true,
        });
        const { bytes, output } = await run(
          source,
          // What is made here runs here.
          {
            adapters: hasMultiMemory() ? "wasm" : "js",
            ...options,
            ...fixed,
          },
          modules,
        );
        return await component(bytes, output, modules, platform);
      } catch (error) {
        modules.abandon(error);
        throw error;
      }
    },
  };
}

/**
 * The transpiler's Wasm, loaded on first use and once; its secondary module too. After a panic the instance is in an unknown
 * state, and after many uses its memory is large, so the next use makes a new one of the same module.
 * @param {Platform} platform
 */
function lazyTranspiler(platform) {
  const load = once(() => platform.loadTranspiler());
  const loadSecondary = once(() => platform.loadSecondary());
  const make = async () => {
    const instantiate = await load();
    const instance = await instantiate();
    return {
      ...instance,
      forget: () => (get = once(make)),
      complete: once(async () => join(instance, await loadSecondary())),
    };
  };
  let get = once(make);
  /** @param {boolean} whole the secondary module will be wanted: it may come along */
  return (whole) => {
    // That it failed is for `complete` to say.
    if (whole) loadSecondary().catch(() => {});
    return get();
  };
}

/**
 * @param {import('./types.js').TranspilerInstance} instance
 * @param {WebAssembly.Module} secondary
 */
async function join(instance, secondary) {
  try {
    await instance.addSecondary(secondary);
  } catch (cause) {
    if (!(cause instanceof WebAssembly.LinkError)) throw cause;
    throw new Error(
      "transpiler.wasm and transpiler.secondary.wasm are of different versions; a cache may have kept one of them: load both anew",
      { cause },
    );
  }
}

/**
 * Calls a function the first time, and again where it failed.
 * @template T
 * @param {() => Promise<T>} call
 * @returns {() => Promise<T>}
 */
function once(call) {
  /** @type {Promise<T> | undefined} */
  let result;
  return () =>
    (result ??= call().catch((error) => {
      result = undefined;
      throw error;
    }));
}

/**
 * A call into the transpiler, with its errors made ours.
 * @template T
 * @param {() => void} forget
 * @param {() => T} call
 * @param {boolean} [quiet]
 * @returns {T}
 */
function guard(forget, call, quiet = false) {
  try {
    return call();
  } catch (thrown) {
    if (quiet) return /** @type {any} */ (undefined);
    const error = asTranspileError(thrown);
    if (/** @type {any} */ (error).code === "internal") forget();
    throw error;
  }
}

/**
 * @param {Input} input
 * @param {import('./types.js').TranspilerMachine} machine
 * @param {Awaited<ReturnType<ReturnType<typeof lazyTranspiler>>>} transpiler that the machine is of
 * @param {CoreModules | undefined} modules
 */
async function push(input, machine, { forget, complete }, modules) {
  const drive = new Drive(machine);
  const advance = (
    /** @type {Uint8Array} */ bytes,
    /** @type {boolean} */ last,
  ) => {
    guard(forget, () => drive.advance(bytes, last));
    modules?.advance(bytes, last);
  };
  let bytes;
  if ("bytes" in input) {
    bytes = input.bytes;
  } else {
    const gathered = new Gathered(input.size);
    for await (const chunk of input.chunks) {
      gathered.push(chunk);
      advance(gathered.bytes, false);
    }
    bytes = gathered.bytes;
  }
  advance(bytes, true);
  const ranges = guard(forget, () => machine.modules());
  if (guard(forget, () => drive.link(bytes.length))) await complete();
  const output = guard(forget, () => drive.finish());
  return { bytes, output, ranges };
}

/**
 * Function bodies and data are the engine's to validate: it has the code for it, and the transpiler stays small.
 * @param {Uint8Array} input
 * @param {[start: number, end: number][]} ranges of all core modules, in use or not
 * @throws {TranspileError} for the first core module that the engine refuses
 */
async function validateBodies(input, ranges) {
  for (const [index, [start, end]] of ranges.entries()) {
    try {
      await WebAssembly.compile(
        /** @type {Uint8Array<ArrayBuffer>} */ (input.subarray(start, end)),
      );
    } catch (cause) {
      const { message } = /** @type {Error} */ (cause);
      const at = /@\+(\d+)/.exec(message);
      throw new TranspileError(
        {
          code: "invalid",
          message: message.replace(/^WebAssembly\.\w+\(\): /, ""),
          offset: start + Number(at?.[1] ?? 0),
          path: [`core module ${index}`],
        },
        { cause },
      );
    }
  }
}

/**
 * @param {Uint8Array} input
 * @param {Output} output
 * @returns {Transpiled}
 */
function transpiled(input, output) {
  const files = output.files.map(({ path, text, parts, bytes, range }) => {
    const contents =
      text ??
      (parts && withModules(parts, input)) ??
      bytes ??
      input.subarray(.../** @type {[number, number]} */ (range));
    return /** @type {const} */ ([path, contents]);
  });
  const { imports, exports, plan, world } = output;
  return {
    files: Object.fromEntries(files),
    imports,
    exports,
    ...(plan !== undefined && { plan }),
    ...(world !== undefined && { world: JSON.parse(world) }),
  };
}

/**
 * A text in which core modules stand as base64.
 * @param {(string | [start: number, end: number] | Uint8Array)[]} parts ranges of the input, and bytes that are not in it
 * @param {Uint8Array} input
 */
function withModules(parts, input) {
  const texts = parts.map((part) => {
    if (typeof part === "string") return part;
    const bytes = part instanceof Uint8Array ? part : input.subarray(...part);
    return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
  });
  return texts.join("");
}

/**
 * @param {Uint8Array} input
 * @param {Output} output
 * @param {CoreModules} modules
 * @param {Platform} platform
 * @returns {Promise<Component>}
 */
async function component(input, output, modules, platform) {
  /** @type {Map<string, Promise<WebAssembly.Module>>} */
  const compiling = new Map();
  /** @type {{ path: string, text: string } | undefined} */
  let code;
  for (const { path, text, bytes, range } of output.files) {
    if (text !== undefined) {
      if (path.endsWith(".js")) code = { path, text };
    } else {
      compiling.set(
        path,
        range
          ? modules.get(input, range)
          : WebAssembly.compile(/** @type {any} */ (bytes)),
      );
    }
  }
  if (!code) throw new Error("the transpiler made no JavaScript");
  const [generated, ...compiled] = await Promise.all([
    platform.importText(code.text, code.path),
    ...compiling.values(),
  ]);
  const cores = new Map(
    [...compiling.keys()].map((path, i) => [path, compiled[i]]),
  );
  /** @type {World} */
  const world = JSON.parse(/** @type {string} */ (output.world));
  const { printWit } = await import("./wit.js");
  return {
    imports: output.imports,
    exports: output.exports,
    world,
    get wit() {
      return printWit(world);
    },
    /**
     * @param {Record<string, any> | (() => Record<string, any>)} [imports]
     * @param {InstantiateOptions} [options]
     */
    async instantiate(imports = {}, { instantiateCore, instances } = {}) {
      const make = async () =>
        generated.instantiate(
          (/** @type {string} */ path) => cores.get(path),
          typeof imports === "function" ? await imports() : imports,
          instantiateCore,
        );
      return instances === undefined ? make() : sharedExports(make, instances);
    },
  };
}
