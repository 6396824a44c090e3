/**
 * A composed component whose inner part waits for the host: wasm adapters keep JavaScript frames off the stack, so that it
 * can; with JavaScript adapters it cannot, and says so. Whoever does not wait is answered by both.
 * @module
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { example } from "./harness.js";

const folder = mkdtempSync(join(tmpdir(), "adapters-"));
after(() => rmSync(folder, { recursive: true }));

const jspi = "Suspending" in WebAssembly;

/** @param {string} adapters */
async function instance(adapters) {
  const wat = fileURLToPath(new URL("composed.wat", import.meta.url));
  const out = join(folder, adapters);
  example("transpile", [
    ...[wat, "-o", out, "--instantiation", "async"],
    ...["--adapters", adapters, "--async-imports", "sleep"],
  ]);
  const { instantiate } = await import(
    pathToFileURL(join(out, "component.js")).href
  );
  return instantiate(
    (/** @type {string} */ path) =>
      new WebAssembly.Module(readFileSync(join(out, path))),
    {
      sleep: (/** @type {number} */ n) =>
        n < 3 ? n : new Promise((resolve) => setTimeout(resolve, 5, n)),
    },
  );
}

for (const adapters of ["wasm", "js", "both"]) {
  test(`${adapters} adapters answer when nobody waits`, async () => {
    const { run } = await instance(adapters);
    assert.equal(await run("hi"), "hi");
    assert.equal(await run("é"), "é");
  });

  test(
    `${adapters} adapters when the host waits`,
    { skip: !jspi },
    async () => {
      const { run } = await instance(adapters);
      if (adapters !== "js") {
        assert.equal(await run("grüße ☃ 🍰"), "grüße ☃ 🍰");
        // Two at once take turns.
        const both = await Promise.all([run("first ☃"), run("second")]);
        assert.deepEqual(both, ["first ☃", "second"]);
      } else await assert.rejects(async () => run("grüße"), /has to wait/);
    },
  );
}
