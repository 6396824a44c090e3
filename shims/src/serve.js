/**
 * @module `@slipway/wasi/serve`: the far end of `runWorker`, one command in this
 * thread. It owns the instance, its host and its streams to the other end.
 * `worker-entry.js` calls it, and so does a worker of your own.
 */
import { ComponentExit } from "./core/exit.js";
import { onBell, ringSource } from "./core/ring.js";
import { NULL_SINK } from "./core/stream.js";
import { layered, memory } from "./fs/memory.js";
import { unpackTree } from "./fs/pack.js";
import { readonly } from "./fs/volume.js";
import { PostedExchanges } from "./http/posted.js";
import { remoteExchanges } from "./http/remote.js";
import { mailbox, probeMailbox } from "./mailbox.js";
import { loader } from "./program.js";
import { wasi } from "./index.js";
import { Signal, detectBlocking } from "./wait.js";

/** @import { Sink, Source } from "./core/stream.js" */
/** @import { Volume } from "./fs/volume.js" */
/** @import { Host, Options } from "./host.js" */
/** @import { RequestHead } from "./http/exchange.js" */
/** @import { MailboxAddress } from "./mailbox.js" */
/** @import { Blocking } from "./wait.js" */
/** @import { Mount } from "./worker.js" */

/**
 * The other end of a worker's port, be it a web worker's or Node's.
 * @typedef {object} Port
 * @property {(message: any, transfer?: any[]) => void} post
 * @property {(listener: (message: any) => void) => void} listen
 */

/** @returns {Port | undefined} */
function portHere() {
  const threads = globalThis.process?.getBuiltinModule?.("node:worker_threads");
  const { parentPort } = threads ?? {};
  if (parentPort)
    return {
      post: (message, transfer) => parentPort.postMessage(message, transfer),
      listen: (listener) => void parentPort.on("message", listener),
    };
  const scope = /** @type {any} */ (globalThis);
  if (typeof scope.WorkerGlobalScope !== "function") return undefined;
  return {
    post: (message, transfer) => scope.postMessage(message, transfer ?? []),
    listen: (listener) =>
      scope.addEventListener("message", (/** @type {MessageEvent} */ event) =>
        listener(event.data),
      ),
  };
}

/**
 * What a worker of your own may do differently.
 * @typedef {object} Custom
 * @property {(options: Options, data: unknown) => Options | Promise<Options>} [options]
 *   adds to the host's options: volumes, a fetch, clocks…
 * @property {(program: any, host: Host) => Promise<Record<string, any>>} [instantiate]
 *   makes the instance, instead of our loading the program
 */

/**
 * Waits for the other end to say what to run, runs it, and reports.
 * @param {Custom} [custom]
 */
export function serve(custom = {}) {
  const port = portHere();
  if (!port) throw new Error("serve() works in a worker only");
  const inbox = new Inbox();
  port.listen((message) => {
    if (message.type !== "start") return inbox.receive(message);
    void run(port, inbox, message, custom);
  });
}

/** What arrives while the guest runs, where memory is not shared. */
class Inbox {
  /** @type {Uint8Array[]} */
  stdin = [];
  ended = false;
  broken = false;
  acks = [0, 0];
  signal = new Signal();
  /** @type {(() => void) | undefined} */
  interrupt;
  /** Whether this thread asks for its messages, and so may wait for them. */
  asked = false;
  /** Where its letters about requests go. @type {PostedExchanges | undefined} */
  requests;

  /** @param {any} message */
  receive(message) {
    if (message.type === "stdin") {
      if (message.chunk) this.stdin.push(message.chunk);
      if (message.end) this.ended = true;
      if (message.broken) this.broken = true;
    } else if (message.type === "ack") {
      this.acks[message.index] += message.n;
    } else if (message.type === "interrupt") {
      this.interrupt?.();
    } else {
      this.requests?.receive(message);
    }
    this.signal.fire();
  }
}

/**
 * @param {Port} port
 * @param {Inbox} inbox
 * @param {any} message
 * @param {Custom} custom
 */
async function run(port, inbox, message, custom) {
  /** @type {Volume[]} */
  const volumes = [];
  try {
    const options = await hostOptions(port, inbox, message, volumes);
    const host = wasi(
      custom.options
        ? await custom.options(options, message.options.data)
        : options,
    );
    inbox.interrupt = host.interrupt;
    port.post({ type: "started", blocking: host.blocking });
    const exports = await (custom.instantiate
      ? custom.instantiate(message.program, host)
      : (await loader(message.program))(host.imports));
    const code = await runCommand(exports);
    await close(volumes);
    port.post({ type: "exit", code });
  } catch (error) {
    const { name, message, stack } = asError(error);
    port.post({ type: "failed", error: { name, message, stack } });
  }
}

/** @param {unknown} error */
function asError(error) {
  return error instanceof Error ? error : new Error(`thrown: ${String(error)}`);
}

/** @param {Volume[]} volumes */
async function close(volumes) {
  for (const volume of volumes) await /** @type {any} */ (volume).close?.();
}

/**
 * @param {Record<string, any>} exports
 * @returns {Promise<number>}
 */
async function runCommand(exports) {
  const name = Object.keys(exports).find((key) =>
    /^wasi:cli\/run(@|$)/.test(key),
  );
  if (!name)
    throw new Error("this component is no command: it exports no wasi:cli/run");
  try {
    await exports[name].run();
    return 0;
  } catch (error) {
    if (error instanceof ComponentExit) return error.exitCode;
    // The error case of `run` has no payload: the guest has said what there is.
    if (/** @type {any} */ (error)?.name === "ComponentError") return 1;
    throw error;
  }
}

