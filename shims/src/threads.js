/**
 * @module `@slipway/wasi/threads`: a component of the `wasi:http/proxy` world served
 * by threads of Node, one request at a time each. There guests may sleep, so that
 * bodies stream where nothing suspends (Node 20 and 22); and one that computes for
 * ever can be ended. It owns the threads; instances are made over there, by
 * `threads-worker.js`.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Places } from "./core/places.js";
import { newBell, newRing, ring, ringTaker } from "./core/ring.js";
import { handlerOf } from "./fetch-handler.js";
import { HttpFailure } from "./http/errors.js";
import {
  FrameWriter,
  newFrames,
  packEntries,
  readyOf,
  unpackEntries,
} from "./http/frames.js";
import { nodeTransport } from "./http/node-client.js";
import { remoteServer } from "./http/remote.js";
import { plain, refuse } from "./http/serving.js";
import { GONE } from "./threads-cells.js";

/** @import { Piece } from "./core/ring.js" */
/** @import { FetchHandler } from "./fetch-handler.js" */
/** @import { Transport } from "./http/exchange.js" */
/** @import { ClientOptions } from "./http/node-client.js" */
/** @import { Call } from "./http/serving.js" */
/** @import { Outlet } from "./http/types.js" */

/**
 * The URL of a generated module (made with `--instantiation async`), or its files;
 * core modules may be compiled.
 * @typedef {string | URL
 *   | { files: Record<string, string | Uint8Array | WebAssembly.Module> }} Program
 */

/**
 * @typedef {object} ThreadOptions
 * @property {number} [threads] at most; as many as there are processors
 * @property {ThreadGrants} [host] what each instance is granted
 * @property {number} [maxWaiting] requests beyond the threads: 503 for more
 * @property {number} [timeoutMs]
 *   until the response's head: 504 after that, and the end of the thread
 * @property {boolean} [development] says in the response why a guest failed
 * @property {(error: unknown, request: Request) => void} [onError]
 *
 * @typedef {object} ThreadGrants
 * @property {readonly string[]} [args]
 * @property {Record<string, string>} [env]
 * @property {boolean | ({ allow?: readonly string[] } & ClientOptions)} [fetch]
 * @property {"inherit"} [stdio] the process's own streams
 */

/**
 * @param {Program} program
 * @param {ThreadOptions} [options]
 * @returns {FetchHandler & { close(): Promise<void> }}
 */
export function threadedHandler(program, options = {}) {
  const threads = new Threads(program, options);
  return Object.assign(handlerOf(threads), { close: () => threads.close() });
}

/** Makes threads as they are needed, and makes requests wait for them. */
class Threads {
  #program;
  #options;
  #places;
  /** @type {Set<Thread>} */
  #all = new Set();
  /** @type {Thread[]} */
  #idle = [];
  /** One pool of connections for all. @type {Transport | undefined} */
  #transport;

  /**
   * @param {Program} program
   * @param {ThreadOptions} options
   */
  constructor(program, options) {
    this.#program = program instanceof URL ? program.href : program;
    this.#options = options;
    this.#places = new Places(options.threads ?? availableParallelism());
  }

  /**
   * @param {Call} call
   * @returns {Promise<void>}
   */
  async handle(call) {
    const { maxWaiting, onError } = this.#options;
    if (!(await this.#places.take(maxWaiting))) {
      onError?.(new Error("too many requests"), call.request());
      return plain(call, 503, "too many requests");
    }
    const thread = this.#alive() ?? this.#make();
    let healthy = false;
    try {
      healthy = await new Relay(call, thread, this.#options).run();
    } finally {
      if (healthy) this.#idle.push(thread);
      else void this.#end(thread);
      this.#places.give();
    }
  }

  /** An idle thread; those that ended by themselves meanwhile are forgotten. */
  #alive() {
    for (;;) {
      const thread = this.#idle.pop();
      if (!thread?.dead) return thread;
      this.#all.delete(thread);
    }
  }

  /** @param {Thread} thread */
  #end(thread) {
    this.#all.delete(thread);
    return thread.end();
  }

  #make() {
    const { fetch } = this.#options.host ?? {};
    this.#transport ??= nodeTransport(typeof fetch === "object" ? fetch : {});
    const thread = new Thread(this.#program, this.#options, this.#transport);
    this.#all.add(thread);
    return thread;
  }

  /** Ends all threads, and what they serve. */
  async close() {
    await Promise.all([...this.#all].map((thread) => thread.end()));
  }
}

/** One thread, seen from here. */
class Thread {
  bell = newBell();
  dead = false;
  #worker;
  /** Who is told what comes: the request it serves. @type {(message: any) => void} */
  listener = () => {};

  /**
   * @param {string | { files: Record<string, any> }} program
   * @param {ThreadOptions} options
   * @param {Transport} transport
   */
  constructor(program, { host = {}, development }, transport) {
    this.#worker = new Worker(new URL("./threads-worker.js", import.meta.url), {
      workerData: { program, host, development, bell: this.bell },
      // What passes through a thread is garbage at once; V8 would let it come to twice of this.
      resourceLimits: { maxYoungGenerationSizeMb: 12 },
    });
    // An idle thread keeps no process alive.
    this.#worker.unref();
    const http = remoteServer(() => transport, this.bell);
    this.#worker.on("message", (message) => {
      if (message.type.startsWith("http")) http(message);
      else this.listener(message);
    });
    this.#worker.on("error", (error) => this.listener({ type: "dead", error }));
    this.#worker.on("exit", () => {
      this.dead = true;
      this.listener({ type: "dead", error: new Error("the thread has ended") });
    });
  }

  /** @param {any} message */
  post(message) {
    this.#worker.postMessage(message);
  }

  end() {
    return this.#worker.terminate();
  }
}

