/**
 * @module So many at a time: whoever comes when all places are taken waits, first
 * come first served. It knows nothing of what is done in a place.
 */

export class Places {
  #limit;
  #taken = 0;
  /** @type {Array<(value: undefined) => void>} */
  #waiting = [];

  /** @param {number} limit */
  constructor(limit) {
    this.#limit = limit;
  }

  /**
   * Takes a place.
   * @param {number} [maxWaiting] how many may wait before this one
   * @returns {Promise<boolean>} false, at once, when too many wait
   */
  async take(maxWaiting = Infinity) {
    if (this.#taken < this.#limit) {
      this.#taken++;
      return true;
    }
    if (this.#waiting.length >= maxWaiting) return false;
    await new Promise((resolve) => this.#waiting.push(resolve));
    return true;
  }

  /** Whoever waits longest takes the place over; else it is free. */
  give() {
    const next = this.#waiting.shift();
    if (next) next(undefined);
    else this.#taken--;
  }
}
