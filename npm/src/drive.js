/**
 * Pushes a component through the transpiler's Wasm: what it wants, past what it skips, as far as the bytes are there. Knows
 * the push machine, not where bytes come from.
 * @module
 */

/** @import { Output, TranspilerMachine } from './types.js' */

/** One component on its way through the machine. */
export class Drive {
  #machine;
  /** Where in the input the machine is. */
  #at = 0;

  /** @param {TranspilerMachine} machine */
  constructor(machine) {
    this.#machine = machine;
  }

  /**
   * Goes on as far as it can.
   * @param {Uint8Array} bytes the input from its start, as far as it is there
   * @param {boolean} last no more will come
   */
  advance(bytes, last) {
    for (;;) {
      this.#at += this.#machine.skip();
      const want = this.#machine.want();
      const there = bytes.length - this.#at;
      if (want === 0 || there <= 0 || (there < want && !last)) return;
      const chunk = bytes.subarray(this.#at, this.#at + want);
      this.#machine.feed(chunk);
      this.#at += chunk.length;
    }
  }

  /**
   * Ends the input.
   * @param {number} total its length
   * @returns {boolean} whether `finish` needs the transpiler's secondary module
   */
  link(total) {
    return this.#machine.link(total);
  }

  /** @returns {Output} */
  finish() {
    return this.#machine.finish();
  }
}