/**
 * @param {Port} port
 * @param {Inbox} inbox
 * @param {any} message
 * @param {Volume[]} volumes filled with those that have to be closed
 * @returns {Promise<Options>}
 */
async function hostOptions(port, inbox, message, volumes) {
  const { options, shared, window, postbox } = message;
  /** @type {Record<string, Volume>} */
  const fs = {};
  for (const [path, mount] of Object.entries(options.fs)) {
    const volume = await mounted(/** @type {any} */ (mount), volumes);
    fs[path] = /** @type {Mount} */ (mount).readonly
      ? readonly(volume)
      : volume;
  }
  const { args, env, cwd, terminal, timezone } = options;
  const blocking = chooseBlocking(options.blocking, postbox);
  inbox.asked = blocking === "sync-xhr";
  let { fetch } = options;
  // A thread that sleeps has the other end make its requests.
  if (fetch && blocking === "atomics" && shared)
    fetch = {
      ...(fetch === true ? {} : fetch),
      exchange: remoteExchanges(port.post, shared.bell),
    };
  if (fetch && blocking === "sync-xhr") {
    const requests = new PostedExchanges(port.post);
    inbox.requests = requests;
    fetch = {
      ...(fetch === true ? {} : fetch),
      exchange: (
        /** @type {RequestHead} */ head,
        /** @type {() => void} */ end,
      ) => requests.begin(head, end),
    };
  }
  const sink = (/** @type {number} */ index) =>
    portSink(port, index, window, shared, inbox);
  return {
    args,
    env,
    cwd,
    terminal,
    fetch,
    fs,
    clocks: { timezone },
    stdin: shared
      ? ringSource(shared.stdin, shared.bell)
      : inboxSource(port, inbox),
    stdout: sink(0),
    stderr: sink(1),
    blocking,
    bell: shared?.bell,
    mailbox: postbox && mailbox(postbox, (letter) => inbox.receive(letter)),
  };
}

/**
 * @param {Blocking | undefined} wanted
 * @param {MailboxAddress | undefined} postbox
 * @returns {Blocking}
 */
function chooseBlocking(wanted, postbox) {
  const found = wanted ?? detectBlocking();
  if (found !== "sync-xhr" && (found !== "none" || !postbox)) return found;
  return postbox && probeMailbox(postbox) ? "sync-xhr" : "none";
}

/**
 * @param {Mount} mount
 * @param {Volume[]} volumes filled with what has to be closed
 * @returns {Promise<Volume>}
 */
async function mounted(mount, volumes) {
  const over = mount.over && (await mounted(mount.over, volumes));
  const volume = await made(mount, over);
  // What lies above goes first.
  volumes.unshift(volume);
  return volume;
}

/**
 * @param {Mount} mount
 * @param {Volume | undefined} over
 * @returns {Promise<Volume>}
 */
async function made(mount, over) {
  const { memory: tree, directory: path, opfs: name, handle } = mount;
  if (name !== undefined) {
    const { opfs } = await import("./opfs.js");
    return opfs(name, { over });
  }
  if (over) {
    if (tree || path !== undefined || handle)
      throw new TypeError("only opfs, or nothing else, can lie over a mount");
    return layered(over);
  }
  if (tree) return memory(unpackTree(tree));
  if (path !== undefined) {
    const { directory } = await import("./fs/host.js");
    return directory(path);
  }
  if (handle) {
    const { directoryHandle } = await import("./fs/handle.js");
    return directoryHandle(handle);
  }
  throw new TypeError("a mount needs memory, opfs, directory or handle");
}

/**
 * Output to the other end, at most a window ahead of what has been read there.
 * @param {Port} port
 * @param {number} index
 * @param {number} window
 * @param {{ acks: Int32Array, bell: Int32Array } | undefined} shared
 * @param {Inbox} inbox
 * @returns {Sink}
 */
function portSink(port, index, window, shared, inbox) {
  if (!(window > 0)) return NULL_SINK;
  let sent = 0;
  const acked = shared
    ? () => Atomics.load(shared.acks, index)
    : () => inbox.acks[index];
  // The count in shared memory wraps at 32 bits; the difference does not care.
  const permit = () => window - ((sent - acked()) | 0);
  const ready = () => permit() > 0;
  return {
    permit,
    write(bytes) {
      sent = (sent + bytes.length) | 0;
      port.post({ type: "out", index, chunk: bytes });
    },
    flush: () => {},
    event: {
      shared: shared !== undefined || inbox.asked,
      ready,
      onReady: (wake) =>
        shared ? onBell(shared.bell, ready, wake) : inbox.signal.onReady(wake),
    },
  };
}

/**
 * @param {Port} port
 * @param {Inbox} inbox
 * @returns {Source}
 */
function inboxSource(port, inbox) {
  return {
    event: {
      shared: inbox.asked,
      ready: () => inbox.stdin.length > 0 || inbox.ended || inbox.broken,
      onReady: (wake) => inbox.signal.onReady(wake),
    },
    read(max) {
      const [chunk] = inbox.stdin;
      if (chunk) {
        if (chunk.length > max) {
          inbox.stdin[0] = chunk.subarray(max);
        } else {
          inbox.stdin.shift();
          port.post({ type: "room" });
        }
        return chunk.subarray(0, max);
      }
      if (inbox.broken) throw new Error("the other end broke");
      return inbox.ended ? undefined : new Uint8Array(0);
    },
  };
}
