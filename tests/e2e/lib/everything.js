/**
 * The world of tests/guests/wit/everything.wit from the host's side: what each echo carries, and a host for it all.
 * Knows neither a guest nor the transpiler.
 * @module
 */
import * as t from "./random.js";

/** @import { Type } from './random.js' */

const point = t.record({ x: t.s32, y: t.f64 });
const colour = t.enumeration("red", "dark-green", "blue");
const rights = t.flags("read", "write", "runAsRoot");
const nine = t.flags(...Array.from({ length: 9 }, (_, i) => `n${i}`));
const allBits = t.flags(...Array.from({ length: 32 }, (_, i) => `b${i}`));
const deep = t.record({
  name: t.string,
  kebabCaseName: t.u8,
  at: point,
  path: t.list(point),
  note: t.option(t.string),
});
const shape = t.variant({
  dot: null,
  circle: t.f32,
  square: point,
  label: t.string,
  dashes: t.numbers(t.u16, Uint16Array),
  both: t.tuple(t.u8, t.s64),
  inner: colour,
});
const joined = t.variant({
  int: t.u32,
  float: t.f32,
  wide: t.s64,
  double: t.f64,
  bool: t.bool,
  letter: t.char,
  text: t.string,
});
const firstFifteen = [
  t.u8, t.s8, t.u16, t.s16, t.u32, t.s32, t.u64, t.s64, t.f32, t.f64, t.bool, t.char, t.string, colour, rights,
]; // prettier-ignore

/** Functions that give back what they are given. @type {Record<string, Type>} */
export const echoes = {
  echoBool: t.bool,
  echoU8: t.u8,
  echoS8: t.s8,
  echoU16: t.u16,
  echoS16: t.s16,
  echoU32: t.u32,
  echoS32: t.s32,
  echoU64: t.u64,
  echoS64: t.s64,
  echoF32: t.f32,
  echoF64: t.f64,
  echoChar: t.char,
  echoString: t.string,
  echoListBool: t.list(t.bool),
  echoListU8: t.numbers(t.u8, Uint8Array),
  echoListS8: t.numbers(t.s8, Int8Array),
  echoListU16: t.numbers(t.u16, Uint16Array),
  echoListS16: t.numbers(t.s16, Int16Array),
  echoListU32: t.numbers(t.u32, Uint32Array),
  echoListS32: t.numbers(t.s32, Int32Array),
  echoListU64: t.numbers(t.u64, BigUint64Array),
  echoListS64: t.numbers(t.s64, BigInt64Array),
  echoListF32: t.numbers(t.f32, Float32Array),
  echoNumbers: t.numbers(t.f64, Float64Array),
  echoListChar: t.list(t.char),
  echoListString: t.list(t.string),
  echoListList: t.list(t.list(t.string)),
  echoListPoint: t.list(point),
  echoListDeep: t.list(deep),
  echoListColour: t.list(colour),
  echoListRights: t.list(rights),
  echoListNine: t.list(nine),
  echoListShape: t.list(shape),
  echoListJoined: t.list(joined),
  echoListOption: t.list(t.option(t.u64)),
  echoListResult: t.list(t.result(t.string, t.u8)),
  echoListTuple: t.list(t.tuple(t.u8, t.string, t.s16)),
  echoTuple: t.tuple(t.u8, t.string, t.f64, t.bool),
  echoSingle: t.tuple(t.s64),
  echoPoint: point,
  echoDeep: deep,
  echoColour: colour,
  echoRights: rights,
  echoNine: nine,
  echoAllBits: allBits,
  echoShape: shape,
  echoJoined: joined,
  echoOption: t.option(t.u32),
  echoOptionString: t.option(t.string),
  echoNested: t.optionOfOption(t.option(t.string)),
  echoInnerResult: t.tuple(t.result(t.u32, t.string)),
  echoTower: t.option(t.result(t.option(t.u8), t.result(t.string, colour))),
};

/** Functions whose own result is a result: the value, or what is thrown. @type {Record<string, Type>} */
export const results = {
  echoResult: t.result(t.u32, t.string),
  echoResultUnit: t.result(null, null),
  echoResultOk: t.result(t.numbers(t.u8, Uint8Array), null),
  echoResultErr: t.result(null, colour),
};

/** Functions of many parameters, and what they answer. @type {Record<string, { params: Type[], answer: Type }>} */
export const wide = {
  sixteen: { params: firstFifteen, answer: t.string },
  spilled: {
    params: [...firstFifteen, shape, t.list(t.string)],
    answer: t.tuple(t.string, shape, t.list(t.string)),
  },
};

/**
 * A host whose functions can be set per test: `on.echoU8 = (v) => …`. It keeps count of its things.
 * @returns {{ imports: Record<string, any>, on: Record<string, (...args: any[]) => any>, Thing: any, disposed: string[] }}
 */
export function everythingHost() {
  /** @type {Record<string, (...args: any[]) => any>} */
  const on = {};
  /** @type {string[]} */
  const disposed = [];
  class Thing {
    /** @param {string} name */
    constructor(name) {
      this.text = name;
    }
    name() {
      return this.text;
    }
    /** @param {string} to */
    rename(to) {
      if (to === "") throw this.text;
      const was = this.text;
      this.text = to;
      return was;
    }
    /** @param {Thing} a @param {Thing} b */
    static join(a, b) {
      return new Thing(`${a.text}+${b.text}`);
    }
    /** @param {Thing} other */
    same(other) {
      return this === other;
    }
    [Symbol.dispose ?? Symbol.for("dispose")]() {
      disposed.push(this.text);
    }
  }
  const values = Object.fromEntries(
    [
      ...Object.keys(echoes),
      ...Object.keys(results),
      ...Object.keys(wide),
      "echoNothing",
    ].map((name) => [
      name,
      (/** @type {any[]} */ ...args) => on[name](...args),
    ]),
  );
  const host = {
    Thing,
    checked: (/** @type {any[]} */ ...args) => on.checked(...args),
    callBack: (/** @type {any[]} */ ...args) => on.callBack(...args),
    swap: (/** @type {any[]} */ ...args) => on.swap(...args),
    look: (/** @type {any[]} */ ...args) => on.look(...args),
  };
  const imports = {
    "slipway:everything/values@1.2.3": values,
    "slipway:everything/host@1.2.3": host,
    pick: (/** @type {any[]} */ ...args) => on.pick(...args),
    note: (/** @type {any[]} */ ...args) => on.note(...args),
  };
  return { imports, on, Thing, disposed };
}
