/**
 * A component on a static site, in one line of a Vite configuration: built, and in
 * development; a service worker that is stopped, and a component that is replaced.
 * @module
 */
import assert from "node:assert/strict";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { serve } from "slipway/vite";
import { findChromium } from "../../npm/scripts/setup/chromium.js";
import { startChromium } from "../browsers/drivers/chromium.js";
import {
  buildSite,
  developSite,
  removeSite,
  serveFolder,
  siteFolder,
  writeComponent,
} from "./http-runtimes/site.js";

const executablePath = findChromium();
const RUST = "Hello from Rust\n";
const JS = "GET /\n";

/*
 * Chromium loses a change of a frame's address while what the frame shows first is about to come in. Two pages bring that about:
 * one answers when the other is about to change its frame, which is busy until the answer is there.
 */

function answerLate() {
  const { prototype } = MessagePort;
  const { postMessage } = prototype;
  const about = new Promise((resolve) => {
    new BroadcastChannel("about to change").onmessage = resolve;
  });
  prototype.postMessage = async function (message, ...rest) {
    if (message.type === "head") await about;
    postMessage.call(this, message, ...rest);
  };
}

function changeFramesLate() {
  const { prototype } = HTMLIFrameElement;
  const src = Object.getOwnPropertyDescriptor(prototype, "src");
  Object.defineProperty(prototype, "src", {
    ...src,
    set(value) {
      Object.defineProperty(prototype, "src", src);
      new BroadcastChannel("about to change").postMessage("now");
      const end = performance.now() + 300;
      while (performance.now() < end);
      src.set.call(this, value);
    },
  });
}

/**
 * Takes what is to be done when a test ends, and does it from the last on: a development server whose folder goes first writes into
 * it again, or starts anew because its configuration is gone, and then nothing ends.
 * @param {import("node:test").TestContext} t
 */
function afterwards(t) {
  /** @type {Array<() => unknown>} */
  const steps = [];
  t.after(async () => {
    const failed = [];
    for (const step of steps.reverse())
      await Promise.resolve()
        .then(step)
        .catch((error) => failed.push(error));
    assert.deepEqual(failed, []);
  });
  return (step) => steps.push(step);
}

describe("a Vite site", { skip: !executablePath && "no Chromium" }, () => {
  /** @type {import("playwright-core").Browser} */
  let browser;
  before(async () => {
    browser = await startChromium();
  });
  after(() => browser?.close());

  /** Waits until the frame of the page says so. */
  const says = (page, text) =>
    page.waitForFunction(
      (wanted) =>
        document.querySelector("iframe").contentDocument?.body?.innerText ===
        wanted,
      text,
    );

  test("built, stopped, replaced", async (t) => {
    const later = afterwards(t);
    const folder = await siteFolder("rust-http");
    later(() => removeSite(folder));
    const built = await buildSite(folder);
    const served = join(folder, "served");
    await rename(built, served);
    const site = await serveFolder(served);
    later(() => site.stop());
    const context = await browser.newContext();
    later(() => context.close());
    const page = await context.newPage();
    await page.goto(site.origin);
    await says(page, RUST);

    const cdp = await context.newCDPSession(page);
    await cdp.send("ServiceWorker.enable");
    const fetched = (path) =>
      page
        .frames()[1]
        .evaluate(async (where) => (await fetch(where)).text(), path);
    for (let i = 0; i < 3; i++) {
      await cdp.send("ServiceWorker.stopAllWorkers");
      assert.equal(await fetched("/app/count"), "1\n");
    }
    // Not a request below the prefix came to the server once the worker ran.
    const asked = site.asked.filter((path) => path.startsWith("/app/"));
    assert.deepEqual(asked, ["/app/"]);

    await writeComponent(folder, "js-server");
    const again = await buildSite(folder);
    await rm(served, { recursive: true });
    await rename(again, served);
    // The page that is open goes on with what it has.
    assert.equal(await fetched("/app/count"), "1\n");
    const newer = await context.newPage();
    await page.evaluate(answerLate);
    await newer.addInitScript(changeFramesLate);
    await newer.goto(site.origin);
    await says(newer, JS);
    // And now that one answers for both.
    assert.equal(await fetched("/app/count"), "GET /count\n");
  });

  test("in development, with a component that changes", async (t) => {
    const later = afterwards(t);
    const folder = await siteFolder("rust-http");
    later(() => removeSite(folder));
    const site = await developSite(folder);
    later(() => site.stop());
    const page = await browser.newPage();
    later(() => page.close());
    await page.goto(site.origin);
    await says(page, RUST);
    await writeComponent(folder, "js-server");
    await says(page, JS);
  });

  test("what is wrong is said when it is built", async (t) => {
    assert.throws(() => serve("a.wasm", { at: "/app" }), /want a folder below/);
    const folder = await siteFolder("wat-add");
    t.after(() => removeSite(folder));
    await assert.rejects(buildSite(folder), /this component serves nothing/);
  });
});
