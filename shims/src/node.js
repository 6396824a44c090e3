/**
 * @module `@slipway/wasi/node`: what a host of Node, Deno or Bun can grant beyond
 * the Web's APIs: real standard streams and directories. It owns the choice of
 * how to read stdin in each way of waiting.
 */
import fs from "node:fs";
import tty from "node:tty";
import { Worker } from "node:worker_threads";
import { newBell, newRing, ringSource } from "./core/ring.js";
import { bytesSource } from "./core/stream.js";
import { nodeTransport } from "./http/node-client.js";
import { remoteExchanges } from "./http/remote.js";
import { wasi as webWasi } from "./index.js";
import { ALWAYS, detectBlocking } from "./wait.js";

/** @import { Sink, Source } from "./core/stream.js" */
/** @import { Host, Options } from "./host.js" */
/** @import { HttpOptions } from "./http.js" */
/** @import { ClientOptions } from "./http/node-client.js" */

export { ComponentExit } from "./core/exit.js";
export { directory } from "./fs/host.js";
export { layered, memory, symlink } from "./fs/memory.js";
export { nodeListener } from "./http/node-server.js";
export { readonly } from "./fs/volume.js";

/**
 * @typedef {Omit<Options, "fetch"> & { stdio?: "inherit",
 *   fetch?: Options["fetch"] | (HttpOptions & ClientOptions) }} NodeOptions
 */

/**
 * `wasi(options)`, where `stdio: "inherit"` grants the process's own streams, and
 * a granted `fetch` goes through Node's clients (`node:http`, `node:http2`) unless it
 * brings its own way; its `tls` says which certificates they trust and show.
 * @param {NodeOptions} [options]
 * @returns {Host}
 */
export function wasi(options) {
  return hosts(options)();
}

/**
 * The same for many hosts, as a server has one for each request: what need not be
 * made anew (the probe, the helper thread, the pool of connections) they share.
 * @param {NodeOptions} [options]
 * @returns {() => Host}
 */
export function hosts({ stdio: how, ...options } = {}) {
  const blocking = options.blocking ?? detectBlocking();
  const bell = options.bell ?? (blocking === "atomics" ? newBell() : undefined);
  const helper = bell && lazyHelper(bell, clientOptions(options.fetch));
  const shared = {
    ...(how === "inherit" ? standardStreams(helper) : {}),
    blocking,
    bell,
    ...options,
    fetch: transported(options.fetch, helper),
  };
  return () => webWasi(shared);
}

/**
 * The helper thread of a host that sleeps; started when it is first needed.
 * @typedef {object} Helper
 * @property {Int32Array} bell
 * @property {(message: any, transfer?: any[]) => void} post
 */

/**
 * @param {Int32Array} bell
 * @param {ClientOptions} client
 * @returns {Helper}
 */
function lazyHelper(bell, client) {
  /** @type {Worker | undefined} */
  let worker;
  return {
    bell,
    post(message, transfer) {
      if (!worker) {
        const url = new URL("./node-helper.js", import.meta.url);
        worker = new Worker(url, {
          workerData: { bell, client },
          stdin: false,
        });
        worker.unref();
      }
      worker.postMessage(message, transfer);
    },
  };
}

/**
 * @param {NodeOptions["fetch"]} fetch
 * @returns {ClientOptions}
 */
function clientOptions(fetch) {
  return typeof fetch === "object" && "tls" in fetch ? { tls: fetch.tls } : {};
}

/**
 * @param {NodeOptions["fetch"]} fetch
 * @param {Helper | undefined} helper there when this thread sleeps
 * @returns {Options["fetch"]}
 */
function transported(fetch, helper) {
  if (!fetch || typeof fetch === "function") return fetch;
  const grant = fetch === true ? {} : fetch;
  if (grant.fetch || grant.transport || grant.exchange) return grant;
  return helper
    ? { ...grant, exchange: remoteExchanges(helper.post, helper.bell) }
    : { ...grant, transport: nodeTransport(clientOptions(fetch)) };
}

/**
 * The process's standard streams, as options.
 * @param {Helper | undefined} helper
 * @returns {Pick<Options, "stdin" | "stdout" | "stderr" | "terminal">}
 */
