/**
 * @module `@slipway/wasi/worker`: runs a command component in a thread of its
 * own. It owns the near end: starting the worker, its streams, its end. Whatever
 * is slow or waits happens over there; `terminate()` is kill −9.
 */
import { newBell, newRing, ring, RingWriter } from "./core/ring.js";
import { EMPTY, toSource } from "./core/stream.js";
import { fetchTransport } from "./http/fetch.js";
import { postedServer } from "./http/posted.js";
import { remoteServer } from "./http/remote.js";
import { Postbox } from "./mailbox.js";
import { packTree } from "./fs/pack.js";
import { BELL_INTERRUPT } from "./wait.js";

/** @import { Input } from "./core/stream.js" */
/** @import { Tree } from "./fs/memory.js" */
/** @import { ServiceWorkerOptions } from "./mailbox.js" */
/** @import { Blocking } from "./wait.js" */

/**
 * A volume to be made in the worker: exactly one of the first four, or `over`
 * alone for changes that are kept in memory.
 * @typedef {object} Mount
 * @property {Tree} [memory] a copy of this tree; functions in it are called now
 * @property {string} [opfs] the name of a volume of this origin
 * @property {string} [directory] a path of the host (Node, Deno, Bun)
 * @property {FileSystemDirectoryHandle} [handle] what a directory picker gave
 * @property {Mount} [over]
 *   what lies below, never changed; with `opfs`, the difference is kept there
 * @property {boolean} [readonly]
 */

/**
 * @typedef {object} WorkerOptions
 * @property {readonly string[]} [args]
 * @property {Record<string, string>} [env]
 * @property {string} [cwd]
 * @property {Input} [stdin]
 * @property {(bytes: Uint8Array) => unknown} [stdout] instead of the stream
 * @property {(bytes: Uint8Array) => unknown} [stderr] instead of the stream
 * @property {{ stdin?: boolean, stdout?: boolean, stderr?: boolean }} [terminal]
 * @property {Record<string, Mount>} [fs]
 * @property {boolean | { allow?: readonly string[] }} [fetch]
 * @property {string} [timezone]
 * @property {Blocking} [blocking]
 * @property {ServiceWorkerOptions} [serviceWorker]
 *   Where a service worker that calls `route` is, for pages that have neither JSPI
 *   nor cross-origin isolation: the guest then waits by synchronous requests.
 * @property {() => Worker} [worker]
 *   Makes the worker, where ours cannot be found: a module that imports `serve`
 *   from `@slipway/wasi/serve` and calls it.
 * @property {unknown} [data] anything cloneable, for a worker of your own
 */

/**
 * What to run: the URL of a generated module (made with `--instantiation async`),
 * or the files of one, as `transpile` gives them; core modules may be compiled.
 * @typedef {string | URL
 *   | { files: Record<string, string | Uint8Array | WebAssembly.Module> }} Program
 */

/**
 * @typedef {object} Running
 * @property {WritableStream<Uint8Array>} stdin
 * @property {ReadableStream<Uint8Array>} stdout
 * @property {ReadableStream<Uint8Array>} stderr
 * @property {Promise<number>} exit the status; rejects when the guest trapped
 * @property {Promise<Blocking>} blocking
 *   How it waits, once it has started; rejects when it cannot start
 * @property {() => void} terminate ends it at once, with status 137
 * @property {(graceMs?: number) => void} interrupt
 *   Ctrl-C: ends it where it next waits, or by force after the grace period
 */

/** What a guest may have written that nobody has read yet. */
const OUTPUT_WINDOW = 256 * 1024;

/** Cells of the memory that carries acknowledgements to a sleeping worker. */
export const ACK_STDOUT = 0;
export const ACK_STDERR = 1;

/**
 * Runs a command component in a thread of its own. The guest waits there in the
 * best way the place has; the page goes on. What the worker cannot load or the
 * guest traps on rejects `exit`.
 * @param {Program} program
 * @param {WorkerOptions} [options]
 * @returns {Running}
 */
