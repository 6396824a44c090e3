/**
 * Resources by hand: the handles that the guest holds, and the class of its own resource.
 *
 * What that class has to do is what the JavaScript API of the component model asks of anybody's (ours and jco's do the same):
 * a counter is dropped once, using it after it was dropped or given away throws, something else than a counter is refused,
 * and one that nobody holds any more is dropped by a finalizer. Glue without these would leak in the guest, or let one
 * counter be used as another; so a comparison with it would measure what was left out. It is done in the plain way:
 * `register` in the constructor, `unregister` where the counter leaves.
 * @module
 */

const dispose = /** @type {typeof Symbol.dispose} */ (
  Symbol.dispose ?? Symbol.for("dispose")
);

/** Objects of the host that the guest has a handle of. 0 is no handle. */
export class Handles {
  /** @type {unknown[]} */
  #objects = [undefined];
  /** @type {boolean[]} */
  #owned = [false];
  /** @type {number[]} */
  #free = [];

  /** @param {unknown} object @param {boolean} owned */
  add(object, owned) {
    const handle = this.#free.pop() ?? this.#objects.length;
    this.#objects[handle] = object;
    this.#owned[handle] = owned;
    return handle;
  }

  /** @param {number} handle @returns {any} */
  get(handle) {
    const object = this.#objects[handle];
    if (object === undefined) throw new RangeError("no such handle");
    return object;
  }

  /** The guest drops it: what it owned is disposed of. @param {number} handle */
  drop(handle) {
    const object = this.get(handle);
    this.#objects[handle] = undefined;
    this.#free.push(handle);
    if (this.#owned[handle]) object[dispose]?.();
  }

  /** After a call: what was lent for it must be gone. @param {number} handle @param {unknown} object */
  ended(handle, object) {
    if (this.#objects[handle] === object)
      throw new Error("the guest kept a borrow");
  }
}

/**
 * The guest's resource `counter`, which it makes and drops itself by the functions in `imports`.
 * @param {Record<string, Function>} core filled in when there is an instance
 */
export function counters(core) {
  /** Reps of live counters, by handle. @type {(number | undefined)[]} */
  const reps = [undefined];
  /** @type {number[]} */
  const free = [];

  /** @param {number} handle */
  function rep(handle) {
    const rep = reps[handle];
    if (rep === undefined) throw new RangeError("no such counter");
    return rep;
  }

  /** @param {number} handle */
  function drop(handle) {
    const gone = rep(handle);
    reps[handle] = undefined;
    free.push(handle);
    core.drop(gone);
  }

  const net = new FinalizationRegistry(drop);

  class Counter {
    #handle;
    #rep;
    /** @param {number} start */
    constructor(start) {
      this.#handle = core.make(start);
      this.#rep = rep(this.#handle);
      net.register(this, this.#handle, this);
    }
    /** @param {number} n */
    add(n) {
      return core.add(Counter.lend(this), n) >>> 0;
    }
    [dispose]() {
      if (this.#handle !== 0) drop(Counter.give(this));
    }
    /** The rep, for the length of a call. @param {Counter} counter */
    static lend(counter) {
      if (counter.#handle === 0) throw new TypeError("the counter is gone");
      return counter.#rep;
    }
    /** The handle, for good. @param {Counter} counter */
    static give(counter) {
      const handle = counter.#handle;
      if (handle === 0) throw new TypeError("the counter is gone");
      counter.#handle = 0;
      net.unregister(counter);
      return handle;
    }
  }

  const imports = {
    "[resource-new]counter": (/** @type {number} */ rep) => {
      const handle = free.pop() ?? reps.length;
      reps[handle] = rep;
      return handle;
    },
    "[resource-rep]counter": rep,
    "[resource-drop]counter": drop,
  };
  return { Counter, imports };
}
