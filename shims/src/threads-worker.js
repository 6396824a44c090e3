/**
 * @module One of the threads of `threads.js`: makes instances and serves with them.
 * It sleeps while a guest waits, and learns of what has come through shared memory.
 */
import { parentPort, workerData } from "node:worker_threads";
import { onBell, ringSink } from "./core/ring.js";
import { codeOf } from "./http/errors.js";
import { FrameReader, packEntries, unpackEntries } from "./http/frames.js";
import { remoteExchanges } from "./http/remote.js";
import { Service } from "./http/serving.js";
import { wasi } from "./node.js";
import { loader } from "./program.js";
import { GONE } from "./threads-cells.js";

/** @import { Call } from "./http/serving.js" */
/** @import { Entry } from "./http/fields.js" */
/** @import { Outlet } from "./http/types.js" */

const { program, host, development, bell } = workerData;
/** @param {any} message */
const post = (message) => parentPort?.postMessage(message);

/**
 * A request from the other thread.
 * @implements {Call}
 */
class PortCall {
  fed = true;
  #frames;
  #body;
  /** @type {Int32Array} */
  #cells;
  #informs;

  /** @param {any} message */
  constructor({ head, frames, body, cells, informs }) {
    this.#body = body;
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
    const sink = ringSink(this.#body, bell, (piece) =>
      post({ type: "chunk", piece }),
    );
    const gone = () => Atomics.load(this.#cells, GONE) !== 0;
    const ready = () => gone() || sink.event.ready();
    return {
      sink: {
        ...sink,
        event: {
          shared: true,
          ready,
          onReady: (wake) => onBell(bell, ready, wake),
        },
        permit: () => (gone() ? -1 : sink.permit()),
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