export function runWorker(program, options = {}) {
  const run = new Run(options);
  void run.start(program);
  const { stdout, stderr, exit, blocking } = run;
  return {
    stdin: run.stdin,
    stdout,
    stderr,
    exit,
    blocking,
    terminate: () => run.finish(137),
    interrupt: (graceMs) => run.interrupt(graceMs ?? 1000),
  };
}

/**
 * @param {Mount} mount
 * @returns {Mount} the same, to be cloned
 */
function packMount({ memory, over, ...rest }) {
  return {
    ...rest,
    ...(memory && { memory: packTree(memory) }),
    ...(over && { over: packMount(over) }),
  };
}

/** One worker, seen from here. */
class Run {
  #options;
  /** @type {{ postMessage(message: any, transfer?: any[]): void, terminate(): unknown } | undefined} */
  #worker;
  #ended = false;
  /** @type {Int32Array | undefined} */
  #bell;
  /** @type {Int32Array | undefined} */
  #acks;
  /** @type {SharedArrayBuffer | undefined} */
  #ring;
  /** @type {RingWriter | undefined} */
  #writer;
  /** What was said before the worker told how it waits. @type {any[] | undefined} */
  #early = [];
  /** @type {Postbox | undefined} */
  #postbox;
  /** Makes the requests of a worker that sleeps. @type {((message: any) => void) | undefined} */
  #http;
  /** The same for one that asks. @type {ReturnType<typeof postedServer> | undefined} */
  #posted;
  /** Resolved when the worker has room for more stdin. */
  #room = Promise.resolve();
  #makeRoom = () => {};
  /** @type {(code: number) => void} */
  #resolve = () => {};
  /** @type {(error: unknown) => void} */
  #reject = () => {};
  /** @type {(blocking: Blocking) => void} */
  #started = () => {};
  /** @type {(error: unknown) => void} */
  #unstarted = () => {};

