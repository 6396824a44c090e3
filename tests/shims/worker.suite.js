/**
 * `runWorker`: a command in a thread of its own, in each way it may wait and in every engine. The program is written by hand
 * in the shape of a generated module, so that each call it makes is known; its calls are awaited, as JSPI does for a guest,
 * and checked not to be Promises where the thread should have slept.
 * @module
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { symlink } from "@slipway/wasi";
import { runWorker } from "@slipway/wasi/worker";

/** Not every engine's streams can be iterated. */
async function* chunks(stream) {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

const text = async (stream) => {
  let all = "";
  const decoder = new TextDecoder();
  for await (const chunk of chunks(stream))
    all += decoder.decode(chunk, { stream: true });
  return all;
};
const bytes = (string) => new TextEncoder().encode(string);

const prelude = `
  export async function instantiate(getCoreModule, imports) {
    const at = (name) => imports["wasi:" + name + "@0.2.12"];
    const stdin = at("cli/stdin").getStdin();
    const stdout = at("cli/stdout").getStdout();
    const stderr = at("cli/stderr").getStderr();
    const clock = at("clocks/monotonic-clock");
    const settled = (value) => {
      if (BLOCKING !== "jspi" && value instanceof Promise)
        throw new Error("a Promise where the thread should have slept");
      return value;
    };
    const encode = (text) => new TextEncoder().encode(text);
    const print = async (text, to = stdout) =>
      settled(to.blockingWriteAndFlush(encode(text)));
    const read = async () => {
      try { return new TextDecoder().decode(await settled(stdin.blockingRead(65536n))); }
      catch (error) { if (error?.tag === "closed") return undefined; throw error; }
    };
    const sleep = async (ms) =>
      settled(clock.subscribeDuration(BigInt(ms) * 1000000n).block());
    const [[root] = []] = at("filesystem/preopens").getDirectories();
    return { "wasi:cli/run@0.2.3": { run: async () => { BODY } } };
  }
`;

/**
 * @param {string} body of `run`
 * @param {string} blocking how it should wait
 */
export const program = (body, blocking) => ({
  files: {
    "main.js": prelude
      .replace("BLOCKING", JSON.stringify(blocking))
      .replace("BODY", body),
  },
});

/**
 * @param {"jspi" | "atomics" | "sync-xhr"} blocking
 * @param {object} [place]
 * @param {object} [place.options] that every run needs here
 * @param {string} [place.origin] of a server with the routes of tests/browsers/routes.js
 */
export function workerSuite(blocking, { options: common, origin } = {}) {
  describe(`runWorker: ${blocking}`, () => {
    const start = (body, options = {}) =>
      runWorker(program(body, blocking), { blocking, ...common, ...options });

    test("output, status, and what was granted", async () => {
      const body = `
        await print(at("cli/environment").getArguments().join(" ") + "\\n");
        await print(JSON.stringify(at("cli/environment").getEnvironment()));
        await print("oops", stderr);
        const file = root.openAt({ symlinkFollow: true }, "link", {}, { read: true });
        await print(new TextDecoder().decode(file.read(99n, 0n)[0]));
        at("cli/exit").exitWithCode(3);`;
      const run = start(body, {
        args: ["prog", "a b"],
        env: { K: "v" },
        fs: { "/": { memory: { dir: { f: "data" }, link: symlink("dir/f") } } },
      });
      assert.equal(await run.blocking, blocking);
      assert.equal(await run.exit, 3);
      assert.equal(await text(run.stdout), 'prog a b\n[["K","v"]]data');
      assert.equal(await text(run.stderr), "oops");
    });

    test("nothing is granted unasked", async () => {
      const run = start(`
        await print(JSON.stringify([root === undefined,
          at("cli/environment").getEnvironment(), at("cli/environment").getArguments()]));`);
      assert.equal(await text(run.stdout), "[true,[],[]]");
      assert.equal(await run.exit, 0);
    });

    test("stdin as it comes, while the page stays alive", async () => {
      const run = start(`
        await print("?");
        for (let line; (line = await read()) !== undefined; ) await print("<" + line + ">");
        await print("end");`);
      const reader = run.stdout.getReader();
      const next = async () =>
        new TextDecoder().decode((await reader.read()).value);
      assert.equal(await next(), "?");
      const writer = run.stdin.getWriter();
      await writer.write(bytes("one"));
      assert.equal(await next(), "<one>");
      // The guest waits; here time goes on.
      for (let turn = 0; turn < 5; turn++)
        await new Promise((resolve) => setTimeout(resolve, 1));
      await writer.write(bytes("two"));
      assert.equal(await next(), "<two>");
      await writer.close();
      assert.equal(await next(), "end");
      assert.equal((await reader.read()).done, true);
      assert.equal(await run.exit, 0);
    });

    test("stdin from an option, more than the pipe holds", async () => {
      const run = start(
        `let n = 0; for (let t; (t = await read()) !== undefined; ) n += t.length;
         await print(String(n));`,
        { stdin: "x".repeat(300000) },
      );
      assert.equal(await text(run.stdout), "300000");
    });

    test("output waits for its reader, and arrives whole", async () => {
      const run = start(`
        const block = new Uint8Array(4096).fill(65);
        for (let i = 0; i < 1000; i++) await settled(stdout.blockingWriteAndFlush(block.slice()));
        await print("done", stderr);`);
      let finished = false;
      void run.exit.then(() => (finished = true));
      await run.blocking;
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(finished, false);
      let length = 0;
      for await (const chunk of chunks(run.stdout)) length += chunk.length;
      assert.equal(length, 4096000);
      assert.equal(await text(run.stderr), "done");
      assert.equal(await run.exit, 0);
    });

    test("output to a function", async () => {
      let out = "";
      const run = start(`for (let i = 0; i < 100; i++) await print(i + " ");`, {
        stdout: (chunk) => void (out += new TextDecoder().decode(chunk)),
      });
      assert.equal(await run.exit, 0);
      assert.equal(out.split(" ").length, 101);
    });

    test("sleep", async () => {
      const run = start(`
        const start = clock.now();
        await sleep(30);
        await print(String(clock.now() - start >= 30000000n));`);
      assert.equal(await text(run.stdout), "true");
    });

    test("terminate is kill -9", async () => {
      const run = start(`await print("spinning"); for (;;);`);
      const reader = run.stdout.getReader();
      await reader.read();
      run.terminate();
      assert.equal(await run.exit, 137);
      assert.equal((await reader.read()).done, true);
    });

    test("an interrupt ends what waits", async () => {
      const run = start(`await print("waiting"); await sleep(3600000);`);
      const reader = run.stdout.getReader();
      await reader.read();
      const start_ = performance.now();
      run.interrupt(60000);
      assert.equal(await run.exit, 130);
      assert.ok(performance.now() - start_ < 5000);
    });

    test("an interrupt ends by force what does not wait", async () => {
      const run = start(`await print("spinning"); for (;;);`);
      await run.stdout.getReader().read();
      run.interrupt(50);
      assert.equal(await run.exit, 130);
    });

    test("a trap rejects, with its message", async () => {
      const run = start(
        `await print("before"); throw new WebAssembly.RuntimeError("unreachable");`,
      );
      await assert.rejects(run.exit, /unreachable/);
      assert.equal(await text(run.stdout), "before");
      const bad = runWorker({ files: { "main.js": "export const x = 1" } });
      await assert.rejects(bad.exit, /instantiate/);
      const none = runWorker({ files: {} });
      await assert.rejects(none.exit, /no .js file/);
    });

    test("`run` that answers err is status 1", async () => {
      const run = start(
        `throw Object.assign(new Error(), { name: "ComponentError", payload: undefined });`,
      );
      assert.equal(await run.exit, 1);
    });

    http(blocking, start, origin);
  });
}

const requests = `
  const types = at("http/types");
  const begin = (path, method, authority = AUTHORITY) => {
    const request = new types.OutgoingRequest(new types.Fields());
    request.setScheme({ tag: "HTTP" });
    request.setAuthority(authority);
    request.setPathWithQuery(path);
    if (method) request.setMethod({ tag: method });
    const body = method ? request.body() : undefined;
    return { future: at("http/outgoing-handler").handle(request, undefined), body };
  };
  const answer = async (future) => {
    await settled(future.subscribe().block());
    const { val } = future.get();
    if (val.tag === "err") throw val.val;
    return val.val;
  };
  const whole = async (response) => {
    const stream = response.consume().stream();
    let length = 0, text = "";
    for (;;) {
      try {
        const chunk = await settled(stream.blockingRead(65536n));
        length += chunk.length;
        if (text.length < 100) text += new TextDecoder().decode(chunk.slice(0, 100));
      } catch (error) {
        if (error?.tag === "closed") return { length, text };
        throw error;
      }
    }
  };
`;

/** Requests of a guest that waits for them. */
function http(blocking, start, origin) {
  const skip = !origin && "no server was given";
  /** @param {string} body @param {any} [fetch] */
  const ask = (body, fetch = true) =>
    start(
      requests.replace("AUTHORITY", JSON.stringify(new URL(origin).host)) +
        body,
      { fetch },
    );

  test("HTTP: a request while it waits, and an upload", { skip }, async () => {
    const run = ask(`
      const response = await answer(begin("/http/hello").future);
      await print(response.status() + " " + (await whole(response)).text + "\\n");
      const { future, body } = begin("/http/count", "post");
      const upload = body.write();
      for (let i = 0; i < 100; i++)
        await settled(upload.blockingWriteAndFlush(new Uint8Array(4096)));
      upload[Symbol.dispose ?? Symbol.for("dispose")]();
      types.OutgoingBody.finish(body, undefined);
      await print((await whole(await answer(future))).text);`);
    assert.equal(await text(run.stdout), "200 hello GET\n409600");
    assert.equal(await run.exit, 0);
  });

  test("HTTP: a long answer, read as it is wanted", { skip }, async () => {
    const run = ask(`
      const response = await answer(begin("/http/big?n=3000000").future);
      await print(String((await whole(response)).length));
      const dripping = await whole(await answer(begin("/http/drip").future));
      await print(" " + dripping.text);`);
    assert.equal(await text(run.stdout), "3000000 0 1 2 3 4 ");
    assert.equal(await run.exit, 0);
  });

  test("HTTP: what is refused, and what fails", { skip }, async () => {
    const body = `
      try {
        const { future } = begin("/http/hello", undefined, "TARGET");
        await print(String((await answer(future)).status()));
      } catch (error) { await print(error.tag); }`;
    const host = new URL(origin).host;
    /** @type {Array<[target: string, fetch: any, expected: string]>} */
    const cases = [
      [host, false, "HTTP-request-denied"],
      [host, { allow: ["other.test"] }, "HTTP-request-denied"],
      [host, { allow: [host] }, "200"],
    ];
    for (const [target, fetch, expected] of cases) {
      const run = ask(body.replace("TARGET", target), fetch);
      assert.equal(await text(run.stdout), expected);
      assert.equal(await run.exit, 0);
    }
    const run = ask(body.replace("TARGET", "localhost:1"));
    const told = await text(run.stdout);
    assert.ok(
      [
        "internal-error",
        "connection-refused",
        "destination-unavailable",
      ].includes(told),
      told,
    );
    assert.equal(await run.exit, 0);
  });

  test("HTTP: a request that is dropped ends", { skip }, async () => {
    const run = ask(`
      const { future } = begin("/http/stall?key=${blocking}");
      const response = await answer(future);
      response[Symbol.dispose ?? Symbol.for("dispose")]();
      for (let i = 0; i < 100; i++) {
        const seen = await whole(await answer(begin("/http/aborted?key=${blocking}").future));
        if (seen.text === "true") return void await print("aborted");
        await sleep(20);
      }`);
    assert.equal(await text(run.stdout), "aborted");
    assert.equal(await run.exit, 0);
  });
}
