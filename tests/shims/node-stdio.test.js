/**
 * Real standard streams, in both ways of waiting that Node has: a child process
 * runs a guest's calls and we are its terminal.
 * @module
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const guest = fileURLToPath(new URL("./stdio-guest.js", import.meta.url));
// The calls are awaited, as JSPI does it for a guest: every engine can do that.
const ways = ["jspi", "atomics"];

/**
 * @param {string} blocking
 * @param {string} program
 * @param {"pipe" | "ignore" | number} [stdin]
 */
function start(blocking, program, stdin = "pipe") {
  /** @type {any} */
  const child = spawn(process.execPath, [guest, blocking, program], {
    stdio: [stdin, "pipe", "pipe"],
  });
  const done = new Promise((resolve) => {
    const got = { out: "", err: "" };
    child.stdout.on("data", (data) => (got.out += data));
    child.stderr.on("data", (data) => (got.err += data));
    child.on("close", (code) => resolve({ ...got, code }));
  });
  return { child, done };
}

const said = (child, text) =>
  new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
    let all = "";
    child.stdout.on("data", (data) => {
      all += data;
      if (all.includes(text)) resolve();
    });
  });

for (const blocking of ways)
  describe(`stdio: ${blocking}`, () => {
    test("an interactive program reads, answers, reads on", async () => {
      const { child, done } = start(blocking, "echo");
      await said(child, "ready\n");
      child.stdin.write("one\n");
      await said(child, "<one\n>");
      child.stdin.write("two\n");
      await said(child, "<two\n>");
      child.stdin.end();
      const { out, err, code } = await done;
      assert.equal(out, "ready\n<one\n><two\n>closed\n");
      assert.equal(err, "");
      assert.equal(code, 7);
    });

    test("a timer and stdin in one poll", async () => {
      const { child, done } = start(blocking, "race");
      await said(child, "timer\n");
      child.stdin.write("x");
      const { out, code } = await done;
      assert.equal(out, "timer\nstdin\n");
      assert.equal(code, 0);
    });

    test("a megabyte through a pipe, byte for byte", async () => {
      const { child, done } = start(blocking, "sum");
      const data = Buffer.alloc(1 << 20, "0123456789abcdef");
      child.stdin.end(data);
      let sum = 0;
      for (const byte of data) sum = (sum * 31 + byte) >>> 0;
      assert.equal((await done).out, `${data.length} ${sum}\n`);
    });

    test("stdin from a file, and none at all", async () => {
      const dir = mkdtempSync(join(tmpdir(), "slipway-stdin-"));
      writeFileSync(join(dir, "in"), "from a file");
      const fd = openSync(join(dir, "in"), "r");
      try {
        const file = await start(blocking, "echo", fd).done;
        assert.equal(file.out, "ready\n<from a file>closed\n");
        const none = await start(blocking, "echo", "ignore").done;
        assert.equal(none.out, "ready\nclosed\n");
      } finally {
        closeSync(fd);
        rmSync(dir, { recursive: true });
      }
    });

    test("a program that does not read does not wait for stdin", async () => {
      const { done } = start(blocking, "sleep");
      const { out, code } = await done;
      assert.equal(out, "slept\n");
      assert.equal(code, 0);
    });

    test("a large output to a slow reader arrives whole", async () => {
      const { child } = start(blocking, "flood");
      let length = 0;
      for await (const chunk of child.stdout) {
        length += chunk.length;
        if (length < 200000) await new Promise((r) => setTimeout(r, 1));
      }
      assert.equal(length, 2_000_000);
    });

    test("a reader that went away is an error of the stream", async () => {
      const { child, done } = start(blocking, "flood");
      child.stdout.destroy();
      const { err } = await done;
      assert.match(err, /last-operation-failed.*EPIPE/s);
    });
  });
