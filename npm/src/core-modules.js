/**
 * Compiles a component's core modules, the large ones while their bytes still arrive. Knows ranges of the input, not what the
 * modules are for; a range that the transpiler then refuses costs only the work.
 * @module
 */
import { ModuleFinder } from "./frame.js";

/** Below this a streaming compiler has nothing to gain. */
const STREAM_FROM = 1 << 16;

/**
 * @typedef {object} Compilation
 * @property {number} start
 * @property {number} end
 * @property {number} sent how far its bytes have been passed on
 * @property {ReadableStreamDefaultController<Uint8Array>} controller
 * @property {Promise<WebAssembly.Module>} module
 */

/**
 * The engine's streaming compiler, fed by a controller.
 * @param {{ start: number, end: number }} range
 * @returns {Compilation}
 */
function startCompiling({ start, end }) {
  /** @type {ReadableStreamDefaultController<Uint8Array> | undefined} */
  let controller;
  const body = new ReadableStream({ start: (c) => void (controller = c) });
  const headers = { "content-type": "application/wasm" };
  const module = WebAssembly.compileStreaming(new Response(body, { headers }));
  // Whether it succeeds is told to whoever asks for it; nobody may.
  module.catch(() => {});
  return {
    start,
    end,
    sent: start,
    module,
    controller: /** @type {any} */ (controller),
  };
}

/** The core modules of one component on its way in. */
export class CoreModules {
  #finder = new ModuleFinder();
  /** @type {Compilation[]} */
  #open = [];
  /** @type {Map<number, Compilation>} */
  #all = new Map();

  /**
   * Shows the input as far as it is there; passes on what is new.
   * @param {Uint8Array} bytes
   * @param {boolean} last no more will come
   */
  advance(bytes, last) {
    for (const range of this.#finder.find(bytes)) {
      // What has all come is left to `get`, which compiles without a stream between.
      if (last || range.end - range.start < STREAM_FROM) continue;
      if (typeof WebAssembly.compileStreaming !== "function") continue;
      const compilation = startCompiling(range);
      this.#open.push(compilation);
      this.#all.set(range.start, compilation);
    }
    for (const compilation of this.#open) this.#pass(compilation, bytes);
    this.#open = this.#open.filter(({ sent, end }) => sent < end);
  }

  /**
   * @param {Compilation} compilation
   * @param {Uint8Array} bytes
   */
  #pass(compilation, bytes) {
    const to = Math.min(bytes.length, compilation.end);
    if (to <= compilation.sent) return;
    // A copy: the buffer that these bytes are in may be left for a larger one.
    compilation.controller.enqueue(bytes.slice(compilation.sent, to));
    compilation.sent = to;
    if (to === compilation.end) compilation.controller.close();
  }

  /**
   * The core module at a range of the input.
   * @param {Uint8Array} input
   * @param {[start: number, end: number]} range
   * @returns {Promise<WebAssembly.Module>}
   */
  get(input, [start, end]) {
    const started = this.#all.get(start);
    if (started?.end === end) return started.module;
    return WebAssembly.compile(
      /** @type {Uint8Array<ArrayBuffer>} */ (input.subarray(start, end)),
    );
  }

  /**
   * The input was refused: nothing more will come.
   * @param {unknown} reason
   */
  abandon(reason) {
    for (const { controller } of this.#open) controller.error(reason);
    this.#open = [];
  }
}
