/**
 * Whether a trap is the one a script demanded. The rule: the words are each runtime's own, so a demanded message is read as
 * a kind of trap, and what was thrown has to be of a kind that may stand for it; a message the table does not know
 * demands only that something trapped.
 * @module
 */

/** Demanded (a part of the script's message) -> what the thrown message has to match. @type {[string, RegExp][]} */
const KINDS = [];

/** @param {[expected: string, actual: string]} trap @returns {string | null} */
export function trapDiffers([expected, actual]) {
  for (const [part, accepted] of KINDS) {
    if (expected.includes(part)) {
      return accepted.test(actual)
        ? null
        : `expected the trap ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
    }
  }
  return null;
}
