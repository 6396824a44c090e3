import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const TSC = join(
  dirname(createRequire(import.meta.url).resolve("typescript/package.json")),
  "bin/tsc",
);

const USER = `
import { compile, transpile, TranspileError } from "slipway";
import type { Component, Options, Transpiled } from "slipway";
import { Trap } from "slipway/runtime";

const options: Options = { instantiation: "async", map: [["a:b/*", "./x.js#*"]] };
const output: Transpiled = await transpile(new Uint8Array(), options);
const file: string | Uint8Array = output.files["a.js"];
const component: Component = await compile(fetch("x.wasm"));
const instance = await component.instantiate({}, { instantiateCore: WebAssembly.instantiate });
const wit: string = component.wit;
try {
  instance.run();
} catch (error) {
  if (error instanceof TranspileError) { const offset: number | null = error.offset; }
  if (error instanceof Trap) { const message: string = error.message; }
}
// @ts-expect-error: no such option
await transpile(new Uint8Array(), { nmae: "x" });
// @ts-expect-error: a path is not a source
await transpile("x.wasm");
`;

test("a user's TypeScript compiles against the package, in Node's resolution and a bundler's", async () => {
  // Inside of the workspace, where the package is found by its name.
  const folder = await mkdtemp(
    fileURLToPath(new URL("types-", import.meta.url)),
  );
  try {
    await writeFile(join(folder, "user.mts"), USER);
    for (const [module, moduleResolution] of [
      ["nodenext", "nodenext"],
      ["esnext", "bundler"],
    ]) {
      const flags = [
        "--ignoreConfig",
        "--strict",
        "--noEmit",
        "--target",
        "es2022",
      ];
      const lib = ["--lib", "es2023,dom,dom.iterable,dom.asynciterable"];
      const how = [
        "--module",
        module,
        "--moduleResolution",
        moduleResolution,
        "--types",
        "",
      ];
      const { status, stdout } = spawnSync(
        process.execPath,
        [TSC, ...flags, ...lib, ...how, join(folder, "user.mts")],
        { encoding: "utf8" },
      );
      assert.equal(status, 0, `${moduleResolution}: ${stdout}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
