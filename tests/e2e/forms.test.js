/**
 * The forms of output: ES module, `--instantiation`, mapping, `$init`, imported runtime, minified, base64; each run, not
 * only printed. And what holds for all: the same bytes give the same output, and core modules are views of the input.
 * @module
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, it } from "node:test";
import { compile } from "slipway";
import { wasi } from "@slipway/wasi";
import { buildGuest } from "../guests/build.js";
import { everythingHost } from "./lib/everything.js";
import {
  assertTypes,
  instantiate,
  load,
  slipway,
  spawned,
  transpile,
  transpiled,
} from "./lib/harness.js";

/** @import { Built } from './lib/harness.js' */

/** The files of an output by what they are. @param {Built} built */
function kinds({ files }) {
  const names = Object.keys(files);
  return {
    wasm: names.filter((name) => name.endsWith(".wasm")),
    js: names.filter((name) => name.endsWith(".js")),
    dts: names.filter((name) => name.endsWith(".d.ts")),
  };
}

/** The JavaScript of an output. @param {Built} built @returns {string} */
const script = ({ files, name }) => /** @type {string} */ (files[`${name}.js`]);

describe("ES module", () => {
  it("a function is an export", async () => {
    const built = await transpiled("wat-greet");
    const { greet, ...rest } = await load(built);
    assert.equal(greet("Ada ☃"), "Hello, Ada ☃!");
    assert.deepEqual(Object.keys(rest), []);
    assert.deepEqual(kinds(built), {
      wasm: ["wat-greet.core.wasm"],
      js: ["wat-greet.js"],
      dts: ["wat-greet.d.ts"],
    });
    await assertTypes(
      built,
      `import { greet } from "./wat-greet.js";
       export const text: string = greet("x");
       // @ts-expect-error not a string
       greet(5);`,
    );
  });

  it("a 12 MB component: exports by both names, WASI from the package", async () => {
    const built = await transpiled("js-hello");
    const module = await load(built);
    assert.equal(await module.greet("Ada"), "Hello, Ada!");
    assert.equal(module.people, module["slipway:hello/people@1.0.0"]);
    const { describe, birthday } = module.people;
    assert.equal(
      await describe({ name: "Ada", age: 36, tags: ["maths"] }),
      "Ada, 36 (maths)",
    );
    assert.deepEqual(await birthday({ name: "Ada", age: 36, tags: [] }), {
      name: "Ada",
      age: 37,
      tags: ["was 36"],
    });
    await assert.rejects(async () => birthday({ name: "", age: 1, tags: [] }), {
      name: "ComponentError",
      payload: "nobody has no birthday",
    });
    await assertTypes(
      built,
      `import { greet, people } from "./js-hello.js";
       export const text: string = await greet("x");
       export const older: number = (await people.birthday({ name: "a", age: 1, tags: [] })).age;`,
    );
  });

  it("a component with all that componentize-js puts in, WASI in two versions", async () => {
    const built = await transpiled("js-hello-http");
    assert.ok(
      built.imports.some(([name]) => name === "wasi:http/types@0.2.10"),
    );
    assert.ok(built.imports.some(([name]) => name === "wasi:cli/stdin@0.2.12"));
    await assertTypes(built);
    // wasi:http at 0.2.10 beside the rest at 0.2.12, both from one host.
    assert.equal(await (await load(built)).greet("Ada"), "Hello, Ada!");
  });

  it("a command: one host per module, made from --wasi-options", async () => {
    const built = await transpiled("rust-command", {
      wasiOptions: "./options.js",
    });
    await writeFile(
      join(built.dir, "options.js"),
      `import { memory } from "@slipway/wasi";
       export const out = [];
       const write = (bytes) => void out.push(new TextDecoder().decode(bytes));
       export default { args: ["report", "/d/f"], env: { GREETING: "hi" }, stdout: write, stderr: write,
         fs: { "/d": memory({ f: "abc\\n" }) } };\n`,
    );
    const { run, ...rest } = await load(built);
    const { out } = await import(
      pathToFileURL(join(built.dir, "options.js")).href
    );
    assert.equal(run, rest["wasi:cli/run@0.2.12"]);
    await run.run();
    assert.equal(
      out.join(""),
      "args: /d/f\nGREETING=hi\n/d/f: 4 bytes, 1 lines\nrust-plain: status 0\n",
    );
  });

  it("runs from a folder elsewhere, as a program", async () => {
    const built = await transpiled("rust-command", {
      wasiOptions: "./options.js",
    });
    await writeFile(
      join(built.dir, "options.js"),
      `export default { args: ["report"], env: { GREETING: "hi" } };\n`,
    );
    await writeFile(
      join(built.dir, "main.mjs"),
      `import { run } from "./rust-command.js";\nawait run.run();\n`,
    );
    const { status, stdout, stderr } = await spawned(
      process.execPath,
      [join(built.dir, "main.mjs")],
      { cwd: "/" },
    );
    assert.equal(
      `${stdout}${stderr}`,
      "args: \nGREETING=hi\nrust-plain: status 0\n",
    );
    assert.equal(status, 0);
  });

  it("--tla-compat: $init in place of top-level await", async () => {
    const built = await transpiled("wat-greet", { tlaCompat: true });
    assert.doesNotMatch(script(built), /^(const .* = )?await /m);
    const module = await load(built);
    await module.$init;
    assert.equal(module.greet("Ada"), "Hello, Ada!");
    await assertTypes(
      built,
      `import { $init, greet } from "./wat-greet.js";\nawait $init;\nexport const text: string = greet("x");`,
    );
  });

  it("-M: exact names before wildcards, exports of a module by #", async () => {
    const built = await transpiled("wat-versions", {
      map: [
        ["test:dep/which@0.2.6", "./six.js"],
        ["test:dep/which@0.3.0", "./dep.js#three"],
        ["test:dep/*", "./dep.js#*"],
      ],
    });
    await writeFile(
      join(built.dir, "six.js"),
      "export const which = () => 6;\n",
    );
    await writeFile(
      join(built.dir, "dep.js"),
      "export const which = { which: () => 1 };\nexport const three = { which: () => 3 };\n",
    );
    const { first, second, third } = await load(built);
    assert.deepEqual([first(), second(), third()], [1, 6, 3]);
  });

  it("-M takes WASI interfaces from elsewhere, with the rest from the package", async () => {
    const built = await transpiled("rust-command", {
      map: [["wasi:cli/environment", "./env.js"]],
    });
    await writeFile(
      join(built.dir, "env.js"),
      `export const getArguments = () => ["report", "/none"];\nexport const getEnvironment = () => [["GREETING", "mapped"]];\n`,
    );
    await writeFile(
      join(built.dir, "main.mjs"),
      `import { run } from "./rust-command.js";\ntry { await run.run(); } catch (e) { console.log(e.name); }\n`,
    );
    const { stdout, stderr } = await spawned(process.execPath, [
      join(built.dir, "main.mjs"),
    ]);
    assert.equal(stdout, "args: /none\nGREETING=mapped\nComponentError\n");
    assert.equal(stderr, "rust-plain: cannot open /none\n");
  });
});

