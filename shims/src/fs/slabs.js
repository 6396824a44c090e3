/**
 * @module Room for the contents of small files in memory. An ArrayBuffer of its own for each would cost more than what
 * is in it, to make and to collect. It owns slabs, arrays of places of one size, and refuses to know files.
 */

/** The least place, in bytes; others are twice as large, and so on. */
const LEAST = 64;
/** The largest place: above it, an array of one's own is cheap. */
export const LARGEST = 1 << 14;
const SLAB = 1 << 18;
const MOST_PLACES = 64;
/** Bytes of empty slabs that stay: new memory costs more than what is written to it. */
const SPARE = 1 << 25;

/** Some bytes of a slab: what was in them before is still there. */
export class Place {
  /**
   * @param {Slab} slab
   * @param {Uint8Array} bytes
   */
  constructor(slab, bytes) {
    this.slab = slab;
    this.bytes = bytes;
  }
}

class Slab {
  #buffer;
  /** Places that nobody had yet begin here. */
  #fresh = 0;
  /** @type {Place[]} */
  #free = [];
  used = 0;

  /** @param {number} size of each place */
  constructor(size) {
    this.size = size;
    this.places = Math.min(MOST_PLACES, SLAB / size);
    this.length = size * this.places;
    this.#buffer = new ArrayBuffer(this.length);
  }

  get isFull() {
    return this.used === this.places;
  }

  /** @returns {Place} */
  take() {
    this.used++;
    const place = this.#free.pop();
    if (place) return place;
    const at = this.#fresh;
    this.#fresh += this.size;
    return new Place(this, new Uint8Array(this.#buffer, at, this.size));
  }

  /** @param {Place} place */
  give(place) {
    this.used--;
    this.#free.push(place);
  }
}

/** Slabs of all sizes. */
export class Slabs {
  /** Bytes of those that are empty. */
  #spare = 0;
  /** Those that have a place left, by the size of their places. @type {Map<number, Slab[]>} */
  #open = new Map();

  /**
   * @param {number} length `LARGEST` at most
   * @returns {Place} of so many bytes or more
   */
  take(length) {
    const size = Math.max(LEAST, 1 << (32 - Math.clz32(length - 1)));
    let open = this.#open.get(size);
    if (!open) this.#open.set(size, (open = []));
    if (open.length === 0) {
      const made = new Slab(size);
      open.push(made);
      this.#spare += made.length;
    }
    const slab = open[open.length - 1];
    if (slab.used === 0) this.#spare -= slab.length;
    const place = slab.take();
    if (slab.isFull) open.pop();
    return place;
  }

  /**
   * Nobody uses it any more.
   * @param {Place} place
   */
  give(place) {
    const { slab } = place;
    const open = /** @type {Slab[]} */ (this.#open.get(slab.size));
    if (slab.isFull) open.push(slab);
    slab.give(place);
    if (slab.used > 0) return;
    this.#spare += slab.length;
    if (this.#spare <= SPARE) return;
    this.#spare -= slab.length;
    open.splice(open.indexOf(slab), 1);
  }
}