  /** @param {WorkerOptions} options */
  constructor(options) {
    this.#options = options;
    if (canShare()) {
      this.#bell = newBell();
      this.#acks = new Int32Array(new SharedArrayBuffer(8));
      this.#ring = newRing();
      this.#writer = new RingWriter(this.#ring, this.#bell);
      const transport = transportOf(options);
      if (options.fetch) this.#http = remoteServer(() => transport, this.#bell);
    }
    /** @type {Promise<number>} */
    this.exit = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.exit.catch(() => {});
    /** @type {Promise<Blocking>} */
    this.blocking = new Promise((resolve, reject) => {
      this.#started = resolve;
      this.#unstarted = reject;
    });
    this.blocking.catch(() => {});
    this.outs = [
      new Outlet((n) => this.#ack(ACK_STDOUT, n), options.stdout),
      new Outlet((n) => this.#ack(ACK_STDERR, n), options.stderr),
    ];
    this.stdout = this.outs[0].stream;
    this.stderr = this.outs[1].stream;
    this.stdin = this.#stdinStream();
  }

  /** @param {Program} program */
  async start(program) {
    const { serviceWorker } = this.#options;
    let postbox;
    if (serviceWorker && !this.#bell) {
      this.#postbox = new Postbox();
      try {
        postbox = await this.#postbox.open(serviceWorker);
        this.#posted = postedServer(transportOf(this.#options), (letter) =>
          this.#tell(letter),
        );
      } catch (error) {
        return this.#fail(error);
      }
    }
    if (this.#ended) return;
    // Not before: a worker's requests go to the service worker that controlled its
    // page when it was made.
    const started = startWorker(
      this.#options.worker,
      (message) => this.#on(message),
      (error) => this.#fail(error),
    );
    this.#worker = started;
    // What stays here may hold functions, as what a terminal gives does.
    const { args, env, cwd, terminal, fetch, timezone, blocking, data } =
      this.#options;
    const { stdin, fs } = this.#options;
    const rest = { args, env, cwd, terminal, fetch, timezone, blocking, data };
    /** @type {Record<string, Mount>} */
    const mounts = {};
    for (const [path, mount] of Object.entries(fs ?? {}))
      mounts[path] = packMount(mount);
    started.postMessage({
      type: "start",
      program: program instanceof URL ? program.href : program,
      options: { ...rest, fs: mounts },
      shared: this.#bell && {
        bell: this.#bell,
        acks: this.#acks,
        stdin: this.#ring,
      },
      window: OUTPUT_WINDOW,
      postbox,
    });
    if (stdin !== undefined) void this.#feed(stdin);
  }

  /** @param {Input} input */
  async #feed(input) {
    const source = toSource(input);
    const writer = this.stdin.getWriter();
    try {
      for (;;) {
        const chunk = source.read(1 << 16);
        if (chunk === undefined) break;
        if (chunk.length > 0) await writer.write(chunk.slice());
        else
          await new Promise((resolve) => {
            if (source.event.ready()) resolve(undefined);
            else source.event.onReady(() => resolve(undefined));
          });
      }
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => {});
    } finally {
      writer.releaseLock();
    }
  }

  /** @returns {WritableStream<Uint8Array>} */
  #stdinStream() {
    const writer = this.#writer;
    return new WritableStream({
      write: async (chunk) => {
        if (writer) return writer.write(chunk);
        await this.#room;
        this.#room = new Promise((resolve) => {
          this.#makeRoom = () => resolve();
        });
        this.#tell({ type: "stdin", chunk: chunk.slice() });
      },
      close: () => {
        if (writer) writer.close();
        else this.#tell({ type: "stdin", end: true });
      },
      abort: () => {
        if (writer) writer.close({ broken: true });
        else this.#tell({ type: "stdin", broken: true });
      },
    });
  }

  /**
   * @param {number} index
   * @param {number} n
   */
  #ack(index, n) {
    if (this.#acks && this.#bell) {
      Atomics.add(this.#acks, index, n);
      ring(this.#bell);
    } else if (!this.#ended) {
      this.#tell({ type: "ack", index, n });
    }
  }

  /**
   * To the worker, by the way it listens to.
   * @param {any} message
   */
  #tell(message) {
    if (this.#early && this.#options.serviceWorker) this.#early.push(message);
    else if (this.#postbox) this.#postbox.post(message);
    else this.#worker?.postMessage(message);
  }

  #tellEarly() {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const message of early) this.#tell(message);
  }

  /** @param {any} message */
  #on(message) {
    if (this.#ended) return;
    switch (message.type) {
      case "started":
        if (message.blocking !== "sync-xhr") {
          this.#postbox?.close();
          this.#postbox = undefined;
        }
        this.#tellEarly();
        return this.#started(message.blocking);
      case "out":
        return this.outs[message.index].push(message.chunk);
      case "room":
        return this.#makeRoom();
      case "exit":
        return this.finish(message.code);
      case "failed":
        return this.#fail(errorOf(message.error));
      case "http":
      case "http-body":
      case "http-end":
      case "http-abort":
      case "http-taken":
        if (this.#http) return this.#http(message);
        return this.#posted?.receive(message);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#reject(error);
    this.#unstarted(error);
    this.finish(1);
  }

  /** @param {number} code */
  finish(code) {
    if (this.#ended) return;
    this.#ended = true;
    this.#unstarted(new Error("the worker ended before it had started"));
    this.#worker?.terminate();
    this.#posted?.close();
    this.#postbox?.close();
    for (const out of this.outs) out.end();
    this.#resolve(code);
  }

  /** @param {number} graceMs */
  interrupt(graceMs) {
    if (this.#ended) return;
    if (this.#bell) {
      Atomics.store(this.#bell, BELL_INTERRUPT, 1);
      ring(this.#bell);
    }
    this.#tell({ type: "interrupt" });
    const id = setTimeout(() => this.finish(130), graceMs);
    this.exit.then(
      () => clearTimeout(id),
      () => clearTimeout(id),
    );
  }
}

/** Where a worker's output comes out, and is acknowledged once it is taken. */
class Outlet {
  /** @type {Uint8Array[]} */
  #queue = [];
  #ack;
  #write;
  #ended = false;
  /** @type {ReadableStreamDefaultController<Uint8Array> | undefined} */
  #wanting;

  /**
   * @param {(n: number) => void} ack
   * @param {((bytes: Uint8Array) => unknown) | undefined} write
   */
  constructor(ack, write) {
    this.#ack = ack;
    this.#write = write;
    /** @type {ReadableStream<Uint8Array>} */
    this.stream = new ReadableStream(
      {
        pull: (controller) => {
          this.#wanting = controller;
          this.#serve();
        },
        cancel: () => {
          this.#write = () => {};
          for (const chunk of this.#queue.splice(0)) this.#ack(chunk.length);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** @param {Uint8Array} chunk */
  push(chunk) {
    if (!this.#write) {
      this.#queue.push(chunk);
      return this.#serve();
    }
    const done = this.#write(chunk);
    if (!(done instanceof Promise)) return this.#ack(chunk.length);
    const ack = () => this.#ack(chunk.length);
    done.then(ack, ack);
  }

  #serve() {
    const controller = this.#wanting;
    if (!controller) return;
    const chunk = this.#queue.shift() ?? EMPTY;
    if (chunk.length > 0) {
      this.#wanting = undefined;
      controller.enqueue(chunk);
      this.#ack(chunk.length);
    } else if (this.#ended) {
      this.#wanting = undefined;
      controller.close();
    }
  }

  end() {
    this.#ended = true;
    this.#serve();
  }
}

/**
 * How this end makes a guest's requests. A redirect could lead away from the hosts
 * that it may call.
 * @param {WorkerOptions} options
 */
function transportOf({ fetch }) {
  const followRedirects = !(typeof fetch === "object" && fetch.allow);
  return fetchTransport({ followRedirects });
}

/** @returns {boolean} whether memory can be shared with a worker from here */
function canShare() {
  if (typeof SharedArrayBuffer === "undefined") return false;
  // Only pages have the property; on servers sharing needs no leave.
  return (
    globalThis.crossOriginIsolated !== false || !("document" in globalThis)
  );
}

/**
 * @param {(() => Worker) | undefined} make
 * @param {(message: any) => void} onMessage
 * @param {(error: unknown) => void} onError
 */
function startWorker(make, onMessage, onError) {
  const threads = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  if (!make && typeof globalThis.Worker !== "function" && threads) {
    const url = new URL("./worker-entry.js", import.meta.url);
    const worker = new threads.Worker(url);
    worker.on("message", onMessage);
    worker.on("error", onError);
    return worker;
  }
  const worker = make
    ? make()
    : // Bundlers look for exactly this expression.
      new Worker(new URL("./worker-entry.js", import.meta.url), {
        type: "module",
      });
  if ("on" in worker) {
    const nodeWorker = /** @type {any} */ (worker);
    nodeWorker.on("message", onMessage);
    nodeWorker.on("error", onError);
    return nodeWorker;
  }
  worker.onmessage = ({ data }) => onMessage(data);
  worker.onerror = (event) =>
    onError(
      event.error ?? new Error(event.message || "the worker failed to load"),
    );
  return worker;
}

/**
 * Errors lose their class on the way; name, message and stack arrive.
 * @param {{ name: string, message: string, stack?: string }} plain
 */
function errorOf({ name, message, stack }) {
  const error = new Error(message);
  error.name = name;
  if (stack) error.stack = stack;
  return error;
}
