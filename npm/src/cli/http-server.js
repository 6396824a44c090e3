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
const STATUS = { SIGINT: 130, SIGTERM: 143 };

export class HttpServer {
  #server;
  /** @type {Listener} */
  #listener;
  #log;
  #stopping = false;
  /** Requests under way. */
  #open = 0;
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
    this.#open++;
    if (this.#stopping) response.shouldKeepAlive = false;
    response.once("close", () => {
      this.#open--;
      // Its connection counts as idle a moment later.
      if (this.#stopping)
        setImmediate(() => this.#server.closeIdleConnections());
      if (this.#log) this.#say(message, response, performance.now() - start);
    });
    void this.#listener(message, response);
  }

  /**
   * @param {IncomingMessage} message
   * @param {ServerResponse} response
   * @param {number} ms
   */
  #say({ method, url }, response, ms) {
    const cut = response.writableFinished ? "" : " (cut off)";
    if (this.#lines === "") setImmediate(() => this.#print());
    this.#lines += `${method} ${url} ${response.statusCode} ${ms.toFixed(1)} ms${cut}\n`;
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
   * Ends when a signal says so and the last request is over. A second signal ends the process.
   * @param {number} grace how long requests may go on, in ms
   * @returns {Promise<void>}
   */
  stopped(grace) {
    return new Promise((done) => {
      const signals = /** @type {const} */ (["SIGINT", "SIGTERM"]);
      for (const signal of signals)
        process.on(signal, () => {
          if (this.#stopping) process.exit(STATUS[signal]);
          this.#stop(grace, () => {
            if (this.#lines) this.#print();
            done();
          });
        });
    });
  }

  /** @param {number} grace @param {() => void} done */
  #stop(grace, done) {
    this.#stopping = true;
    this.#server.close(done);
    this.#server.closeIdleConnections();
    if (this.#open === 0) return;
    const many = `${this.#open} request${this.#open === 1 ? "" : "s"}`;
    process.stderr.write(
      `slipway: stopping after ${many} under way; once more to stop at once\n`,
    );
    setTimeout(() => this.#server.closeAllConnections(), grace).unref();
  }
}
