/**
 * threadedHandler: what only threads can do, end a guest that computes for ever;
 * and failures on their way over. The rest is the HTTP suite's.
 * @module
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { nodeListener } from "@slipway/wasi/node";
import { threadedHandler } from "@slipway/wasi/threads";

const program = {
  files: {
    "main.js": `export async function instantiate(core, imports) {
      const types = imports["wasi:http/types@0.2.12"];
      const [[, who] = []] =
        imports["wasi:cli/environment@0.2.12"].getEnvironment();
      const handle = (request, out) => {
        const path = request.pathWithQuery();
        while (path === "/spin");
        if (path === "/trap") throw new Error("as asked");
        if (path === "/exit") process.exit(3);
        if (path === "/later") setTimeout(() => process.exit(3));
        const response = new types.OutgoingResponse(new types.Fields());
        const body = response.body();
        types.ResponseOutparam.set(out, { tag: "ok", val: response });
        const stream = body.write();
        stream.blockingWriteAndFlush(new TextEncoder().encode("for " + who));
        stream[Symbol.dispose ?? Symbol.for("dispose")]();
        types.OutgoingBody.finish(body, undefined);
      };
      return { "wasi:http/incoming-handler@0.2.0": { handle } };
    }`,
  },
};
const ask = async (handler, path) => {
  const response = await handler(new Request(`http://test.example${path}`));
  return [response.status, await response.text()];
};

test("one that computes for ever is ended, and the next served", async () => {
  const told = [];
  const handler = threadedHandler(program, {
    threads: 1,
    timeoutMs: 2000,
    host: { env: { WHO: "Ada" } },
    onError: (error, request) => told.push([error.message, request.url]),
  });
  assert.deepEqual(await ask(handler, "/"), [200, "for Ada"]);
  const [spun, after] = await Promise.all([
    ask(handler, "/spin"),
    ask(handler, "/"),
  ]);
  assert.equal(spun[0], 504);
  assert.deepEqual(after, [200, "for Ada"]);
  assert.deepEqual(await ask(handler, "/trap"), [
    500,
    "internal server error\n",
  ]);
  assert.deepEqual(told.at(-1), ["as asked", "http://test.example/trap"]);
  // A thread that ends by itself takes its request along, and no other.
  assert.equal((await ask(handler, "/exit"))[0], 500);
  assert.deepEqual(await ask(handler, "/"), [200, "for Ada"]);
  await handler.close();
});

test("a thread that breaks down refuses its request once", async () => {
  const told = [];
  const handler = threadedHandler(
    { files: { "main.js": "throw new TypeError('broken')" } },
    { threads: 1, onError: (error) => told.push(error.message) },
  );
  const server = createServer(nodeListener(handler)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}/`;
  for (let i = 0; i < 3; i++) assert.equal((await fetch(url)).status, 500);
  assert.deepEqual(told, ["broken", "broken", "broken"]);
  await handler.close();
  server.closeAllConnections();
  server.close();
});

test("a thread that ended while idle is not asked again", async () => {
  const told = [];
  const handler = threadedHandler(program, {
    threads: 1,
    onError: (error) => told.push(error.message),
  });
  const started = once(process, "worker");
  assert.equal((await ask(handler, "/later"))[0], 200);
  const [thread] = await started;
  thread.ref();
  await once(thread, "exit");
  assert.equal((await ask(handler, "/"))[0], 200);
  assert.deepEqual(told, []);
  await handler.close();
});

test("in development the answer says why", async () => {
  const handler = threadedHandler(program, { threads: 1, development: true });
  const [status, text] = await ask(handler, "/trap");
  assert.equal(status, 500);
  assert.match(text, /as asked[^]*at /);
  await handler.close();
});

test("too many are refused", async () => {
  const handler = threadedHandler(program, { threads: 1, maxWaiting: 1 });
  const all = await Promise.all(
    Array.from({ length: 4 }, () => ask(handler, "/")),
  );
  const statuses = all.map(([code]) => code).sort();
  assert.deepEqual(statuses, [200, 200, 503, 503]);
  await handler.close();
});
