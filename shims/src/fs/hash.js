/**
 * @module Metadata hashes: 128 bits out of what identifies a state of a file.
 */

/**
 * @param {BigUint64Array} seed two secret words
 * @param {bigint} id of the file within its volume
 * @param {bigint} mtime in nanoseconds
 * @param {bigint} size
 * @returns {[bigint, bigint]}
 */
export function hashOf([lower, upper], id, mtime, size) {
  return [
    mix(lower ^ mix(id) ^ mtime),
    mix(upper ^ mix(size) ^ mix(mtime + id)),
  ];
}

/** @returns {BigUint64Array} */
export function newSeed() {
  return crypto.getRandomValues(new BigUint64Array(2));
}

/**
 * The finaliser of splitmix64: every bit of the input moves half the output.
 * @param {bigint} x
 */
function mix(x) {
  let z = BigInt.asUintN(64, x + 0x9e3779b97f4a7c15n);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}
