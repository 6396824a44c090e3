/**
 * The loops of composed.wat, each of which calls from one component to the other: per call.
 * @module
 */

/** @import { Case } from '../measure.js' */

/** @type {[label: string, name: string, n: number, length?: number][]} */
const LOOPS = [
  ["add(u32, u32)", "far", 100_000],
  ["add(u16, u16)", "farSmall", 100_000],
  ["string, 16 ASCII", "text", 10_000, 16],
  ["string, 1k ASCII", "text", 2_000, 1024],
  ["string, 1k ASCII, from UTF-16", "text16", 1_000, 1024],
  ["1 MB of bytes", "bytes", 10, 1_000_000],
];

/** @type {Case[]} */
export const cases = LOOPS.map(([name, loop, ops, length]) => ({
  name,
  ops,
  make: (api) => () => (api[loop] ?? api[kebab(loop)])(ops, length ?? 0),
  // What the loop of the caller gives at its end.
  expect: length ?? sum(ops, name),
}));

/** @param {string} name */
function kebab(name) {
  return name.replace(/[A-Z0-9]+/g, (part) => `-${part.toLowerCase()}`);
}

/** n + (n - 1) + … + 1, as far as the type goes. @param {number} n @param {string} name */
function sum(n, name) {
  const all = (n * (n + 1)) / 2;
  return name.includes("u16") ? all % 0x10000 : all % 0x100000000;
}
