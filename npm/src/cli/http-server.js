/**
 * A socket with an access log and a graceful stop. Knows HTTP as Node does; not components.
 * @module
 */
import { createServer } from "node:http";

/**
 * @import { IncomingMessage, Server, ServerResponse } from 'node:http'
 * @typedef {(message: IncomingMessage, response: ServerResponse) => unknown} Listener
 */

/** What is wrong with an address, in words. @type {Record<string, string>} */
const ADDRESS = {
  EADDRINUSE: "is in use; choose another with --port, or 0 for a free one",
  EACCES:
    "may not be listened at by this user; choose a port from 1024 with --port",
  EADDRNOTAVAIL: "is no address of this machine; see --host",
  ENOTFOUND: "is no address of this machine; see --host",
  EAI_AGAIN: "is no address of this machine; see --host",
};

/** @param {string} address @param {number} port */
const authority = (address, port) =>
  `${address.includes(":") ? `[${address}]` : address}:${port}`;

/** Exit status of a process that a signal ended, as shells tell it. @type {Record<string, number>} */
export const STATUS = { SIGINT: 130, SIGTERM: 143 };

export class HttpServer {
  #server;
  /** @type {Listener} */
  #listener;
  #log;
  #stopping = false;
  /** What is under way. @type {Set<ServerResponse>} */
  #open = new Set();
  /** Lines that go out together at the end of the turn. */
  #lines = "";

  /**
   * @param {Listener} listener
   * @param {{ log: boolean }} how
   */
  constructor(listener, { log }) {
    this.#listener = listener;
    this.#log = log;
    this.#server = createServer((message, response) =>
      this.#take(message, response),
    );
  }

  /** Who answers from now on; requests under way stay where they are. @param {Listener} listener */
  set listener(listener) {
    this.#listener = listener;
  }

  /**
   * @param {IncomingMessage} message
   * @param {ServerResponse} response
   */
  #take(message, response) {
    const start = this.#log ? performance.now() : 0;
    let whole = false;
    // Node finishes a response as well whose client has gone.
    const { socket } = message;
    if (this.#log) response.once("finish", () => (whole = !socket.destroyed));
    this.#open.add(response);
    if (this.#stopping) response.shouldKeepAlive = false;
    response.once("close", () => {
      this.#open.delete(response);
      // Its connection counts as idle a moment later.
      if (this.#stopping)
        setImmediate(() => this.#server.closeIdleConnections());
      if (!this.#log) return;
      const ms = (performance.now() - start).toFixed(1);
      const { method, url } = message;
      const cut = whole && !socket.errored ? "" : " (cut off)";
      this.#say(`${method} ${url} ${response.statusCode} ${ms} ms${cut}`);
    });
    void this.#listener(message, response);
  }

  /** @param {string} line */
  #say(line) {
    if (this.#lines === "") setImmediate(() => this.#print());
    this.#lines += `${line}\n`;
  }

  #print() {
    process.stderr.write(this.#lines);
    this.#lines = "";
  }

  /**
   * @param {number} port 0 for any
   * @param {string} host
   * @returns {Promise<string>} its URL
   */
  async listen(port, host) {
    const server = this.#server;
    await new Promise((listening, failed) => {
      server.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
        const why = ADDRESS[error.code ?? ""];
        failed(why ? new Error(`${authority(host, port)} ${why}`) : error);
      });
      server.listen(port, host, () => listening(undefined));
    });
    const at = /** @type {import('node:net').AddressInfo} */ (server.address());
    return `http://${authority(at.address, at.port)}/`;
  }

  /**
   * Ends when a signal says so, or in a worker who leads it, and the last request is over. The second time ends the process.
   * @param {number} grace how long requests may go on, in ms
   * @param {boolean} led signals are for the leader, who sends `stop`
   * @returns {Promise<void>}
   */
  stopped(grace, led) {
    return new Promise((done) => {
      const stop = (/** @type {number} */ status) => {
        if (this.#stopping) process.exit(status);
        this.#stop(grace, () => {
          if (this.#lines) this.#print();
          if (led) process.disconnect();
          done();
        });
      };
      for (const [signal, status] of Object.entries(STATUS))
        process.on(signal, () => {
          if (!led) stop(status);
        });
      if (!led) return;
      process.on("message", (order) => {
        if (order === "stop") stop(STATUS.SIGTERM);
      });
    });
  }

  /** @param {number} grace @param {() => void} done */
  #stop(grace, done) {
    this.#stopping = true;
    this.#server.close(done);
    this.#server.closeIdleConnections();
    const { size } = this.#open;
    if (size === 0) return;
    for (const response of this.#open) response.shouldKeepAlive = false;
    const many = `${size} request${size === 1 ? "" : "s"}`;
    process.stderr.write(
      `slipway: stopping after ${many} under way; once more to stop at once\n`,
    );
    setTimeout(() => this.#server.closeAllConnections(), grace).unref();
  }
}
