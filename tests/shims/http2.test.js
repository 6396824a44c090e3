/**
 * wasi:http as a client over TLS: what a server speaks is asked (ALPN), HTTP/2 where it
 * can be; and what goes wrong below HTTP is told in the words of wasi:http.
 * @module
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { wasi } from "@slipway/wasi/node";
import { client } from "./http-client.js";

const bytes = (text) => new TextEncoder().encode(text);
const text = (array) => new TextDecoder("latin1").decode(array);
const DISPOSE = Symbol.dispose ?? Symbol.for("dispose");
const ca = readFileSync(new URL("tls/cert.pem", import.meta.url), "utf8");

for (const blocking of ["jspi", "atomics"])
  describe(`outgoing https: ${blocking}`, { timeout: 120_000 }, () => {
    let server;
    let ports;
    before(async () => {
      server = new Worker(new URL("./http-tls-server.js", import.meta.url));
      [ports] = await once(server, "message");
    });
    after(() => server.terminate());

    /** One pool of connections. */
    function https(fetch = { tls: { ca } }) {
      const made = client(wasi, blocking, fetch);
      const begin = (path, { port = ports.both, host, ...more } = {}) =>
        made.begin(path, {
          scheme: { tag: "HTTPS" },
          authority: `${host ?? "localhost"}:${port}`,
          ...more,
        });
      const ask = async (path, more) => {
        const response = await made.answer(begin(path, more).future);
        return (await made.readAll(response)).text;
      };
      const seen = async () => JSON.parse(await ask("/seen"));
      return { ...made, begin, ask, seen };
    }
    const post = { method: { tag: "post" } };

    test("HTTP/2 where the server can", async () => {
      const { begin, answer, readAll } = https();
      const response = await answer(begin("/hello").future);
      assert.equal(response.status(), 200);
      const fields = response.headers();
      assert.deepEqual(fields.get("x-twice").map(text), ["a", "b"]);
      assert.deepEqual(fields.get("x-latin1").map(text), ["caf\xe9"]);
      assert.ok(fields.entries().every(([name]) => !name.startsWith(":")));
      const { text: all } = await readAll(response);
      assert.equal(all, "hello GET over HTTP/2");
    });

    test("what the server sees", async () => {
      const { ask } = https();
      const headers = [
        ["X-Custom", "1"],
        ["x-custom", "2"],
        ["te", "gzip"],
      ];
      const raw = JSON.parse(await ask("/headers?a=b%20c&d", { headers }));
      const of = (name) => raw.filter((_, i) => i % 2 && raw[i - 1] === name);
      assert.deepEqual(of(":method"), ["GET"]);
      assert.deepEqual(of(":path"), ["/headers?a=b%20c&d"]);
      assert.deepEqual(of(":authority"), [`localhost:${ports.both}`]);
      assert.deepEqual(of("x-custom"), ["1", "2"]);
      // Of its values HTTP/2 has but one, trailers.
      assert.deepEqual(of("te"), []);
    });

    test("HTTP/1.1 where it cannot, over connections that stay", async () => {
      const { ask, seen } = https();
      const old = { port: ports.old };
      const before = (await seen())["old connections"] ?? 0;
      for (const path of ["/1", "/2", "/3"])
        assert.equal(await ask(path, old), "hello GET over HTTP/1.1");
      assert.equal((await seen())["old connections"], before + 1);
    });

    test("one connection for many at a time", async () => {
      const { begin, answer, readAll, seen } = https();
      const futures = Array.from({ length: 20 }, () => begin("/hello").future);
      for (const future of futures) {
        const { text: all } = await readAll(await answer(future));
        assert.equal(all, "hello GET over HTTP/2");
      }
      const first = (await seen()).sessions;
      assert.equal((await seen()).sessions, first);
      const other = https();
      assert.equal((await other.seen()).sessions, first + 1);
    });

    test("much, both ways, and a body that comes back as it goes", async () => {
      const { ask, begin, answer, readAll, write, types } = https();
      const size = 3_000_000;
      assert.equal((await ask(`/big?n=${size}`)).length, size);
      const up = begin("/count", post);
      await write(up.body, [new Uint8Array(size)]);
      types.OutgoingBody.finish(up.body, undefined);
      const { text: count } = await readAll(await answer(up.future));
      assert.equal(count, String(size));
      const echo = begin("/echo", post);
      await write(echo.body, [bytes("one "), bytes("two")]);
      types.OutgoingBody.finish(echo.body, undefined);
      const response = await answer(echo.future);
      assert.equal(response.status(), 201);
      assert.equal((await readAll(response)).text, "one two");
    });

    test("trailers, both ways", async () => {
      const { begin, answer, readAll, write, types, settled } = https();
      const response = await answer(begin("/trailers").future);
      const { text: all, body } = await readAll(response);
      assert.equal(all, "body");
      const future = types.IncomingBody.finish(body);
      await settled(future.subscribe().block());
      assert.equal(text(future.get().val.val.get("x-sum")[0]), "42");
      const sent = begin("/trailers-in", post);
      await write(sent.body, [bytes("b")]);
      const fields = types.Fields.fromList([["X-T", bytes("v")]]);
      types.OutgoingBody.finish(sent.body, fields);
      const { text: raw } = await readAll(await answer(sent.future));
      assert.deepEqual(JSON.parse(raw), ["x-t", "v"]);
    });

    test("no body, and what is told before the answer", async () => {
      const { begin, answer, readAll } = https();
      const none = await answer(begin("/none").future);
      assert.equal(none.status(), 204);
      assert.equal((await readAll(none)).text, "");
      const early = await answer(begin("/early").future);
      assert.equal(early.status(), 200);
      assert.equal(early.headers().has("link"), false);
      assert.equal((await readAll(early)).text, "after");
    });

    test("what the server has not looked at goes again", async () => {
      const { ask, begin, answer } = https();
      await ask("/hello");
      assert.equal(await ask("/refused"), "the second time");
      // Not with a body: it may be gone.
      const { future } = begin("/reset?7", post);
      await assert.rejects(answer(future), { tag: "connection-limit-reached" });
    });

    test("a server that leaves, or wants HTTP/1.1", async () => {
      const { ask, seen } = https();
      const { sessions } = await seen();
      assert.equal(await ask("/leave"), "goodbye");
      assert.equal((await seen()).sessions, sessions + 1);
      assert.equal(await ask("/old"), "HTTP/1.1 /old");
      assert.equal(await ask("/hello"), "HTTP/1.1 /hello");
    });

    test("a stream that ends before its answer", async () => {
      const { begin, answer } = https();
      const resets = {
        1: "HTTP-protocol-error",
        2: "connection-terminated",
        3: "HTTP-protocol-error",
        8: "connection-terminated",
        11: "connection-limit-reached",
        12: "TLS-protocol-error",
      };
      for (const [code, tag] of Object.entries(resets)) {
        const { future } = begin(`/reset?${code}`, post);
        await assert.rejects(answer(future), { tag }, `reset ${code}`);
      }
      const cut = begin("/cut", post).future;
      await assert.rejects(answer(cut), { tag: "connection-terminated" });
    });

    test("an answer that is not whole", async () => {
      const { begin, answer, readAll, types, ask } = https();
      for (const path of ["/break", "/cut-late", "/length"]) {
        const response = await answer(begin(path).future);
        const error = await readAll(response).catch((e) => e);
        assert.equal(error.tag, "last-operation-failed", path);
        const { tag } = types.httpErrorCode(error.val);
        assert.equal(tag, "HTTP-response-incomplete", path);
      }
      assert.equal(await ask("/hello"), "hello GET over HTTP/2");
    });

    test("what is dropped is ended, and times run out", async () => {
      const { begin, answer, seen, host, settled, write } = https();
      const clock = host.imports["wasi:clocks/monotonic-clock@0.2.12"];
      const comesTo = async (what, count) => {
        for (let i = 0; i < 200 && (await seen())[what] !== count; i++)
          await settled(clock.subscribeDuration(20_000_000n).block());
        assert.equal((await seen())[what], count);
      };
      const response = await answer(begin("/stall").future);
      response.consume()[DISPOSE]();
      await comesTo("aborted", 1);
      const options = { setFirstByteTimeout: 50 };
      const silent = begin("/silent", { options }).future;
      await assert.rejects(answer(silent), { tag: "connection-read-timeout" });
      await comesTo("aborted", 2);
      const half = begin("/silent", post);
      await write(half.body, [bytes("half")]);
      // It must have got there, to be seen to end.
      await comesTo("silent", 2);
      half.body[DISPOSE]();
      const broken = { tag: "connection-terminated" };
      await assert.rejects(answer(half.future), broken);
      await comesTo("aborted", 3);
    });

    test("an idle connection keeps no process alive", async () => {
      const program = `
        import(${JSON.stringify(import.meta.resolve("./http-client.js"))}).then(async ({ client }) => {
          const { wasi } = await import(${JSON.stringify(import.meta.resolve("@slipway/wasi/node"))});
          const { begin, answer, readAll } = client(wasi, "${blocking}", { tls: { ca: ${JSON.stringify(ca)} } });
          const authority = "localhost:${ports.both}";
          await readAll(await answer(begin("/hello", { authority, scheme: { tag: "HTTPS" } }).future));
        })`;
      const worker = new Worker(program, { eval: true });
      assert.deepEqual(await once(worker, "exit"), [0]);
    });

    test("certificates", async () => {
      const bad = { tag: "TLS-certificate-error" };
      const stranger = https(true);
      await assert.rejects(stranger.ask("/hello"), bad);
      await assert.rejects(stranger.ask("/", { port: ports.old }), bad);
      // It is `localhost`'s alone.
      const named = https();
      await assert.rejects(named.ask("/hello", { host: "127.0.0.1" }), bad);
      assert.equal(await named.ask("/hello"), "hello GET over HTTP/2");
    });

    test("alerts, and what is no TLS", async () => {
      const { ask } = https();
      for (const [id, alertMessage] of [
        [40, "handshake_failure"],
        [80, "internal_error"],
        [112, "unrecognized_name"],
      ])
        await assert.rejects(ask("/", { port: ports[`alert${id}`] }), {
          tag: "TLS-alert-received",
          val: { alertId: id, alertMessage },
        });
      await assert.rejects(ask("/", { port: ports.wants }), {
        tag: "TLS-alert-received",
        val: { alertId: 116, alertMessage: "certificate_required" },
      });
      const before = https({ tls: { ca, maxVersion: "TLSv1.2" } });
      await assert.rejects(before.ask("/", { port: ports.newest }), {
        tag: "TLS-alert-received",
        val: { alertId: 70, alertMessage: "protocol_version" },
      });
      const protocol = { tag: "TLS-protocol-error" };
      await assert.rejects(ask("/", { port: ports.noise }), protocol);
      const ended = { tag: "connection-terminated" };
      await assert.rejects(ask("/", { port: ports.mute }), ended);
    });
  });
