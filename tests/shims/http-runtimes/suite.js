/**
 * The HTTP suite: one guest behind createFetchHandler, one client, any runtime.
 * What a runtime cannot do (trailers over fetch, exact errors) is said in its
 * traits, and nothing else differs.
 * @module
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { after, before, describe, test } from "node:test";
import { Worker } from "node:worker_threads";

import { forgetPeak } from "./runtimes.js";

/** @import { Answer, Question } from "./ask.js" */
/** @import { Server } from "./runtimes.js" */

/**
 * @typedef {object} Traits
 * @property {boolean} [streams] bodies pass as they come, both ways
 * @property {boolean} [uploads] the guest's requests may be larger than memory; yes
 * @property {boolean} [waits] the guest can wait at all; yes
 * @property {boolean} [trailers] go both ways
 * @property {boolean} [exact] failed requests of the guest say why they failed
 * @property {boolean} [page] the client is a page
 * @property {boolean} [halfDuplex]
 *   A response that has begun holds up the rest of the request's body.
 * @property {boolean} [utf8] header values are text, not bytes
 * @property {number} [budget] bytes that 100 MB may cost; 64 MB
 *
 * @typedef {object} Target
 * @property {Server} server
 * @property {(what: [url: string, question?: Question]) => Promise<Answer>} ask
 * @property {() => Promise<void>} stop
 */

const MEGABYTE = 1 << 20;
const HUNDRED = 100_000_000;

/** The sum that `ask` reports of so many bytes of the pattern. @param {number} bytes */
function sumOf(bytes) {
  const rest = bytes % 251;
  const whole = (bytes - rest) / 251;
  return (whole * ((250 * 251) / 2) + (rest * (rest - 1)) / 2) % 2 ** 32;
}

/**
 * @param {string} name
 * @param {string | false} skip why not, if not
 * @param {Traits} traits
 * @param {() => Promise<Target>} start
 */
