/**
 * How a call waits in this place: found out by probing, and what the probe says is true.
 * @module
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { memory, wasi } from "@slipway/wasi";
import { abilities, ground } from "./ground.js";
import { instantiate, transpiled } from "./guests.js";

const encode = (/** @type {string} */ text) => new TextEncoder().encode(text);
const quiet = { stdout: null, stderr: null };

/** A window may never sleep, and workers share memory only when isolated. */
function expectedTier() {
  const { place, isolated, has } = ground;
  if (has.jspi) return "jspi";
  const shares = place === "process" || (place === "worker" && isolated);
  return has.atomics && shares ? "atomics" : "none";
}

test("the way to wait is probed", async () => {
  assert.equal(wasi(quiet).blocking, expectedTier());
  const { jspi, wasmAdapters, hostFiles } = await abilities();
  const { has } = ground;
  assert.deepEqual(
    { jspi, wasmAdapters, hostFiles },
    {
      jspi: has.jspi,
      wasmAdapters: has.wasmAdapters,
      hostFiles: has.hostFiles,
    },
  );
});

for (const blocking of /** @type {const} */ (["jspi", "atomics", "none"]))
  test(`what can be answered now never waits: ${blocking}`, () => {
    const { imports } = wasi({
      blocking,
      stdin: "in",
      stdout: () => {},
      fs: { "/": memory({ f: "text" }) },
    });
    const at = (/** @type {string} */ name) => imports[`wasi:${name}@0.2.12`];
    const { poll } = at("io/poll");
    const now = at("clocks/monotonic-clock").subscribeDuration(0n);
    assert.deepEqual(poll([now, now]), [0, 1]);
    assert.equal(now.block(), undefined);
    const input = at("cli/stdin").getStdin();
    assert.equal(input.blockingRead(9n).length, 2);
    const out = at("cli/stdout").getStdout();
    assert.equal(out.blockingWriteAndFlush(encode("out")), undefined);
    const [[root]] = at("filesystem/preopens").getDirectories();
    const file = root.openAt({}, "f", {}, { read: true });
    assert.equal(file.read(9n, 0n)[0].length, 4);
    assert.equal(at("random/random").getRandomBytes(9n).length, 9);
  });

/**
 * The component that asks, sleeps and answers (wait.wat), in this thread.
 * @param {object} options
 */
async function ask(options) {
  let out = "";
  const host = wasi({
    ...quiet,
    ...options,
    stdout: (/** @type {Uint8Array} */ bytes) =>
      void (out += new TextDecoder().decode(bytes)),
  });
  const built = await transpiled("wait", { instantiation: "async" });
  const exports = await instantiate(built, host.imports);
  const started = performance.now();
  const running = exports["wasi:cli/run@0.2.0"].run();
  const waits = running instanceof Promise;
  await running;
  return { out, waits, ms: performance.now() - started };
}

describe("a component that waits", () => {
  test(
    "suspends, and this thread goes on",
    {
      skip: !ground.has.jspi && "no JSPI here",
    },
    async () => {
      let turns = 0;
      const stdin = new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          turns++;
          controller.enqueue(encode("Ada"));
          controller.close();
        },
      });
      const { out, waits, ms } = await ask({ stdin, blocking: "jspi" });
      assert.equal(out, "name? Ada");
      assert.equal(waits, true);
      assert.equal(turns, 1);
      assert.ok(ms >= 19, `${ms} ms`);
    },
  );

  const tier = expectedTier();
  test(
    "sleeps, where this thread may",
    {
      skip:
        !(
          tier === "atomics" ||
          (ground.has.atomics && ground.place === "process")
        ) && "this thread may not sleep",
    },
    async () => {
      const { out, ms } = await ask({ stdin: "Ada", blocking: "atomics" });
      assert.equal(out, "name? Ada");
      assert.ok(ms >= 19, `${ms} ms`);
    },
  );

  test(
    "traps where nothing can wait, naming the import",
    {
      skip: ground.has.jspi && "JSPI can",
    },
    async () => {
      await assert.rejects(ask({ stdin: "Ada", blocking: "none" }), {
        name: "Trap",
        message:
          "wasi:io/poll@0.2.0 [method]pollable.block returned a promise, but nothing can wait for it here: the engine has no JSPI",
      });
    },
  );
});
