/**
 * A push machine that stands in for the transpiler, and a platform around it. Its input is a made-up component: what a test
 * needs of real sections and nothing more.
 * @module
 */
import { createSlipway } from "../src/slipway.js";

/**
 * A section: id, length in as many LEB128 bytes as it takes, contents.
 * @param {number} id
 * @param {number[]} contents
 */
export function section(id, contents) {
  const length = [];
  for (let rest = contents.length; ; rest >>>= 7) {
    length.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) break;
  }
  return [id, ...length, ...contents];
}

export const MODULE = [0, 97, 115, 109, 1, 0, 0, 0];
export const COMPONENT = [0, 97, 115, 109, 13, 0, 1, 0];

/** A core module of about `size` bytes that exports nothing. @param {number} size */
export const moduleOf = (size) => [
  ...MODULE,
  ...section(0, [1, 120, ...new Array(size).fill(0)]),
];

/**
 * What the machine was fed: [offset, bytes] of each call.
 * @typedef {{ fed: Array<[number, number[]]>, freed: number, made: number }} Log
 */

/**
 * A machine that wants `takes` of its input, each [offset, length], and the secondary module for `adapters: "wasm"`.
 * @param {Array<[number, number]>} takes
 * @param {(total: number) => any} finish
 * @param {Log} log
 */
export function fakeTranspiler(takes, finish, log) {
  return class {
    at = 0;
    rest = [...takes];
    total = 0;

    /** @param {any} options */
    constructor(options) {
      log.made++;
      if (options.unknown)
        throw { code: "bad-options", message: "no", offset: null, path: [] };
      this.options = options;
    }
    skip() {
      const next = this.rest[0];
      const skipped = next ? next[0] - this.at : 0;
      this.at += skipped;
      return skipped;
    }
    want() {
      return this.rest[0]?.[1] ?? 0;
    }
    /** @param {Uint8Array} bytes */
    feed(bytes) {
      log.fed.push([this.at, [...bytes]]);
      this.at += bytes.length;
      this.rest.shift();
    }
    modules() {
      return [];
    }
    /** @param {number} total */
    link(total) {
      this.total = total;
      return this.options.adapters === "wasm";
    }
    finish() {
      return finish.call(this, this.total);
    }
    free() {
      log.freed++;
    }
  };
}

/**
 * @param {any} Transpiler
 * @param {Partial<import('../src/types.js').Platform>} [rest]
 * @param {number} [pages] size of an instance's memory
 */
export function slipwayWith(Transpiler, rest = {}, pages = 1) {
  const counts = { loads: 0, instances: 0 };
  const secondary = { loads: 0, added: 0 };
  /** @type {import('../src/types.js').Platform} */
  const platform = {
    async loadTranspiler() {
      counts.loads++;
      return async () => {
        counts.instances++;
        return {
          Transpiler,
          memory: new WebAssembly.Memory({ initial: pages }),
          async addSecondary() {
            secondary.added++;
          },
        };
      };
    },
    async loadSecondary() {
      secondary.loads++;
      return new WebAssembly.Module(Uint8Array.from(MODULE));
    },
    open: async () => new Uint8Array(),
    importText: (text) =>
      import(`data:text/javascript,${encodeURIComponent(text)}`),
    ...rest,
  };
  return { ...createSlipway(platform), counts, secondary };
}
