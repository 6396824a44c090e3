/**
 * Components transpiled and run by the library in this engine; adapters between components in the form that runs here.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, transpile } from "slipway";
import { wasi } from "@slipway/wasi";
import { ground, guestBytes } from "./ground.js";
import { instantiate, transpiled } from "./guests.js";

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

test("compile, while the bytes arrive", async () => {
  const url = `${ground.origin}/guests/wat-greet.wasm`;
  const component = await compile(fetch(url));
  const { greet } = await component.instantiate();
  assert.equal(greet("Ada ☃"), "Hello, Ada ☃!");
  assert.match(component.wit, /export greet: func\(name: string\) -> string/);
});

test("compile, a command with files and streams", async () => {
  let out = "";
  const { imports } = wasi({
    args: ["report", "-"],
    stdin: "one\ntwo",
    stdout: (/** @type {Uint8Array} */ bytes) =>
      void (out += new TextDecoder().decode(bytes)),
    stderr: null,
  });
  const component = await compile(guestBytes("rust-command"));
  const exports = await component.instantiate(imports);
  const [run] = Object.keys(exports).filter((k) =>
    k.startsWith("wasi:cli/run"),
  );
  await exports[run].run();
  assert.equal(out, "args: -\nGREETING unset\n-: 7 bytes, 1 lines\n");
});

test("bytes that are no component are refused", async () => {
  await assert.rejects(transpile(new Uint8Array([0, 97, 115, 109, 9])), {
    name: "TranspileError",
  });
});

test("compile gives a composed component the adapters that run here", async () => {
  const component = await compile(guestBytes("composed"));
  const { run } = await component.instantiate({
    sleep: (/** @type {number} */ n) => n,
  });
  assert.equal(await run("grüße ☃ 🍰"), "grüße ☃ 🍰");
});

for (const adapters of /** @type {const} */ (["wasm", "js"])) {
  const missing =
    adapters === "wasm" &&
    !ground.has.wasmAdapters &&
    "no core module has several memories here";

  const instance = async () => {
    const built = await transpiled("composed", {
      instantiation: "async",
      adapters,
      asyncImports: ["sleep"],
    });
    return instantiate(built, {
      sleep: (/** @type {number} */ n) => (n < 3 ? n : sleep(5).then(() => n)),
    });
  };

  test(
    `${adapters} adapters answer when nobody waits`,
    { skip: missing },
    async () => {
      const { run } = await instance();
      assert.equal(await run("é"), "é");
    },
  );

  test(
    `${adapters} adapters when the host waits`,
    {
      skip: missing || (!ground.has.jspi && "no JSPI here"),
    },
    async () => {
      const { run } = await instance();
      if (adapters === "js")
        return assert.rejects(
          async () => run("grüße"),
          /transpile with Wasm adapters/,
        );
      const both = await Promise.all([run("first ☃"), run("second")]);
      assert.deepEqual(both, ["first ☃", "second"]);
    },
  );
}
