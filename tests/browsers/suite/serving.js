/**
 * A component that serves a part of a static page's origin, through a service worker: in the page itself, as every engine's
 * own fetch and frames see it.
 * @module
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createFetchHandler } from "@slipway/wasi/fetch-handler";
import { serve } from "@slipway/wasi/service-worker";
import { ground } from "./ground.js";

const encode = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** What the second half of a drip waits for: that the first has been read. @type {(value?: unknown) => void} */
let readOn;
const firstRead = new Promise((resolve) => (readOn = resolve));

/** What a generated module is to its host, by hand: echoes, drips, or says what it was asked. @param {any} imports */
function component(imports) {
  const types = imports["wasi:http/types@0.2.12"];
  const handle = async (/** @type {any} */ request, /** @type {any} */ out) => {
    const path = request.pathWithQuery();
    const headers = types.Fields.fromList([
      ["content-type", encode("text/html")],
    ]);
    const response = new types.OutgoingResponse(headers);
    const body = response.body();
    const stream = body.write();
    const put = (/** @type {Uint8Array} */ bytes) =>
      stream.blockingWriteAndFlush(bytes);
    types.ResponseOutparam.set(out, { tag: "ok", val: response });
    if (path.startsWith("/app/drip")) {
      await put(encode("0 "));
      await firstRead;
      await put(encode("1 "));
    } else if (path.startsWith("/app/echo")) {
      await echo(request.consume().stream(), put);
    } else {
      await put(encode(`<h1>${path}</h1>`));
    }
    stream[Symbol.dispose ?? Symbol.for("dispose")]();
    types.OutgoingBody.finish(body, undefined);
  };
  return { "wasi:http/incoming-handler@0.2.0": { handle } };
}

/** @param {any} incoming @param {(bytes: Uint8Array) => unknown} put */
async function echo(incoming, put) {
  try {
    for (;;) {
      const chunk = await incoming.blockingRead(4096n);
      await put(chunk.slice());
    }
  } catch (error) {
    if (/** @type {any} */ (error).tag !== "closed") throw error;
  }
}

describe("a component behind a service worker", () => {
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let serving;

  before(async () => {
    const module = ground.has.moduleServiceWorkers;
    serving = await serve(createFetchHandler(component), {
      script: `/${module ? "sw" : "sw-classic"}.js?prefix=/app/`,
      type: module ? "module" : "classic",
      prefix: "/app/",
    });
    // The page that registered it is claimed, if not at once.
    while (!navigator.serviceWorker.controller)
      await new Promise((resolve) => setTimeout(resolve, 10));
  });
  after(() => serving.stop());

  test("answers the page's requests", async () => {
    const response = await fetch("/app/x?y=1");
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/html");
    assert.equal(await response.text(), "<h1>/app/x?y=1</h1>");
    assert.equal((await fetch("/elsewhere")).status, 404);
  });

  test("takes an upload", async () => {
    const body = "0123456789".repeat(20_000);
    const response = await fetch("/app/echo", { method: "POST", body });
    assert.equal((await response.text()) === body, true);
  });

  test("streams its answer: the first half is read before the second is written", async () => {
    const { body } = await fetch("/app/drip");
    const reader = /** @type {ReadableStream} */ (body).getReader();
    const decoder = new TextDecoder();
    let all = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      all += decoder.decode(value);
      if (all === "0 ") readOn();
    }
    assert.equal(all, "0 1 ");
  });

  test("fills a frame", async () => {
    const frame = document.createElement("iframe");
    frame.src = "/app/frame";
    const loaded = new Promise((resolve) => (frame.onload = resolve));
    document.body.append(frame);
    await loaded;
    assert.equal(frame.contentDocument?.body.innerText, "/app/frame");
    frame.remove();
  });

  test("says so when nobody serves any more", async () => {
    serving.stop();
    const response = await fetch("/app/x");
    assert.equal(response.status, 503);
    assert.match(await response.text(), /no open page serves \/app\//);
  });
});
