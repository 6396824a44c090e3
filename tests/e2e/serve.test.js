/**
 * Servers in three languages behind `slipway serve`, and how much memory a hundred megabytes take on their way through one.
 * What the options do is npm/test/serve.test.js's.
 * @module
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { buildGuest } from "../guests/build.js";
import { extendedConst } from "./lib/engine.js";
import { ask, serve, suspends } from "./lib/served.js";

/** @import { Served } from './lib/served.js' */

const NO_JSPI = suspends
  ? false
  : "without JSPI a body is in memory as a whole (Node 24 has it)";

/** @type {Served[]} */
const running = [];
after(() => {
  for (const { stop } of running) stop("SIGKILL");
});

/** @param {string[]} args */
async function started(...args) {
  const server = await serve(args);
  running.push(server);
  assert.notEqual(server.url, "", server.out.stderr);
  return server;
}

/** @param {Served} server @param {string} path @param {RequestInit} [init] */
async function get({ url }, path, init) {
  const response = await fetch(new URL(path, url), init);
  return { status: response.status, text: await response.text(), response };
}

/** @param {Served} other @param {string} [path] */
const urlOf = (other, path = "") =>
  encodeURIComponent(new URL(path, other.url).href);

describe("JavaScript, by componentize-js", { timeout: 300_000 }, () => {
  /** @type {Served} */
  let server;
  before(async () => {
    server = await started(await buildGuest("js-server"));
  });

  test("answers, echoes, fails by itself", async () => {
    const { status, text, response } = await get(server, "a/b");
    assert.deepEqual([status, text], [200, "GET /a/b\n"]);
    assert.equal(response.headers.get("x-guest"), "js");
    const body = "0123456789".repeat(100_000);
    const echo = await get(server, "echo", { method: "POST", body });
    assert.equal(echo.text, body);
    assert.equal((await get(server, "throw")).status, 500);
    assert.equal((await get(server, "")).status, 200);
  });

  test("many at a time", async () => {
    const paths = Array.from({ length: 20 }, (_, i) => `n/${i}`);
    const all = await Promise.all(paths.map((path) => get(server, path)));
    assert.deepEqual(
      all.map(({ text }) => text),
      paths.map((path) => `GET /${path}\n`),
    );
  });
});

describe(
  "Python, by componentize-py",
  {
    timeout: 300_000,
    skip:
      !extendedConst &&
      "its core module needs extended constant expressions (Node 22)",
  },
  () => {
    /** @type {Served} */
    let server;
    /** @type {Served} */
    let other;
    before(async () => {
      other = await started(await buildGuest("rust-http"));
      const { host } = new URL(other.url);
      const python = await buildGuest("python-http");
      server = await started(`--allow-http=${host}`, python);
    });

    test("answers, echoes, raises", async () => {
      assert.equal((await get(server, "")).text, "Hello from Python\n");
      const { text } = await get(server, "request?x=1", { method: "PUT" });
      assert.match(text, /PUT[^]*\/request\?x=1/i);
      const body = "abc".repeat(100_000);
      const echo = await get(server, "echo", { method: "POST", body });
      assert.equal(echo.text, body);
      assert.equal((await get(server, "raise")).status, 500);
    });

    test("streams, and calls others", async () => {
      const slow = await get(server, "slow?chunks=3&ms=5");
      assert.match(slow.text, /chunk 0[^]*chunk 1[^]*chunk 2/);
      const fetched = await get(server, `fetch?url=${urlOf(other)}`);
      assert.equal(fetched.text, "Hello from Rust\n");
      assert.equal(fetched.response.headers.get("x-via"), "python-http");
      const urls = [1000, 2000]
        .map((n) => `url=${urlOf(other, `download?bytes=${n}`)}`)
        .join("&");
      const { text } = await get(server, `gather?${urls}`);
      assert.match(
        text,
        /^\S+: 200, 1000 bytes, [\da-f]{64}\n\S+: 200, 2000 bytes, [\da-f]{64}\n$/,
      );
    });
  },
);

describe("a hundred megabytes", { timeout: 300_000 }, () => {
  const BYTES = 100_000_000;
  const ALLOWED = 64e6;

  /** What a process has in memory, in bytes. @param {number} pid */
  const resident = (pid) =>
    Number(
      /VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1],
    ) * 1024;

  /**
   * The most that a server had beyond what it has when idle.
   * @param {Served} server
   * @param {() => Promise<void>} work
   */
  async function growth({ pid }, work) {
    const idle = resident(pid);
    let most = idle;
    const look = setInterval(() => {
      most = Math.max(most, resident(pid));
    }, 20);
    try {
      await work();
    } finally {
      clearInterval(look);
    }
    return Math.max(most, resident(pid)) - idle;
  }

  /** @param {Served} server */
  async function download(server) {
    const { sent, response } = ask(
      new URL(`download?bytes=${BYTES}&chunked`, server.url),
    );
    sent.end();
    let at = 0;
    for await (const chunk of await response) {
      // Byte i is i mod 251: the ends of a chunk tell of any that is lost, or there twice.
      assert.equal(chunk[0], at % 251);
      at += chunk.length;
      assert.equal(chunk[chunk.length - 1], (at - 1) % 251);
    }
    assert.equal(at, BYTES);
  }

  /** @param {Served} server */
  async function upload(server) {
    const chunk = Buffer.alloc(100_000, 1);
    const { sent, answer } = ask(new URL("upload", server.url), {
      method: "POST",
      headers: { "content-length": BYTES },
    });
    for (let left = BYTES; left > 0; left -= chunk.length)
      if (!sent.write(chunk))
        await new Promise((done) => sent.once("drain", () => done(0)));
    sent.end();
    assert.equal((await answer()).text, `${BYTES} bytes, sum ${BYTES}\n`);
  }

  for (const [name, work] of /** @type {const} */ ([
    ["down", download],
    ["up", upload],
  ])) {
    test(`${name}: every byte`, async () => {
      const server = await started(await buildGuest("rust-http"));
      await work(server);
      server.stop();
    });

    test(
      `${name}: in 64 MB beyond what the server has when idle`,
      {
        skip: NO_JSPI || (process.platform !== "linux" && "reads /proc"),
      },
      async () => {
        const server = await started(await buildGuest("rust-http"));
        for (let i = 0; i < 20; i++) await get(server, "");
        const grown = await growth(server, () => work(server));
        assert.ok(grown <= ALLOWED, `${Math.round(grown / 1e6)} MB`);
        server.stop();
      },
    );
  }
});
