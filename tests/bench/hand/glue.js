/**
 * Glue for the bench's world, written by hand: what a careful person would write for exactly these functions, and the floor
 * that ours is measured against. It checks what the guest hands out (bounds, UTF-8, discriminants) and nothing more.
 * @module
 */

import { GuestMemory, strings } from "./memory.js";
import { Handles, counters } from "./resources.js";

/** @import { Encoding } from './memory.js' */

const CASES = ["red", "green", "blue"];

/**
 * @param {WebAssembly.Module} module the core module of guest/bench.wat
 * @param {any} host the interface `host`
 * @param {Encoding} encoding of the guest's strings
 */
export async function instantiate(module, host, encoding) {
  const { inc, Source, Sink } = host;
  const coders = strings[encoding];
  const sources = new Handles();
  const sinks = new Handles();
  /** @type {Record<string, Function>} */
  const counterCore = {};
  const { Counter, imports } = counters(counterCore);

  const instance = await WebAssembly.instantiate(module, {
    "bench:perf/host": {
      inc: (/** @type {number} */ n) => inc(n >>> 0),
      "[method]source.read": read,
      "[method]sink.write": write,
      "[resource-drop]source": (/** @type {number} */ h) => sources.drop(h),
      "[resource-drop]sink": (/** @type {number} */ h) => sinks.drop(h),
    },
    "[export]bench:perf/api": imports,
  });
  const core = /** @type {Record<string, Function>} */ (instance.exports);
  const mem = new GuestMemory(
    /** @type {WebAssembly.Memory} */ (instance.exports.memory),
    core.cabi_realloc,
  );
  counterCore.make = core["bench:perf/api#[constructor]counter"];
  counterCore.add = core["bench:perf/api#[method]counter.add"];
  counterCore.drop = core["bench:perf/api#[dtor]counter"];

  /** @param {string} s */
  const writeString = (s) => coders.write(mem, s);
  /** @param {number} ptr @param {number} length */
  const readString = (ptr, length) => coders.read(mem, ptr, length);

  /** The guest reads from a source. @param {number} handle @param {bigint} most @param {number} out */
  function read(handle, most, out) {
    let bytes;
    try {
      bytes = sources.get(handle).read(BigInt.asUintN(64, most));
    } catch (error) {
      return fail(error, out);
    }
    const ptr = mem.allocate(1, bytes.length);
    mem.u8.set(bytes, ptr);
    mem.check(out, 16);
    mem.u8[out] = 0;
    mem.view.setUint32(out + 4, ptr, true);
    mem.view.setUint32(out + 8, bytes.length, true);
  }

  /** The guest writes to a sink. @param {number} handle @param {number} ptr @param {number} length @param {number} out */
  function write(handle, ptr, length, out) {
    mem.check(ptr, length);
    const bytes = mem.u8.slice(ptr, ptr + length);
    try {
      sinks.get(handle).write(bytes);
    } catch (error) {
      return fail(error, out);
    }
    mem.check(out, 16);
    mem.u8[out] = 0;
  }

  /** A stream-error behind an `err`. @param {any} error @param {number} out */
  function fail(error, out) {
    mem.check(out, 16);
    mem.u8[out] = 1;
    if (error.payload?.tag === "closed") mem.u8[out + 4] = 1;
    else if (error.payload?.tag === "failed") {
      mem.u8[out + 4] = 0;
      const ptr = writeString(error.payload.val);
      mem.view.setUint32(out + 8, ptr, true);
      mem.view.setUint32(out + 12, mem.written, true);
    } else throw error;
  }

  /** A pointer and a length behind a returned pointer. @param {number} at */
  function pair(at) {
    mem.check(at, 8);
    return [mem.view.getUint32(at, true), mem.view.getUint32(at + 4, true)];
  }

  const string = core["bench:perf/api#echo-string"];
  const stringPost = core["cabi_post_bench:perf/api#echo-string"];
  const bytes = core["bench:perf/api#echo-bytes"];
  const bytesPost = core["cabi_post_bench:perf/api#echo-bytes"];
  const floats = core["bench:perf/api#echo-floats"];
  const floatsPost = core["cabi_post_bench:perf/api#echo-floats"];
  const points = core["bench:perf/api#echo-points"];
  const pointsPost = core["cabi_post_bench:perf/api#echo-points"];
  const shapes = core["bench:perf/api#echo-shapes"];
  const shapesPost = core["cabi_post_bench:perf/api#echo-shapes"];
  const nested = core["bench:perf/api#echo-nested"];
  const nestedPost = core["cabi_post_bench:perf/api#echo-nested"];
  const texts = core["bench:perf/api#echo-strings"];
  const textsPost = core["cabi_post_bench:perf/api#echo-strings"];
  const add = core["bench:perf/api#add"];
  const count = core["bench:perf/api#count"];
  const tuple = core["bench:perf/api#echo-tuple"];
  const option = core["bench:perf/api#echo-option"];
  const result = core["bench:perf/api#echo-result"];
  const flags = core["bench:perf/api#echo-flags"];
  const color = core["bench:perf/api#echo-color"];
  const pairs = core["bench:perf/api#echo-pairs"];
  const pairsPost = core["cabi_post_bench:perf/api#echo-pairs"];
  const options = core["bench:perf/api#echo-options"];
  const optionsPost = core["cabi_post_bench:perf/api#echo-options"];
  const table = core["bench:perf/api#echo-table"];
  const tablePost = core["cabi_post_bench:perf/api#echo-table"];
  const maybe = core["bench:perf/api#echo-maybe"];
  const maybePost = core["cabi_post_bench:perf/api#echo-maybe"];
  const outcome = core["bench:perf/api#echo-outcome"];
  const outcomePost = core["cabi_post_bench:perf/api#echo-outcome"];
  const take = core["bench:perf/api#take"];
  const peek = core["bench:perf/api#peek"];
  const swallow = core["bench:perf/api#swallow"];
  const touch = core["bench:perf/api#touch"];
  const pump = core["bench:perf/api#pump"];

  /** @param {string[]} v */
  function writeStrings(v) {
    const ptr = mem.allocate(4, v.length * 8);
    for (let i = 0; i < v.length; i++) {
      const at = writeString(v[i]);
      mem.view.setUint32(ptr + i * 8, at, true);
      mem.view.setUint32(ptr + i * 8 + 4, mem.written, true);
    }
    return ptr;
  }

  /** @param {number} p @param {number} n */
  function readStrings(p, n) {
    mem.check(p, n * 8);
    const out = new Array(n);
    for (let i = 0; i < n; i++) {
      out[i] = readString(
        mem.view.getUint32(p + i * 8, true),
        mem.view.getUint32(p + i * 8 + 4, true),
      );
    }
    return out;
  }

  /** @param {string} v */
  function colorOf(v) {
    const at = CASES.indexOf(v);
    if (at < 0) throw new TypeError("no such color");
    return at;
  }

  /** @param {any} v a shape @param {number} at */
  function writeShape(v, at) {
    switch (v.tag) {
      case "circle":
        mem.u8[at] = 0;
        mem.view.setFloat64(at + 8, v.val, true);
        break;
      case "label": {
        mem.u8[at] = 1;
        const ptr = writeString(v.val);
        mem.view.setUint32(at + 8, ptr, true);
        mem.view.setUint32(at + 12, mem.written, true);
        break;
      }
      case "empty":
        mem.u8[at] = 2;
        break;
      case "pair":
        mem.u8[at] = 3;
        mem.view.setUint32(at + 8, v.val[0], true);
        mem.view.setUint32(at + 12, v.val[1], true);
        break;
      default:
        throw new TypeError("no such shape");
    }
  }

  /** @param {number} at */
  function readShape(at) {
    switch (mem.u8[at]) {
      case 0:
        return { tag: "circle", val: mem.view.getFloat64(at + 8, true) };
      case 1:
        return {
          tag: "label",
          val: readString(
            mem.view.getUint32(at + 8, true),
            mem.view.getUint32(at + 12, true),
          ),
        };
      case 2:
        return { tag: "empty" };
      case 3:
        return {
          tag: "pair",
          val: [
            mem.view.getUint32(at + 8, true),
            mem.view.getUint32(at + 12, true),
          ],
        };
      default:
        throw new RangeError("no such case");
    }
  }

  return {
    Counter,
    /** @param {number} a @param {number} b */
    add: (a, b) => add(a, b) >>> 0,
    /** @param {number} n */
    count: (n) => count(n) >>> 0,
    /** @param {string} v */
    echoString(v) {
      const ptr = writeString(v);
      const at = string(ptr, mem.written);
      const [p, n] = pair(at);
      const s = readString(p, n);
      stringPost(at);
      return s;
    },
    /** @param {Uint8Array} v */
    echoBytes(v) {
      const ptr = mem.allocate(1, v.length);
      mem.u8.set(v, ptr);
      const at = bytes(ptr, v.length);
      const [p, n] = pair(at);
      mem.check(p, n);
      const out = mem.u8.slice(p, p + n);
      bytesPost(at);
      return out;
    },
    /** @param {Float64Array} v */
    echoFloats(v) {
      const ptr = mem.allocate(8, v.byteLength);
      new Float64Array(mem.memory.buffer, ptr, v.length).set(v);
      const at = floats(ptr, v.length);
      const [p, n] = pair(at);
      mem.check(p, n * 8);
      const out = new Float64Array(mem.memory.buffer.slice(p, p + n * 8));
      floatsPost(at);
      return out;
    },
    /** @param {{ x: number, y: number, name: string }[]} v */
    echoPoints(v) {
      const ptr = mem.allocate(8, v.length * 24);
      for (let i = 0, at = ptr; i < v.length; i++, at += 24) {
        const { x, y, name } = v[i];
        mem.view.setFloat64(at, x, true);
        mem.view.setFloat64(at + 8, y, true);
        const s = writeString(name);
        mem.view.setUint32(at + 16, s, true);
        mem.view.setUint32(at + 20, mem.written, true);
      }
      const ret = points(ptr, v.length);
      const [p, n] = pair(ret);
      mem.check(p, n * 24);
      const out = new Array(n);
      for (let i = 0, at = p; i < n; i++, at += 24) {
        out[i] = {
          x: mem.view.getFloat64(at, true),
          y: mem.view.getFloat64(at + 8, true),
          name: readString(
            mem.view.getUint32(at + 16, true),
            mem.view.getUint32(at + 20, true),
          ),
        };
      }
      pointsPost(ret);
      return out;
    },
    /** @param {any[]} v */
    echoShapes(v) {
      const ptr = mem.allocate(8, v.length * 16);
      for (let i = 0; i < v.length; i++) writeShape(v[i], ptr + i * 16);
      const ret = shapes(ptr, v.length);
      const [p, n] = pair(ret);
      mem.check(p, n * 16);
      const out = new Array(n);
      for (let i = 0; i < n; i++) out[i] = readShape(p + i * 16);
      shapesPost(ret);
      return out;
    },
    /** @param {Uint32Array[]} v */
    echoNested(v) {
      const ptr = mem.allocate(4, v.length * 8);
      for (let i = 0; i < v.length; i++) {
        const list = v[i];
        const at = mem.allocate(4, list.byteLength);
        new Uint32Array(mem.memory.buffer, at, list.length).set(list);
        mem.view.setUint32(ptr + i * 8, at, true);
        mem.view.setUint32(ptr + i * 8 + 4, list.length, true);
      }
      const ret = nested(ptr, v.length);
      const [p, n] = pair(ret);
      mem.check(p, n * 8);
      const out = new Array(n);
      for (let i = 0; i < n; i++) {
        const at = mem.view.getUint32(p + i * 8, true);
        const length = mem.view.getUint32(p + i * 8 + 4, true);
        mem.check(at, length * 4);
        out[i] = new Uint32Array(mem.memory.buffer.slice(at, at + length * 4));
      }
      nestedPost(ret);
      return out;
    },
    /** @param {string[]} v */
    echoStrings(v) {
      const ptr = writeStrings(v);
      const ret = texts(ptr, v.length);
      const [p, n] = pair(ret);
      const out = readStrings(p, n);
      textsPost(ret);
      return out;
    },
    /** @param {[number, number, boolean]} v */
    echoTuple(v) {
      const at = tuple(v[0], v[1], v[2] ? 1 : 0);
      mem.check(at, 24);
      return [
        mem.view.getUint32(at, true),
        mem.view.getFloat64(at + 8, true),
        mem.u8[at + 16] !== 0,
      ];
    },
    /** @param {number | undefined} v */
    echoOption(v) {
      const at = v === undefined ? option(0, 0) : option(1, v);
      mem.check(at, 8);
      return mem.u8[at] === 0 ? undefined : mem.view.getUint32(at + 4, true);
    },
    /** @param {{ tag: 'ok' | 'err', val: number }} v */
    echoResult(v) {
      const at = result(v.tag === "ok" ? 0 : 1, v.val);
      mem.check(at, 8);
      if (mem.u8[at] === 0) return mem.view.getUint32(at + 4, true);
      throw Object.assign(new Error("err"), {
        payload: mem.view.getUint32(at + 4, true),
      });
    },
    /** @param {Record<string, boolean>} v */
    echoFlags(v) {
      const bits = flags(
        (v.read ? 1 : 0) |
          (v.write ? 2 : 0) |
          (v.exec ? 4 : 0) |
          (v.share ? 8 : 0) |
          (v.list ? 16 : 0) |
          (v.move ? 32 : 0) |
          (v.copy ? 64 : 0) |
          (v.link ? 128 : 0) |
          (v.mount ? 256 : 0),
      );
      return {
        read: (bits & 1) !== 0,
        write: (bits & 2) !== 0,
        exec: (bits & 4) !== 0,
        share: (bits & 8) !== 0,
        list: (bits & 16) !== 0,
        move: (bits & 32) !== 0,
        copy: (bits & 64) !== 0,
        link: (bits & 128) !== 0,
        mount: (bits & 256) !== 0,
      };
    },
    /** @param {string} v */
    echoColor(v) {
      return CASES[color(colorOf(v))];
    },
    /** @param {[number, number][]} v */
    echoPairs(v) {
      const ptr = mem.allocate(8, v.length * 16);
      for (let i = 0, at = ptr; i < v.length; i++, at += 16) {
        const one = v[i];
        mem.view.setUint32(at, one[0], true);
        mem.view.setFloat64(at + 8, one[1], true);
      }
      const ret = pairs(ptr, v.length);
      const [p, n] = pair(ret);
      mem.check(p, n * 16);
      const out = new Array(n);
      for (let i = 0, at = p; i < n; i++, at += 16)
        out[i] = [
          mem.view.getUint32(at, true),
          mem.view.getFloat64(at + 8, true),
        ];
      pairsPost(ret);
      return out;
    },
    /** @param {(number | undefined)[]} v */
    echoOptions(v) {
      const ptr = mem.allocate(4, v.length * 8);
      for (let i = 0, at = ptr; i < v.length; i++, at += 8) {
        const one = v[i];
        if (one === undefined) mem.u8[at] = 0;
        else {
          mem.u8[at] = 1;
          mem.view.setUint32(at + 4, one, true);
        }
      }
      const ret = options(ptr, v.length);
      const [p, n] = pair(ret);
      mem.check(p, n * 8);
      const out = new Array(n);
      for (let i = 0, at = p; i < n; i++, at += 8) {
        const tag = mem.u8[at];
        if (tag > 1) throw new RangeError("no such case");
        out[i] = tag === 0 ? undefined : mem.view.getUint32(at + 4, true);
      }
      optionsPost(ret);
      return out;
    },
    /** @param {string[][]} v */
    echoTable(v) {
      const ptr = mem.allocate(4, v.length * 8);
      for (let i = 0; i < v.length; i++) {
        const row = writeStrings(v[i]);
        mem.view.setUint32(ptr + i * 8, row, true);
        mem.view.setUint32(ptr + i * 8 + 4, v[i].length, true);
      }
      const ret = table(ptr, v.length);
      const [p, n] = pair(ret);
      mem.check(p, n * 8);
      const out = new Array(n);
      for (let i = 0; i < n; i++)
        out[i] = readStrings(
          mem.view.getUint32(p + i * 8, true),
          mem.view.getUint32(p + i * 8 + 4, true),
        );
      tablePost(ret);
      return out;
    },
    /** @param {string | undefined} v */
    echoMaybe(v) {
      const ptr = v === undefined ? 0 : writeString(v);
      const at = v === undefined ? maybe(0, 0, 0) : maybe(1, ptr, mem.written);
      mem.check(at, 12);
      let out;
      if (mem.u8[at] !== 0) {
        const [p, n] = pair(at + 4);
        out = readString(p, n);
      }
      maybePost(at);
      return out;
    },
    /** @param {{ tag: 'ok' | 'err', val: string }} v */
    echoOutcome(v) {
      let ret;
      if (v.tag === "ok") {
        const ptr = writeString(v.val);
        ret = outcome(0, ptr, mem.written);
      } else ret = outcome(1, colorOf(v.val), 0);
      mem.check(ret, 12);
      const failed = mem.u8[ret];
      let out;
      if (failed === 0) {
        const [p, n] = pair(ret + 4);
        out = readString(p, n);
      } else out = CASES[mem.u8[ret + 4]];
      outcomePost(ret);
      if (failed === 0) return out;
      throw Object.assign(new Error("err"), { payload: out });
    },
    /** Takes the counter. @param {any} c */
    take: (c) => take(Counter.give(c)) >>> 0,
    /** @param {any} c */
    peek: (c) => peek(Counter.lend(c)) >>> 0,
    /** Takes the source. @param {any} s */
    swallow(s) {
      if (!(s instanceof Source)) throw new TypeError("not a source");
      return swallow(sources.add(s, true)) >>> 0;
    },
    /** @param {any} s */
    touch(s) {
      if (!(s instanceof Source)) throw new TypeError("not a source");
      const handle = sources.add(s, false);
      const out = touch(handle) >>> 0;
      sources.ended(handle, s);
      return out;
    },
    /** @param {any} from @param {any} to @param {bigint} chunk @param {number} times */
    pump(from, to, chunk, times) {
      if (!(from instanceof Source)) throw new TypeError("not a source");
      if (!(to instanceof Sink)) throw new TypeError("not a sink");
      const a = sources.add(from, false);
      const b = sinks.add(to, false);
      const out = BigInt.asUintN(64, pump(a, b, chunk, times));
      sources.ended(a, from);
      sinks.ended(b, to);
      return out;
    },
  };
}
