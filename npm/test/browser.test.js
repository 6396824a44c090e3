import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildGuest } from "../../tests/guests/build.js";
import { startChromium } from "../../tests/browsers/drivers/chromium.js";
import { transpile } from "../src/node.js";

/** @import { Browser } from 'playwright-core' */

const PACKAGE = new URL("../", import.meta.url);
/** @type {Record<string, string>} */
const TYPES = {
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".html": "text/html",
};
const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

/** @type {Browser} */
let browser;
/** @type {import('node:http').Server} */
let server;
let origin = "";
/** @type {Record<string, string | Uint8Array>} */
const served = {};
/** Paths that pages asked for. @type {string[]} */
const asked = [];

before(async () => {
  const greet = await readFile(await buildGuest("wat-greet"));
  served["/greet.wasm"] = greet;
  const { files } = await transpile(greet, { name: "greet" });
  for (const [path, contents] of Object.entries(files))
    served[`/out/${path}`] = contents;
  served["/page.html"] = "<!doctype html><title>test</title>";
  served["/compile.js"] = `
    import { compile } from "/npm/src/browser.js";
    const component = await compile(fetch("/greet.wasm"));
    const { greet } = await component.instantiate();
    document.title = greet("page");`;
  served["/declarations.js"] = `
    import { transpile } from "/npm/src/browser.js";
    const { files } = await transpile(fetch("/greet.wasm"));
    document.title = Object.keys(files).join();`;
  served["/transpiled.js"] = `
    import { greet } from "/out/greet.js";
    document.title = greet("page");`;
  served["/worker.js"] = `
    import { compile } from "/npm/src/browser.js";
    const component = await compile(fetch("/greet.wasm"));
    const { greet } = await component.instantiate();
    postMessage(greet("worker"));`;
  server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", origin);
    asked.push(pathname);
    const csp = searchParams.get("csp");
    if (csp) response.setHeader("content-security-policy", csp);
    const file = pathname.startsWith("/npm/")
      ? await readFile(
          fileURLToPath(new URL(pathname.slice("/npm/".length), PACKAGE)),
        ).catch(() => undefined)
      : served[pathname];
    response.statusCode = file === undefined ? 404 : 200;
    const type = TYPES[extname(pathname)];
    if (type) response.setHeader("content-type", type);
    response.end(file);
  });
  await new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve(0)),
  );
  const { port } = /** @type {import('node:net').AddressInfo} */ (
    server.address()
  );
  origin = `http://127.0.0.1:${port}`;
  browser = await startChromium();
});

after(async () => {
  await browser?.close();
  server?.close();
});

/**
 * Runs a module in a page under a policy; answers the title it set, or the message it failed with.
 * @param {string} module
 * @param {string} [csp]
 * @returns {Promise<string>}
 */
async function inPage(module, csp = "") {
  const page = await browser.newPage();
  try {
    await page.goto(`${origin}/page.html?csp=${encodeURIComponent(csp)}`);
    return await page.evaluate(async (url) => {
      try {
        await import(url);
        return document.title;
      } catch (error) {
        return String(error);
      }
    }, module);
  } finally {
    await page.close();
  }
}

test("compile works in a page, without a build step", async () => {
  assert.equal(await inPage("/compile.js"), "Hello, page!");
});

test("a page loads the secondary module for declarations, and not to compile", async () => {
  const isSecondary = (/** @type {string} */ path) =>
    path.endsWith(".secondary.wasm");
  asked.length = 0;
  await inPage("/compile.js");
  assert.deepEqual(asked.filter((path) => path.endsWith(".wasm")).sort(), [
    "/greet.wasm",
    "/npm/dist/transpiler.wasm",
  ]);
  assert.match(await inPage("/declarations.js"), /\.d\.ts/);
  assert.equal(asked.filter(isSecondary).length, 1);
});

test("compile works where the policy allows blob: scripts, without unsafe-eval", async () => {
  assert.equal(await inPage("/compile.js", `${STRICT} blob:`), "Hello, page!");
});

test("where it does not, compile says so", async () => {
  assert.match(
    await inPage("/compile.js", STRICT),
    /Content-Security-Policy without `script-src blob:`.*ahead of time/,
  );
});

test("what transpile makes runs under a strict policy", async () => {
  assert.equal(await inPage("/transpiled.js", STRICT), "Hello, page!");
});

test("compile works in a worker", async () => {
  const page = await browser.newPage();
  await page.goto(`${origin}/page.html`);
  const text = await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker("/worker.js", { type: "module" });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      }),
  );
  assert.equal(text, "Hello, worker!");
  await page.close();
});