function standardStreams(helper) {
  return {
    stdin: lazySource(() => stdinSource(helper)),
    stdout: descriptorSink(1),
    stderr: descriptorSink(2),
    terminal: {
      stdin: tty.isatty(0),
      stdout: tty.isatty(1),
      stderr: tty.isatty(2),
    },
  };
}

/**
 * Nothing is opened, and no thread started, for a guest that never reads.
 * @param {() => Source} make
 * @returns {Source}
 */
function lazySource(make) {
  /** @type {Source | undefined} */
  let source;
  const get = () => (source ??= make());
  return {
    read: (max) => get().read(max),
    event: {
      get shared() {
        return get().event.shared;
      },
      ready: () => get().event.ready(),
      onReady: (wake) => get().event.onReady(wake),
    },
    close: () => source?.close?.(),
  };
}

/**
 * @param {Helper | undefined} helper there when this thread sleeps
 * @returns {Source}
 */
function stdinSource(helper) {
  let stat;
  try {
    stat = fs.fstatSync(0);
  } catch {
    return bytesSource(new Uint8Array(0));
  }
  const neverBlocks =
    stat.isFile() || (stat.isCharacterDevice() && !tty.isatty(0));
  if (neverBlocks) return fileSource(0);
  return helper ? helperSource(helper) : processSource();
}

/**
 * A descriptor that answers at once, such as a file's.
 * @param {number} fd
 * @returns {Source}
 */
function fileSource(fd) {
  const buffer = new Uint8Array(1 << 16);
  return {
    event: ALWAYS,
    read(max) {
      const n = fs.readSync(fd, buffer, 0, Math.min(max, buffer.length), null);
      return n === 0 ? undefined : buffer.subarray(0, n);
    },
  };
}

/**
 * Through the event loop, for hosts that suspend. While the guest does not wait
 * for it, stdin keeps no process alive.
 * @returns {Source}
 */
function processSource() {
  const input = process.stdin;
  /** @type {Uint8Array[]} */
  const chunks = [];
  let ended = false;
  /** @type {Error | undefined} */
  let failed;
  /** @type {Set<() => void>} */
  const waiting = new Set();
  const wakeAll = () => {
    const wakes = [...waiting];
    waiting.clear();
    input.pause();
    input.unref?.();
    for (const wake of wakes) wake();
  };
  input.on("data", (chunk) => {
    chunks.push(chunk);
    wakeAll();
  });
  input.on("end", () => {
    ended = true;
    wakeAll();
  });
  input.on("error", (error) => {
    failed = error;
    wakeAll();
  });
  input.pause();
  input.unref?.();
  return {
    event: {
      ready: () => chunks.length > 0 || ended || failed !== undefined,
      onReady(wake) {
        waiting.add(wake);
        input.ref?.();
        input.resume();
        return () => {
          waiting.delete(wake);
          if (waiting.size > 0) return;
          input.pause();
          input.unref?.();
        };
      },
    },
    read(max) {
      const [chunk] = chunks;
      if (chunk) {
        if (chunk.length <= max) chunks.shift();
        else chunks[0] = chunk.subarray(max);
        return chunk.subarray(0, max);
      }
      if (failed) throw failed;
      return ended ? undefined : new Uint8Array(0);
    },
  };
}

/**
 * Through the helper thread, for hosts whose thread sleeps.
 * @param {Helper} helper
 * @returns {Source}
 */
function helperSource({ post, bell }) {
  const ring = newRing();
  post({ type: "stdin", ring });
  return ringSource(ring, bell);
}

/**
 * A descriptor of the system, written synchronously: what a guest has written is
 * out, in order with what it writes elsewhere, even if it then traps.
 * @param {number} fd
 * @returns {Sink}
 */
function descriptorSink(fd) {
  return {
    event: ALWAYS,
    permit: () => 1 << 20,
    write(bytes) {
      for (let at = 0; at < bytes.length;) {
        try {
          at += fs.writeSync(fd, bytes, at, bytes.length - at);
        } catch (error) {
          const { code } = /** @type {NodeJS.ErrnoException} */ (error);
          if (code !== "EAGAIN") throw error;
          // A pipe that somebody made non-blocking, and that is full.
          pause(1);
        }
      }
    },
    flush: () => {},
  };
}

/** @param {number} ms */
function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
