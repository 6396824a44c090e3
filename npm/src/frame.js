/**
 * Finds the core modules of a component in its byte stream as soon as each begins, so that an engine can compile one while
 * it still arrives. Knows sections' ids and sizes and nothing else; whatever is wrong with the bytes is the transpiler's to
 * say, and here only ends the search.
 * @module
 */

const CORE_MODULE_SECTION = 1;
const COMPONENT_SECTION = 4;
const PREAMBLE = 8;

/** @typedef {{ start: number, end: number }} Range */

/**
 * A section's header at an offset: where its contents start and end. Undefined where there are not enough bytes yet.
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {{ id: number, start: number, end: number } | undefined}
 */
function sectionAt(bytes, at) {
  let size = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + 1 + i];
    if (byte === undefined) return undefined;
    size += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80)
      return { id: bytes[at], start: at + 2 + i, end: at + 2 + i + size };
  }
  return { id: -1, start: Infinity, end: Infinity };
}

/** A search through a growing prefix of a component. */
export class ModuleFinder {
  /** Where the next header is. */
  #at = PREAMBLE;

  /**
   * The core modules that begin in `bytes` and were not yet told.
   * @param {Uint8Array} bytes the input from its start, as far as it is there
   * @returns {Range[]}
   */
  find(bytes) {
    const found = [];
    while (this.#at < bytes.length) {
      const section = sectionAt(bytes, this.#at);
      if (!section) break;
      if (section.id === CORE_MODULE_SECTION)
        found.push({ start: section.start, end: section.end });
      // A component's sections stand one after the other in it, so going in is skipping its preamble.
      this.#at =
        section.id === COMPONENT_SECTION
          ? section.start + PREAMBLE
          : section.end;
    }
    return found;
  }
}
