/**
 * The report command in every language: transpiled, type-checked, and run with arguments, variables, standard streams, a
 * granted folder and an exit status, in the page's way (`instantiate` with a host) and from the command line.
 * @module
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { ComponentExit, memory, wasi } from "@slipway/wasi";
import { buildGuest } from "../guests/build.js";
import { commands, reportCases } from "../guests/lib/contract.js";
import { extendedConst } from "./lib/engine.js";
import {
  assertTypes,
  instantiate,
  slipway,
  transpiled,
} from "./lib/harness.js";

/** @import { ReportCase } from '../guests/lib/contract.js' */
/** @import { Built } from './lib/harness.js' */

/** What an engine must have to run a guest. @type {Record<string, { missing: boolean, needs: string }>} */
const needs = {
  "python-command": {
    missing: !extendedConst,
    needs: "extended constant expressions (Node 22)",
  },
};

/** All bytes given, as text. */
function collector() {
  const decoder = new TextDecoder();
  let text = "";
  return {
    write: (/** @type {Uint8Array} */ bytes) =>
      void (text += decoder.decode(bytes, { stream: true })),
    text: () => text + decoder.decode(),
  };
}

/** A file of /data, read through the host's own interfaces. @param {any} imports @param {string} path */
function readBack(imports, path) {
  const version = "0.2.12";
  const [[data]] =
    imports[`wasi:filesystem/preopens@${version}`].getDirectories();
  const file = data.openAt({}, path, {}, { read: true });
  const [bytes] = file.read(1n << 20n, 0n);
  return new TextDecoder().decode(bytes);
}

/** Runs to the end; what `run` and `exit` say as an exit status. @param {() => any} run */
async function statusOf(run) {
  try {
    await run();
    return 0;
  } catch (error) {
    if (error instanceof ComponentExit) return error.exitCode;
    assert.equal(
      /** @type {any} */ (error).name,
      "ComponentError",
      String(/** @type {any} */ (error)?.stack ?? error),
    );
    return 1;
  }
}

/** @param {Built} built @param {ReportCase} c */
async function runInHost(built, c) {
  const [out, err] = [collector(), collector()];
  const host = wasi({
    args: ["report", ...c.args],
    env: c.env,
    stdin: c.stdin,
    stdout: out.write,
    stderr: err.write,
    fs: { "/data": memory(c.files) },
  });
  const exports = await instantiate(built, host.imports);
  const name = Object.keys(exports).find((key) => /^wasi:cli\/run@/.test(key));
  assert.ok(name, `it exports ${Object.keys(exports)}`);
  const status = await statusOf(() => exports[name].run());
  return {
    stdout: out.text(),
    stderr: err.text(),
    status,
    imports: host.imports,
  };
}

for (const [guest, lang] of Object.entries(commands)) {
  const skip =
    needs[guest]?.missing && `this engine lacks ${needs[guest].needs}`;
  describe(guest, () => {
    /** @type {Built} */
    let built;
    before(async () => {
      built = await transpiled(guest, { instantiation: "async" });
    });

    it("type-checks, and a host's imports are what it asks for", () =>
      assertTypes(
        built,
        `import { instantiate } from "./${guest}.js";
         declare const get: (path: string) => Promise<WebAssembly.Module>;
         declare const imports: Parameters<typeof instantiate>[1];
         const { run } = await instantiate(get, imports);
         export const done: void | Promise<void> = run.run();`,
      ));

    for (const c of reportCases(lang))
      it(c.title, { skip }, async () => {
        const got = await runInHost(built, c);
        assert.equal(got.stdout, c.stdout);
        assert.equal(got.stderr, c.stderr);
        assert.equal(got.status, c.status);
        for (const [path, text] of Object.entries(c.written))
          assert.equal(readBack(got.imports, path), text, path);
      });

    it(
      "runs twice from one compiled component, sharing nothing",
      { skip },
      async () => {
        const [first] = reportCases(lang).slice(1);
        const [a, b] = await Promise.all([
          runInHost(built, first),
          runInHost(built, { ...first, env: {} }),
        ]);
        assert.equal(a.stdout, first.stdout);
        assert.equal(
          b.stdout,
          first.stdout.replace("GREETING=hé ☃", "GREETING unset"),
        );
      },
    );

    for (const c of reportCases(lang))
      it(`slipway run: ${c.title}`, { skip }, async () => {
        const data = await mkdtemp(join(tmpdir(), "slipway-e2e-"));
        try {
          for (const [path, text] of Object.entries(c.files))
            await writeFile(join(data, path), text);
          const env = Object.entries(c.env).flatMap(([name, value]) => [
            "--env",
            `${name}=${value}`,
          ]);
          const args = [
            "run",
            "--dir",
            `${data}::/data`,
            ...env,
            await buildGuest(guest),
            ...c.args,
          ];
          const got = await slipway(args, { input: c.stdin });
          assert.equal(got.stderr, c.stderr);
          assert.equal(got.stdout, c.stdout);
          assert.equal(got.status, c.status);
          for (const [path, text] of Object.entries(c.written))
            assert.equal(await readFile(join(data, path), "utf8"), text, path);
        } finally {
          await rm(data, { recursive: true, force: true });
        }
      });
  });
}
