/**
 * Cases about handles at the host, as our side carries them out: the host's resource is a class, the guest's are objects in
 * slots. It owns what each step means; gen/src/handles.rs makes them, oracle.py has the other half.
 * @module
 */
import { camelCase } from "../conformance/values.js";

const dispose = Symbol.dispose ?? Symbol.for("dispose");

/**
 * @param {{ case: number, calls: any[] }} one
 * @param {(imports: Record<string, unknown>) => Promise<Record<string, any>>} start
 */
export async function runHandles(one, start) {
  /** @type {[string, number][]} */
  const log = [];
  const noted = (/** @type {string} */ name, /** @type {number} */ n) => {
    log.push([name, n]);
    return n;
  };
  class Thing {
    /** Called by the guest. @param {number} n */
    constructor(n) {
      this.n = noted("new", n);
    }
    /** The host's own. @param {number} n */
    static of(n) {
      return Object.assign(Object.create(Thing.prototype), { n });
    }
    peek() {
      return noted("peek", this.n);
    }
    [dispose]() {
      noted("dispose", this.n);
    }
  }
  const instance = await start({
    log: (/** @type {number} */ n) => void noted("log", n),
    thing: Thing,
    "take-thing": (/** @type {Thing} */ thing) => noted("take", thing.n),
  });

  /** @type {any[]} */
  const slots = [];
  const step = (
    /** @type {string} */ name,
    /** @type {number[]} */ ...args
  ) => {
    const [slot, n] = args;
    const call = instance[name === "run" ? `run${slot}` : camelCase(name)];
    switch (name) {
      case "run":
        return call();
      case "give-t":
      case "lend-t":
        return call(Thing.of(slot));
      case "back-t": {
        const thing = call();
        if (!(thing instanceof Thing)) throw new TypeError("no Thing");
        return thing.n;
      }
      case "make-r":
        slots[slot] = call(n);
        return undefined;
      case "release-r":
        slots[slot] = call();
        return undefined;
      case "pass-r":
        slots[slot] = call(slots[slot]);
        return undefined;
      case "drop-r":
        return slots[slot][dispose]();
      default:
        return call(slots[slot]);
    }
  };
  const calls = [];
  for (const [name, ...args] of one.calls) {
    try {
      calls.push({ ok: step(name, ...args) ?? null });
    } catch (e) {
      const { name, message, stack } = /** @type {any} */ (e);
      calls.push(
        name === "Trap" ? { trap: message } : { error: String(stack ?? e) },
      );
      break;
    }
  }
  return { case: one.case, calls, log };
}
