/**
 * Streams and poll: back-pressure, order, errors, and that ready means now.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ComponentExit, detectBlocking, wasi } from "@slipway/wasi";
import { probeAtomics } from "../../shims/src/wait.js";
import { fails } from "./fs.suite.js";

const bytes = (text) => new TextEncoder().encode(text);
const text = (array) => new TextDecoder().decode(array);
const DISPOSE = Symbol.dispose ?? Symbol.for("dispose");

function streams(options) {
  const host = wasi({
    stdout: null,
    stderr: null,
    blocking: "jspi",
    ...options,
  });
  const { imports } = host;
  return {
    host,
    stdin: () => imports["wasi:cli/stdin@0.2.12"].getStdin(),
    stdout: () => imports["wasi:cli/stdout@0.2.12"].getStdout(),
    poll: imports["wasi:io/poll@0.2.12"].poll,
    clock: imports["wasi:clocks/monotonic-clock@0.2.12"],
  };
}

/** A sink whose writes finish when the test says so. */
function gate() {
  const pending = [];
  const written = [];
  return {
    written,
    pending,
    write: (chunk) =>
      new Promise((resolve, reject) => {
        written.push(text(chunk));
        pending.push({ resolve, reject });
      }),
    async release() {
      pending.shift().resolve();
      await sleep(0);
    },
  };
}

test("stdin from text and bytes never waits", () => {
  for (const stdin of ["hello", bytes("hello"), [bytes("he"), "llo"]]) {
    const input = streams({ stdin }).stdin();
    let all = "";
    assert.equal(input.read(0n).length, 0);
    all += text(input.blockingRead(2n));
    assert.equal(all, "he");
    for (;;) {
      try {
        all += text(input.blockingRead(100n));
      } catch (error) {
        assert.deepEqual(error, { tag: "closed" });
        break;
      }
    }
    assert.equal(all, "hello");
    fails({ tag: "closed" }, () => input.read(0n));
  }
});

test("stdin from a stream waits, and reads at once what is there", async () => {
  let push;
  const stdin = new ReadableStream({
    start: (controller) => void (push = controller),
  });
  const { stdin: get, poll } = streams({ stdin });
  const input = get();
  const pollable = input.subscribe();
  assert.equal(input.read(5n).length, 0);
  assert.equal(pollable.ready(), false);
  const waiting = input.blockingRead(5n);
  assert.ok(waiting instanceof Promise);
  push.enqueue(bytes("abcdefg"));
  assert.equal(text(await waiting), "abcde");
  assert.equal(pollable.ready(), true);
  assert.deepEqual(poll([pollable]), [0]);
  assert.equal(text(input.blockingRead(5n)), "fg");
  assert.equal(input.skip(5n), 0n);
  const skipping = input.blockingSkip(2n);
  push.enqueue(bytes("xyz"));
  assert.equal(await skipping, 2n);
  assert.equal(text(get().read(5n)), "z");
  const end = input.blockingRead(1n);
  push.close();
  await assert.rejects(end, { tag: "closed" });
});

test("stdin from a function: called when the guest wants more", async () => {
  const chunks = ["one", bytes("two"), "", "three", undefined];
  let calls = 0;
  const input = streams({ stdin: () => (calls++, chunks.shift()) }).stdin();
  assert.equal(calls, 0);
  assert.equal(text(input.blockingRead(9n)), "one");
  assert.equal(calls, 1);
  assert.equal(text(input.read(2n)), "tw");
  assert.equal(text(input.read(9n)), "o");
  assert.equal(text(input.blockingRead(9n)), "three");
  fails({ tag: "closed" }, () => input.read(1n));
  const answers = ["later", null];
  const slow = streams({
    stdin: async () => (await sleep(1), answers.shift()),
  }).stdin();
  const waiting = slow.blockingRead(9n);
  assert.ok(waiting instanceof Promise);
  assert.equal(text(await waiting), "later");
  await assert.rejects(async () => slow.blockingRead(9n), { tag: "closed" });
  const broken = streams({
    stdin: () => {
      throw new Error("no input");
    },
  }).stdin();
  assert.throws(
    () => broken.read(1n),
    ({ val }) => /no input/.test(val.toDebugString()),
  );
  assert.throws(() => streams({ stdin: 5 }).stdin(), TypeError);
});

test("an input that breaks says so once, then is closed", async () => {
  async function* broken() {
    yield "ok";
    throw new Error("cable cut");
  }
  const input = streams({ stdin: broken() }).stdin();
  assert.equal(text(await input.blockingRead(9n)), "ok");
  await assert.rejects(
    async () => input.blockingRead(9n),
    ({ tag, val }) =>
      tag === "last-operation-failed" && /cable cut/.test(val.toDebugString()),
  );
  fails({ tag: "closed" }, () => input.read(1n));
});

