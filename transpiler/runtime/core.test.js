/**
 * Core modules from beside the output and from inside it.
 * @module
 */
import assert from "node:assert/strict";
import { writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { base64, compileCore } from "./core.js";

const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

test("from base64", () => {
  assert.deepEqual(base64(Buffer.from(empty).toString("base64")), empty);
});

test("from a file, and from a server whatever it calls the type", async () => {
  const folder = await mkdtemp(join(tmpdir(), "core-"));
  try {
    const file = join(folder, "m.wasm");
    await writeFile(file, empty);
    assert.ok(
      (await compileCore(pathToFileURL(file))) instanceof WebAssembly.Module,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
  const encoded = Buffer.from(empty).toString("base64");
  for (const type of ["application/wasm", "text/plain"]) {
    const module = await compileCore(new URL(`data:${type};base64,${encoded}`));
    assert.ok(module instanceof WebAssembly.Module);
  }
});
