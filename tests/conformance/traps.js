/**
 * Whether a trap is the one a script demanded. The rule: the words are each runtime's own, so a demanded message is read as
 * a kind of trap, and what was thrown has to be of a kind that may stand for it; a message the table does not know
 * demands only that something trapped.
 * @module
 */

/** A part of the script's message, and what the thrown message has to match. @type {[part: string, accepted: RegExp][]} */
const KINDS = [
  ["cannot leave component instance", /cannot leave component instance/],
  // What the suite calls an instance that has trapped; nothing else keeps one from being entered.
  ["cannot enter component instance", /instance is dead/],
  [
    "cannot remove owned resource while borrowed",
    /cannot remove owned resource while borrowed/,
  ],
  ["used with the wrong type", /is not an? /],
  ["utf-8", /utf-8/],
  ["invalid `char`", /invalid `?char/],
  ["invalid variant discriminant", /invalid variant discriminant/],
  ["aligned", /aligned/],
  ["out of bounds", /out of bounds|out-of-bounds|beyond end of memory/],
  ["out-of-bounds", /out of bounds|out-of-bounds|beyond end of memory/],
  ["beyond end of memory", /out of bounds|out-of-bounds|beyond end of memory/],
  ["unreachable", /unreachable/],
];
const HANDLE = /unknown handle index \d+/;

/** @param {[expected: string, actual: string]} trap @returns {string | null} */
export function trapDiffers([expected, actual]) {
  const handle = HANDLE.exec(expected)?.[0];
  const kind = KINDS.find(([part]) => expected.includes(part));
  const same = handle ? actual.includes(handle) : !kind || kind[1].test(actual);
  return same
    ? null
    : `expected the trap ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
}
