/**
 * Volumes where it takes more than a page to see: a reload, a second tab, a quota, a disk that is full. In Chromium, whose
 * profile can be put on a small disk and whose quota can be set.
 * @module
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { findChromium } from "../../npm/scripts/setup/chromium.js";
import { tryRun } from "../../npm/scripts/setup/shell.js";
import { startChromiumIn } from "./drivers/chromium.js";
import { serveSources } from "./serve.js";

/** @import { BrowserContext, Page } from 'playwright-core' */

const executablePath = findChromium();

/** @type {Awaited<ReturnType<typeof serveSources>>} */
let server;
before(async () => (server = await serveSources()));
after(() => server.close());

/**
 * A worker of a page, asked for one step after the other.
 * @param {Page} page
 */
async function worker(page) {
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const url = "/tests/browsers/suite/steps.js";
        const made = new Worker(url, { type: "module" });
        made.onerror = ({ message }) => reject(new Error(message));
        made.onmessage = () => resolve(undefined);
        /** @type {any} */ (window).ask = (/** @type {any} */ message) =>
          new Promise((answer, fail) => {
            made.onmessage = ({ data }) =>
              "error" in data
                ? fail(new Error(data.error))
                : answer(data.result);
            made.postMessage(message);
          });
      }),
  );
  return (/** @type {string} */ step, args = {}) =>
    page.evaluate((message) => /** @type {any} */ (window).ask(message), {
      step,
      ...args,
    });
}

/**
 * A profile on disk: what is private has its files in memory, and no quota of its own.
 * @param {import('node:test').TestContext} t
 * @param {string} [folder]
 * @returns {Promise<BrowserContext>}
 */
async function profile(t, folder = mkdtempSync(join(tmpdir(), "slipway-"))) {
  const context = await startChromiumIn(folder);
  t.after(async () => {
    await context.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return context;
}

/** @param {BrowserContext} context */
async function open(context) {
  const page = await context.newPage();
  await page.goto(server.origin);
  return page;
}

/**
 * A volume that gets no more room: what was committed stays, the guest is told, and room that it makes is room again.
 * @param {BrowserContext} context
 * @param {number} most bytes there cannot be room for
 */
async function noRoom(context, most) {
  const ask = await worker(await open(context));
  await ask("mount", { name: "full" });
  await ask("put", { path: "keep", text: "kept", sync: true });
  const { at, code } = await ask("fill", { path: "big", chunk: 1 << 16, most });
  assert.equal(code, "insufficient-space", `after ${at} bytes`);
  assert.ok(at > 0);
  assert.equal(await ask("get", { path: "keep" }), "kept");
  await ask("unlink", { path: "big" });
  await ask("put", { path: "after", text: "y".repeat(50_000), sync: true });
  await ask("unmount");
  const again = await worker(await open(context));
  await again("mount", { name: "full", whenLocked: "wait" });
  assert.equal(await again("get", { path: "keep" }), "kept");
  assert.equal((await again("get", { path: "after" })).length, 50_000);
  await again("unmount");
}

describe("volumes", { skip: !executablePath && "there is no Chromium" }, () => {
  test("files are there after a reload", async (t) => {
    const context = await profile(t);
    const page = await open(context);
    for (const store of ["opfs", "indexed-db"]) {
      const first = await worker(page);
      await first("mount", { name: "keep", store });
      await first("put", { path: "f", text: "kept" });
      await first("unmount");
      await page.reload();
      const second = await worker(page);
      await second("mount", { name: "keep", store });
      assert.equal(await second("get", { path: "f" }), "kept");
      await second("unmount");
    }
  });

  test("a second tab reads what was committed, and writes nothing", async (t) => {
    const context = await profile(t);
    const first = await worker(await open(context));
    const second = await worker(await open(context));
    const volume = { name: "shared" };
    assert.equal(await first("mount", volume), "mounted");
    await first("put", { path: "f", text: "one", sync: true });
    assert.equal(await second("mount", volume), "read-only");
    assert.equal(await second("get", { path: "f" }), "one");
    await assert.rejects(second("unlink", { path: "f" }), /read-only/);
    await assert.rejects(
      second("mount", { ...volume, whenLocked: "fail" }),
      /open elsewhere/,
    );
    const waiting = second("mount", { ...volume, whenLocked: "wait" });
    await first("put", { path: "f", text: "two" });
    await first("unmount");
    assert.equal(await waiting, "mounted");
    assert.equal(await second("get", { path: "f" }), "two");
    await second("unmount");
  });

  test("a tab that steals gets all of it, and the other is told", async (t) => {
    const context = await profile(t);
    const first = await worker(await open(context));
    const second = await worker(await open(context));
    const volume = { name: "stolen" };
    await first("mount", volume);
    await first("put", { path: "f", text: "not committed" });
    assert.equal(
      await second("mount", { ...volume, whenLocked: "steal" }),
      "mounted",
    );
    assert.equal(await second("get", { path: "f" }), "not committed");
    await assert.rejects(first("unlink", { path: "f" }), /\bio\b/);
    await second("put", { path: "f", text: "mine" });
    await second("unmount");
    await first("unmount");
    const third = await worker(await open(context));
    assert.equal(await third("mount", volume), "mounted");
    assert.equal(await third("get", { path: "f" }), "mine");
    await third("unmount");
  });

  test("a quota that is reached is no space", async (t) => {
    const context = await profile(t);
    const page = await open(context);
    const cdp = await context.newCDPSession(page);
    const quota = { origin: server.origin, quotaSize: 4 << 20 };
    await cdp.send("Storage.overrideQuotaForOrigin", quota);
    await noRoom(context, 16 << 20);
  });

  test("a disk that is full is no space", async (t) => {
    const disk = mkdtempSync(join(tmpdir(), "slipway-disk-"));
    t.after(() => rmSync(disk, { recursive: true, force: true }));
    const size = ["-o", "size=96m"];
    const mounted = tryRun("mount", ["-t", "tmpfs", ...size, "tmpfs", disk]);
    if (mounted.status !== 0) return t.skip("a small disk cannot be mounted");
    try {
      const context = await startChromiumIn(join(disk, "profile"));
      try {
        await noRoom(context, 256 << 20);
      } finally {
        await context.close();
      }
    } finally {
      tryRun("umount", [disk]);
    }
  });
});
