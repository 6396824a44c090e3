/**
 * Real programs (SQLite, a walker of trees, Python) on files in memory, on a folder of the host and, in Chromium, in an
 * OPFS volume that the page reloads in the middle. What they are to print is what wasmtime prints.
 * @module
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { directory, memory, wasi } from "@slipway/wasi/node";
import { buildGuest } from "../guests/build.js";
import { wasmtime } from "../guests/lib/wasmtime.js";
import { extendedConst } from "./lib/engine.js";
import { load, transpiled } from "./lib/harness.js";
import { expected, programs, runStep } from "./lib/programs.js";

/** @param {(folder: string) => Promise<void>} use */
async function withFolder(use) {
  const folder = await mkdtemp(join(tmpdir(), "slipway-programs-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const judge = await wasmtime();
after(() => judge.close());

for (const { guest, steps } of programs)
  describe(guest, () => {
    const skip =
      guest.startsWith("python") &&
      !extendedConst &&
      "this engine lacks extended constant expressions (Node 22)";
    /** @type {(imports: any) => Promise<any>} */
    let instantiate;
    before(async () => {
      const built = await transpiled(guest, { instantiation: "async" });
      const module = await load(built);
      /** @type {Map<string, Promise<WebAssembly.Module>>} */
      const modules = new Map();
      const get = (/** @type {string} */ path) => {
        const made =
          modules.get(path) ??
          readFile(join(built.dir, path)).then((bytes) =>
            WebAssembly.compile(bytes),
          );
        modules.set(path, made);
        return made;
      };
      instantiate = (imports) => module.instantiate(get, imports);
    });

    it("in wasmtime", () =>
      withFolder(async (folder) => {
        const component = await buildGuest(guest);
        for (const step of steps) {
          const { stdout, stderr, status } = await judge.run({
            component,
            args: [guest, ...step.args],
            stdin: step.stdin,
            dirs: [[folder, "/data", true]],
          });
          assert.deepEqual({ stdout, stderr, status }, expected(step));
        }
      }));

    /** @param {any} volume */
    const all = async (volume) => {
      for (const step of steps) {
        const got = await runStep({ instantiate, wasi, volume }, guest, step);
        assert.deepEqual(got, expected(step), step.args.join(" "));
      }
    };
    it("in memory", { skip }, () => all(memory()));
    it("in a folder of the host", { skip }, () =>
      withFolder((folder) => all(directory(folder))),
    );
  });
