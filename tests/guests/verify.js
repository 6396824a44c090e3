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
import { wasmtime } from "./lib/wasmtime.js";

const judge = await wasmtime();
const names =
  process.argv.length > 2 ? process.argv.slice(2) : Object.keys(commands);
for (const name of names) {
  const component = await buildGuest(name);
  for (const expected of reportCases(commands[name])) {
    const data = await mkdtemp(join(tmpdir(), "slipway-verify-"));
    try {
      for (const [path, text] of Object.entries(expected.files))
        await writeFile(join(data, path), text);
      const got = await judge.run({
        component,
        args: ["report", ...expected.args],
        env: Object.entries(expected.env),
        stdin: expected.stdin,
        dirs: [[data, "/data", true]],
      });
      const where = `of ${expected.title}`;
      assert.equal(got.stdout, expected.stdout, `${name}: stdout ${where}`);
      assert.equal(got.stderr, expected.stderr, `${name}: stderr ${where}`);
      assert.equal(got.status, expected.status, `${name}: status ${where}`);
      for (const [path, text] of Object.entries(expected.written))
        assert.equal(
          await readFile(join(data, path), "utf8"),
          text,
          `${name}: ${path} ${where}`,
        );
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  }
  console.log(`${name}: as specified in wasmtime`);
}
judge.close();
