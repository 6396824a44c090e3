/**
 * @module `wasi:random@0.2`: random, insecure and insecure-seed. A face over
 * WebCrypto, or over what the user gave instead. The insecure ones draw from the
 * same source: it is the fastest that every platform has.
 */

/** @import { Context } from "./host.js" */

/** `getRandomValues` refuses more than this at a time. */
const CHUNK = 65536;
/** Small requests are cut from one draw: a call of WebCrypto costs about 1 µs. */
const POOL = 1024;

/**
 * The face of `wasi:random`: random, insecure, insecure-seed.
 * @param {Context} context
 * @returns the interfaces, by full name
 */
export function random({ options }) {
  const source = options.random ?? globalThis.crypto;
  const bytes = (/** @type {bigint} */ len) => {
    if (len > 0xffffffffn) throw new RangeError(`${len} random bytes`);
    const out = new Uint8Array(Number(len));
    for (let at = 0; at < out.length; at += CHUNK)
      source.getRandomValues(out.subarray(at, at + CHUNK));
    return out;
  };
  /** Made when it is wanted: a server makes a host for each request. @type {BigUint64Array<ArrayBuffer> | undefined} */
  let pool;
  let left = 0;
  const u64 = () => {
    pool ??= new BigUint64Array(POOL / 8);
    if (left === 0) {
      source.getRandomValues(new Uint8Array(pool.buffer));
      left = pool.length;
    }
    const value = pool[--left];
    pool[left] = 0n;
    return value;
  };
  return {
    "wasi:random/random@0.2.12": { getRandomBytes: bytes, getRandomU64: u64 },
    "wasi:random/insecure@0.2.12": {
      getInsecureRandomBytes: bytes,
      getInsecureRandomU64: u64,
    },
    "wasi:random/insecure-seed@0.2.12": { insecureSeed: () => [u64(), u64()] },
  };
}
