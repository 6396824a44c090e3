/**
 * `runWorker` in Node: the suite in both ways that Node can wait, with a server beside it; and what only Node has.
 * @module
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { runWorker } from "@slipway/wasi/worker";
import { httpRoutes } from "../browsers/routes.js";
import { program, workerSuite } from "./worker.suite.js";

const routes = httpRoutes();
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  routes[pathname](request, response);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://localhost:${server.address().port}`;
after(() => {
  server.closeAllConnections();
  server.close();
});

for (const blocking of ["atomics", "jspi"]) {
  workerSuite(blocking, { origin });

  test(`${blocking}: from a URL, with core modules beside it, and a host directory`, async (t) => {
    const dir = mkdtempSync(join(tmpdir(), "slipway-worker-"));
    t.after(() => rmSync(dir, { recursive: true }));
    const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    writeFileSync(join(dir, "main.core.wasm"), wasm);
    const { files } = program(
      `const module = await getCoreModule("main.core.wasm");
       const out = root.openAt({}, "out", { create: true }, { write: true });
       out.write(encode(String(module instanceof WebAssembly.Module)), 0n);`,
      blocking,
    );
    writeFileSync(join(dir, "main.mjs"), files["main.js"]);
    const run = runWorker(pathToFileURL(join(dir, "main.mjs")), {
      blocking,
      fs: { "/": { directory: dir } },
    });
    assert.equal(await run.exit, 0);
    assert.equal(readFileSync(join(dir, "out"), "utf8"), "true");
  });
}