describe("--instantiation", () => {
  it("sync: the result is there at once", async () => {
    const built = await transpiled("rust-everything", {
      instantiation: "sync",
    });
    const { files, name } = built;
    const module = await load(built);
    const { imports, on } = everythingHost();
    /** @type {string[]} */
    const asked = [];
    const { values } = module.instantiate((/** @type {string} */ path) => {
      asked.push(path);
      return new WebAssembly.Module(/** @type {BufferSource} */ (files[path]));
    }, imports);
    on.echoU8 = (v) => v + 1;
    assert.equal(values.echoU8(4), 5);
    assert.ok(asked.includes(`${name}.core.wasm`));
    assert.deepEqual(
      [...asked].sort(),
      [...new Set(asked)].sort(),
      "each module is asked for once",
    );
    await assertTypes(
      built,
      `import { instantiate } from "./rust-everything.js";
       declare const imports: Parameters<typeof instantiate>[1];
       const { values } = instantiate((path: string) => new WebAssembly.Module(new Uint8Array()), imports);
       export const n: number = values.echoU8(1);`,
    );
  });

  it("async: modules may be promises, instantiateCore is the caller's", async () => {
    const built = await transpiled("rust-everything", {
      instantiation: "async",
    });
    const module = await load(built);
    const { imports, on } = everythingHost();
    let cores = 0;
    const { values } = await module.instantiate(
      (/** @type {string} */ path) =>
        WebAssembly.compile(/** @type {BufferSource} */ (built.files[path])),
      imports,
      (
        /** @type {WebAssembly.Module} */ core,
        /** @type {WebAssembly.Imports} */ given,
      ) => {
        cores++;
        return WebAssembly.instantiate(core, given);
      },
    );
    on.echoU8 = (v) => v + 1;
    assert.equal(values.echoU8(4), 5);
    const modules = Object.keys(built.files).filter((path) =>
      path.endsWith(".wasm"),
    );
    assert.equal(cores, modules.length);
  });

  it("any number of times, sharing nothing", async () => {
    const built = await transpiled("rust-everything", {
      instantiation: "async",
    });
    const [a, b] = [everythingHost(), everythingHost()];
    const [one, two] = await Promise.all([
      instantiate(built, a.imports),
      instantiate(built, b.imports),
    ]);
    new one.guest.Counter(1);
    assert.deepEqual([one.guest.live(), two.guest.live()], [1, 0]);
    a.on.echoU8 = () => 1;
    b.on.echoU8 = () => 2;
    assert.deepEqual([one.values.echoU8(0), two.values.echoU8(0)], [1, 2]);
    assert.notEqual(one.guest.Counter, two.guest.Counter);
  });
});

