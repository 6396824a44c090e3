/**
 * The page's end of a worker with a component in it. Knows the worker's life: it is made for one start, and stopping it is
 * ending it.
 * @module
 */

/** @import { Call, Failure, FromWorker, Start } from './messages.js' */

/**
 * @typedef {object} Listener
 * @property {(message: FromWorker) => void} message everything but answers
 * @property {(reason: string) => void} broken the worker itself failed
 */

/** @typedef {Extract<FromWorker, { type: 'answer' }>} Answer */

export class Session {
  #worker;
  /** @type {Map<number, (answer: Answer) => void>} */
  #waiting = new Map();
  #last = 0;

  /**
   * @param {Omit<Start, 'type'>} start
   * @param {Listener} listener
   */
  constructor(start, listener) {
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), {
      type: "module",
      name: "slipway-component",
    });
    this.#worker.onmessage = (
      /** @type {MessageEvent<FromWorker>} */ { data },
    ) => {
      if (data.type !== "answer") return listener.message(data);
      this.#waiting.get(data.id)?.(data);
      this.#waiting.delete(data.id);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      listener.broken(event.message || "the worker could not be loaded");
    };
    this.#worker.postMessage({ type: "start", ...start });
  }

  /**
   * Never settles once the session has been stopped.
   * @param {Omit<Call, 'type' | 'id'>} call
   * @returns {Promise<Answer>}
   */
  call(call) {
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#worker.postMessage({ type: "call", id, ...call });
    });
  }

  stop() {
    this.#worker.terminate();
    this.#waiting.clear();
  }
}
