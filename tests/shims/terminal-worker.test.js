/**
 * A command in a worker, on a terminal of the page: what is typed gets there, what it says is shown, Ctrl-C ends it.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { terminal } from "@slipway/wasi/terminal";
import { runWorker } from "@slipway/wasi/worker";

const MAIN = `export async function instantiate(core, imports) {
  const at = (name) => imports["wasi:" + name + "@0.2.12"];
  const out = at("cli/stdout").getStdout();
  const input = at("cli/stdin").getStdin();
  const print = async (text) => out.blockingWriteAndFlush(new TextEncoder().encode(text));
  return { "wasi:cli/run@0.2.0": { async run() {
    const env = Object.fromEntries(at("cli/environment").getEnvironment());
    const tty = at("cli/terminal-stdin").getTerminalStdin() !== undefined;
    await print(env.COLUMNS + "x" + env.LINES + " " + tty + "\\n");
    for (;;) await print("<" + new TextDecoder().decode(await input.blockingRead(99n)) + ">");
  } } };
}`;

test("a command in a worker on a terminal", async () => {
  let shown = "";
  /** @type {(data: string) => void} */
  let type = () => {};
  /** @type {() => void} */
  let look = () => {};
  const screen = {
    cols: 80,
    rows: 24,
    write(/** @type {string | Uint8Array} */ data) {
      shown += typeof data === "string" ? data : new TextDecoder().decode(data);
      look();
    },
    onData(/** @type {(data: string) => void} */ listener) {
      type = listener;
      return { dispose: () => {} };
    },
  };
  const seen = (/** @type {string} */ text) =>
    new Promise((resolve) => {
      look = () => shown.includes(text) && resolve(undefined);
      look();
    });
  const streams = terminal(screen, { onInterrupt: () => run.interrupt() });
  const run = runWorker({ files: { "main.js": MAIN } }, streams);
  await seen("80x24 true\r\n");
  type("Adb\x7fa\r");
  await seen("<Ada\r\n>");
  type("\x03");
  assert.equal(await run.exit, 130);
  assert.match(shown, /Adb\x08 \x08a\r\n.*\^C\r\n$/s);
  streams.dispose();
});
