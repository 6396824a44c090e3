/**
 * The host and its small faces: defaults, environment, exit, terminals, clocks,
 * random, sockets that are not granted.
 * @module
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { ComponentExit, memory, wasi } from "@slipway/wasi";
import { fails } from "./fs.suite.js";

const quiet = { stdout: null, stderr: null };
const face = (options, name) => wasi(options).imports[`wasi:${name}@0.2.12`];

test("nothing is granted unasked", () => {
  const { imports } = wasi();
  const env = imports["wasi:cli/environment@0.2.12"];
  assert.deepEqual(env.getEnvironment(), []);
  assert.deepEqual(env.getArguments(), []);
  assert.equal(env.initialCwd(), undefined);
  const stdin = imports["wasi:cli/stdin@0.2.12"].getStdin();
  fails({ tag: "closed" }, () => stdin.read(1n));
  fails({ tag: "closed" }, () => stdin.blockingRead(1n));
  assert.equal(stdin.subscribe().ready(), true);
  const fs = imports["wasi:filesystem/preopens@0.2.12"];
  assert.deepEqual(fs.getDirectories(), []);
  for (const end of ["stdin", "stdout", "stderr"]) {
    const name = end[0].toUpperCase() + end.slice(1);
    const terminal = imports[`wasi:cli/terminal-${end}@0.2.12`];
    assert.equal(terminal[`getTerminal${name}`](), undefined);
  }
  const tcp = imports["wasi:sockets/tcp-create-socket@0.2.12"];
  fails("access-denied", () => tcp.createTcpSocket("ipv4"));
  const udp = imports["wasi:sockets/udp-create-socket@0.2.12"];
  fails("access-denied", () => udp.createUdpSocket("ipv6"));
  const network = imports["wasi:sockets/instance-network@0.2.12"];
  const lookup = imports["wasi:sockets/ip-name-lookup@0.2.12"];
  fails("access-denied", () =>
    lookup.resolveAddresses(network.instanceNetwork(), "localhost"),
  );
});

test("arguments, variables, directory", () => {
  const options = { args: ["me", "-x"], env: { A: "1", B: "" }, cwd: "/w" };
  const env = face(options, "cli/environment");
  assert.deepEqual(env.getArguments(), ["me", "-x"]);
  assert.deepEqual(env.getEnvironment(), [
    ["A", "1"],
    ["B", ""],
  ]);
  assert.equal(env.initialCwd(), "/w");
  const pairs = face({ env: new Map([["K", "V"]]) }, "cli/environment");
  assert.deepEqual(pairs.getEnvironment(), [["K", "V"]]);
});

test("exit carries the status", () => {
  const { exit, exitWithCode } = face({}, "cli/exit");
  const status = (act) => {
    try {
      act();
    } catch (error) {
      assert.ok(error instanceof ComponentExit);
      return error.exitCode;
    }
    return undefined;
  };
  assert.equal(
    status(() => exit({ tag: "ok" })),
    0,
  );
  assert.equal(
    status(() => exit({ tag: "err" })),
    1,
  );
  assert.equal(
    status(() => exitWithCode(42)),
    42,
  );
  assert.equal(
    status(() => exitWithCode(0)),
    0,
  );
});

test("terminals are what the user says", () => {
  const { imports } = wasi({
    ...quiet,
    terminal: { stdin: true, stderr: true },
  });
  const stdin = imports["wasi:cli/terminal-stdin@0.2.12"].getTerminalStdin();
  const input = imports["wasi:cli/terminal-input@0.2.12"];
  assert.ok(stdin instanceof input.TerminalInput);
  const stdout = imports["wasi:cli/terminal-stdout@0.2.12"];
  assert.equal(stdout.getTerminalStdout(), undefined);
  const stderr = imports["wasi:cli/terminal-stderr@0.2.12"];
  const output = imports["wasi:cli/terminal-output@0.2.12"];
  assert.ok(stderr.getTerminalStderr() instanceof output.TerminalOutput);
});

const noText = "Deno" in globalThis && "Deno takes no module as a text";
test("the console is the default sink, by lines", { skip: noText }, () => {
  const script = `
    import { wasi } from "@slipway/wasi";
    const { imports } = wasi();
    const out = imports["wasi:cli/stdout@0.2.12"].getStdout();
    const err = imports["wasi:cli/stderr@0.2.12"].getStderr();
    const put = (s, text) => s.blockingWriteAndFlush(new TextEncoder().encode(text));
    put(out, "one\\ntwo\\nthr");
    put(out, "ee é");
    put(out, "\\n");
    out.blockingWriteAndFlush(new Uint8Array([0xc3]));
    out.blockingWriteAndFlush(new Uint8Array([0xa9, 10]));
    put(err, "problem\\n");
    put(out, "no end");
  `;
  const out = execFileSync(
    globalThis.process?.execPath,
    ["--input-type=module", "-e", script],
    { cwd: import.meta.dirname ?? new URL(".", import.meta.url).pathname },
  );
  assert.equal(String(out), "one\ntwo\nthree é\né\nno end\n");
});

test("monotonic clock", async () => {
  const { now, resolution, subscribeDuration, subscribeInstant } = face(
    { blocking: "jspi" },
    "clocks/monotonic-clock",
  );
  const first = now();
  assert.equal(typeof first, "bigint");
  assert.ok(now() >= first);
  assert.ok(resolution() >= 1n);
  assert.equal(subscribeInstant(0n).ready(), true);
  assert.equal(subscribeDuration(0n).ready(), true);
  const pollable = subscribeDuration(20_000_000n);
  assert.equal(pollable.ready(), false);
  const start = now();
  await pollable.block();
  assert.ok(now() - start >= 19_000_000n);
  assert.equal(pollable.ready(), true);
  assert.equal(pollable.block(), undefined);
  assert.equal(subscribeDuration(0xffffffffffffffffn).ready(), false);
  assert.equal(subscribeInstant(0xffffffffffffffffn).ready(), false);
  const later = subscribeInstant(now() + 5_000_000n);
  await later.block();
  assert.equal(later.ready(), true);
});

test("wall clock and time zone", () => {
  const { now, resolution } = face({}, "clocks/wall-clock");
  const { seconds, nanoseconds } = now();
  assert.ok(Math.abs(Number(seconds) - Date.now() / 1000) < 2);
  assert.ok(nanoseconds >= 0 && nanoseconds < 1e9);
  assert.ok(resolution().nanoseconds >= 1);
  const utc = face({}, "clocks/timezone");
  const summer = { seconds: 1720000000n, nanoseconds: 0 };
  const winter = { seconds: 1705000000n, nanoseconds: 0 };
  assert.deepEqual(utc.display(summer), {
    utcOffset: 0,
    name: "UTC",
    inDaylightSavingTime: false,
  });
  const zone = (timezone) => face({ clocks: { timezone } }, "clocks/timezone");
  const york = zone("America/New_York");
  assert.equal(york.utcOffset(summer), -4 * 3600);
  assert.equal(york.utcOffset(winter), -5 * 3600);
  assert.equal(york.display(summer).inDaylightSavingTime, true);
  assert.equal(york.display(winter).inDaylightSavingTime, false);
  const south = zone("Australia/Adelaide");
  assert.equal(south.utcOffset(summer), 9.5 * 3600);
  assert.equal(south.display(winter).inDaylightSavingTime, true);
  const never = { seconds: 0xffffffffffffffffn, nanoseconds: 0 };
  assert.equal(york.utcOffset(never), 0);
});

test("clocks of the user's own", () => {
  let at = 5n;
  const clocks = {
    monotonic: { now: () => at, resolution: () => 7n },
    wall: {
      now: () => ({ seconds: 1n, nanoseconds: 2 }),
      resolution: () => ({ seconds: 3n, nanoseconds: 4 }),
    },
  };
  const { imports } = wasi({ ...quiet, clocks });
  const monotonic = imports["wasi:clocks/monotonic-clock@0.2.12"];
  assert.equal(monotonic.now(), 5n);
  at = 9n;
  assert.equal(monotonic.now(), 9n);
  assert.equal(monotonic.resolution(), 7n);
  assert.equal(monotonic.subscribeInstant(9n).ready(), true);
  const wall = imports["wasi:clocks/wall-clock@0.2.12"];
  assert.deepEqual(wall.now(), { seconds: 1n, nanoseconds: 2 });
  assert.deepEqual(wall.resolution(), { seconds: 3n, nanoseconds: 4 });
});

test("random", () => {
  const { imports } = wasi(quiet);
  const { getRandomBytes, getRandomU64 } = imports["wasi:random/random@0.2.12"];
  assert.equal(getRandomBytes(0n).length, 0);
  const many = getRandomBytes(200000n);
  assert.equal(many.length, 200000);
  // Each 64 KiB part was filled: none of them is all zeros at its end.
  for (const end of [65536, 131072, 196608, 200000])
    assert.ok(many.subarray(end - 64, end).some((byte) => byte !== 0));
  const seen = new Set();
  for (let i = 0; i < 1000; i++) seen.add(getRandomU64());
  assert.equal(seen.size, 1000);
  const insecure = imports["wasi:random/insecure@0.2.12"];
  assert.equal(insecure.getInsecureRandomBytes(10n).length, 10);
  assert.equal(typeof insecure.getInsecureRandomU64(), "bigint");
  const [a, b] = imports["wasi:random/insecure-seed@0.2.12"].insecureSeed();
  assert.notEqual(a, b);
});

test("random of the user's own", () => {
  const random = { getRandomValues: (bytes) => bytes.fill(1) };
  const { imports } = wasi({ ...quiet, random });
  const mine = imports["wasi:random/random@0.2.12"];
  assert.deepEqual(mine.getRandomBytes(3n), new Uint8Array([1, 1, 1]));
  assert.equal(mine.getRandomU64(), 0x0101010101010101n);
});

test("each clock has its own resolution", () => {
  const monotonic = { now: () => 1n, resolution: () => 12345n };
  const { imports } = wasi({ ...quiet, clocks: { monotonic } });
  const at = (name) => imports[`wasi:clocks/${name}@0.2.12`].resolution();
  assert.equal(at("monotonic-clock"), 12345n);
  assert.notEqual(at("wall-clock").nanoseconds, 12345);
});

test("two hosts on one page share nothing", async () => {
  const made = (letter) => {
    const out = [];
    const host = wasi({
      args: [letter],
      env: { [letter]: letter },
      cwd: `/${letter}`,
      stdin: letter,
      stdout: (chunk) => void out.push(String.fromCharCode(...chunk)),
      stderr: null,
      fs: { "/": memory({ [letter]: letter }) },
      random: { getRandomValues: (b) => b.fill(letter.charCodeAt(0)) },
      clocks: { timezone: letter === "a" ? "Asia/Tokyo" : undefined },
      terminal: { stdout: letter === "a" },
      blocking: "jspi",
    });
    return { host, out, at: (name) => host.imports[`wasi:${name}@0.2.12`] };
  };
  const [a, b] = ["a", "b"].map(made);
  for (const { at } of [a, b])
    at("cli/stdout")
      .getStdout()
      .blockingWriteAndFlush(at("cli/stdin").getStdin().read(9n).slice());
  assert.deepEqual([a.out, b.out], [["a"], ["b"]]);
  const seen = ({ at }) => {
    const [[root, path]] = at("filesystem/preopens").getDirectories();
    root.createDirectoryAt("made");
    return [
      at("cli/environment").getArguments(),
      at("cli/environment").getEnvironment(),
      at("cli/environment").initialCwd(),
      [path, root.readDirectory().readDirectoryEntry().name],
      at("random/random").getRandomBytes(1n)[0],
      at("random/random").getRandomU64() & 0xffn,
      at("clocks/timezone").display(at("clocks/wall-clock").now()).name,
      at("cli/terminal-stdout").getTerminalStdout() !== undefined,
    ];
  };
  assert.deepEqual(seen(a), [
    ...[["a"], [["a", "a"]], "/a", ["/", "a"], 97, 97n, "GMT+9", true],
  ]);
  assert.deepEqual(seen(b), [
    ...[["b"], [["b", "b"]], "/b", ["/", "b"], 98, 98n, "UTC", false],
  ]);
  // Nor an end: one is interrupted, the other goes on waiting.
  const sleep = ({ at }) =>
    at("clocks/monotonic-clock").subscribeDuration(20_000_000n).block();
  const [first, second] = [sleep(a), sleep(b)];
  a.host.interrupt();
  await assert.rejects(first, { exitCode: 130 });
  assert.equal(await second, undefined);
  // The classes are one, what they hold is not: a descriptor of one volume is a stranger in the other.
  const root = ({ at }) => at("filesystem/preopens").getDirectories()[0][0];
  assert.equal(root(a).isSameObject(root(b)), false);
  fails("cross-device", () => root(a).renameAt("a", root(b), "c"));
});

test("two hosts share no standard stream", () => {
  const a = wasi({ ...quiet, env: { A: "1" }, stdin: "a" });
  const b = wasi({ ...quiet, stdin: "b" });
  const read = ({ imports }) =>
    String.fromCharCode(
      ...imports["wasi:cli/stdin@0.2.12"].getStdin().read(9n),
    );
  assert.equal(read(a), "a");
  assert.equal(read(b), "b");
  const env = b.imports["wasi:cli/environment@0.2.12"];
  assert.deepEqual(env.getEnvironment(), []);
});
