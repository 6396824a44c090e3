/**
 * wasi:http as a client: the rules of its resources, and requests to a server that
 * is slow, breaks off, sends much; in each way of waiting and over each transport.
 * @module
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { wasi as webWasi } from "@slipway/wasi";
import { wasi as nodeWasi } from "@slipway/wasi/node";
import { fails } from "./fs.suite.js";
import { client as httpClient, settle } from "./http-client.js";

const bytes = (text) => new TextEncoder().encode(text);
const text = (array) => new TextDecoder().decode(array);
const DISPOSE = Symbol.dispose ?? Symbol.for("dispose");
const quiet = { stdout: null, stderr: null };
const typesOf = ({ imports }) => imports["wasi:http/types@0.2.12"];

describe("http types", () => {
  const types = typesOf(webWasi(quiet));
  const { Fields, OutgoingRequest, OutgoingResponse, OutgoingBody } = types;
  const pairs = (fields) => fields.entries().map(([n, v]) => [n, text(v)]);

  test("fields: case, order, several values", () => {
    const fields = Fields.fromList([
      ["Content-Type", bytes("a")],
      ["x-b", bytes("1")],
      ["X-B", bytes("2")],
    ]);
    assert.deepEqual(fields.get("X-b").map(text), ["1", "2"]);
    assert.ok(fields.has("CONTENT-TYPE"));
    assert.equal(fields.has("other"), false);
    assert.deepEqual(fields.get("not a name"), []);
    assert.equal(fields.has("not a name"), false);
    fields.append("x-c", bytes(""));
    assert.deepEqual(fields.get("x-c").map(text), [""]);
    fields.set("x-b", [bytes("3"), bytes("4")]);
    assert.deepEqual(pairs(fields), [
      ["Content-Type", "a"],
      ["x-b", "3"],
      ["x-b", "4"],
      ["x-c", ""],
    ]);
    fields.delete("X-B");
    fields.delete("never-there");
    assert.deepEqual(pairs(fields), [
      ["Content-Type", "a"],
      ["x-c", ""],
    ]);
    const copy = fields.clone();
    copy.set("x-c", []);
    assert.equal(copy.has("x-c"), false);
    assert.equal(fields.has("x-c"), true);
  });

  test("fields: what is refused", () => {
    const fields = new Fields();
    for (const name of ["", "a b", "a:b", "é", "a\n"])
      fails({ tag: "invalid-syntax" }, () => fields.append(name, bytes("x")));
    for (const value of ["a\r\nb", "a\0", "\n", "\x7f"])
      fails({ tag: "invalid-syntax" }, () => fields.set("a", [bytes(value)]));
    fields.append("a", bytes("tab\tand é"));
    for (const name of ["Host", "connection", "Transfer-Encoding", "upgrade"]) {
      fails({ tag: "forbidden" }, () => fields.append(name, bytes("x")));
      fails({ tag: "forbidden" }, () => fields.set(name, []));
      fails({ tag: "forbidden" }, () => fields.delete(name));
      fails({ tag: "forbidden" }, () => Fields.fromList([[name, bytes("")]]));
    }
    fails({ tag: "invalid-syntax" }, () => fields.delete("a b"));
    fails({ tag: "invalid-syntax" }, () => Fields.fromList([["", bytes("")]]));
    const seen = new OutgoingRequest(fields).headers();
    fails({ tag: "immutable" }, () => seen.append("b", bytes("x")));
    fails({ tag: "immutable" }, () => seen.set("a", []));
    fails({ tag: "immutable" }, () => seen.delete("a"));
    assert.equal(seen.clone().append("b", bytes("x")), undefined);
  });

  test("outgoing-request: defaults and setters", () => {
    const request = new OutgoingRequest(new Fields());
    assert.deepEqual(request.method(), { tag: "get" });
    assert.equal(request.pathWithQuery(), undefined);
    assert.equal(request.scheme(), undefined);
    assert.equal(request.authority(), undefined);
    request.setMethod({ tag: "other", val: "PURGE" });
    assert.deepEqual(request.method(), { tag: "other", val: "PURGE" });
    fails(undefined, () => request.setMethod({ tag: "other", val: "NO WAY" }));
    fails(undefined, () => request.setMethod({ tag: "other", val: "" }));
    for (const path of ["/a b", "/a#b", "/a\n", "/<"])
      assert.throws(() => request.setPathWithQuery(path));
    request.setPathWithQuery("/a?b=%20");
    assert.equal(request.pathWithQuery(), "/a?b=%20");
    request.setPathWithQuery(undefined);
    request.setScheme({ tag: "other", val: "ws" });
    assert.throws(() => request.setScheme({ tag: "other", val: "1 2" }));
    for (const authority of ["a b", "a/b", "a:99999", "a:b", "[::1", ""])
      assert.throws(() => request.setAuthority(authority), authority);
    for (const authority of ["a", "a:80", "u@a:1", "[::1]:8080", "1.2.3.4"])
      request.setAuthority(authority);
    const body = request.body();
    assert.ok(body instanceof OutgoingBody);
    assert.throws(() => request.body());
    body.write();
    assert.throws(() => body.write());
  });

  test("a parent that goes before its children is a trap", () => {
    const request = new OutgoingRequest(new Fields());
    const shown = request.headers();
    assert.throws(() => request[DISPOSE](), /an outgoing-request is dropped/);
    const body = request.body();
    const stream = body.write();
    const finish = () => OutgoingBody.finish(body, undefined);
    assert.throws(finish, /an outgoing-body is finished while a child/);
    assert.throws(() => body[DISPOSE](), /an outgoing-body is dropped/);
    stream[DISPOSE]();
    finish();
    // What a child was given for is no child any more.
    const response = new OutgoingResponse(shown);
    request[DISPOSE]();
    const seen = response.headers();
    assert.throws(() => response[DISPOSE](), /an outgoing-response is dropped/);
    seen[DISPOSE]();
    seen[DISPOSE]();
    response[DISPOSE]();
  });

  test("fields are bounded, and cheap to fill", () => {
    const fields = new Fields();
    for (let i = 0; i < 10000; i++) fields.append(`x-${i}`, bytes("1"));
    assert.equal(fields.entries().length, 10000);
    const before = fields.entries();
    fields.append("x-last", bytes("1"));
    assert.equal(before.length, 10000);
    const large = new Uint8Array(1 << 19).fill(97);
    fields.append("x-large", large);
    assert.throws(() => fields.append("x-large", large), /more than 1048576/);
  });

  test("a content-length that contradicts itself is not sent", () => {
    const host = webWasi({ ...quiet, fetch: true });
    const types = typesOf(host);
    const { handle } = host.imports["wasi:http/outgoing-handler@0.2.12"];
    for (const values of [["x"], ["1", "2"], ["-1"], ["1, 2"]]) {
      const list = values.map((value) => ["content-length", bytes(value)]);
      const headers = types.Fields.fromList(list);
      const request = new types.OutgoingRequest(headers);
      request.setAuthority("localhost");
      fails({ tag: "HTTP-protocol-error", val: undefined }, () =>
        handle(request, undefined),
      );
    }
  });

  test("a content-length without a body is not sent", () => {
    const host = webWasi({ ...quiet, fetch: true });
    const types = typesOf(host);
    const { handle } = host.imports["wasi:http/outgoing-handler@0.2.12"];
    const list = [["content-length", bytes("5")]];
    const request = new types.OutgoingRequest(types.Fields.fromList(list));
    request.setAuthority("localhost");
    fails({ tag: "HTTP-request-body-size", val: 0n }, () =>
      handle(request, undefined),
    );
  });

  test("outgoing-response", () => {
    const response = new OutgoingResponse(new Fields());
    assert.equal(response.statusCode(), 200);
    response.setStatusCode(418);
    assert.equal(response.statusCode(), 418);
    assert.throws(() => response.setStatusCode(99));
    assert.throws(() => response.setStatusCode(1000));
    response.body();
    assert.throws(() => response.body());
  });

  test("a finished body has the length that was told", () => {
    const headers = Fields.fromList([["content-length", bytes("5")]]);
    const body = new OutgoingRequest(headers).body();
    let code;
    try {
      OutgoingBody.finish(body, undefined);
    } catch (error) {
      code = error;
    }
    assert.deepEqual(code, { tag: "HTTP-request-body-size", val: 0n });
  });

  test("request-options", () => {
    const options = new types.RequestOptions();
    assert.equal(options.connectTimeout(), undefined);
    options.setConnectTimeout(1n);
    options.setFirstByteTimeout(2n);
    options.setBetweenBytesTimeout(3n);
    assert.equal(options.connectTimeout(), 1n);
    assert.equal(options.firstByteTimeout(), 2n);
    assert.equal(options.betweenBytesTimeout(), 3n);
    options.setConnectTimeout(undefined);
    assert.equal(options.connectTimeout(), undefined);
  });

  test("not granted, and not allowed", () => {
    const ask = (fetch, authority, scheme = { tag: "HTTP" }) => {
      const host = webWasi({ ...quiet, fetch });
      const types = typesOf(host);
      const request = new types.OutgoingRequest(new types.Fields());
      request.setScheme(scheme);
      if (authority) request.setAuthority(authority);
      const { handle } = host.imports["wasi:http/outgoing-handler@0.2.12"];
      return handle(request, undefined);
    };
    const denied = { tag: "HTTP-request-denied", val: undefined };
    fails(denied, () => ask(undefined, "example.com"));
    fails(denied, () => ask(false, "example.com"));
    const invalid = { tag: "HTTP-request-URI-invalid", val: undefined };
    fails(invalid, () => ask(true, undefined));
    const other = { tag: "other", val: "ftp" };
    fails({ tag: "HTTP-protocol-error", val: undefined }, () =>
      ask(true, "a", other),
    );
    const calls = [];
    const fetch = async (url) => {
      calls.push(url);
      return new Response("x");
    };
    const allow = ["a.test", "*.b.test", "c.test:81", "https://d.test"];
    for (const name of ["b.test", "xb.test", "c.test", "d.test", "a.test.evil"])
      fails(denied, () => ask({ allow, fetch }, name));
    for (const name of ["a.test", "x.b.test", "c.test:81"])
      ask({ allow, fetch }, name);
    ask({ allow, fetch }, "d.test", { tag: "HTTPS" });
    assert.equal(calls.length, 4);
    ask(
      { fetch, rewrite: (url) => `http://proxy.test${url.pathname}` },
      "e.test",
    );
    ask({ fetch, corsProxy: (url) => `http://cors.test/?${url}` }, "e.test");
    assert.deepEqual(calls.slice(4), [
      "http://proxy.test/",
      "http://cors.test/?http://e.test/",
    ]);
  });
});

test("a fetch of one's own is held to the length that it tells", async () => {
  const ask = async (length, content) => {
    const fetch = async () =>
      new Response(content, { headers: { "content-length": length } });
    const host = webWasi({ ...quiet, fetch, blocking: "jspi" });
    const types = typesOf(host);
    const request = new types.OutgoingRequest(new types.Fields());
    request.setAuthority("a.test");
    const { handle } = host.imports["wasi:http/outgoing-handler@0.2.12"];
    const future = handle(request, undefined);
    await future.subscribe().block();
    const stream = future.get().val.val.consume().stream();
    try {
      for (;;) await stream.blockingRead(100n);
    } catch ({ tag, val }) {
      return tag === "closed" ? tag : types.httpErrorCode(val);
    }
  };
  assert.equal(await ask("4", "four"), "closed");
  assert.equal(await ask("many", "four"), "closed");
  assert.equal((await ask("5", "four")).tag, "HTTP-response-incomplete");
  const long = { tag: "HTTP-response-body-size", val: 4n };
  assert.deepEqual(await ask("3", "four"), long);
});

const ways = [
  {
    name: "node:http, event loop",
    wasi: nodeWasi,
    blocking: "jspi",
    node: true,
  },
  {
    name: "node:http, sleeping",
    wasi: nodeWasi,
    blocking: "atomics",
    node: true,
  },
  { name: "fetch", wasi: webWasi, blocking: "jspi", node: false },
];

for (const way of ways)
  describe(`outgoing http: ${way.name}`, () => {
    let server;
    let port;
    let garbage;
    let closed;
    let upgrade;
    before(async () => {
      server = new Worker(new URL("./http-server.js", import.meta.url));
      [{ port, garbage, upgrade, closed }] = await once(server, "message");
    });
    after(() => server.terminate());

    const settled = (value) => settle(value, way.blocking);
    const client = (fetch = true) => {
      const made = httpClient(way.wasi, way.blocking, fetch);
      const begin = (path, what = {}) =>
        made.begin(path, { authority: `localhost:${port}`, ...what });
      return { ...made, begin };
    };

    const get = async (path) => {
      const { begin, answer, readAll } = client();
      return (await readAll(await answer(begin(path).future))).text;
    };

    test("GET", async () => {
      const { begin, answer, readAll } = client();
      const response = await answer(begin("/hello").future);
      assert.equal(response.status(), 200);
      const headers = response.headers();
      const twice = headers.get("X-Twice").map(text).join(", ");
      assert.equal(twice, "a, b");
      assert.throws(() => headers.append("a", bytes("b")), {
        tag: "immutable",
      });
      assert.equal((await readAll(response)).text, "hello GET");
      assert.equal((await answer(begin("/nope").future)).status(), 404);
    });

    test("POST, streamed, with its own headers", async () => {
      const { begin, answer, readAll, write, types } = client();
      const { future, body } = begin("/echo", {
        method: { tag: "post" },
        headers: [
          ["content-type", "text/x-test"],
          ["x-custom", "1"],
        ],
      });
      await write(body, [
        bytes("one "),
        bytes("two "),
        bytes("x".repeat(20000)),
      ]);
      types.OutgoingBody.finish(body, undefined);
      const response = await answer(future);
      assert.equal(response.status(), 201);
      assert.equal(
        text(response.headers().get("content-type")[0]),
        "text/x-test",
      );
      const { text: all } = await readAll(response);
      assert.equal(all, `one two ${"x".repeat(20000)}`);
    });

    test("content-length is sent and kept", async () => {
      const { begin, answer, readAll, write, types } = client();
      const length = [["content-length", "3"]];
      const method = { tag: "put" };
      const good = begin("/headers", { method, headers: length });
      await write(good.body, [bytes("abc")]);
      types.OutgoingBody.finish(good.body, undefined);
      const { text: raw } = await readAll(await answer(good.future));
      assert.match(raw.toLowerCase(), /"content-length","3"/);
      const short = begin("/echo", { method, headers: length });
      await write(short.body, [bytes("a")]);
      fails({ tag: "HTTP-request-body-size", val: 1n }, () =>
        types.OutgoingBody.finish(short.body, undefined),
      );
      const long = begin("/echo", { method, headers: length });
      let error;
      await write(long.body, [bytes("abcd")]).catch((e) => (error = e));
      assert.equal(error.tag, "last-operation-failed");
      assert.deepEqual(types.httpErrorCode(error.val), {
        tag: "HTTP-request-body-size",
        val: 4n,
      });
    });

    test("a response comes in as it is sent", async () => {
      const { begin, answer, types } = client();
      const response = await answer(begin("/drip").future);
      const body = response.consume();
      const stream = body.stream();
      const first = text(await settled(stream.blockingRead(100n)));
      assert.match(first, /^0 /);
      assert.ok(!first.includes("4"));
      stream[DISPOSE]();
      const trailers = types.IncomingBody.finish(body);
      await settled(trailers.subscribe().block());
      assert.deepEqual(trailers.get(), {
        tag: "ok",
        val: { tag: "ok", val: undefined },
      });
      assert.equal(trailers.get().tag, "err");
    });

    test("much, both ways", async () => {
      const { begin, answer, readAll, write, types } = client();
      const size = 3_000_000;
      const down = await readAll(await answer(begin(`/big?n=${size}`).future));
      assert.equal(down.text.length, size);
      const { future, body } = begin("/count", { method: { tag: "post" } });
      await write(body, [new Uint8Array(size)]);
      types.OutgoingBody.finish(body, undefined);
      const { text: count } = await readAll(await answer(future));
      assert.equal(count, String(size));
    });

    test("a redirect is the guest's to follow", async () => {
      const { begin, answer } = client();
      const response = await answer(begin("/redirect").future);
      assert.equal(response.status(), 302);
      assert.equal(text(response.headers().get("location")[0]), "/hello");
    });

    test("a body of another length than was told", async () => {
      const { begin, answer, readAll, types } = client();
      const codes = [];
      for (const path of ["/break", "/short"]) {
        const response = await answer(begin(path).future);
        await readAll(response).catch(({ tag, val }) => {
          assert.equal(tag, "last-operation-failed");
          codes.push(types.httpErrorCode(val).tag);
        });
      }
      const broken = way.node
        ? "HTTP-response-incomplete"
        : "connection-terminated";
      assert.deepEqual(codes, [broken, broken]);
    });

    test("trailers", { skip: !way.node }, async () => {
      const { begin, answer, readAll, write, types } = client();
      const response = await answer(begin("/trailers").future);
      const { text: all, body } = await readAll(response);
      assert.equal(all, "body");
      const future = types.IncomingBody.finish(body);
      await settled(future.subscribe().block());
      const { val } = future.get();
      assert.equal(text(val.val.get("X-Sum")[0]), "42");
      const sent = begin("/trailers-in", {
        method: { tag: "post" },
        headers: [["trailer", "x-t"]],
      });
      await write(sent.body, [bytes("b")]);
      const fields = types.Fields.fromList([["x-t", bytes("v")]]);
      types.OutgoingBody.finish(sent.body, fields);
      const { text: raw } = await readAll(await answer(sent.future));
      assert.equal(raw, '["x-t","v"]');
    });

    test("nobody there, nothing to find", async () => {
      const { begin, answer } = client();
      const refused = begin("/", { authority: `localhost:${closed}` }).future;
      await assert.rejects(answer(refused), { tag: "connection-refused" });
      const unknown = begin("/", { authority: "no.such.host.invalid" }).future;
      await assert.rejects(answer(unknown), { tag: "DNS-error" });
      const noise = begin("/", { authority: `localhost:${garbage}` }).future;
      await assert.rejects(answer(noise), { tag: "HTTP-protocol-error" });
    });

    test("what is told before an answer goes by", async () => {
      assert.equal(await get("/early"), "after");
      // Node's fetch takes a 100 that it has not asked for amiss, and asks for none.
      if (!way.node) return;
      assert.equal(await get("/early?100"), "after");
      const { begin, answer, readAll, write, types } = client();
      const { future, body } = begin("/count", {
        method: { tag: "post" },
        headers: [["expect", "100-continue"]],
      });
      await write(body, [bytes("twelve bytes")]);
      types.OutgoingBody.finish(body, undefined);
      assert.equal((await readAll(await answer(future))).text, "12");
      const other = begin("/", { authority: `localhost:${upgrade}` }).future;
      await assert.rejects(answer(other), { tag: "HTTP-upgrade-failed" });
    });

    test(
      "a connection that ended while idle",
      { skip: !way.node },
      async () => {
        const { begin, answer, readAll, types } = client();
        const once = async (method) => {
          const { future, body } = begin("/once", { method });
          if (body) types.OutgoingBody.finish(body, undefined);
          return (await readAll(await answer(future))).text;
        };
        assert.equal(await once(), "once");
        // Asked again over a new one: a second time does no harm.
        assert.equal(await once(), "once");
        const ended = { tag: "connection-terminated" };
        await assert.rejects(once({ tag: "post" }), ended);
      },
    );

    test("a server that breaks off", async () => {
      const { begin, answer, readAll, types } = client();
      const response = await answer(begin("/break").future);
      let error;
      await readAll(response).catch((e) => (error = e));
      assert.equal(error.tag, "last-operation-failed");
      const code = types.httpErrorCode(error.val);
      const expected = way.node
        ? "HTTP-response-incomplete"
        : "connection-terminated";
      assert.equal(code.tag, expected);
    });

    test("timeouts", async () => {
      const { begin, answer, types } = client();
      const slow = begin("/slow", { options: { setFirstByteTimeout: 50 } });
      await assert.rejects(answer(slow.future), {
        tag: "connection-read-timeout",
      });
      const stall = begin("/stall", {
        options: { setBetweenBytesTimeout: 50 },
      });
      const response = await answer(stall.future);
      const stream = response.consume().stream();
      assert.equal(text(await settled(stream.blockingRead(9n))), "begin");
      let error;
      try {
        await settled(stream.blockingRead(9n));
      } catch (thrown) {
        error = thrown;
      }
      assert.deepEqual(
        types.httpErrorCode(error.val).tag,
        "connection-read-timeout",
      );
    });

    test("connecting has a time of its own", async () => {
      const { begin, answer } = client();
      // The server takes 200 ms to answer, not to be reached.
      const options = { setConnectTimeout: 100, setFirstByteTimeout: 9000 };
      const response = await answer(begin("/late?ms=200", { options }).future);
      assert.equal(response.status(), 200);
      if (!way.node) return;
      const only = { setConnectTimeout: 100 };
      const second = begin("/late?ms=200", { options: only });
      assert.equal((await answer(second.future)).status(), 200);
    });

    test("dropping a future or a body ends the request", async () => {
      const seen = async () => JSON.parse(await get("/seen"));
      const { begin, answer, host } = client();
      const clock = host.imports["wasi:clocks/monotonic-clock@0.2.12"];
      const comesTo = async (what, count) => {
        for (let i = 0; i < 200 && (await seen())[what] !== count; i++)
          await settled(clock.subscribeDuration(20_000_000n).block());
        assert.equal((await seen())[what], count);
      };
      const { future } = begin("/slow?dropped");
      // It must have got there, to be seen to end.
      await comesTo("slow dropped", 1);
      future[DISPOSE]();
      await comesTo("aborted dropped", 1);
      const response = await answer(begin("/stall?dropped").future);
      response.consume()[DISPOSE]();
      await comesTo("aborted dropped", 2);
      const unread = await answer(begin("/stall?dropped").future);
      unread[DISPOSE]();
      await comesTo("aborted dropped", 3);
    });

    test("a request body that is dropped is not whole", async () => {
      const { begin, answer, write } = client();
      const { future, body } = begin("/count", { method: { tag: "post" } });
      await write(body, [bytes("half")]);
      body[DISPOSE]();
      await assert.rejects(answer(future), { tag: "connection-terminated" });
    });
  });
