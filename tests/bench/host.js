/**
 * The host side of the bench's world, the same for every candidate. A module of its own: the cases are loaded once per
 * candidate, but a class must be the same for all who look at it.
 * @module
 */

/**
 * What the guest imports: a function, and streams of bytes as a host has them. A source gives the same chunk again and
 * again, a sink counts.
 */
export const host = {
  inc: (/** @type {number} */ n) => (n + 1) >>> 0,
  Source: class {
    chunk;
    /** @param {Uint8Array} chunk */
    constructor(chunk) {
      this.chunk = chunk;
    }
    /** @param {bigint} most */
    read(most) {
      const n = Number(most);
      return n < this.chunk.length ? this.chunk.subarray(0, n) : this.chunk;
    }
  },
  Sink: class {
    length = 0;
    /** @param {Uint8Array} bytes */
    write(bytes) {
      this.length += bytes.length;
    }
  },
};
