/** `slipway serve` with a real component, over loopback. @module */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildGuest } from "../../tests/guests/build.js";

const MAIN = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));

/**
 * A server of the command, once it says where it listens.
 * @param {string[]} args
 */
async function serve(args) {
  const child = spawn(process.execPath, [
    MAIN,
    "serve",
    "--port",
    "0",
    ...args,
  ]);
  const out = { stdout: "", stderr: "" };
  child.stderr.setEncoding("utf8").on("data", (text) => (out.stderr += text));
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => child.on("close", resolve));
  const url = await new Promise((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out.stdout += text;
      const found = /http:\/\/\S+/.exec(out.stdout);
      if (found) resolve(found[0]);
    });
    void ended.then(() => resolve(""));
  });
  return { url, out, ended, stop: () => child.kill("SIGTERM") };
}

describe("serve", { timeout: 300_000 }, () => {
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let server;
  /** @type {string} */
  let guest;
  before(async () => {
    guest = await buildGuest("js-server");
    server = await serve([guest]);
  });
  after(() => void server?.stop());

  test("answers, with the guest's status and headers", async () => {
    const response = await fetch(new URL("a/b", server.url));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-guest"), "js");
    assert.equal(await response.text(), "GET /a/b\n");
    // The line comes when the connection has taken the last byte.
    for (let i = 0; i < 100 && !server.out.stderr; i++)
      await new Promise((done) => setTimeout(done, 20));
    assert.match(server.out.stderr, /^GET \/a\/b 200 [\d.]+ ms$/m);
  });

  test("passes a body in and out", async () => {
    const body = new Uint8Array(1 << 20).map((_, i) => i * 7);
    const url = new URL("echo", server.url);
    const response = await fetch(url, { method: "POST", body });
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), body);
  });

  test("a guest that fails answers 500, and no other does", async () => {
    // componentize-js leaves the body of its 500 open, with nothing in it.
    const response = await fetch(new URL("throw", server.url));
    assert.deepEqual([response.status, await response.text()], [500, ""]);
    assert.equal((await fetch(server.url)).status, 200);
  });

  test("many at a time", async () => {
    const urls = Array.from(
      { length: 20 },
      (_, i) => new URL(`n/${i}`, server.url),
    );
    const texts = await Promise.all(
      urls.map(async (url) => (await fetch(url)).text()),
    );
    assert.deepEqual(
      texts,
      urls.map((url) => `GET ${url.pathname}\n`),
    );
  });

  test("stops when told to, with nothing left open", async () => {
    const dir = await mkdtemp(join(tmpdir(), "slipway-serve-"));
    const file = join(dir, "server.wasm");
    await copyFile(guest, file);
    const other = await serve(["--quiet", "--instances", "reuse", file]);
    assert.equal(await (await fetch(other.url)).text(), "GET /\n");
    other.stop();
    assert.equal(await other.ended, 0);
    assert.equal(other.out.stderr, "");
    await rm(dir, { recursive: true });
  });

  test("says what is wrong with what it was given", async () => {
    const add = await buildGuest("wat-add");
    const wrong = await serve([add]);
    assert.equal(await wrong.ended, 1);
    assert.match(
      wrong.out.stderr,
      /serves nothing: it does not export wasi:http\/incoming-handler/,
    );
    const port = await serve(["--instances", "none", guest]);
    assert.equal(await port.ended, 2);
  });
});
