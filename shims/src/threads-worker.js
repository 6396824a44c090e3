/**
 * @module One of the threads of `threads.js`: makes instances and serves with them.
 * It sleeps while a guest waits, and learns of what has come through shared memory.
 */
import { parentPort, workerData } from "node:worker_threads";
import { onBell } from "./core/ring.js";
import { codeOf } from "./http/errors.js";
import {
  FrameReader,
  ownMemory,
  packEntries,
  unpackEntries,
} from "./http/frames.js";
import { remoteExchanges } from "./http/remote.js";
import { Service } from "./http/serving.js";
import { wasi } from "./node.js";
import { loader } from "./program.js";
import { ACKED, GONE } from "./threads-cells.js";

/** @import { Call } from "./http/serving.js" */
/** @import { Entry } from "./http/fields.js" */
/** @import { Outlet } from "./http/types.js" */

/** What may be under way to the other thread. */
const WINDOW = 64 * 1024;

const { program, host, development, bell } = workerData;
/** @param {any} message @param {any[]} [transfer] */
const post = (message, transfer) => parentPort?.postMessage(message, transfer);

/**
 * A request from the other thread.
 * @implements {Call}
 */
class PortCall {
  fed = true;
  #frames;
  /** @type {Int32Array} */
  #cells;
  #informs;

  /** @param {any} message */
  constructor({ head, frames, cells, informs }) {
    this.#informs = informs;
    this.head = { ...head, headers: unpackEntries(head.headers) };
    this.#frames = frames;
    this.#cells = cells;
  }

  /** Whoever is told of errors is over there, and has it. @returns {Request} */
  request() {
    return /** @type {any} */ (undefined);
  }

  inlet() {
    return new FrameReader(this.#frames, bell);
  }

  /**
   * @param {number} status
   * @param {Entry[]} headers
   * @returns {boolean}
   */
  inform(status, headers) {
    if (this.#informs)
      post({ type: "inform", status, headers: packEntries(headers) });
    return this.#informs;
  }

  /**
   * @param {number} status
   * @param {Entry[]} headers
   * @param {boolean} body
   * @returns {Outlet}
   */
  answer(status, headers, body) {
    post({ type: "answer", status, headers: packEntries(headers), body });
    const cells = this.#cells;
    let sent = 0;
    const permit = () => {
      if (Atomics.load(cells, GONE) !== 0) return -1;
      const room = WINDOW - ((sent - Atomics.load(cells, ACKED)) | 0);
      return room * 2 < WINDOW ? 0 : room;
    };
    const ready = () => permit() !== 0;
    return {
      sink: {
        event: {
          shared: true,
          ready,
          onReady: (wake) => onBell(bell, ready, wake),
        },
        permit,
        write(chunk) {
          sent = (sent + chunk.length) | 0;
          post({ type: "chunk", chunk }, ownMemory(chunk));
        },
        flush: () => {},
      },
      finish: (trailers) =>
        post({ type: "end", trailers: packEntries(trailers) }),
      abort: (reason) => post({ type: "abort", code: codeOf(reason) }),
    };
  }
}

const grant = host.fetch === true ? {} : host.fetch;
const exchange = remoteExchanges(post, bell);
const instantiate = await loader(program);
const service = new Service(instantiate, {
  development,
  host: () =>
    wasi({
      stdout: null,
      stderr: null,
      ...host,
      ...(host.stdio && { stdout: undefined, stderr: undefined }),
      blocking: "atomics",
      bell,
      fetch: grant && { ...grant, exchange },
    }),
  onError: (error) => post({ type: "error", error }),
});

parentPort?.on("message", async (message) => {
  await service.handle(new PortCall(message));
  post({ type: "done" });
});
