/**
 * Several instances behind one set of exports: a call that would find an instance suspended gets one of its own. Owns the pool;
 * how an instance is made is told to it. Knows nothing of what the calls do, and so refuses exports that are tied to an instance.
 * @module
 */

/** @typedef {Record<string, any>} Exports */

/**
 * @param {() => Promise<Exports>} make
 * @param {number} most instances at a time
 * @returns {Promise<Exports>} the exports of the first, each function of which answers with a promise
 * @throws {TypeError} for a component that exports resources: their handles live in one instance
 */
export async function sharedExports(make, most) {
  if (!(most >= 1))
    throw new TypeError(`instances: ${most} is not a number from 1 up`);
  const first = await make();
  const pool = new Pool(make, most, first);
  return wrapped(first, [], pool);
}

/**
 * @param {Exports} exports
 * @param {string[]} path where they are in an instance
 * @param {Pool} pool
 * @returns {Exports}
 */
function wrapped(exports, path, pool) {
  /** @type {Exports} */
  const all = {};
  for (const [name, value] of Object.entries(exports)) {
    const at = [...path, name];
    if (typeof value !== "function") all[name] = wrapped(value, at, pool);
    else if (/^class\b/.test(Function.prototype.toString.call(value)))
      throw new TypeError(
        `instances: ${at.join(".")} is a resource, which belongs to one instance`,
      );
    else
      all[name] = (/** @type {any[]} */ ...args) =>
        pool.run((instance) =>
          /** @type {any} */ (at.reduce((from, key) => from[key], instance))(
            ...args,
          ),
        );
  }
  return all;
}

class Pool {
  #make;
  #left;
  /** @type {Exports[]} */
  #idle;
  /**
   * Those that wait, in order: each is handed an instance, or the right to make one.
   * @type {Array<(instance: Exports | undefined) => void>}
   */
  #waiting = [];

  /**
   * @param {() => Promise<Exports>} make
   * @param {number} most
   * @param {Exports} first
   */
  constructor(make, most, first) {
    this.#make = make;
    this.#left = most - 1;
    this.#idle = [first];
  }

  /**
   * @param {(instance: Exports) => any} act
   * @returns {Promise<any>}
   */
  async run(act) {
    const instance = await this.#take();
    let fit = true;
    try {
      return await act(instance);
    } catch (error) {
      // After anything but an answer of the guest its instance may be dead: the next call gets a new one.
      fit = /** @type {any} */ (error)?.name === "ComponentError";
      throw error;
    } finally {
      this.#give(fit ? instance : undefined);
    }
  }

  /** @returns {Promise<Exports>} */
  async #take() {
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#left > 0) {
      this.#left--;
      return this.#fresh();
    }
    const instance = await new Promise((resolve) =>
      this.#waiting.push(resolve),
    );
    return instance ?? this.#fresh();
  }

  /** @returns {Promise<Exports>} */
  async #fresh() {
    try {
      return await this.#make();
    } catch (error) {
      this.#give(undefined);
      throw error;
    }
  }

  /** @param {Exports | undefined} instance undefined for one that is to be made anew */
  #give(instance) {
    const next = this.#waiting.shift();
    if (next) next(instance);
    else if (instance) this.#idle.push(instance);
    else this.#left++;
  }
}
