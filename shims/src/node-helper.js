/**
 * @module The helper thread of a Node host whose own thread sleeps: it reads
 * stdin with the event loop that the sleeper does not have, into shared memory.
 */
import net from "node:net";
import tty from "node:tty";
import { workerData } from "node:worker_threads";
import { RingWriter } from "./core/ring.js";

const { stdin, bell } = workerData;
const writer = new RingWriter(stdin, bell);

/**
 * `process.stdin` of a worker is fed by the main thread, which sleeps; and a read
 * in libuv's thread pool would hold up the exit of the process.
 */
const input = tty.isatty(0)
  ? new tty.ReadStream(0)
  : new net.Socket({ fd: 0, readable: true, writable: false });

try {
  for await (const chunk of input) await writer.write(chunk);
  writer.close();
} catch {
  writer.close({ broken: true });
}
