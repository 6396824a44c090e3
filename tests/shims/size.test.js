/**
 * What the shims weigh in a bundle, tree-shaken, minified and gzipped: what is not
 * imported is not paid for.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const rolldown = await import("rolldown").catch(() => undefined);
const skip = !rolldown && "there is no bundler";

/** @param {string} source an entry that uses what it imports */
async function bundle(source) {
  const bundled = await /** @type {any} */ (rolldown).rolldown({
    input: "entry",
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === "entry" ? id : undefined),
        load: (id) => (id === "entry" ? source : undefined),
      },
    ],
  });
  const { output } = await bundled.generate({ format: "es", minify: true });
  const code = output.map((chunk) => chunk.code ?? "").join("\n");
  return { code, gzip: gzipSync(code, { level: 9 }).length };
}

const faces = (...names) =>
  `import { host } from "@slipway/wasi/host";
   ${names.map((name) => `import { ${name} } from "@slipway/wasi/${name}";`).join("\n")}
   globalThis.host = host({}, [${names}]);`;

test("a hello-world command: at most 12 kB", { skip }, async (t) => {
  const { code, gzip } = await bundle(
    faces("io", "cli", "clocks", "random", "filesystem"),
  );
  t.diagnostic(`hello world ${gzip} bytes`);
  assert.ok(gzip <= 12 * 1024, `${gzip} bytes`);
  assert.ok(!code.includes("outgoing-handler"));
  assert.ok(!code.includes("tcp-socket"));
});

test("a component that only prints: less", { skip }, async (t) => {
  const { code, gzip } = await bundle(faces("io", "cli"));
  t.diagnostic(`print only ${gzip} bytes`);
  assert.ok(gzip <= 6 * 1024, `${gzip} bytes`);
  assert.ok(!code.includes("not-directory"));
});

test("everything, and a file system in memory", { skip }, async (t) => {
  const { gzip } = await bundle(
    `import { memory, wasi } from "@slipway/wasi";
     globalThis.host = wasi({ fs: { "/": memory() } });`,
  );
  t.diagnostic(`everything ${gzip} bytes`);
  assert.ok(gzip <= 20 * 1024, `${gzip} bytes`);
});