/** One request, to a thread and back. */
class Relay {
  #call;
  #thread;
  #options;
  #cells = new Int32Array(new SharedArrayBuffer(4));
  #body = newRing();
  #take;
  /** @type {Outlet | undefined} */
  #outlet;
  #over = false;
  /** What has come is passed on in order. */
  #passed = Promise.resolve();
  /** @type {(healthy: boolean) => void} */
  #done = () => {};

  /**
   * @param {Call} call
   * @param {Thread} thread
   * @param {ThreadOptions} options
   */
  constructor(call, thread, options) {
    this.#call = call;
    this.#thread = thread;
    this.#options = options;
    this.#take = ringTaker(this.#body, thread.bell);
  }

  /** @returns {Promise<boolean>} whether the thread may serve again */
  async run() {
    const { timeoutMs } = this.#options;
    const call = this.#call;
    const thread = this.#thread;
    const inlet = await call.inlet(true);
    const frames = newFrames();
    const writer = new FrameWriter(frames, thread.bell);
    /** @type {Promise<boolean>} */
    const done = new Promise((resolve) => (this.#done = resolve));
    thread.listener = (message) => this.#on(message);
    const { headers, ...head } = call.head;
    thread.post({
      type: "serve",
      head: { ...head, headers: packEntries(headers) },
      frames,
      body: this.#body,
      cells: this.#cells,
      informs: call.inform !== undefined,
    });
    void writer
      .body(inlet)
      .catch((error) => writer.failed(error))
      .finally(() => writer.close());
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => this.#late(), timeoutMs);
    const healthy = await done;
    clearTimeout(timer);
    // What becomes of the thread now is nothing to this request.
    thread.listener = () => {};
    writer.leave();
    inlet.body.close?.();
    return healthy;
  }

  #late() {
    if (this.#outlet) return;
    this.#outlet = plainly(this.#call, 504, "the component took too long");
    this.#over = true;
    void this.#thread.end();
  }

  /** @param {any} message */
  #on(message) {
    switch (message.type) {
      case "inform":
        this.#inform(message);
        break;
      case "answer":
        this.#answer(message);
        break;
      case "chunk":
        this.#pass((outlet) => this.#write(outlet, message.piece));
        break;
      case "end":
        this.#pass((outlet) => outlet.finish(unpackEntries(message.trailers)));
        break;
      case "abort":
        this.#pass((outlet) => outlet.abort(new HttpFailure(message.code)));
        break;
      case "error":
        this.#options.onError?.(message.error, this.#call.request());
        break;
      case "done":
        void this.#passed.then(() => this.#done(true));
        break;
      case "dead":
        void this.#passed.then(() => this.#died(message.error));
    }
  }

  /** @param {{ status: number, headers: any }} message */
  #inform({ status, headers }) {
    if (!this.#outlet)
      this.#call.inform?.(status, unpackEntries(headers) ?? []);
  }

  /** @param {{ status: number, headers: any, body: boolean }} message */
  #answer({ status, headers, body }) {
    if (this.#outlet) return;
    const entries = unpackEntries(headers) ?? [];
    this.#outlet = this.#call.answer(status, entries, body, true);
  }

  /** @param {(outlet: Outlet) => unknown} act */
  #pass(act) {
    this.#passed = this.#passed
      .then(async () => {
        if (this.#outlet && !this.#over) await act(this.#outlet);
      })
      .catch(() => this.#gone());
  }

  /**
   * @param {Outlet} outlet
   * @param {Piece} piece
   */
  async #write({ sink }, piece) {
    while (sink.permit() === 0) await readyOf(sink.event);
    if (sink.permit() < 0) return this.#gone();
    sink.write(this.#take(piece));
  }

  /** Nobody listens any more: the guest learns it where it next writes. */
  #gone() {
    this.#over = true;
    Atomics.store(this.#cells, GONE, 1);
    ring(this.#thread.bell);
  }

  /**
   * A thread that breaks down says so, and then that it has ended.
   * @param {unknown} error
   */
  #died(error) {
    if (!this.#over) {
      this.#over = true;
      this.#options.onError?.(error, this.#call.request());
      if (this.#outlet) this.#outlet.abort(error);
      else refuse(this.#call, error, this.#options);
    }
    this.#done(false);
  }
}

/**
 * @param {Call} call
 * @param {number} status
 * @param {string} text
 * @returns {Outlet}
 */
function plainly(call, status, text) {
  plain(call, status, text);
  return { sink: /** @type {any} */ (undefined), finish() {}, abort() {} };
}
