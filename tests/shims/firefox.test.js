/**
 * The shims in stock Firefox: the suites, a volume after a reload, a worker killed
 * in the middle, runWorker.
 * @module
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launchFirefox, whyNoFirefox } from "./browser/firefox.js";
import { serveSources } from "./browser/server.js";

describe("Firefox", { skip: whyNoFirefox() }, () => {
  let browser;
  let server;
  before(async () => {
    server = await serveSources();
    browser = await launchFirefox();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Asks a fresh worker of the page, step after step. */
  const steps = (page, list, kill) =>
    page.evaluate(
      ([all, killMs]) =>
        new Promise((resolve, reject) => {
          const url = "/tests/shims/browser/worker.js";
          const worker = new Worker(url, { type: "module" });
          const results = [];
          const synced = [];
          const go = () => {
            const step = all[results.length];
            if (!step) {
              worker.terminate();
              return resolve(results);
            }
            worker.postMessage({ id: results.length, ...step });
            if (killMs && results.length === all.length - 1)
              setTimeout(() => {
                worker.terminate();
                resolve(synced);
              }, killMs);
          };
          worker.onerror = (event) => reject(new Error(event.message));
          worker.onmessage = ({ data }) => {
            if (data.loaded) return go();
            if ("synced" in data) return synced.push(data);
            if (data.error) return reject(new Error(data.error));
            results.push(data.result ?? null);
            go();
          };
        }),
      [list, kill ?? 0],
    );

  for (const store of ["memory", "opfs", "indexed-db"])
    test(`file system suite: ${store}`, async () => {
      const page = await browser.open(server.origin);
      const [results] = await steps(page, [{ step: "suite", store }]);
      assert.ok(results.length > 10);
      assert.deepEqual(
        results.filter(({ error }) => error),
        [],
      );
      await page.close();
    });

  test("files are there after a reload", async () => {
    const page = await browser.open(server.origin);
    await steps(page, [
      { step: "mount", name: "keep" },
      { step: "put", path: "f", text: "kept" },
      { step: "unmount" },
    ]);
    await page.reload();
    const [, text] = await steps(page, [
      { step: "mount", name: "keep" },
      { step: "get", path: "f" },
      { step: "unmount" },
    ]);
    assert.equal(text, "kept");
    await page.close();
  });

  test("a worker killed in the middle", async () => {
    const page = await browser.open(server.origin);
    for (let round = 0; round < 5; round++) {
      const mount = { step: "mount", name: "crash" };
      const churn = { step: "churn", seed: round };
      await steps(page, [mount, churn], 150 + round * 40);
      const [, names] = await steps(page, [
        mount,
        { step: "names" },
        { step: "unmount" },
      ]);
      assert.ok(names.length > 0);
      const reads = names.map((path) => ({ step: "get", path }));
      const [, ...texts] = await steps(page, [
        mount,
        ...reads,
        { step: "unmount" },
      ]);
      for (const text of texts.slice(0, -1)) {
        const [a, b] = text.split(" ");
        const unit = `${a} ${b} `;
        assert.equal(text, unit.repeat(text.length / unit.length));
      }
    }
    await page.close();
  });

  test("runWorker, suspending", async () => {
    const page = await browser.open(server.origin);
    const result = await page.evaluate(async () => {
      const { runWorker } = await import("/shims/src/worker.js");
      const source = `export async function instantiate(core, imports) {
        const at = (name) => imports["wasi:" + name + "@0.2.12"];
        const out = at("cli/stdout").getStdout();
        const input = at("cli/stdin").getStdin();
        return { "wasi:cli/run@0.2.0": { async run() {
          const got = await input.blockingRead(9n);
          await at("clocks/monotonic-clock").subscribeDuration(20000000n).block();
          await out.blockingWriteAndFlush(got.slice());
          at("cli/exit").exitWithCode(9);
        } } };
      }`;
      const run = runWorker(
        { files: { "main.js": source } },
        { stdin: "hello" },
      );
      let out = "";
      const reader = run.stdout.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        out += new TextDecoder().decode(value);
      }
      return [out, await run.exit, await run.blocking];
    });
    assert.deepEqual(result, ["hello", 9, "jspi"]);
    await page.close();
  });
});
