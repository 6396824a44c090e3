/**
 * `runWorker`: a command in a thread of its own. The program is written by hand in
 * the shape of a generated module, so that each call it makes is known; its calls
 * are awaited, as JSPI does for a guest, and checked not to be Promises where the
 * thread should have slept.
 * @module
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, test } from "node:test";
import { symlink } from "@slipway/wasi";
import { runWorker } from "@slipway/wasi/worker";

const text = async (stream) => {
  let all = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream)
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
      if (BLOCKING === "atomics" && value instanceof Promise)
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
const program = (body, blocking) => ({
  files: {
    "main.js": prelude
      .replace("BLOCKING", JSON.stringify(blocking))
      .replace("BODY", body),
  },
});

for (const blocking of ["atomics", "jspi"])
  describe(`runWorker: ${blocking}`, () => {
    const start = (body, options = {}) =>
      runWorker(program(body, blocking), { blocking, ...options });

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
      let turns = 0;
      const ticking = setInterval(() => turns++, 1);
      await writer.write(bytes("one"));
      assert.equal(await next(), "<one>");
      await new Promise((resolve) => setTimeout(resolve, 30));
      clearInterval(ticking);
      assert.ok(turns > 5);
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
      for await (const chunk of run.stdout) length += chunk.length;
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

    test("from a URL, with core modules beside it, and a host directory", async (t) => {
      const dir = mkdtempSync(join(tmpdir(), "slipway-worker-"));
      t.after(() => rmSync(dir, { recursive: true }));
      const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
      writeFileSync(join(dir, "main.core.wasm"), wasm);
      const { files } = program(
        `const module = await getCoreModule("main.core.wasm");
         const out = root.openAt({}, "out", { create: true }, { write: true });
         out.write(encode(String(module instanceof WebAssembly.Module)), 0n);`,
        blocking,
      );
      writeFileSync(join(dir, "main.mjs"), files["main.js"]);
      const run = runWorker(pathToFileURL(join(dir, "main.mjs")), {
        blocking,
        fs: { "/": { directory: dir } },
      });
      assert.equal(await run.exit, 0);
      assert.equal(readFileSync(join(dir, "out"), "utf8"), "true");
    });
  });