export function httpSuite(name, skip, traits, start) {
  const { budget = 64 * MEGABYTE, waits = true } = traits;
  describe(`HTTP on ${name}`, { skip, timeout: 300_000 }, () => {
    /** @type {Target} */
    let target;
    /** @type {Worker} */
    let far;
    /** @type {{ port: number, garbage: number, closed: number }} */
    let ports;
    before(async () => {
      far = new Worker(new URL("../http-server.js", import.meta.url));
      [ports] = await once(far, "message");
      target = await start();
    });
    after(async () => {
      await target?.stop();
      await far?.terminate();
    });

    /** @param {string} path @param {Question} [question] */
    const get = (path, question = {}) =>
      target.ask([target.server.origin + path, question]);
    /** Through the guest, to the server of the tests. @param {string} path */
    const via = (path, { route = "fetch", port = ports.port } = {}) =>
      `/${route}?url=${encodeURIComponent(`http://127.0.0.1:${port}${path}`)}`;
    /** @param {Answer} answer @param {string} header */
    const header = ({ headers }, header) =>
      headers.filter(([name]) => name === header).map(([, value]) => value);

    test("an answer", async () => {
      const answer = await get("/");
      assert.equal(answer.status, 200);
      assert.equal(answer.text, "Hello from Rust\n");
      assert.deepEqual(header(answer, "content-type"), ["text/plain"]);
      assert.equal((await get("/not/there")).status, 404);
    });

    test("what the guest sees of a request", async () => {
      const headers = { "x-custom": "1, 2" };
      const { text } = await get("/request?a=b%20c&d", {
        method: "PUT",
        headers,
        text: "",
      });
      const lines = text.split("\n");
      const { host } = new URL(target.server.origin);
      for (const line of [
        "method PUT",
        "path /request?a=b%20c&d",
        "scheme http",
        `authority ${host}`,
        "x-custom: 1, 2",
      ])
        assert.ok(lines.includes(line), `${line} in ${text}`);
    });

    test("statuses", async () => {
      for (const code of [200, 201, 204, 304, 404, 418, 503, 599]) {
        const { status, length } = await get(`/status?code=${code}`);
        assert.deepEqual([status, length], [code, 0]);
      }
      assert.equal((await get("/status?code=1000")).status, 500);
    });

    test("headers of the answer", async () => {
      const answer = await get("/cookies");
      if (!traits.utf8)
        assert.deepEqual(header(answer, "x-latin1"), ["caf\xe9"]);
      // A page is not shown cookies.
      if (!traits.page)
        assert.deepEqual(header(answer, "set-cookie"), ["a=1; Path=/", "b=2"]);
    });

    test("each request has an instance of its own", async () => {
      for (let i = 0; i < 3; i++)
        assert.equal((await get("/count")).text, "1\n");
    });

    test("a body there and back", async () => {
      const size = traits.halfDuplex ? 30_001 : 3_000_001;
      for (const streamed of traits.page ? [false] : [false, true]) {
        const answer = await get("/echo", {
          method: "POST",
          headers: { "content-type": "x/y" },
          bytes: size,
          streamed,
        });
        assert.deepEqual(header(answer, "content-type"), ["x/y"]);
        assert.deepEqual(
          [answer.length, answer.wrong, answer.cut],
          [size, 0, false],
        );
      }
      assert.equal((await get("/echo", { method: "POST" })).length, 0);
    });

    test(
      "the first byte comes before the guest is done",
      { skip: !traits.streams },
      async () => {
        // It pauses for an hour.
        const path = "/slow?chunks=2&ms=3600000";
        assert.equal((await get(path, { first: true })).text, "chunk 0\n");
      },
    );

    test("chunks with pauses between", { skip: !waits }, async () => {
      const { text } = await get("/slow?chunks=3&ms=20");
      assert.equal(text, "chunk 0\nchunk 1\nchunk 2\n");
    });

    /**
     * What a server has in memory at most while 100 MB pass, beyond what it had before: the middle one of three, because when
     * an engine collects is its own affair, and what a server held on to would show in all of them. Before that a fifth of it
     * goes, which is where the heap takes its size, and then all of it once: V8's compiler has up to 150 MB for what has become
     * hot (`malloced_memory`), and gives them back.
     * @param {import("node:test").TestContext} t
     * @param {number} most
     * @param {(bytes: number) => Promise<void>} pass
     */
    const within = async (t, most, pass) => {
      const { memory } = target.server;
      await pass(HUNDRED / 5);
      const idle = memory()?.now;
      await pass(HUNDRED);
      if (idle === undefined || !traits.streams) return;
      const grown = [];
      for (let i = 0; i < 3; i++) {
        forgetPeak(target.server);
        await pass(HUNDRED);
        grown.push((memory()?.peak ?? Infinity) - idle);
      }
      const told = grown.map((bytes) => (bytes / MEGABYTE).toFixed(1));
      t.diagnostic(`${told.join(", ")} MB more`);
      const [, middle] = grown.sort((a, b) => a - b);
      assert.ok(middle <= most, `${told} MB`);
    };

    for (const [way, query] of [
      ["down", ""],
      ["down, chunked", "&chunked"],
    ])
      test(`100 MB ${way}`, (t) =>
        within(t, budget, async (bytes) => {
          const path = `/download?bytes=${bytes}${query}`;
          const { length, wrong, sum, cut } = await get(path);
          assert.deepEqual([length, wrong, cut], [bytes, 0, false]);
          assert.equal(sum, sumOf(bytes));
        }));

    test("100 MB up", (t) =>
      within(t, budget, async (bytes) => {
        const how = { method: "POST", bytes, streamed: !traits.page };
        const { text } = await get("/upload", how);
        assert.equal(text, `${bytes} bytes, sum ${sumOf(bytes)}\n`);
      }));

    test("failures before the head are a 500 that says nothing", async () => {
      for (const path of ["/trap", "/none", "/error"]) {
        const { status, text } = await get(path);
        assert.deepEqual([status, text], [500, "internal server error\n"]);
      }
    });

    test("what broke off does not look whole", async () => {
      for (const path of ["/trap-late", "/unfinished", "/short", "/long"]) {
        const answer = await get(path).catch(() => undefined);
        // Of what is too long, a server may send the part that was announced.
        const whole = path === "/long" && answer?.text === "longer tha";
        assert.ok(
          broken(answer) || whole,
          `${path}: ${JSON.stringify(answer)}`,
        );
      }
      assert.equal((await get("/")).status, 200);
    });

    test("many at a time", async () => {
      let left = 200;
      const client = async () => {
        while (left-- > 0) {
          const { text, status } = await get(`/count`);
          assert.deepEqual([status, text], [200, "1\n"]);
        }
      };
      await Promise.all(Array.from({ length: 20 }, client));
    });

    describe("outgoing", { skip: !waits }, () => {
      const able = (/** @type {string} */ way) =>
        traits.streams && (way === "down" || traits.uploads !== false);

      test("there and back", async () => {
        const answer = await get(via("/hello"));
        assert.equal(answer.status, 200);
        assert.equal(answer.text, "hello GET");
        assert.deepEqual(header(answer, "x-via"), ["rust-http"]);
        assert.equal(header(answer, "x-twice").join(", "), "a, b");
        assert.equal((await get(via("/nope"))).status, 404);
      });

      test("a body, sent on and back", async () => {
        const answer = await get(via("/echo"), {
          method: "POST",
          headers: { "content-type": "x/y" },
          bytes: 300_001,
        });
        assert.equal(answer.status, 201);
        assert.deepEqual([answer.length, answer.wrong], [300_001, 0]);
        assert.deepEqual(header(answer, "content-type"), ["x/y"]);
      });

      test("100 MB down", { skip: !able("down") }, (t) =>
        within(t, budget, async (bytes) => {
          const { length } = await get(via(`/big?n=${bytes}`));
          assert.equal(length, bytes);
        }),
      );

      test("100 MB up", { skip: !able("up") }, (t) =>
        within(t, budget, async (bytes) => {
          const how = { method: "POST", bytes, streamed: !traits.page };
          const { text } = await get(via("/count"), how);
          assert.equal(text, String(bytes));
        }),
      );

      test("a server that is slow, that stalls, that breaks off", async () => {
        const slow = await get(`${via("/slow")}&first=100`);
        assert.equal(slow.status, 502);
        assert.match(slow.text, /ConnectionReadTimeout/);
        const stalls = await get(`${via("/stall")}&between=100`);
        assert.ok(broken(stalls));
        const breaks = await get(via("/break"));
        assert.ok(broken(breaks));
      });

      test("a server that is not there", async () => {
        const refused = await get(via("/", { port: ports.closed }));
        assert.equal(refused.status, 502);
        const why = traits.exact
          ? /ConnectionRefused/
          : /ConnectionRefused|often CORS|Network connection lost/;
        assert.match(refused.text, why);
        const garbage = await get(via("/", { port: ports.garbage }));
        assert.equal(garbage.status, 502);
        if (traits.exact) assert.match(garbage.text, /HttpProtocolError/);
      });

      test("a host that was not granted", async () => {
        const url = encodeURIComponent("http://example.com/");
        const { status, text } = await get(`/fetch?url=${url}`);
        assert.equal(status, 502);
        assert.match(text, /HttpRequestDenied/);
      });

      test("a redirect is the guest's, or is refused", async () => {
        const { status, text } = await get(via("/redirect"));
        // The client follows what the guest has passed on, to a path of the guest's.
        if (traits.page) assert.equal(status, 502);
        else assert.equal(text, "no path /hello\n");
      });

      test("what is dropped is ended", async () => {
        const seen = async () =>
          JSON.parse((await get(via("/seen"))).text)["aborted gone"] ?? 0;
        const comesTo = async (/** @type {number} */ count) => {
          for (let i = 0; i < 200 && (await seen()) < count; i++)
            await new Promise((resolve) => setTimeout(resolve, 20));
          assert.ok((await seen()) >= count);
        };
        const before = await seen();
        const head = await get(via("/stall?gone", { route: "fetch-head" }));
        assert.equal(head.text, "status 200\n");
        await comesTo(before + 1);
      });
    });

    test("trailers, both ways", { skip: !traits.trailers }, async () => {
      const sent = await raw(target.server.origin + "/trailers");
      assert.equal(sent.text, "body");
      assert.deepEqual(sent.trailers, [
        "x-sum",
        "4",
        "x-two",
        "a",
        "x-two",
        "b",
      ]);
      const back = await raw(target.server.origin + "/echo", {
        body: "b",
        trailers: { "x-back": "1" },
      });
      assert.equal(back.text, "b");
      assert.deepEqual(back.trailers, ["x-back", "1"]);
      const far = await raw(target.server.origin + via("/trailers"));
      assert.deepEqual(far.trailers, ["x-sum", "42"]);
    });
  });
}

/**
 * Cut off; or, where the head had not gone out yet, an error.
 * @param {Answer | undefined} answer
 */
function broken(answer) {
  return !answer || answer.cut || answer.status === 500;
}

/**
 * A request with what fetch does not have: trailers.
 * @param {string} url
 * @param {{ body?: string, trailers?: Record<string, string> }} [what]
 */
async function raw(url, { body, trailers } = {}) {
  const sent = httpRequest(url, {
    method: body === undefined ? "GET" : "POST",
    headers: trailers && { trailer: Object.keys(trailers).join() },
  });
  if (body !== undefined) sent.write(body);
  if (trailers) sent.addTrailers(trailers);
  sent.end();
  const [response] = await once(sent, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  const names = response.rawTrailers.map(
    (/** @type {string} */ word, /** @type {number} */ i) =>
      i % 2 ? word : word.toLowerCase(),
  );
  return { text, trailers: names };
}
