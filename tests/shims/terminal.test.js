/**
 * The terminal: what is typed, what is shown, what the program gets.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { wasi } from "@slipway/wasi";
import { terminal } from "@slipway/wasi/terminal";

const text = (array) => new TextDecoder().decode(array);

/** A terminal that remembers what it was told to show. */
function fake() {
  let shown = "";
  let listener;
  return {
    cols: 80,
    rows: 24,
    write: (data) => (shown += typeof data === "string" ? data : text(data)),
    onData: (listen) => {
      listener = listen;
      return { dispose: () => (listener = undefined) };
    },
    type: (data) => listener?.(data),
    shown: () => {
      const all = shown;
      shown = "";
      return all;
    },
  };
}

function started(options) {
  const screen = fake();
  const streams = terminal(screen, options);
  const { setMode, end, dispose, ...grants } = streams;
  const { imports } = wasi({ ...grants, blocking: "jspi" });
  const at = (name) => imports[`wasi:cli/${name}@0.2.12`];
  const stdin = at("stdin").getStdin();
  const read = () => text(stdin.read(1000n));
  return { screen, streams, imports, at, stdin, read };
}

test("a line is edited, echoed, and handed over whole", async () => {
  const { screen, stdin, read } = started();
  const line = stdin.blockingRead(100n);
  assert.ok(line instanceof Promise);
  screen.type("helo");
  assert.equal(screen.shown(), "helo");
  screen.type("\x7f");
  assert.equal(screen.shown(), "\b \b");
  screen.type("lo wörld\r");
  assert.equal(screen.shown(), "lo wörld\r\n");
  assert.equal(text(await line), "hello wörld\n");
  screen.type("gone\x15one two\x17three\x1b[A\x07\r");
  assert.equal(read(), "one three\n");
  screen.shown();
  screen.type("日\x7f");
  assert.equal(screen.shown(), "日\b \b\b \b");
  screen.type("e\u0301\x7fx\x7f\x7f\x7f\r");
  assert.equal(read(), "\n");
});

test("Ctrl-D ends the input, or hands over half a line", () => {
  const { screen, stdin, read } = started();
  screen.type("half\x04");
  assert.equal(read(), "half");
  screen.type("\x04more\r");
  assert.throws(() => stdin.read(1n), { tag: "closed" });
});

test("Ctrl-C drops the line and tells", () => {
  let told = 0;
  const { screen, read } = started({ onInterrupt: () => told++ });
  screen.type("abc\x03def\r");
  assert.equal(told, 1);
  assert.equal(read(), "def\n");
  assert.match(screen.shown(), /\^C\r\n/);
});

test("raw mode gives every key and shows none", () => {
  const { screen, streams, read } = started({ mode: "raw" });
  screen.type("a\x1b[A\x03");
  assert.equal(read(), "a\x1b[A\x03");
  assert.equal(screen.shown(), "");
  streams.setMode("line");
  screen.type("xy");
  assert.equal(read(), "");
  streams.setMode("raw");
  assert.equal(read(), "xy");
});

test("output, and what the program is told", () => {
  const { screen, at, streams } = started();
  const stdout = at("stdout").getStdout();
  const put = (data) =>
    stdout.blockingWriteAndFlush(new TextEncoder().encode(data));
  put("a\nb\r");
  put("\nc");
  assert.equal(screen.shown(), "a\r\nb\r\nc");
  assert.ok(at("terminal-stdout").getTerminalStdout());
  assert.ok(at("terminal-stdin").getTerminalStdin());
  const env = Object.fromEntries(at("environment").getEnvironment());
  assert.deepEqual(env, { TERM: "xterm-256color", COLUMNS: "80", LINES: "24" });
  streams.dispose();
  screen.type("late\r");
  assert.throws(() => at("stdin").getStdin().read(1n), { tag: "closed" });
});