describe("options", () => {
  it("--name names every file", async () => {
    const built = await transpiled("wat-greet", { name: "other" });
    assert.deepEqual(Object.keys(built.files).sort(), [
      "other.core.wasm",
      "other.d.ts",
      "other.js",
    ]);
    assert.equal((await load(built)).greet("x"), "Hello, x!");
  });

  it("--no-typescript leaves the declarations out, and nothing else", async () => {
    const built = await transpiled("js-hello", { typescript: false });
    const with_ = await transpiled("js-hello");
    assert.deepEqual(kinds(built).dts, []);
    assert.equal(script(built), script(with_));
  });

  it("--base64-cutoff: no file but the script", async () => {
    for (const instantiation of /** @type {const} */ ([
      null,
      "async",
      "sync",
    ])) {
      const built = await transpiled("wat-greet", {
        base64Cutoff: 1 << 20,
        instantiation,
      });
      assert.deepEqual(kinds(built).wasm, []);
      const module = await load(built);
      const none = () => assert.fail("no module is left to be asked for");
      const { greet } = instantiation
        ? await module.instantiate(none, {})
        : module;
      assert.equal(greet("x"), "Hello, x!");
    }
    const built = await transpiled("rust-command", { base64Cutoff: 2000 });
    const wasm = Object.entries(built.files).filter(([name]) =>
      name.endsWith(".wasm"),
    );
    assert.deepEqual(
      wasm.map(([name]) => name),
      ["rust-command.core.wasm"],
    );
    assert.ok(wasm[0][1].length > 2000);
  });

  it("--minify: smaller, and does the same", async () => {
    const built = await transpiled("rust-everything", {
      minify: true,
      instantiation: "async",
    });
    const plain = await transpiled("rust-everything", {
      instantiation: "async",
    });
    assert.ok(
      script(built).length < 0.9 * script(plain).length,
      `${script(built).length} of ${script(plain).length}`,
    );
    const { imports, on } = everythingHost();
    const { values, guest } = await instantiate(built, imports);
    on.echoListDeep = (v) => v;
    const deep = [
      { name: "☃", kebabCaseName: 1, at: { x: 1, y: 2 }, path: [], note: "n" },
    ];
    assert.deepEqual(values.echoListDeep(deep), deep);
    const c = new guest.Counter(4);
    assert.equal(c.add(1), 5);
    assert.throws(() => guest.maybe(undefined), {
      name: "ComponentError",
      payload: "none",
    });
    assert.throws(() => guest.unreachable(), { name: "Trap" });
  });

  it("--runtime import: the pieces come from the package", async () => {
    const built = await transpiled("rust-everything", {
      runtime: "import",
      instantiation: "async",
    });
    const inline = await transpiled("rust-everything", {
      instantiation: "async",
    });
    assert.match(script(built), /from ['"]slipway\/runtime['"]/);
    assert.ok(script(built).length < script(inline).length);
    const { imports, on } = everythingHost();
    const { values, guest } = await instantiate(built, imports);
    on.echoString = (v) => v;
    assert.equal(values.echoString("☃"), "☃");
    assert.throws(() => guest.maybe(undefined), {
      name: "ComponentError",
      payload: "none",
    });
  });

  it("--strict: out of range throws, in range passes", async () => {
    const built = await transpiled("rust-everything", {
      strict: true,
      instantiation: "async",
    });
    const { imports, on } = everythingHost();
    const { values } = await instantiate(built, imports);
    for (const name of [
      "echoU8",
      "echoS8",
      "echoU16",
      "echoU32",
      "echoS32",
      "echoU64",
      "echoS64",
    ])
      on[name] = (v) => v;
    for (const [name, bad] of /** @type {Array<[string, any]>} */ ([
      ["echoU8", 256],
      ["echoU8", -1],
      ["echoU8", 1.5],
      ["echoU8", NaN],
      ["echoS8", 128],
      ["echoU16", 65536],
      ["echoU32", 2 ** 32],
      ["echoS32", 2 ** 31],
      ["echoU64", -1n],
      ["echoU64", 2n ** 64n],
      ["echoS64", 2n ** 63n],
    ]))
      assert.throws(() => values[name](bad), TypeError, `${name}(${bad})`);
    assert.equal(values.echoU8(255), 255);
    assert.equal(values.echoU64(2n ** 64n - 1n), 2n ** 64n - 1n);
  });

  it("plan: the steps as text", async () => {
    const bytes = await readFile(await buildGuest("wat-greet"));
    const { plan } = await transpile(bytes, { plan: true });
    assert.match(/** @type {string} */ (plan), /^export "greet"/m);
  });
});

describe("whatever the form", () => {
  for (const guest of [
    "wat-greet",
    "rust-command",
    "rust-everything",
    "js-hello",
    "python-command",
  ])
    it(`the same bytes give the same output, however they come: ${guest}`, async () => {
      const bytes = new Uint8Array(await readFile(await buildGuest(guest)));
      const first = await transpile(bytes, { name: "x" });
      const again = await transpile(bytes.slice(), { name: "x" });
      const streamed = await transpile(chunks(bytes), { name: "x" });
      assert.deepEqual(Object.keys(again.files), Object.keys(first.files));
      for (const [path, contents] of Object.entries(first.files)) {
        assert.ok(same(again.files[path], contents), `${path}, again`);
        assert.ok(same(streamed.files[path], contents), `${path}, in chunks`);
      }
      assert.deepEqual(streamed.imports, first.imports);
      assert.deepEqual(streamed.exports, first.exports);
    });

  it("core modules are views of the input", async () => {
    const bytes = new Uint8Array(await readFile(await buildGuest("js-hello")));
    const { files } = await transpile(bytes, { name: "x" });
    const core = /** @type {Uint8Array} */ (files["x.core.wasm"]);
    assert.equal(core.buffer, bytes.buffer);
    assert.ok(core.length > 10_000_000);
    assert.ok(WebAssembly.validate(/** @type {BufferSource} */ (core)));
  });

  it("compile: from bytes, a response, a stream, a file's URL", async () => {
    const path = await buildGuest("js-hello");
    const bytes = await readFile(path);
    const response = () =>
      new Response(bytes, { headers: { "content-type": "application/wasm" } });
    for (const source of [
      bytes,
      response(),
      Promise.resolve(response()),
      chunks(bytes),
      pathToFileURL(path),
    ]) {
      const component = await compile(source);
      assert.ok(component.exports.some(([name]) => name === "greet"));
      assert.match(
        component.wit,
        /export greet: func\(name: string\) -> string;/,
      );
      const { greet } = await component.instantiate(wasi().imports);
      assert.equal(await greet("Ada"), "Hello, Ada!");
    }
  });

  it("the command writes what the library gives", async () => {
    const guest = await buildGuest("rust-command");
    const built = await transpiled("rust-command", { instantiation: "async" });
    const out = join(built.dir, "cli");
    const { status, stderr } = await slipway([
      "transpile",
      guest,
      "-o",
      out,
      "-I",
      "async",
      "--name",
      "rust-command",
      "-q",
    ]);
    assert.equal(stderr, "");
    assert.equal(status, 0);
    for (const [path, contents] of Object.entries(built.files))
      assert.ok(
        same(new Uint8Array(await readFile(join(out, path))), contents),
        path,
      );
  });
});

/** In pieces of every size, of one byte too. @param {Uint8Array} bytes */
async function* chunks(bytes) {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = [1, 2, 3, 7, 64, 1000, 65536, 1 << 20][i % 8];
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** @param {string | Uint8Array} a @param {string | Uint8Array} b */
function same(a, b) {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0;
}
