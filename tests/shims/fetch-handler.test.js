/**
 * wasi:http as a server: createFetchHandler around components written by hand in
 * the shape of generated ones, called directly and behind `node:http`.
 * @module
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { wasi } from "@slipway/wasi";
import { createFetchHandler } from "@slipway/wasi/fetch-handler";
import { nodeListener } from "@slipway/wasi/node";

const bytes = (text) => new TextEncoder().encode(text);
const text = (array) => new TextDecoder().decode(array);
const DISPOSE = Symbol.dispose ?? Symbol.for("dispose");
const NAME = "wasi:http/incoming-handler@0.2.3";

/** A component that counts its instances and answers with `handle`. */
function component(handle) {
  const made = { instances: 0 };
  return {
    made,
    instantiate(imports) {
      made.instances++;
      const types = imports["wasi:http/types@0.2.12"];
      let calls = 0;
      const guest = {
        types,
        imports,
        respond(out, status, headers = [], then) {
          const fields = types.Fields.fromList(
            headers.map(([name, value]) => [name, bytes(value)]),
          );
          const response = new types.OutgoingResponse(fields);
          response.setStatusCode(status);
          const body = then && response.body();
          const stream = body?.write();
          types.ResponseOutparam.set(out, { tag: "ok", val: response });
          return then?.(
            stream,
            () => {
              stream[DISPOSE]();
              types.OutgoingBody.finish(body, undefined);
            },
            body,
          );
        },
        async text(request) {
          const stream = request.consume().stream();
          let all = "";
          try {
            for (;;) all += text(await stream.blockingRead(65536n));
          } catch (error) {
            if (error.tag !== "closed") throw error;
          }
          return all;
        },
      };
      return {
        [NAME]: {
          handle: (request, out) => handle(guest, request, out, ++calls),
        },
      };
    },
  };
}

const hello = component(async (guest, request, out, calls) =>
  guest.respond(
    out,
    200,
    [["content-type", "text/plain"]],
    async (to, finish) => {
      await to.blockingWriteAndFlush(
        bytes(`${request.method().tag} ${request.pathWithQuery()} ${calls}`),
      );
      finish();
    },
  ),
);

const quiet = { stdout: null, stderr: null };
const jspi = { host: { ...quiet, blocking: "jspi" } };
const GET = (path = "/") => new Request(`http://test.example${path}`);

