/**
 * Requests on loopback: `slipway serve`, `jco serve` and a bare `node:http` handler, each a process of its own, all with the same
 * answer. They are measured in turns, so that a busy machine is busy for all; every answer has to be right, and memory to
 * stay where it is. Time is per request at fifty at a time: its inverse is requests per second.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildGuest } from "../guests/build.js";
import { installPeer, jcoCommand } from "./prepare.js";

/** @import { Row } from './measure.js' */
/** @import { Settings } from './run.js' */

/** Requests to each server, over all rounds, and how many at a time. */
const REQUESTS = 10_000;
const AT_A_TIME = 50;
const ROUNDS = 5;
/** A server that needs this long for a request shows nothing more in ten thousand. */
const SLOW_NS = 5e6;
const EXPECTED = "Hello from Rust\n";

const file = (/** @type {string} */ path) =>
  fileURLToPath(new URL(path, import.meta.url));
const require = createRequire(new URL("peer/package.json", import.meta.url));

const BARE = `
  const http = require("node:http");
  const headers = { "content-type": "text/plain", "content-length": ${EXPECTED.length} };
  http.createServer((request, response) => response.writeHead(200, headers).end(${JSON.stringify(EXPECTED)}))
    .listen(Number(process.argv[1]), "127.0.0.1");`;

/** A port that is free now. @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import('node:net').AddressInfo} */ (
    server.address()
  );
  server.close();
  await once(server, "close");
  return port;
}

/** A server under measurement. */
class Candidate {
  #child;
  #url;
  #requests = 0;
  #ns = 0;
  /** Resident bytes after each round. @type {number[]} */
  #memory = [];

  /** @param {string[]} args of Node @param {number} port */
  constructor(args, port) {
    /** @type {import('node:child_process').StdioOptions} */
    const stdio = ["ignore", "ignore", "inherit"];
    this.#child = spawn(process.execPath, args, { stdio });
    this.#url = `http://127.0.0.1:${port}/`;
  }

  /** Until it answers, and has the code for it. */
  async ready() {
    for (let tries = 0; ; tries++) {
      try {
        const response = await fetch(this.#url);
        const text = await response.text();
        if (text === EXPECTED) break;
        throw new TypeError(`${response.status} ${text}`);
      } catch (error) {
        if (tries > 300 || this.#child.exitCode !== null) throw error;
        await new Promise((again) => setTimeout(again, 100));
      }
    }
    await this.#load(AT_A_TIME * 4);
  }

  /** @param {number} amount @returns {Promise<number>} ns for all */
  async #load(amount) {
    const load = require("autocannon")({
      url: this.#url,
      connections: AT_A_TIME,
      amount,
      timeout: 60,
      expectBody: EXPECTED,
    });
    // What it tells itself is in steps of its clock, which ticks once a second.
    let [start, end] = [Infinity, 0];
    load.on("start", () => (start = performance.now()));
    load.on("response", () => (end = performance.now()));
    const { errors, timeouts, non2xx, mismatches } = await load;
    const failed = errors + timeouts + non2xx + mismatches;
    if (failed > 0)
      throw new Error(`${this.#url}: ${failed} of ${amount} requests failed`);
    return (end - start) * 1e6;
  }

  async round() {
    const slow = this.#requests > 0 && this.figure().ns > SLOW_NS;
    const amount = slow ? AT_A_TIME * 4 : REQUESTS / ROUNDS;
    this.#ns += await this.#load(amount);
    this.#requests += amount;
    this.#memory.push(resident(/** @type {number} */ (this.#child.pid)));
  }

  /** @returns {import('./measure.js').Figure} */
  figure() {
    const mb = this.#memory.map((bytes) => Math.round(bytes / 1e6));
    const ns = this.#ns / this.#requests;
    return {
      ns,
      note: `${Math.round(1e9 / ns)}/s, ${mb[0]} to ${mb.at(-1)} MB`,
    };
  }

  stop() {
    stop(/** @type {number} */ (this.#child.pid));
  }
}

/** The processes that a process has started, itself the last. @param {number} pid @returns {number[]} */
function family(pid) {
  const children = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(join("/proc", name, "stat"), "latin1");
      return Number(/\) \S (\d+)/.exec(stat)?.[1]) === pid;
    } catch {
      return false; // it has ended
    }
  });
  return [...children.flatMap((child) => family(Number(child))), pid];
}

/** @param {number} pid */
function stop(pid) {
  for (const each of family(pid)) process.kill(each);
}

/** Memory of a process and those it has started, in bytes. @param {number} pid */
function resident(pid) {
  const kilobytes = family(pid).map((each) => {
    const status = readFileSync(`/proc/${each}/status`, "latin1");
    return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0);
  });
  return kilobytes.reduce((a, b) => a + b, 0) * 1024;
}

/** @param {boolean} jco @returns {Promise<Record<string, Candidate>>} */
async function candidates(jco) {
  await installPeer();
  const guest = await buildGuest("rust-http");
  const slipway = [file("../../npm/src/cli/main.js"), "serve", "--quiet"];
  const theirs = jco ? [await jcoCommand(), "serve"] : [];
  /** @type {Record<string, (port: string) => string[]>} */
  const commands = {
    bare: (port) => ["-e", BARE, port],
    fresh: (port) => [...slipway, "--port", port, guest],
    pool: (port) => [...slipway, "--instances", "8", "--port", port, guest],
    ...(jco && {
      jco: (port) => [...theirs, "--port", port, guest],
      jcoFresh: (port) => [
        ...theirs,
        "--isolate-requests",
        "instance",
        "--port",
        port,
        guest,
      ],
    }),
  };
  /** @type {Record<string, Candidate>} */
  const all = {};
  for (const [name, command] of Object.entries(commands)) {
    const port = await freePort();
    all[name] = new Candidate(command(String(port)), port);
  }
  return all;
}

/** @param {Settings} settings @returns {AsyncGenerator<[string, Row]>} */
export async function* http({ text, jco }) {
  if (!"requests".includes(text)) return;
  const all = await candidates(jco);
  try {
    for (const one of Object.values(all)) await one.ready();
    for (let i = 0; i < ROUNDS; i++)
      for (const one of Object.values(all)) await one.round();
    const { bare, fresh, pool, jco: shared, jcoFresh } = all;
    /** @param {Record<string, Candidate | undefined>} row @returns {Row} */
    const figures = (row) =>
      Object.fromEntries(
        Object.entries(row).flatMap(([name, one]) =>
          one ? [[name, one.figure()]] : [],
        ),
      );
    yield [
      "requests, an instance each",
      figures({ hand: bare, ours: fresh, jco: jcoFresh }),
    ];
    yield [
      "requests, instances used again (ours 8, jco 1)",
      figures({ hand: bare, ours: pool, jco: shared }),
    ];
    yield [
      "requests, ours an instance each, jco one for all",
      figures({ hand: bare, ours: fresh, jco: shared }),
    ];
  } finally {
    for (const one of Object.values(all)) one.stop();
  }
}
