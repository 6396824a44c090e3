/**
 * What a guest would call, run in a process of its own by node-stdio.test.js:
 * `node stdio-guest.js BLOCKING PROGRAM`.
 * @module
 */
import { wasi } from "@slipway/wasi/node";

const [, , blocking, program] = /** @type {any[]} */ (process.argv);
const { imports } = wasi({ stdio: "inherit", blocking });
const stdin = imports["wasi:cli/stdin@0.2.12"].getStdin();
const stdout = imports["wasi:cli/stdout@0.2.12"].getStdout();
const clock = imports["wasi:clocks/monotonic-clock@0.2.12"];
const { poll } = imports["wasi:io/poll@0.2.12"];

/** In tier 2 nothing may be a Promise: the thread itself has slept. */
function settled(value) {
  if (blocking === "atomics" && value instanceof Promise)
    throw new Error("a Promise where the thread should have slept");
  return value;
}

async function print(text) {
  const bytes =
    typeof text === "string" ? new TextEncoder().encode(text) : text;
  for (let at = 0; at < bytes.length; at += 4096)
    await settled(stdout.blockingWriteAndFlush(bytes.slice(at, at + 4096)));
}

/** @returns {Promise<Uint8Array | undefined>} */
async function read() {
  try {
    return await settled(stdin.blockingRead(65536n));
  } catch (/** @type {any} */ error) {
    if (error?.tag === "closed") return undefined;
    throw error;
  }
}

const programs = {
  async echo() {
    await print("ready\n");
    for (let chunk; (chunk = await read());) {
      await print("<");
      await print(chunk);
      await print(">");
    }
    await print("closed\n");
    process.exit(7 * (process.env.ZERO ? 0 : 1));
  },
  async race() {
    const input = stdin.subscribe();
    const timer = clock.subscribeDuration(20_000_000n);
    const first = await settled(poll([input, timer]));
    await print(first.includes(1) ? "timer\n" : "?\n");
    const second = await settled(
      poll([input, clock.subscribeDuration(60_000_000_000n)]),
    );
    await print(second.includes(0) ? "stdin\n" : "?\n");
  },
  async sum() {
    let sum = 0;
    let length = 0;
    for (let chunk; (chunk = await read()); length += chunk.length)
      for (const byte of chunk) sum = (sum * 31 + byte) >>> 0;
    await print(`${length} ${sum}\n`);
  },
  async sleep() {
    await settled(clock.subscribeDuration(10_000_000n).block());
    await print("slept\n");
  },
  async flood() {
    const line = new Uint8Array(4000).fill(46);
    try {
      for (let i = 0; i < 500; i++) await print(line);
    } catch (/** @type {any} */ { tag, val }) {
      console.error(tag, val.toDebugString());
    }
  },
};

await programs[program]();
