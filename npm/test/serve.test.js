/** `slipway serve` with real components, over loopback: every option, and what can go wrong. @module */
import assert from "node:assert/strict";
import {
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ask, serve, suspends } from "../../tests/e2e/lib/served.js";
import { buildGuest } from "../../tests/guests/build.js";

/** @import { Served } from '../../tests/e2e/lib/served.js' */

const REFUSES = suspends ? false : "this engine has no JSPI";

let rust = "";
let js = "";
let middleware = "";
let folder = "";
/** @type {Served[]} */
const running = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-serve-"));
  rust = await buildGuest("rust-http");
  js = await buildGuest("js-server");
  middleware = await buildGuest("rust-http-middleware");
});
after(async () => {
  for (const { stop } of running) stop("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/**
 * A server that ends with the tests at the latest.
 * @param {string[]} args
 * @param {{ env?: Record<string, string> }} [how]
 */
async function started(args, how) {
  const server = await serve(args, how);
  running.push(server);
  assert.notEqual(server.url, "", server.out.stderr);
  return server;
}

/** @param {Served} server @param {string} path @param {RequestInit} [init] */
async function get({ url }, path, init) {
  const response = await fetch(new URL(path, url), init);
  return { status: response.status, text: await response.text(), response };
}

/**
 * An upload of ten bytes whose first five are there: its request is under way.
 * @param {Served} server
 */
async function uploading({ url }) {
  const begun = ask(new URL("upload", url), {
    method: "POST",
    headers: { "content-length": "10", expect: "100-continue" },
  });
  begun.sent.flushHeaders();
  await once(begun.sent, "continue");
  begun.sent.write("first");
  return begun;
}

/**
 * A server that never gets to listen: one line on stderr, and a status.
 * @param {string[]} args
 * @param {number} status
 * @param {RegExp} line
 * @param {string} [port]
 */
async function fails(args, status, line, port) {
  const { ended, out, url } = await serve(args, { port });
  assert.equal(url, "", "it must not listen");
  assert.equal(await ended, status, out.stderr);
  assert.match(out.stderr, /^slipway: [^\n]+\n$/);
  assert.match(out.stderr, line);
  assert.equal(out.stdout, "");
}

describe("serve", { timeout: 300_000 }, () => {
  /** @type {Served} */
  let server;
  before(async () => {
    server = await started([rust]);
  });

  test("answers, with a line for each request", async () => {
    const { status, text, response } = await get(server, "");
    assert.equal(status, 200);
    assert.equal(text, "Hello from Rust\n");
    assert.equal(response.headers.get("content-type"), "text/plain");
    await server.says(/^GET \/ 200 [\d.]+ ms$/m);
  });

  test("what the guest sees of a request", async () => {
    const { port } = new URL(server.url);
    const headers = { "x-mine": "yes" };
    const { text } = await get(server, "request?a=%20b", {
      method: "PUT",
      headers,
      body: "x",
    });
    assert.match(
      text,
      new RegExp(
        `^method PUT\npath /request\\?a=%20b\nscheme http\nauthority 127.0.0.1:${port}\n`,
      ),
    );
    assert.match(text, /^x-mine: yes$/m);
  });

  test("statuses, fields, HEAD", async () => {
    for (const code of [201, 204, 304, 404, 599])
      assert.equal((await get(server, `status?code=${code}`)).status, code);
    const { response } = await get(server, "cookies");
    assert.deepEqual(response.headers.getSetCookie(), ["a=1; Path=/", "b=2"]);
    assert.equal(response.headers.get("x-latin1"), "caf\xe9");
    const head = await get(server, "", { method: "HEAD" });
    assert.deepEqual([head.status, head.text], [200, ""]);
    assert.equal(head.response.headers.get("content-length"), "16");
  });

  test("bodies and trailers, both ways", async () => {
    const body = "0123456789".repeat(100_000);
    const echo = await get(server, "echo", { method: "POST", body });
    assert.equal(echo.text, body);
    const { sent, answer } = ask(new URL("echo", server.url), {
      method: "POST",
      headers: { "transfer-encoding": "chunked", trailer: "x-sum" },
    });
    sent.write("body");
    sent.addTrailers({ "x-sum": "4" });
    sent.end();
    const { text, trailers } = await answer();
    assert.deepEqual([text, trailers], ["body", { "x-sum": "4" }]);
    const own = ask(new URL("trailers", server.url));
    own.sent.end();
    const made = await own.answer();
    assert.equal(made.trailers["x-sum"], "4");
  });

  test("a whole response has its length, a longer one is chunked", async () => {
    const small = await get(server, "trap-free");
    assert.equal(small.response.headers.get("content-length"), "19");
    const large = await get(server, "download?bytes=300000&chunked");
    assert.equal(large.response.headers.get("transfer-encoding"), "chunked");
    assert.equal(large.text.length, 300_000);
    const known = await get(server, "download?bytes=300000");
    assert.equal(known.response.headers.get("content-length"), "300000");
  });

  test(
    "a response streams while its request does",
    { skip: REFUSES },
    async () => {
      const { sent, response } = ask(new URL("echo", server.url), {
        method: "POST",
        headers: { "transfer-encoding": "chunked" },
      });
      sent.write("first");
      const message = (await response).setEncoding("utf8");
      const chunks = message[Symbol.asyncIterator]();
      assert.equal((await chunks.next()).value, "first");
      sent.end("last");
      assert.equal((await chunks.next()).value, "last");
      assert.equal((await chunks.next()).done, true);
    },
  );

  test("a guest that fails: its request only, and stderr says why", async () => {
    const trap = await get(server, "trap");
    assert.deepEqual(
      [trap.status, trap.text],
      [500, "internal server error\n"],
    );
    await server.says(/^slipway: GET \S+\/trap: unreachable$/m);
    assert.equal((await get(server, "error")).status, 500);
    await server.says(/\/error: internal-error: as asked$/m);
    assert.equal((await get(server, "none")).status, 500);
    // A response that has begun is cut off, not ended.
    for (const path of ["trap-late", "unfinished"]) {
      const { sent, response } = ask(new URL(path, server.url));
      sent.end();
      const message = await response;
      assert.equal(message.statusCode, 200);
      await assert.rejects(message.toArray());
    }
    await server.says(/^GET \/unfinished 200 [\d.]+ ms \(cut off\)$/m);
    assert.equal((await get(server, "")).status, 200);
  });

  test("the guest's output is the server's", async () => {
    await get(server, "log");
    await server.says(/^to stderr$/m);
    assert.match(server.out.stdout, /^to stdout$/m);
  });

  test("nothing is granted unasked", async () => {
    const env = { HIDDEN: "secret" };
    const bare = await started([rust], { env });
    assert.equal((await get(bare, "env?name=HIDDEN")).status, 404);
    assert.equal((await get(bare, "file?path=/etc/passwd")).status, 404);
    const denied = await get(
      bare,
      `fetch?url=${encodeURIComponent(server.url)}`,
    );
    assert.equal(denied.status, 502);
    assert.match(denied.text, /HttpRequestDenied/);
    bare.stop();
  });

  test("--env, --inherit-env, --dir", async () => {
    const data = join(folder, "data");
    await mkdir(data);
    await writeFile(join(data, "note.txt"), "a note");
    const env = { GIVEN: "from here", OTHER: "too" };
    const some = await started(
      ["--env", "GIVEN", "--env", "K=V", "--dir", `${data}::/data`, rust],
      { env },
    );
    assert.equal((await get(some, "env?name=GIVEN")).text, "from here");
    assert.equal((await get(some, "env?name=K")).text, "V");
    assert.equal((await get(some, "env?name=OTHER")).status, 404);
    assert.equal((await get(some, "file?path=/data/note.txt")).text, "a note");
    some.stop();
    const all = await started(["--inherit-env", rust], { env });
    assert.equal((await get(all, "env?name=OTHER")).text, "too");
    all.stop();
  });

  test("--allow-http: the hosts that are named, and no other", async () => {
    // A server of another process: a guest that cannot suspend sleeps in its own.
    const { host, port } = new URL(server.url);
    const path = `fetch?url=${encodeURIComponent(server.url)}`;
    const some = await started([`--allow-http=${host}`, rust]);
    const { status, text, response } = await get(some, path);
    assert.deepEqual([status, text], [200, "Hello from Rust\n"]);
    assert.equal(response.headers.get("x-via"), "rust-http");
    const other = encodeURIComponent(`http://localhost:${port}/`);
    const denied = await get(some, `fetch?url=${other}`);
    assert.deepEqual(
      [denied.status, /HttpRequestDenied/.test(denied.text)],
      [502, true],
    );
    some.stop();
    const all = await started(["--allow-http", rust]);
    assert.equal((await get(all, path)).status, 200);
    const nobody = encodeURIComponent("http://127.0.0.1:1/");
    const refused = await get(all, `fetch?url=${nobody}`);
    assert.equal(refused.status, 502);
    assert.match(refused.text, /ConnectionRefused/);
    all.stop();
  });

  test("--instances: fresh, one for all, so many", async () => {
    const counts = async (/** @type {string[]} */ ...args) => {
      const one = await started([...args, rust]);
      const texts = [];
      for (let i = 0; i < 4; i++) texts.push((await get(one, "count")).text);
      one.stop();
      return texts.map(Number);
    };
    assert.deepEqual(await counts(), [1, 1, 1, 1]);
    assert.deepEqual(await counts("--instances", "fresh"), [1, 1, 1, 1]);
    assert.deepEqual(await counts("--instances", "reuse"), [1, 2, 3, 4]);
    const pool = await started(["--instances", "2", rust]);
    const all = await Promise.all(
      Array.from({ length: 20 }, () => get(pool, "count")),
    );
    // Two instances share out twenty.
    const last = all.map(({ text }) => Number(text)).sort((a, b) => b - a);
    const most = Math.max(...last);
    assert.ok(most >= 10 && most <= 20, String(last));
    // One that trapped is not used again.
    assert.equal((await get(pool, "trap")).status, 500);
    assert.equal((await get(pool, "count")).status, 200);
    pool.stop();
  });

  test("--timeout: 504, and the guest is stopped", async () => {
    const one = await started(["--timeout", "50", "--instances", "1", rust]);
    const late = await get(one, "never");
    assert.deepEqual(
      [late.status, late.text],
      [504, "the component took too long\n"],
    );
    // The one place for a request is free again.
    assert.equal((await get(one, "count")).text, "1\n");
    one.stop();
  });

  test("--development says why", async () => {
    const one = await started(["--development", rust]);
    const { status, text } = await get(one, "trap");
    assert.equal(status, 500);
    assert.match(text, /unreachable[^]*at /);
    one.stop();
  });

  test("--quiet, --host", async () => {
    const one = await started(["--quiet", "--host", "::1", rust]);
    assert.match(one.url, /^http:\/\/\[::1\]:\d+\/$/);
    assert.equal((await get(one, "")).status, 200);
    one.stop();
    assert.equal(await one.ended, 0);
    assert.equal(one.out.stderr, "");
  });

  test("a thousand requests, fifty at a time, and none fails", async () => {
    let left = 1000;
    let failed = 0;
    const client = async () => {
      while (left-- > 0) {
        const { text } = await get(server, "count");
        if (text !== "1\n") failed++;
      }
    };
    await Promise.all(Array.from({ length: 50 }, client));
    assert.equal(failed, 0);
  });

  test("a client that goes away is no error of the server's", async () => {
    const { sent, response } = ask(
      new URL("download?bytes=100000000", server.url),
    );
    sent.end();
    (await response).once("data", () => sent.destroy());
    await server.says(
      /^GET \/download\?bytes=100000000 200 [\d.]+ ms \(cut off\)$/m,
    );
    assert.equal((await get(server, "")).status, 200);
  });
});

describe("serve --middleware", { timeout: 300_000 }, () => {
  test("passes on, answers, refuses", async () => {
    const one = await started(["--middleware", middleware, rust]);
    assert.equal((await get(one, "count")).text, "1\n");
    await one.says(/^passed \/count$/m);
    const echo = await get(one, "echo", { method: "POST", body: "hello" });
    assert.equal(echo.text, "hello");
    const own = await get(one, "middleware");
    assert.equal(own.response.headers.get("x-middleware"), "answered");
    assert.equal(own.text, "1\n");
    const refused = await get(one, "", { headers: { "x-refuse": "no" } });
    assert.deepEqual([refused.status, refused.text], [403, "refused: no\n"]);
    one.stop();
  });

  test("several, in order, over another language", async () => {
    const log = join(folder, "log.wasm");
    await copyFile(middleware, log);
    const one = await started([
      "-m",
      log,
      "-m",
      middleware,
      "--instances",
      "1",
      js,
    ]);
    assert.equal((await get(one, "a/b")).text, "GET /a/b\n");
    await one.says(/^passed \/a\/b\npassed \/a\/b$/m);
    // Each has an instance of its own: the outer one alone has seen both requests.
    assert.equal((await get(one, "middleware")).text, "2\n");
    one.stop();
  });

  test("errors name the component", async () => {
    const one = await started(["-m", middleware, "--development", rust]);
    const outer = await get(one, "middleware-trap");
    assert.equal(outer.status, 500);
    assert.match(outer.text, /rust-http-middleware\.wasm: .*unreachable/);
    await one.says(
      /middleware-trap: \S*rust-http-middleware\.wasm: unreachable$/m,
    );
    const inner = await get(one, "trap");
    assert.equal(inner.status, 500);
    assert.doesNotMatch(inner.text, /middleware\.wasm:/);
    await one.says(/\/trap: \S*rust-http\.wasm: unreachable$/m);
    one.stop();
  });

  test("a guest that waits behind one", { skip: REFUSES }, async () => {
    const one = await started(["-m", middleware, "--timeout", "100", rust]);
    assert.equal(
      (await get(one, "slow?chunks=3&ms=5")).text,
      "chunk 0\nchunk 1\nchunk 2\n",
    );
    assert.equal((await get(one, "never")).status, 504);
    one.stop();
  });

  test("what is none is refused", async () => {
    await fails(
      ["-m", rust, rust],
      1,
      /rust-http\.wasm: this is no middleware: it does not import wasi:http\/incoming-handler/,
    );
    await fails(
      [middleware],
      1,
      /middleware\.wasm: this is a middleware: .*--middleware/,
    );
    await fails(
      ["-m", join(folder, "none.wasm"), rust],
      1,
      /none\.wasm: there is no such file/,
    );
  });
});

describe("serve --workers", { timeout: 300_000 }, () => {
  /** The processes that a process has started. @param {number} pid */
  const children = async (pid) => {
    const path = `/proc/${pid}/task/${pid}/children`;
    return (await readFile(path, "utf8")).trim().split(" ").map(Number);
  };

  test("several processes at one port; one that breaks down is replaced", async (t) => {
    if (process.platform !== "linux") return t.skip("reads /proc");
    const one = await started(["--workers", "2", "--instances", "reuse", rust]);
    assert.match(one.out.stdout, /^Serving on \S+\n$/);
    const [first] = await children(one.pid);
    process.kill(first, "SIGKILL");
    await one.says(/a worker ended by SIGKILL; another takes its place$/m);
    for (let i = 0; i < 20; i++) {
      const { sent, answer } = ask(one.url, { agent: false });
      sent.end();
      assert.equal((await answer()).text, "Hello from Rust\n");
    }
    one.stop();
    assert.equal(await one.ended, 0);
  });

  test("told to stop: what is under way is finished, or not", async () => {
    for (const times of [1, 2]) {
      const one = await started(["--workers", "2", rust]);
      const { sent, answer } = await uploading(one);
      one.stop("SIGINT");
      await one.says(/stopping after 1 request under way/);
      if (times === 1) {
        sent.end("last!");
        assert.match((await answer()).text, /^10 bytes/);
        assert.equal(await one.ended, 0);
      } else {
        one.stop("SIGINT");
        await assert.rejects(answer());
        assert.equal(await one.ended, 130);
      }
    }
  });

  test("what is wrong is said once", async () => {
    await fails(["--workers", "3", middleware], 1, /this is a middleware/);
    await fails(["--workers", "0", rust], 2, /from 1 to 256/);
    await fails(["--workers", "2", "-"], 2, /standard input/);
  });
});

describe("serve --watch", { timeout: 300_000 }, () => {
  test("takes what has changed; keeps what was good", async () => {
    const file = join(folder, "app.wasm");
    await copyFile(rust, file);
    const one = await started(["--watch", "--quiet", file]);
    assert.equal((await get(one, "")).text, "Hello from Rust\n");
    await writeFile(file, "this is no component");
    await one.says(
      /app\.wasm: .*\[bad-magic\].*; what was there before goes on serving$/m,
    );
    assert.equal((await get(one, "")).text, "Hello from Rust\n");
    await copyFile(await buildGuest("wat-add"), file);
    await one.says(
      /app\.wasm: this component serves nothing.*goes on serving$/m,
    );
    assert.equal((await get(one, "")).text, "Hello from Rust\n");
    // As editors and linkers do it: a new file under the old name.
    await copyFile(js, `${file}.new`);
    await rename(`${file}.new`, file);
    await one.says(/app\.wasm: loaded again$/m);
    assert.equal((await get(one, "x")).text, "GET /x\n");
    one.stop();
    assert.equal(await one.ended, 0);
  });

  test("watches the middleware too, and only files", async () => {
    const file = join(folder, "outer.wasm");
    await copyFile(middleware, file);
    const one = await started(["--watch", "-m", file, rust]);
    await writeFile(file, "garbage");
    await one.says(/outer\.wasm: .*goes on serving$/m);
    await copyFile(middleware, file);
    await one.says(/loaded again$/m);
    assert.equal((await get(one, "middleware")).text, "1\n");
    one.stop();
    await fails(["--watch", "http://localhost/a.wasm"], 2, /is no file/);
  });
});

describe("serve, told to stop", { timeout: 300_000 }, () => {
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT"]))
    test(`${signal}: what is under way is finished`, async () => {
      const one = await started([rust]);
      const { sent, answer } = await uploading(one);
      one.stop(signal);
      await one.says(/stopping after 1 request under way/);
      await assert.rejects(fetch(one.url), "no new ones");
      sent.end("last!");
      const { text, headers } = await answer();
      assert.match(text, /^10 bytes, sum \d+\n$/);
      assert.equal(headers.connection, "close");
      assert.equal(await one.ended, 0);
    });

  test("twice: at once", async () => {
    const one = await started([rust]);
    const { response } = await uploading(one);
    one.stop("SIGINT");
    await one.says(/once more to stop at once/);
    one.stop("SIGTERM");
    await assert.rejects(response);
    assert.equal(await one.ended, 143);
  });

  test("--grace: not for ever", async () => {
    const one = await started(["--grace", "20", rust]);
    const { response } = await uploading(one);
    one.stop();
    await assert.rejects(response);
    assert.equal(await one.ended, 0);
  });

  test("idle connections hold nothing up", async () => {
    const one = await started(["--quiet", rust]);
    await get(one, "");
    one.stop();
    assert.equal(await one.ended, 0);
    assert.equal(one.out.stderr, "");
  });
});

describe("serve, not given what it needs", { timeout: 300_000 }, () => {
  test("a component that serves nothing", async () => {
    await fails(
      [await buildGuest("wat-add")],
      1,
      /wat-add\.wasm: this component serves nothing: it does not export wasi:http\/incoming-handler, only add/,
    );
    await fails(
      [await buildGuest("rust-command")],
      1,
      /it is a command, for `slipway run`/,
    );
  });

  test("a file that is none", async () => {
    await fails(
      [join(folder, "no.wasm")],
      1,
      /no\.wasm: there is no such file/,
    );
    await fails([folder], 1, /it is a folder/);
    const garbage = join(folder, "garbage.wasm");
    await writeFile(garbage, "garbage");
    await fails([garbage], 1, /garbage\.wasm: .*\[bad-magic\]/);
  });

  test("an address that cannot be listened at", async () => {
    const other = createServer();
    await new Promise((done) => other.listen(0, "127.0.0.1", () => done(0)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (
      other.address()
    );
    await fails(
      [rust],
      1,
      /127\.0\.0\.1:\d+ is in use; choose another with --port/,
      String(port),
    );
    other.close();
    await fails(
      ["--host", "192.0.2.1", rust],
      1,
      /192\.0\.2\.1:0 is no address of this machine; see --host/,
    );
  });

  test("usage", async () => {
    await fails([], 2, /which component/);
    for (const port of ["65536", "http", "-1", "1.5"])
      await fails([rust], 2, /--port/, port);
    await fails([rust, rust], 2, /give one FILE/);
    await fails(
      ["--instances", "none", rust],
      2,
      /want fresh, reuse, or a number from 1 to 1000/,
    );
    await fails(["--instances", "0", rust], 2, /--instances 0/);
    await fails(
      ["--timeout", "soon", rust],
      2,
      /--timeout soon: want a whole number/,
    );
    await fails(["--grace", "1e3", rust], 2, /--grace 1e3/);
    await fails(
      ["--dir", "/no/such", rust],
      1,
      /there is no folder \/no\/such/,
    );
    await fails(["--env", "NO_SUCH_VARIABLE", rust], 2, /no such variable/);
    await fails(["--allow-http=", rust], 2, /which hosts/);
  });
});
