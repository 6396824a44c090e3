/**
 * Checks the guests themselves: every report command runs in wasmtime (the PyPI wheel) and does what README.md says.
 * Not part of `npm test`, whose subject is Slipway; run it after changing a guest.
 *
 *     node tests/guests/verify.js [NAME…]
 * @module
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildGuest } from "./build.js";
import { commands, reportCases } from "./lib/contract.js";
import { run } from "./lib/cache.js";
import { here, venv } from "./lib/toolchains.js";

const python = join(await venv("wasmtime", ["wasmtime==50.0.1"]), "python");
const names =
  process.argv.length > 2 ? process.argv.slice(2) : Object.keys(commands);
for (const name of names) {
  const guest = await buildGuest(name);
  for (const expected of reportCases(commands[name])) {
    const data = await mkdtemp(join(tmpdir(), "slipway-verify-"));
    try {
      const stdin = join(data, "stdin");
      await writeFile(stdin, expected.stdin ?? "");
      for (const [path, text] of Object.entries(expected.files))
        await writeFile(join(data, path), text);
      const args = [
        join(here, "lib", "oracle.py"),
        guest,
        data,
        stdin,
        expected.env.GREETING ?? "",
        ...expected.args,
      ];
      const got = JSON.parse(await run(python, args));
      assert.equal(
        got.stdout,
        expected.stdout,
        `${name}: stdout of ${expected.title}`,
      );
      assert.equal(
        got.stderr,
        expected.stderr,
        `${name}: stderr of ${expected.title}`,
      );
      assert.equal(
        got.ok,
        expected.status === 0,
        `${name}: status of ${expected.title}`,
      );
      for (const [path, text] of Object.entries(expected.written))
        assert.equal(
          await readFile(join(data, path), "utf8"),
          text,
          `${name}: ${path} of ${expected.title}`,
        );
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  }
  console.log(`${name}: as specified in wasmtime`);
}
