/**
 * @module The helper thread of a Node host whose own thread sleeps: it does what
 * needs an event loop, which the sleeper does not have. It reads stdin and makes
 * HTTP requests, and hands over what comes through shared memory.
 */
import net from "node:net";
import tty from "node:tty";
import { parentPort, workerData } from "node:worker_threads";
import { RingWriter } from "./core/ring.js";
import { nodeTransport } from "./http/node-client.js";
import { remoteServer } from "./http/remote.js";

/** @import { ClientOptions } from "./http/node-client.js" */

/** @type {{ bell: Int32Array, client: ClientOptions }} */
const { bell, client } = workerData;
const transport = nodeTransport(client);
const http = remoteServer(() => transport, bell);

/**
 * `process.stdin` of a worker is fed by the main thread, which sleeps; and a read
 * in libuv's thread pool would hold up the exit of the process.
 * @param {SharedArrayBuffer} ring
 */
async function readStdin(ring) {
  const writer = new RingWriter(ring, bell);
  const input = tty.isatty(0)
    ? new tty.ReadStream(0)
    : new net.Socket({ fd: 0, readable: true, writable: false });
  try {
    for await (const chunk of input) await writer.write(chunk);
    writer.close();
  } catch {
    writer.close({ broken: true });
  }
}

parentPort?.on("message", (message) => {
  if (message.type === "stdin") void readStdin(message.ring);
  else http(message);
});