test("a synchronous sink takes writes at once, in order", () => {
  const got = [];
  const stdout = (chunk) => void got.push(text(chunk));
  const out = streams({ stdout }).stdout();
  assert.ok(out.checkWrite() >= 4096n);
  out.write(bytes("a"));
  out.write(bytes("b"));
  out.flush();
  assert.equal(out.blockingWriteAndFlush(bytes("c")), undefined);
  assert.equal(out.blockingFlush(), undefined);
  assert.equal(out.subscribe().ready(), true);
  assert.deepEqual(got, ["a", "b", "c"]);
});

test("writing more than was permitted traps", () => {
  const out = streams({ stdout: () => {} }).stdout();
  assert.throws(() => out.write(bytes("x")), /permitted 0/);
  const permit = out.checkWrite();
  assert.throws(() => out.write(new Uint8Array(Number(permit) + 1)), Error);
  assert.throws(() => out.writeZeroes(permit + 1n), Error);
  assert.throws(() => out.blockingWriteAndFlush(new Uint8Array(4097)), /4096/);
  assert.throws(() => out.blockingWriteZeroesAndFlush(4097n), /4096/);
});

test("back-pressure: a slow sink shuts the stream until it has drained", async () => {
  const slow = gate();
  const { stdout, poll } = streams({ stdout: slow.write });
  const out = stdout();
  const room = Number(out.checkWrite());
  out.write(new Uint8Array(room).fill(97));
  assert.equal(out.checkWrite(), 0n);
  const pollable = out.subscribe();
  assert.equal(pollable.ready(), false);
  const waiting = poll([pollable]);
  assert.ok(waiting instanceof Promise);
  await slow.release();
  assert.deepEqual(await waiting, [0]);
  assert.equal(out.checkWrite(), BigInt(room));
});

test("flush: nothing is accepted until everything has gone out", async () => {
  const slow = gate();
  const out = streams({ stdout: slow.write }).stdout();
  out.checkWrite();
  out.write(bytes("a"));
  out.write(bytes("b"));
  out.flush();
  assert.equal(out.checkWrite(), 0n);
  await slow.release();
  assert.equal(out.checkWrite(), 0n);
  assert.deepEqual(slow.written, ["a", "b"]);
  await slow.release();
  assert.ok(out.checkWrite() > 0n);
  const writing = out.blockingWriteAndFlush(bytes("c"));
  assert.ok(writing instanceof Promise);
  let done = false;
  void writing.then(() => (done = true));
  await sleep(0);
  assert.equal(done, false);
  await slow.release();
  await writing;
  assert.deepEqual(slow.written, ["a", "b", "c"]);
});

test("a write that fails later is the last operation", async () => {
  const slow = gate();
  const { stdout, host } = streams({ stdout: slow.write });
  const out = stdout();
  const writing = out.blockingWriteAndFlush(bytes("a"));
  slow.pending[0].reject(new Error("no paper"));
  let error;
  await writing.catch((thrown) => (error = thrown));
  assert.equal(error.tag, "last-operation-failed");
  assert.match(error.val.toDebugString(), /no paper/);
  const types = host.imports["wasi:filesystem/types@0.2.12"];
  assert.equal(types.filesystemErrorCode(error.val), undefined);
  fails({ tag: "closed" }, () => out.checkWrite());
  fails({ tag: "closed" }, () => out.blockingFlush());
  assert.equal(out.subscribe().ready(), true);
});

test("a sink that throws", () => {
  const stdout = () => {
    throw new Error("gone");
  };
  const out = streams({ stdout }).stdout();
  assert.throws(() => out.blockingWriteAndFlush(bytes("a")), {
    tag: "last-operation-failed",
  });
  fails({ tag: "closed" }, () => out.checkWrite());
});

test("stdout to a WritableStream, through a bounded queue", async () => {
  const got = [];
  const stdout = new WritableStream({
    async write(chunk) {
      await sleep(1);
      got.push(text(chunk));
    },
  });
  const out = streams({ stdout }).stdout();
  for (const word of ["one ", "two ", "three"])
    await out.blockingWriteAndFlush(bytes(word));
  assert.equal(got.join(""), "one two three");
});