describe("createFetchHandler", () => {
  test("a request and its answer", async () => {
    const handler = createFetchHandler(hello, jspi);
    const response = await handler(GET("/a/b?c=1"));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/plain");
    assert.equal(await response.text(), "get /a/b?c=1 1");
  });

  test("what the guest sees of a request", async () => {
    const seen = component(async (guest, request, out) => {
      const headers = request.headers();
      const told = {
        method: request.method(),
        path: request.pathWithQuery(),
        scheme: request.scheme(),
        authority: request.authority(),
        custom: headers.get("X-Custom").map(text),
        body: await guest.text(request),
      };
      assert.throws(() => headers.append("a", bytes("b")), {
        tag: "immutable",
      });
      assert.throws(() => request.consume());
      await guest.respond(out, 201, [], async (to, finish) => {
        await to.blockingWriteAndFlush(bytes(JSON.stringify(told)));
        finish();
      });
    });
    for (const blocking of ["jspi", "none"]) {
      const handler = createFetchHandler(seen, {
        host: { ...quiet, blocking },
      });
      const response = await handler(
        new Request("https://test.example:8443/x?y", {
          method: "PATCH",
          headers: { "x-custom": "v" },
          body: "content",
        }),
      );
      assert.deepEqual(await response.json(), {
        method: { tag: "patch" },
        path: "/x?y",
        scheme: { tag: "HTTPS" },
        authority: "test.example:8443",
        custom: ["v"],
        body: "content",
      });
    }
  });

  test("the head comes when it is set, the body while it is written", async () => {
    let release;
    const gate = new Promise((resolve) => (release = resolve));
    let ended = false;
    const slow = component((guest, request, out) =>
      guest.respond(out, 200, [], async (to, finish) => {
        await to.blockingWriteAndFlush(bytes("first"));
        await gate;
        await to.blockingWriteAndFlush(bytes("last"));
        finish();
        await sleep(5);
        ended = true;
      }),
    );
    const after = [];
    const response = await createFetchHandler(slow, jspi)(GET(), {
      waitUntil: (promise) => after.push(promise),
    });
    const reader = response.body.getReader();
    assert.equal(text((await reader.read()).value), "first");
    release();
    assert.equal(text((await reader.read()).value), "last");
    assert.equal((await reader.read()).done, true);
    assert.equal(after.length, 1);
    await after[0];
    assert.equal(ended, true);
  });

  test("a body may be written before the response is set", async () => {
    const early = component(async ({ types }, request, out) => {
      const response = new types.OutgoingResponse(new types.Fields());
      const body = response.body();
      const stream = body.write();
      for (let i = 0; i < 30; i++)
        await stream.blockingWriteAndFlush(new Uint8Array(4096).fill(65 + i));
      stream[DISPOSE]();
      types.OutgoingBody.finish(body, undefined);
      types.ResponseOutparam.set(out, { tag: "ok", val: response });
    });
    for (const blocking of ["jspi", "none"]) {
      const host = { ...quiet, blocking };
      const response = await createFetchHandler(early, { host })(GET());
      const got = new Uint8Array(await response.arrayBuffer());
      assert.equal(got.length, 30 * 4096);
      assert.deepEqual([got[0], got.at(-1)], [65, 94]);
    }
  });

  test("what the guest leaves: an open body, a request under way", async () => {
    const told = [];
    const options = { ...jspi, onError: (error) => told.push(error.message) };
    const leave = (part) =>
      component((guest, request, out) =>
        guest.respond(out, 500, [], async (to) => {
          if (part) await to.blockingWriteAndFlush(bytes(part));
        }),
      );
    // Nothing was written: the status is all there is to say.
    const empty = await createFetchHandler(leave(""), options)(GET());
    assert.deepEqual([empty.status, await empty.text()], [500, ""]);
    const half = await createFetchHandler(leave("part"), options)(GET());
    await assert.rejects(half.text());
    assert.equal(told.length, 2);
    assert.match(told[0], /left its body unfinished/);
    let aborted;
    const gone = new Promise((resolve) => (aborted = resolve));
    const fetch = (url, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          reject(signal.reason);
          aborted();
        });
      });
    const asks = component((guest, request, out) => {
      const sent = new guest.types.OutgoingRequest(new guest.types.Fields());
      sent.setAuthority("example.com");
      guest.imports["wasi:http/outgoing-handler@0.2.12"].handle(sent);
      guest.respond(out, 200);
    });
    const host = { ...quiet, blocking: "jspi", fetch };
    assert.equal((await createFetchHandler(asks, { host })(GET())).status, 200);
    await gone;
  });

  test("a content-length that is none is not passed on", async () => {
    const odd = component((guest, request, out) =>
      guest.respond(out, 200, [["content-length", "many"]]),
    );
    assert.equal((await createFetchHandler(odd, jspi)(GET())).status, 502);
  });

  test("back-pressure reaches the guest", async () => {
    let written = 0;
    const flood = component((guest, request, out) =>
      guest.respond(out, 200, [], async (to, finish) => {
        for (let i = 0; i < 200; i++) {
          while (to.checkWrite() < 4096n) await to.subscribe().block();
          to.write(new Uint8Array(4096));
          written += 4096;
        }
        finish();
      }),
    );
    const response = await createFetchHandler(flood, jspi)(GET());
    await sleep(20);
    assert.ok(written <= 70000, String(written));
    assert.equal((await response.arrayBuffer()).byteLength, 200 * 4096);
  });

  test("a guest that cannot wait is buffered", async () => {
    const big = component((guest, request, out) =>
      guest.respond(out, 200, [], (to, finish) => {
        for (let i = 0; i < 100; i++) {
          const result = to.blockingWriteAndFlush(new Uint8Array(4096));
          assert.equal(result, undefined);
        }
        finish();
      }),
    );
    const host = { ...quiet, blocking: "none" };
    const response = await createFetchHandler(big, { host })(GET());
    assert.equal((await response.arrayBuffer()).byteLength, 409600);
  });

  test("instances: fresh, reused, pooled", async () => {
    const ask = async (instances, times) => {
      hello.made.instances = 0;
      const handler = createFetchHandler(hello, { ...jspi, instances });
      const answers = await Promise.all(
        Array.from({ length: times }, async () =>
          (await handler(GET())).text(),
        ),
      );
      return [
        hello.made.instances,
        answers
          .map((a) => a.at(-1))
          .sort()
          .join(""),
      ];
    };
    assert.deepEqual(await ask("fresh", 4), [4, "1111"]);
    assert.deepEqual(await ask("reuse", 4), [1, "1234"]);
    assert.deepEqual(await ask(2, 4), [2, "1122"]);
  });

  test("limits: so many at once, so many waiting", async () => {
    let now = 0;
    let most = 0;
    const busy = component(async (guest, request, out) => {
      most = Math.max(most, ++now);
      await sleep(5);
      now--;
      guest.respond(out, 204);
    });
    const options = { ...jspi, maxConcurrent: 2, maxWaiting: 3 };
    const handler = createFetchHandler(busy, options);
    const all = await Promise.all(
      Array.from({ length: 7 }, () => handler(GET())),
    );
    const count = (status) => all.filter((r) => r.status === status).length;
    assert.equal(most, 2);
    assert.equal(count(204), 5);
    assert.equal(count(503), 2);
  });

  test("failures: a trap, no response, an error, no server", async () => {
    const errors = [];
    const ask = async (handle, options = {}) => {
      const made = typeof handle === "function" ? component(handle) : handle;
      const onError = (error) => errors.push(error);
      const handler = createFetchHandler(made, {
        ...jspi,
        onError,
        ...options,
      });
      const response = await handler(GET());
      return [response.status, await response.text()];
    };
    const trap = () => {
      throw new WebAssembly.RuntimeError("unreachable executed");
    };
    assert.deepEqual(await ask(trap), [500, "internal server error\n"]);
    const [status, trace] = await ask(trap, { development: true });
    assert.equal(status, 500);
    assert.match(trace, /unreachable executed[^]*at /);
    const [, nothing] = await ask(() => {}, { development: true });
    assert.match(nothing, /without a response/);
    const [, told] = await ask(
      (guest, request, out) =>
        guest.types.ResponseOutparam.set(out, {
          tag: "err",
          val: { tag: "internal-error", val: "my reason" },
        }),
      { development: true },
    );
    assert.match(told, /my reason/);
    const [, dropped] = await ask((guest, request, out) => out[DISPOSE](), {
      development: true,
    });
    assert.match(dropped, /sent no response/);
    const empty = { instantiate: () => ({}) };
    const [, none] = await ask(empty, { development: true });
    assert.match(none, /is no server/);
    assert.equal(errors.length >= 6, true);
  });

  test("a trap in the middle of a body breaks it", async () => {
    const breaks = component((guest, request, out) =>
      guest.respond(out, 200, [], async (to) => {
        await to.blockingWriteAndFlush(bytes("part"));
        throw new Error("trapped");
      }),
    );
    const response = await createFetchHandler(breaks, jspi)(GET());
    await assert.rejects(response.text());
    const dropped = component((guest, request, out) =>
      guest.respond(out, 200, [], async (to, finish, body) => {
        await to.blockingWriteAndFlush(bytes("part"));
        to[DISPOSE]();
        body[DISPOSE]();
      }),
    );
    const half = await createFetchHandler(dropped, jspi)(GET());
    await assert.rejects(half.text());
  });

  test("a failed instance is not used again", async () => {
    const fragile = component((guest, request, out, calls) => {
      if (calls === 2) throw new Error("broken");
      guest.respond(out, 200);
    });
    const options = { ...jspi, instances: "reuse" };
    const handler = createFetchHandler(fragile, options);
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await handler(GET())).status);
    assert.deepEqual(statuses, [200, 500, 200, 500]);
    assert.equal(fragile.made.instances, 2);
  });

  test("a time limit", async () => {
    const stuck = component(async ({ imports }) => {
      const clock = imports["wasi:clocks/monotonic-clock@0.2.12"];
      await clock.subscribeDuration(3_600_000_000_000n).block();
    });
    const handler = createFetchHandler(stuck, { ...jspi, timeoutMs: 20 });
    assert.equal((await handler(GET())).status, 504);
  });

  test("HEAD and 204 have no body; lengths are checked", async () => {
    const handler = createFetchHandler(hello, jspi);
    const head = new Request("http://x/", { method: "HEAD" });
    assert.equal((await handler(head)).body, null);
    let code;
    const short = component((guest, request, out) =>
      guest.respond(out, 200, [["content-length", "9"]], async (to, finish) => {
        await to.blockingWriteAndFlush(bytes("four"));
        try {
          finish();
        } catch (error) {
          code = error;
        }
      }),
    );
    const response = await createFetchHandler(short, jspi)(GET());
    await assert.rejects(response.text());
    assert.deepEqual(code, { tag: "HTTP-response-body-size", val: 4n });
  });

  test("each request may have a host of its own", async () => {
    const seen = component((guest, request, out) => {
      const env = guest.imports["wasi:cli/environment@0.2.12"];
      const [[, who]] = env.getEnvironment();
      guest.respond(out, 200, [["x-who", who]]);
    });
    const host = (request) =>
      wasi({ ...quiet, env: { WHO: new URL(request.url).pathname } });
    const handler = createFetchHandler(seen, { host });
    assert.equal((await handler(GET("/ada"))).headers.get("x-who"), "/ada");
    assert.equal((await handler(GET("/bob"))).headers.get("x-who"), "/bob");
  });
});

