/**
 * `runWorker` from an app that went through a bundler: the worker is found, in a folder that is not the root's, and what it loads
 * on demand (OPFS) too; and a worker of the app's own.
 * @module
 */
import assert from "node:assert/strict";
import {
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findChromium } from "../../npm/scripts/setup/chromium.js";
import { startChromium } from "../browsers/drivers/chromium.js";

const executablePath = findChromium();
const scratch = fileURLToPath(new URL("../../target/tmp/", import.meta.url));

const PROGRAM = `export async function instantiate(core, imports) {
  const at = (name) => imports["wasi:" + name + "@0.2.12"];
  const out = at("cli/stdout").getStdout();
  const print = (text) => out.blockingWriteAndFlush(new TextEncoder().encode(text));
  return { "wasi:cli/run@0.2.0": { async run() {
    const [[root]] = at("filesystem/preopens").getDirectories();
    const file = root.openAt({}, "f", { create: true }, { read: true, write: true });
    file.write(new TextEncoder().encode("kept"), 0n);
    await at("clocks/monotonic-clock").subscribeDuration(1000000n).block();
    await print(new TextDecoder().decode(file.read(9n, 0n)[0]) + " " + at("cli/environment").getArguments());
    at("cli/exit").exitWithCode(4);
  } } };
}`;

const APP = `
  import { runWorker } from "@slipway/wasi/worker";
  const program = { files: { "main.js": ${JSON.stringify(PROGRAM)} } };
  window.run = async (own) => {
    const run = runWorker(program, {
      args: ["a", "b"],
      fs: { "/": { opfs: "bundled" } },
      worker: own ? () => new Worker(new URL("./own.js", import.meta.url), { type: "module" }) : undefined,
    });
    let out = "";
    const reader = run.stdout.getReader();
    for (let got; !(got = await reader.read()).done; ) out += new TextDecoder().decode(got.value);
    return [out, await run.exit];
  };`;

/** A worker of the app's own adds to what is granted. */
const OWN = `
  import { serve } from "@slipway/wasi/serve";
  serve({ options: (options) => ({ ...options, args: [...options.args, "own"] }) });`;

const TYPES = { ".js": "text/javascript", ".html": "text/html" };

describe("bundled", { skip: !executablePath && "there is no Chromium" }, () => {
  /** @type {string} */
  let dir;
  /** @type {import("node:http").Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;

  before(async () => {
    const { build } = await import("vite");
    // Inside of the checkout, so that the package is found.
    await mkdir(scratch, { recursive: true });
    dir = await mkdtemp(join(scratch, "bundled-"));
    await writeFile(join(dir, "own.js"), OWN);
    await writeFile(join(dir, "app.js"), APP);
    await writeFile(
      join(dir, "index.html"),
      `<!doctype html><script type="module" src="./app.js"></script>`,
    );
    await build({
      root: dir,
      base: "/some/where/",
      logLevel: "error",
      configFile: false,
      worker: { format: "es" },
    });
    const dist = join(dir, "dist");
    server = createServer(async (request, response) => {
      const path =
        request.url?.replace(/^\/some\/where\/?/, "") || "index.html";
      try {
        const bytes = await readFile(join(dist, path));
        response.setHeader("content-type", TYPES[extname(path)] ?? "");
        response.end(bytes);
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve(undefined)),
    );
    browser = await startChromium();
  });
  after(async () => {
    await browser?.close();
    server?.close();
    if (dir) await rm(dir, { recursive: true });
  });

  for (const own of [false, true])
    test(own ? "a worker of the app's own" : "ours", async () => {
      const page = await browser.newPage();
      const { port } = /** @type {any} */ (server.address());
      await page.goto(`http://localhost:${port}/some/where/`);
      await page.waitForFunction("window.run");
      assert.deepEqual(
        await page.evaluate(
          (mine) => /** @type {any} */ (window).run(mine),
          own,
        ),
        [own ? "kept a,b,own" : "kept a,b", 4],
      );
      await page.close();
    });

  test("nothing of Node is in it", async () => {
    const assets = join(dir, "dist/assets");
    for (const name of await readdir(assets))
      assert.doesNotMatch(
        await readFile(join(assets, name), "utf8"),
        /from ?["']node:/,
        name,
      );
  });
});
