/**
 * @module Parents and children among resources: a parent that goes while a child
 * of it is alive is a mistake of the guest that wasi:http answers with a trap.
 */
import { trap } from "../io.js";

/** The children of one resource. */
export class Family {
  #living = 0;
  #parent;

  /** @param {string} parent what a trap calls it */
  constructor(parent) {
    this.#parent = parent;
  }

  /** @returns {() => void} to be called when the child goes, or is given away */
  adopt() {
    let alive = true;
    this.#living++;
    return () => {
      if (alive) this.#living--;
      alive = false;
    };
  }

  /**
   * Throws where the parent must not go yet.
   * @param {string} how it goes: "dropped", "sent"
   */
  leave(how) {
    if (this.#living > 0)
      throw trap(
        `wasi:http: ${this.#parent} is ${how} while a child of it is alive`,
      );
  }
}