describe("behind node:http", () => {
  async function listening(t, made, options = {}) {
    const handler = createFetchHandler(made, { ...jspi, ...options });
    const server = createServer(nodeListener(handler));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${server.address().port}`;
  }

  test("requests, bodies both ways, cookies", async (t) => {
    const echo = component(async (guest, request, out) => {
      const body = await guest.text(request);
      const cookies = [
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
      ];
      await guest.respond(out, 200, cookies, async (to, finish) => {
        for (let at = 0; at < body.length; at += 4096)
          await to.blockingWriteAndFlush(bytes(body.slice(at, at + 4096)));
        finish();
      });
    });
    const url = await listening(t, echo);
    const body = "0123456789".repeat(50000);
    const response = await fetch(url, { method: "POST", body });
    assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
    assert.equal(await response.text(), body);
  });

  test("a client that goes away is felt by the guest", async (t) => {
    let told;
    const felt = new Promise((resolve) => (told = resolve));
    const endless = component((guest, request, out) =>
      guest.respond(out, 200, [], async (to) => {
        try {
          for (;;) await to.blockingWriteAndFlush(new Uint8Array(4096));
        } catch (error) {
          told(error.tag);
        }
      }),
    );
    const url = await listening(t, endless);
    const sent = httpRequest(url, (response) => {
      response.once("data", () => sent.destroy());
    });
    sent.on("error", () => {});
    sent.end();
    assert.match(await felt, /closed|last-operation-failed/);
  });

  test("a thousand requests, fifty at a time, none fails", async (t) => {
    const url = await listening(t, hello);
    let failed = 0;
    let left = 1000;
    const client = async () => {
      while (left-- > 0) {
        const response = await fetch(`${url}/n`);
        if ((await response.text()) !== "get /n 1") failed++;
      }
    };
    await Promise.all(Array.from({ length: 50 }, client));
    assert.equal(failed, 0);
  });

  /** Sends what is told before its answer, as its path says, and shows what came of it. */
  const telling = component(async (guest, request, out) => {
    const { Fields } = guest.types;
    const told = [];
    for (const status of request.pathWithQuery().slice(1).split(",")) {
      const link = ["link", bytes("</a.css>; rel=preload")];
      const length = ["content-length", bytes("7")];
      try {
        const fields = Fields.fromList([link, length]);
        out.sendInformational(Number(status), fields);
        told.push("sent");
      } catch ({ tag }) {
        told.push(tag);
      }
    }
    await guest.respond(out, 200, [], async (to, finish) => {
      await to.blockingWriteAndFlush(bytes(told.join()));
      finish();
    });
  });

  test("what a guest tells before its answer", async (t) => {
    const url = await listening(t, telling);
    const sent = httpRequest(`${url}/103,199,101,200,99`).end();
    const early = [];
    sent.on("information", ({ statusCode, headers }) =>
      early.push([statusCode, headers]),
    );
    const [response] = await once(sent, "response");
    const link = { link: "</a.css>; rel=preload" };
    assert.deepEqual(
      early.map(([status, headers]) => [status, { ...headers }]),
      [
        [103, link],
        [199, link],
      ],
    );
    let body = "";
    for await (const chunk of response) body += chunk;
    assert.equal(
      body,
      "sent,sent,internal-error,HTTP-protocol-error,HTTP-protocol-error",
    );
    // One that knows no such thing is told nothing.
    const { port } = new URL(url);
    const socket = connect(port, "127.0.0.1");
    socket.end("GET /103 HTTP/1.0\r\n\r\n");
    let all = "";
    for await (const chunk of socket) all += chunk;
    assert.match(all, /^HTTP\/1.1 200 OK\r\n/);
    assert.match(all, /\r\n\r\nsent$/);
  });

  test("where nothing can be told before, the guest hears so", async () => {
    const handler = createFetchHandler(telling, jspi);
    const response = await handler(GET("/103,200"));
    assert.equal(await response.text(), "internal-error,HTTP-protocol-error");
  });

  test("a client that waits for 100-continue", async (t) => {
    const counts = component(async (guest, request, out) => {
      const { length } = await guest.text(request);
      await guest.respond(out, 200, [], async (to, finish) => {
        await to.blockingWriteAndFlush(bytes(String(length)));
        finish();
      });
    });
    const url = await listening(t, counts);
    const headers = { expect: "100-continue" };
    const sent = httpRequest(url, { method: "POST", headers });
    sent.flushHeaders();
    await once(sent, "continue");
    sent.end("twelve bytes");
    const [response] = await once(sent, "response");
    assert.equal(String(await response.toArray()), "12");
  });

  test("a length without a body is not waited for", async (t) => {
    const tells = component((guest, request, out) => {
      const status = Number(request.pathWithQuery().slice(1));
      guest.respond(out, status, [["content-length", "5"]]);
    });
    const url = await listening(t, tells);
    assert.equal((await fetch(`${url}/200`)).status, 502);
    assert.equal((await fetch(`${url}/304`)).status, 304);
    const head = await fetch(`${url}/200`, { method: "HEAD" });
    assert.equal(head.headers.get("content-length"), "5");
  });

  test("an answer that is none: 1xx", async (t) => {
    const errs = component((guest, request, out) =>
      guest.respond(out, 103, []),
    );
    const url = await listening(t, errs);
    const { status } = await fetch(url);
    assert.equal(status, 502);
  });

  test("what broke off does not look whole", async (t) => {
    const breaks = component((guest, request, out) =>
      guest.respond(out, 200, [], async (to) => {
        await to.blockingWriteAndFlush(bytes("part"));
        throw new Error("trapped");
      }),
    );
    const url = await listening(t, breaks);
    await assert.rejects(async () => (await fetch(url)).text());
  });
});
