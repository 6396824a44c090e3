/**
 * Glue for the bench's world, written by hand: what a careful person would write for exactly these functions, and the floor
 * that ours is measured against. It checks what the guest hands out (bounds, UTF-8, discriminants) and nothing more.
 * @module
 */

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const CASES = ["red", "green", "blue"];
const SHORT = 32;

/**
 * @param {WebAssembly.Module} module the core module of guest/bench.wat
 * @param {{ inc(n: number): number }} host
 */
export async function instantiate(module, host) {
  /** Reps of live counters, by handle. @type {(number | undefined)[]} */
  const reps = [undefined];
  /** @type {number[]} */
  const free = [];
  const resource = {
    "[resource-new]counter": (/** @type {number} */ rep) => {
      const handle = free.pop() ?? reps.length;
      reps[handle] = rep;
      return handle;
    },
    "[resource-rep]counter": (/** @type {number} */ handle) => rep(handle),
    "[resource-drop]counter": (/** @type {number} */ handle) => {
      rep(handle);
      reps[handle] = undefined;
      free.push(handle);
    },
  };
  /** @param {number} handle */
  function rep(handle) {
    const rep = reps[handle];
    if (rep === undefined) throw new Error("no such counter");
    return rep;
  }
  const inc = host.inc;
  const instance = await WebAssembly.instantiate(module, {
    "bench:perf/host": { inc: (/** @type {number} */ n) => inc(n >>> 0) },
    "[export]bench:perf/api": resource,
  });
  const core = /** @type {Record<string, Function>} */ (instance.exports);
  const memory = /** @type {WebAssembly.Memory} */ (instance.exports.memory);
  const realloc = core.cabi_realloc;
  let u8 = new Uint8Array(memory.buffer);
  let view = new DataView(memory.buffer);

  function refresh() {
    u8 = new Uint8Array(memory.buffer);
    view = new DataView(memory.buffer);
  }

  /** @param {number} ptr @param {number} size */
  function check(ptr, size) {
    if (u8.length === 0) refresh();
    if (ptr + size > u8.length) throw new RangeError("out of bounds");
  }

  /** @param {number} align @param {number} size */
  function allocate(align, size) {
    const ptr = realloc(0, 0, align, size) >>> 0;
    check(ptr, size);
    return ptr;
  }

  let written = 0;

  /** Returns the pointer; the length is in `written`. @param {string} s */
  function writeString(s) {
    const length = s.length;
    let ptr = allocate(1, length);
    let at = 0;
    if (length < SHORT) {
      for (; at < length; at++) {
        const c = s.charCodeAt(at);
        if (c > 127) break;
        u8[ptr + at] = c;
      }
    } else {
      const { read, written } = encoder.encodeInto(
        s,
        u8.subarray(ptr, ptr + length),
      );
      at = read === written ? read : 0;
    }
    if (at < length) {
      const rest = encoder.encode(at === 0 ? s : s.slice(at));
      ptr = realloc(ptr, length, 1, at + rest.length) >>> 0;
      check(ptr, at + rest.length);
      u8.set(rest, ptr + at);
      at += rest.length;
    }
    written = at;
    return ptr;
  }

  /** @param {number} ptr @param {number} length */
  function readString(ptr, length) {
    check(ptr, length);
    if (length < SHORT) {
      let s = "";
      for (let i = ptr; i < ptr + length; i++) {
        const c = u8[i];
        if (c > 127) return decoder.decode(u8.subarray(ptr, ptr + length));
        s += String.fromCharCode(c);
      }
      return s;
    }
    return decoder.decode(u8.subarray(ptr, ptr + length));
  }

  /** A pointer and a length behind a returned pointer. @param {number} at */
  function pair(at) {
    check(at, 8);
    return [view.getUint32(at, true), view.getUint32(at + 4, true)];
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
  const strings = core["bench:perf/api#echo-strings"];
  const stringsPost = core["cabi_post_bench:perf/api#echo-strings"];
  const add = core["bench:perf/api#add"];
  const count = core["bench:perf/api#count"];
  const tuple = core["bench:perf/api#echo-tuple"];
  const option = core["bench:perf/api#echo-option"];
  const result = core["bench:perf/api#echo-result"];
  const flags = core["bench:perf/api#echo-flags"];
  const color = core["bench:perf/api#echo-color"];
  const take = core["bench:perf/api#take"];
  const peek = core["bench:perf/api#peek"];
  const counterNew = core["bench:perf/api#[constructor]counter"];
  const counterAdd = core["bench:perf/api#[method]counter.add"];

  class Counter {
    /** @param {number} start */
    constructor(start) {
      this.handle = counterNew(start);
      this.rep = rep(this.handle);
    }
    /** @param {number} n */
    add(n) {
      return counterAdd(this.rep, n) >>> 0;
    }
  }

  /** @param {any} v a shape @param {number} at */
  function writeShape(v, at) {
    switch (v.tag) {
      case "circle":
        u8[at] = 0;
        view.setFloat64(at + 8, v.val, true);
        break;
      case "label": {
        u8[at] = 1;
        const ptr = writeString(v.val);
        view.setUint32(at + 8, ptr, true);
        view.setUint32(at + 12, written, true);
        break;
      }
      case "empty":
        u8[at] = 2;
        break;
      case "pair":
        u8[at] = 3;
        view.setUint32(at + 8, v.val[0], true);
        view.setUint32(at + 12, v.val[1], true);
        break;
      default:
        throw new TypeError("no such shape");
    }
  }

  /** @param {number} at */
  function readShape(at) {
    switch (u8[at]) {
      case 0:
        return { tag: "circle", val: view.getFloat64(at + 8, true) };
      case 1:
        return {
          tag: "label",
          val: readString(
            view.getUint32(at + 8, true),
            view.getUint32(at + 12, true),
          ),
        };
      case 2:
        return { tag: "empty" };
      case 3:
        return {
          tag: "pair",
          val: [view.getUint32(at + 8, true), view.getUint32(at + 12, true)],
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
      const at = string(ptr, written);
      const [p, n] = pair(at);
      const s = readString(p, n);
      stringPost(at);
      return s;
    },
    /** @param {Uint8Array} v */
    echoBytes(v) {
      const ptr = allocate(1, v.length);
      u8.set(v, ptr);
      const at = bytes(ptr, v.length);
      const [p, n] = pair(at);
      check(p, n);
      const out = u8.slice(p, p + n);
      bytesPost(at);
      return out;
    },
    /** @param {Float64Array} v */
    echoFloats(v) {
      const ptr = allocate(8, v.byteLength);
      new Float64Array(memory.buffer, ptr, v.length).set(v);
      const at = floats(ptr, v.length);
      const [p, n] = pair(at);
      check(p, n * 8);
      const out = new Float64Array(memory.buffer.slice(p, p + n * 8));
      floatsPost(at);
      return out;
    },
    /** @param {{ x: number, y: number, name: string }[]} v */
    echoPoints(v) {
      const ptr = allocate(8, v.length * 24);
      let at = ptr;
      for (const { x, y, name } of v) {
        view.setFloat64(at, x, true);
        view.setFloat64(at + 8, y, true);
        const s = writeString(name);
        view.setUint32(at + 16, s, true);
        view.setUint32(at + 20, written, true);
        at += 24;
      }
      const ret = points(ptr, v.length);
      const [p, n] = pair(ret);
      check(p, n * 24);
      const out = new Array(n);
      for (let i = 0, at = p; i < n; i++, at += 24) {
        out[i] = {
          x: view.getFloat64(at, true),
          y: view.getFloat64(at + 8, true),
          name: readString(
            view.getUint32(at + 16, true),
            view.getUint32(at + 20, true),
          ),
        };
      }
      pointsPost(ret);
      return out;
    },
    /** @param {any[]} v */
    echoShapes(v) {
      const ptr = allocate(8, v.length * 16);
      for (let i = 0; i < v.length; i++) writeShape(v[i], ptr + i * 16);
      const ret = shapes(ptr, v.length);
      const [p, n] = pair(ret);
      check(p, n * 16);
      const out = new Array(n);
      for (let i = 0; i < n; i++) out[i] = readShape(p + i * 16);
      shapesPost(ret);
      return out;
    },
    /** @param {Uint32Array[]} v */
    echoNested(v) {
      const ptr = allocate(4, v.length * 8);
      for (let i = 0; i < v.length; i++) {
        const list = v[i];
        const at = allocate(4, list.byteLength);
        new Uint32Array(memory.buffer, at, list.length).set(list);
        view.setUint32(ptr + i * 8, at, true);
        view.setUint32(ptr + i * 8 + 4, list.length, true);
      }
      const ret = nested(ptr, v.length);
      const [p, n] = pair(ret);
      check(p, n * 8);
      const out = new Array(n);
      for (let i = 0; i < n; i++) {
        const at = view.getUint32(p + i * 8, true);
        const length = view.getUint32(p + i * 8 + 4, true);
        check(at, length * 4);
        out[i] = new Uint32Array(memory.buffer.slice(at, at + length * 4));
      }
      nestedPost(ret);
      return out;
    },
    /** @param {string[]} v */
    echoStrings(v) {
      const ptr = allocate(4, v.length * 8);
      for (let i = 0; i < v.length; i++) {
        const at = writeString(v[i]);
        view.setUint32(ptr + i * 8, at, true);
        view.setUint32(ptr + i * 8 + 4, written, true);
      }
      const ret = strings(ptr, v.length);
      const [p, n] = pair(ret);
      check(p, n * 8);
      const out = new Array(n);
      for (let i = 0; i < n; i++) {
        out[i] = readString(
          view.getUint32(p + i * 8, true),
          view.getUint32(p + i * 8 + 4, true),
        );
      }
      stringsPost(ret);
      return out;
    },
    /** @param {[number, number, boolean]} v */
    echoTuple(v) {
      const at = tuple(v[0], v[1], v[2] ? 1 : 0);
      check(at, 24);
      return [
        view.getUint32(at, true),
        view.getFloat64(at + 8, true),
        u8[at + 16] !== 0,
      ];
    },
    /** @param {number | undefined} v */
    echoOption(v) {
      const at = v === undefined ? option(0, 0) : option(1, v);
      check(at, 8);
      return u8[at] === 0 ? undefined : view.getUint32(at + 4, true);
    },
    /** @param {{ tag: 'ok' | 'err', val: number }} v */
    echoResult(v) {
      const at = result(v.tag === "ok" ? 0 : 1, v.val);
      check(at, 8);
      if (u8[at] === 0) return view.getUint32(at + 4, true);
      throw Object.assign(new Error("err"), {
        payload: view.getUint32(at + 4, true),
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
      const at = CASES.indexOf(v);
      if (at < 0) throw new TypeError("no such color");
      return CASES[color(at)];
    },
    /** Takes the counter. @param {Counter} c */
    take: (c) => take(c.handle) >>> 0,
    /** @param {Counter} c */
    peek: (c) => peek(c.rep) >>> 0,
  };
}
