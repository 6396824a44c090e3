/**
 * A component that serves from a static page, through a service worker, in
 * Chromium: requests, streams, an iframe, a stopped worker, two tabs.
 * @module
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { findChromium } from "../../npm/scripts/setup/chromium.js";
import { startChromium } from "../browsers/drivers/chromium.js";
import { serveSources } from "../browsers/serve.js";

const executablePath = findChromium();

describe("service worker", { skip: !executablePath && "no Chromium" }, () => {
  let browser;
  let server;
  let onServer = 0;

  before(async () => {
    server = await serveSources({
      routes: {
        "/sw.js": (_, response) => {
          response.setHeader("content-type", "text/javascript");
          response.end('import "/shims/src/service-worker-entry.js";');
        },
        "/app/": (_, response) => {
          onServer++;
          response.statusCode = 404;
          response.end();
        },
      },
    });
    browser = await startChromium();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  async function open(t, context) {
    const own = context ?? (await browser.newContext());
    if (!context) t.after(() => own.close());
    const page = await own.newPage();
    await page.goto(server.origin);
    return { page, context: own };
  }

  /** Serves a hand-written component from the page. */
  const serveIn = (page, tag, only = "/app/") =>
    page.evaluate(
      async ([name, accepted]) => {
        const { createFetchHandler } =
          await import("/shims/src/fetch-handler.js");
        const { serve } = await import("/shims/src/service-worker.js");
        const encode = (text) => new TextEncoder().encode(text);
        const firstRead = new Promise((resolve) => (window.readOn = resolve));
        const component = (imports) => {
          const types = imports["wasi:http/types@0.2.12"];
          const handle = async (request, out) => {
            const path = request.pathWithQuery();
            window.asked = path;
            if (path.startsWith("/app/late")) await firstRead;
            const type = ["content-type", encode("text/html")];
            const response = new types.OutgoingResponse(
              types.Fields.fromList([type]),
            );
            const body = response.body();
            const stream = body.write();
            const put = (text) => stream.blockingWriteAndFlush(encode(text));
            types.ResponseOutparam.set(out, { tag: "ok", val: response });
            if (path.startsWith("/app/drip")) {
              await put("0 ");
              await firstRead;
              await put("1 ");
            } else if (path.startsWith("/app/echo")) {
              const incoming = request.consume().stream();
              try {
                for (;;) {
                  const chunk = await incoming.blockingRead(4096n);
                  await stream.blockingWriteAndFlush(chunk.slice());
                }
              } catch (error) {
                if (error.tag !== "closed") throw error;
              }
            } else {
              await put(`<h1>${name} ${path}</h1>`);
            }
            stream[Symbol.dispose]();
            types.OutgoingBody.finish(body, undefined);
          };
          return { "wasi:http/incoming-handler@0.2.0": { handle } };
        };
        const prefix = "/app/";
        const script = `/sw.js?prefix=${prefix}`;
        window.serving = await serve(createFetchHandler(component), {
          script,
          prefix,
          accepts: (path) => path.startsWith(accepted),
        });
      },
      [tag, only],
    );

  const get = (page, path, init) =>
    page.evaluate(
      async ([url, options]) => {
        const response = await fetch(url, options);
        return [response.status, await response.text()];
      },
      [path, init],
    );

  /** The page that registered is not controlled before it is loaded again. */
  async function controlled(page) {
    await page.waitForFunction(() => navigator.serviceWorker.controller);
  }

  test("requests, an upload, an iframe; the server sees nothing", async (t) => {
    const { page } = await open(t);
    await serveIn(page, "A");
    await controlled(page);
    assert.deepEqual(await get(page, "/app/x?y=1"), [
      200,
      "<h1>A /app/x?y=1</h1>",
    ]);
    const body = "0123456789".repeat(20000);
    const echoed = await get(page, "/app/echo", { method: "POST", body });
    assert.equal(echoed[1].length, body.length);
    assert.equal(echoed[1], body);
    const inFrame = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.src = "/app/frame";
          frame.onload = () => resolve(frame.contentDocument.body.innerText);
          document.body.append(frame);
        }),
    );
    assert.equal(inFrame, "A /app/frame");
    assert.equal((await get(page, "/tests/"))[0], 404);
    assert.equal(onServer, 0);
  });

  test("a response streams: its first half is read before the second is written", async (t) => {
    const { page } = await open(t);
    await serveIn(page, "A");
    await controlled(page);
    const all = await page.evaluate(async () => {
      const reader = (await fetch("/app/drip")).body.getReader();
      const decoder = new TextDecoder();
      let read = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return read;
        read += decoder.decode(value);
        if (read === "0 ") window.readOn();
      }
    });
    assert.equal(all, "0 1 ");
  });

  test("it survives the worker being stopped", async (t) => {
    const { page, context } = await open(t);
    await serveIn(page, "A");
    await controlled(page);
    const cdp = await context.newCDPSession(page);
    await cdp.send("ServiceWorker.enable");
    for (let i = 0; i < 3; i++) {
      await cdp.send("ServiceWorker.stopAllWorkers");
      assert.deepEqual(await get(page, `/app/${i}`), [
        200,
        `<h1>A /app/${i}</h1>`,
      ]);
    }
  });

  test("another tab is served too, and takes over", async (t) => {
    const { page, context } = await open(t);
    await serveIn(page, "A");
    await controlled(page);
    const { page: other } = await open(t, context);
    assert.deepEqual(await get(other, "/app/b"), [200, "<h1>A /app/b</h1>"]);
    await serveIn(other, "B");
    await page.close();
    assert.deepEqual(await get(other, "/app/c"), [200, "<h1>B /app/c</h1>"]);
  });

  test("who took over answers, however busy, until it stops", async (t) => {
    const { page, context } = await open(t);
    await serveIn(page, "A");
    await controlled(page);
    const { page: other } = await open(t, context);
    await serveIn(other, "B");
    const busy = other.evaluate(() => {
      const end = performance.now() + 1500;
      while (performance.now() < end);
    });
    assert.deepEqual(await get(page, "/app/d"), [200, "<h1>B /app/d</h1>"]);
    await busy;
    await other.evaluate(() => window.serving.stop());
    assert.deepEqual(await get(page, "/app/e"), [200, "<h1>A /app/e</h1>"]);
  });

  test("an answer that was on its way does not give the place back", async (t) => {
    const { page, context } = await open(t);
    await serveIn(page, "A");
    await controlled(page);
    const { page: other } = await open(t, context);
    // It answers when it is told to, after the other has taken over.
    const slow = page.evaluate(async () => (await fetch("/app/late")).text());
    await page.waitForFunction(() => window.asked === "/app/late");
    await serveIn(other, "B");
    await page.evaluate(() => window.readOn());
    assert.equal(await slow, "<h1>A /app/late</h1>");
    assert.deepEqual(await get(page, "/app/f"), [200, "<h1>B /app/f</h1>"]);
  });

  test("who took over answers when the worker was stopped, until it is closed", async (t) => {
    const { page, context } = await open(t);
    await serveIn(page, "A");
    await controlled(page);
    const { page: other } = await open(t, context);
    await serveIn(other, "B");
    // The browser names the page that has the focus first.
    await page.bringToFront();
    const cdp = await context.newCDPSession(page);
    await cdp.send("ServiceWorker.enable");
    for (let i = 0; i < 5; i++) {
      await cdp.send("ServiceWorker.stopAllWorkers");
      const answer = [200, `<h1>B /app/${i}</h1>`];
      assert.deepEqual(await get(page, `/app/${i}`), answer);
    }
    // Too busy ever to answer; and then it is gone.
    void other.evaluate(() =>
      setTimeout(() => {
        for (;;);
      }),
    );
    const asked = get(page, "/app/g");
    await other.close();
    assert.deepEqual(await asked, [200, "<h1>A /app/g</h1>"]);
  });

  test("a page that accepts some paths leaves the others to who began before it", async (t) => {
    const { page, context } = await open(t);
    await serveIn(page, "A");
    await controlled(page);
    const { page: other } = await open(t, context);
    await serveIn(other, "B", "/app/b");
    assert.deepEqual(await get(page, "/app/b"), [200, "<h1>B /app/b</h1>"]);
    assert.deepEqual(await get(other, "/app/a"), [200, "<h1>A /app/a</h1>"]);
  });

  test("a request waits for a page that is about to serve", async (t) => {
    const { page } = await open(t);
    await serveIn(page, "A");
    await controlled(page);
    await page.reload();
    const asked = get(page, "/app/h");
    await serveIn(page, "again");
    assert.deepEqual(await asked, [200, "<h1>again /app/h</h1>"]);
  });

  test("when nobody serves, it says so", async (t) => {
    const { page } = await open(t);
    await serveIn(page, "A");
    await controlled(page);
    await page.evaluate(() => window.serving.stop());
    const [status, text] = await get(page, "/app/x");
    assert.equal(status, 503);
    assert.match(text, /no open page serves \/app\//);
  });
});
