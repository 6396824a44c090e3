/**
 * Guests in Chromium, on OPFS. Real programs: the page is reloaded after every step, and what they print is what they print
 * everywhere; SQLite's volume is not even closed before, for what it has committed it has synced. And the conformance
 * guests: what they print of files is what they print in memory, which is what wasmtime prints (tests/e2e).
 * @module
 */
import assert from "node:assert/strict";
import { relative } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { findChromium } from "../../npm/scripts/setup/chromium.js";
import { startChromium } from "./drivers/chromium.js";
import { serveSources } from "./serve.js";
import { transpiled } from "../e2e/lib/harness.js";
import { expected, programs } from "../e2e/lib/programs.js";

/** @import { Browser, Page } from 'playwright-core' */

const root = fileURLToPath(new URL("../..", import.meta.url));
const executablePath = findChromium();

/** Transpiles a guest to where the server finds it. @param {string} guest */
async function served(guest) {
  const { dir } = await transpiled(guest, { instantiation: "async" });
  const folder = relative(root, dir).replaceAll("\\", "/");
  return { url: `/${folder}/${guest}.js` };
}

/** Gives the page a worker, and `ask(what, args)` to talk to it. @param {Page} page */
async function startWorker(page) {
  await page.evaluate(() => {
    const url = "/tests/e2e/lib/opfs-worker.js";
    const worker = new Worker(url, { type: "module" });
    /** @type {any} */ (globalThis).ask = (/** @type {object} */ message) =>
      new Promise((resolve, reject) => {
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.onmessage = ({ data }) =>
          data.error ? reject(new Error(data.error)) : resolve(data.result);
        worker.postMessage(message);
      });
  });
  return (/** @type {string} */ what, /** @type {object} */ args = {}) =>
    page.evaluate((message) => /** @type {any} */ (globalThis).ask(message), {
      what,
      ...args,
    });
}

describe(
  "programs in Chromium, on OPFS",
  { skip: !executablePath && "there is no Chromium" },
  () => {
    /** @type {Browser} */
    let browser;
    /** @type {Awaited<ReturnType<typeof serveSources>>} */
    let server;

    before(async () => {
      server = await serveSources();
      browser = await startChromium();
    });
    after(async () => {
      await browser?.close();
      await server?.close();
    });

    for (const guest of ["rust-conformance", "rust-std-conformance"])
      it(`${guest}: files as in memory`, async () => {
        const { url } = await served(guest);
        const page = await browser.newPage();
        await page.goto(server.origin);
        const ask = await startWorker(page);
        const names = await ask("cases", { guest, url });
        assert.ok(names.length > 10, names.join(" "));
        // A grant that is read-only holds what the case wants, which a fresh volume does not.
        for (const name of names.filter(
          (/** @type {string} */ name) => !name.endsWith("-readonly"),
        )) {
          const { lines, differing } = await ask("compare", {
            guest,
            url,
            name,
          });
          assert.equal(differing.join("\n"), "", name);
          assert.ok(lines > 3, `${name}: ${lines} lines`);
        }
        await page.close();
      });

    for (const { guest, steps } of programs)
      it(guest, async () => {
        const { url } = await served(guest);
        const page = await browser.newPage();
        await page.goto(server.origin);
        let ask = await startWorker(page);
        await ask("mount", { name: guest });
        for (const step of steps) {
          const got = await ask("step", { guest, url, step });
          assert.deepEqual(got, expected(step), step.args.join(" "));
          // SQLite ends a transaction by unlinking its journal, which it does not sync: until the volume has committed that,
          // a reload may take the transaction back whole. It is not closed, as a tab that is closed does not close it.
          await ask(guest === "sqlite" ? "commit" : "unmount");
          await page.reload();
          ask = await startWorker(page);
          await ask("mount", { name: guest });
        }
        await page.close();
      });
  },
);