test("splice moves what both sides can", async () => {
  let push;
  const stdin = new ReadableStream({ start: (c) => void (push = c) });
  const got = [];
  const { stdin: input, stdout } = streams({
    stdin,
    stdout: (chunk) => void got.push(text(chunk)),
  });
  const [from, to] = [input(), stdout()];
  assert.equal(to.splice(from, 10n), 0n);
  const moving = to.blockingSplice(from, 3n);
  assert.ok(moving instanceof Promise);
  push.enqueue(bytes("abcdef"));
  assert.equal(await moving, 3n);
  assert.equal(to.splice(from, 10n), 3n);
  assert.deepEqual(got, ["abc", "def"]);
  push.close();
  await assert.rejects(async () => to.blockingSplice(from, 1n), {
    tag: "closed",
  });
});

test("poll: all that are ready, at once, again and again", async () => {
  const { poll, clock, stdin } = streams({ stdin: "x" });
  const never = clock.subscribeDuration(0xffffffffffffffffn);
  const now = clock.subscribeDuration(0n);
  const input = stdin().subscribe();
  assert.deepEqual(poll([never, now, never, input]), [1, 3]);
  assert.deepEqual(poll([now, now]), [0, 1]);
  assert.deepEqual(poll([now]), [0]);
  assert.throws(() => poll([]), /empty/);
  const soon = clock.subscribeDuration(5_000_000n);
  const waiting = poll([never, soon]);
  assert.ok(waiting instanceof Promise);
  assert.deepEqual(await waiting, [1]);
  now[DISPOSE]?.();
  assert.deepEqual(poll([soon, input]), [0, 1]);
});

const resources = globalThis.process?.getActiveResourcesInfo;
const uncounted = !resources && "nothing counts timers here";
test(
  "a poll that ended leaves no timer behind",
  { skip: uncounted },
  async () => {
    const { poll, clock, stdin } = streams({
      stdin: (async function* () {
        await sleep(5);
        yield "x";
      })(),
    });
    const before = resources().length;
    const hour = clock.subscribeDuration(3_600_000_000_000n);
    assert.deepEqual(await poll([hour, stdin().subscribe()]), [1]);
    assert.ok(resources().length <= before);
  },
);

test("a ready poll takes no turn: no timer, no message, no microtask", () => {
  const { poll, clock, stdin } = streams({ stdin: "x" });
  const list = [clock.subscribeDuration(0n), stdin().subscribe()];
  const names = [
    ...["setTimeout", "setImmediate", "queueMicrotask", "MessageChannel"],
    "Promise",
  ];
  const mine = names.map((name) =>
    Object.getOwnPropertyDescriptor(globalThis, name),
  );
  const never = () => {
    throw new Error("it was to be answered at once");
  };
  let answers;
  try {
    for (const name of names)
      Object.defineProperty(globalThis, name, {
        configurable: true,
        value: never,
      });
    answers = [poll(list), list[0].block(), list[1].ready()];
  } finally {
    names.forEach((name, i) => {
      const was = mine[i];
      if (was) Object.defineProperty(globalThis, name, was);
      else delete globalThis[name];
    });
  }
  assert.deepEqual(answers, [[0, 1], undefined, true]);
});

const awake = !probeAtomics() && "this thread may not sleep";
test("tier 2: this thread sleeps for timers", { skip: awake }, () => {
  const { poll, clock, stdin } = streams({ blocking: "atomics" });
  const soon = clock.subscribeDuration(15_000_000n);
  const start = clock.now();
  assert.deepEqual(poll([soon, clock.subscribeDuration(1n << 60n)]), [0]);
  assert.ok(clock.now() - start >= 15_000_000n);
  const pollable = clock.subscribeDuration(2_000_000n);
  assert.equal(pollable.block(), undefined);
  assert.equal(pollable.ready(), true);
  fails({ tag: "closed" }, () => stdin().blockingRead(1n));
});

test("tier 2: what only the event loop can bring is still a Promise", async () => {
  const { stdin } = streams({
    blocking: "atomics",
    stdin: new ReadableStream({
      async pull(controller) {
        await sleep(1);
        controller.enqueue(bytes("x"));
        controller.close();
      },
    }),
  });
  const waiting = stdin().blockingRead(1n);
  assert.ok(waiting instanceof Promise);
  assert.equal(text(await waiting), "x");
});

test("an interrupt ends what waits", async () => {
  const { host, clock } = streams({});
  const waiting = clock.subscribeDuration(3_600_000_000_000n).block();
  host.interrupt();
  await assert.rejects(
    waiting,
    (error) => error instanceof ComponentExit && error.exitCode === 130,
  );
});

test("the way to wait is probed", () => {
  // What each engine has to offer stands in tests/browsers/engines.js.
  assert.equal(wasi().blocking, detectBlocking());
  assert.equal(wasi({ blocking: "none" }).blocking, "none");
});
