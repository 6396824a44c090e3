/**
 * The tools' commands, as a person calls them, with the tools' real Wasm: round trips between them, what they refuse and how
 * they say so, and that what `types` writes is TypeScript.
 * @module
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { compile } from "../src/node.js";
import { ToolError, tools } from "../src/tools-node.js";
import { createTools, inflate } from "../src/tools.js";

const path = (/** @type {string} */ relative) =>
  fileURLToPath(new URL(relative, import.meta.url));
const MAIN = path("../src/cli/main.js");
const TSC = path("../../node_modules/typescript/bin/tsc");
const WORLDS = path("../../transpiler/tools/tests/worlds");

let folder = "";
const at = (/** @type {string} */ name) => join(folder, name);
/** @param {string} name @param {string} text */
function file(name, text) {
  mkdirSync(join(at(name), ".."), { recursive: true });
  writeFileSync(at(name), text);
  return name;
}

/**
 * @param {string[]} args
 * @param {string | Uint8Array} [input]
 * @returns {Promise<{ status: number | null, stdout: Buffer, stderr: string }>}
 */
function slipway(args, input = "") {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder });
    /** @type {Buffer[]} */
    const out = [];
    let stderr = "";
    child.stdout.on("data", (chunk) => out.push(chunk));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.on("error", reject);
    child.on("close", (status) =>
      resolve({ status, stdout: Buffer.concat(out), stderr }),
    );
    child.stdin.on("error", () => {});
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** @param {string[]} args @param {string | Uint8Array} [input] */
async function succeeds(args, input) {
  const { status, stdout, stderr } = await slipway(args, input);
  assert.equal(`${status} ${stderr}`, "0 ", args.join(" "));
  return stdout;
}

/**
 * @param {string[]} args
 * @param {number} status
 * @param {string | RegExp} line
 */
async function fails(args, status, line) {
  const result = await slipway(args);
  const message = /^slipway: ([^\n]+)\n$/.exec(result.stderr)?.[1];
  assert.ok(message, `one line, not ${result.stderr}`);
  if (typeof line === "string") assert.equal(message, line);
  else assert.match(message, line);
  assert.equal(result.status, status);
  assert.equal(result.stdout.length, 0);
}

/** Type-checks all of a folder, as strictly as can be. @param {string} name */
function tsc(name) {
  file(
    `${name}/tsconfig.json`,
    JSON.stringify({
      compilerOptions: {
        target: "es2022",
        module: "nodenext",
        lib: ["es2023", "esnext.disposable", "dom"],
        types: [],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        noEmit: true,
      },
      include: ["."],
    }),
  );
  file(`${name}/package.json`, '{"type":"module"}');
  const { status, stdout } = spawnSync(
    process.execPath,
    [TSC, "-p", at(name), "--pretty", "false"],
    { encoding: "utf8" },
  );
  return `${status} ${stdout}`;
}

const CALC =
  "package t:c@0.2.1;\ninterface calc { add: func(a: u32, b: u32) -> u32; name: func() -> string; }\n";

/** Two components: one adds, the other imports that. */
async function calculator() {
  file("calc.wit", `${CALC}world adder { export calc; }`);
  // An older version, which the newer one can stand for.
  file(
    "app.wit",
    `${CALC.replace("0.2.1", "0.2.0")}world app { import calc; export twice: func(a: u32) -> u32; export who: func() -> string; }`,
  );
  file(
    "adder.wat",
    `(module (func (export "t:c/calc@0.2.1#add") (param i32 i32) (result i32)
      (i32.add (local.get 0) (local.get 1)))
      (memory (export "memory") 1)
      (data (i32.const 8) "\\20\\00\\00\\00\\05\\00\\00\\00") (data (i32.const 32) "adder")
      (func (export "t:c/calc@0.2.1#name") (result i32) (i32.const 8)))`,
  );
  file(
    "app.wat",
    `(module (import "t:c/calc@0.2.0" "add" (func $add (param i32 i32) (result i32)))
      (import "t:c/calc@0.2.0" "name" (func $name (param i32)))
      (memory (export "memory") 1)
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
      (func (export "twice") (param i32) (result i32) (call $add (local.get 0) (local.get 0)))
      (func (export "who") (result i32) (call $name (i32.const 16)) (i32.const 16)))`,
  );
  await succeeds(["embed", "calc.wit", "adder.wat", "-o", "adder.core.wasm"]);
  await succeeds(["new", "adder.core.wasm", "-o", "adder.wasm"]);
  const core = await succeeds(["embed", "app.wit", "app.wat", "-w", "app"]);
  const component = await succeeds(["new", "-"], core);
  writeFileSync(at("app.wasm"), component);
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-tools-"));
  await calculator();
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe("print and parse", () => {
  test("a module goes round", async () => {
    const text =
      '(module\n  (func (export "f") (result i32)\n    i32.const 7))';
    const wasm = await succeeds(["parse", "-"], text);
    assert.ok(WebAssembly.validate(new Uint8Array(wasm)));
    const printed = await succeeds(["print", "-"], wasm);
    assert.match(printed.toString(), /i32\.const 7\n/);
    assert.deepEqual(await succeeds(["parse", "-"], printed), wasm);
    const folded = await succeeds(["print", "-", "--skeleton"], wasm);
    assert.doesNotMatch(folded.toString(), /i32\.const/);
  });

  test("a component too", async () => {
    const printed = await succeeds(["print", "app.wasm"]);
    assert.match(printed.toString(), /^\(component\n/);
    const wasm = await succeeds(["parse", "-"], printed);
    assert.deepEqual(await succeeds(["print", "-"], wasm), printed);
  });

  test("errors say where", async () => {
    file("bad.wat", "(module\n  (func call $nope))");
    await fails(
      ["parse", "bad.wat"],
      1,
      "bad.wat:2:14: unknown func: failed to find name `$nope`",
    );
    file("noise.wasm", "hello");
    await fails(["print", "noise.wasm"], 1, /^noise\.wasm: this is neither/);
    await fails(["print", "none.wasm"], 1, /none\.wasm: there is no such file/);
    await fails(["print"], 2, /^FILE is missing/);
    await fails(["print", "a", "b"], 2, /^b is one too many/);
  });
});

describe("wit", () => {
  test("of a component, of a core module, of text in a directory", async () => {
    const component = (await succeeds(["wit", "app.wasm"])).toString();
    assert.match(component, /import t:c\/calc@0\.2\.0;/);
    assert.match(component, /export twice: func\(a: u32\) -> u32;/);
    const core = (await succeeds(["wit", "adder.core.wasm"])).toString();
    assert.match(core, /export t:c\/calc@0\.2\.1;/);
    file("dir/a.wit", "package a:b;\n/// Docs.\nworld w { import c:d/e; }");
    file("dir/deps/c/e.wit", "package c:d;\ninterface e { f: func(); }");
    file("dir/deps/notes.txt", "no WIT");
    const text = (await succeeds(["wit", "dir/"])).toString();
    assert.match(text, /\/\/\/ Docs\.\nworld w \{\n {2}import c:d\/e;/);
    assert.match(text, /package c:d \{/);
    const again = await succeeds(["wit", "-"], text);
    assert.equal(again.toString(), text);
    const bare = await succeeds(["wit", "dir", "--no-docs"]);
    assert.doesNotMatch(bare.toString(), /Docs/);
  });

  test("features", async () => {
    file(
      "gated.wit",
      "package a:b@1.0.0;\nworld w { @unstable(feature = x) import f: func(); }",
    );
    const shown = async (/** @type {string[]} */ ...flags) =>
      /import f/.test(`${await succeeds(["wit", "gated.wit", ...flags])}`);
    assert.deepEqual(
      [
        await shown(),
        await shown("--feature", "x"),
        await shown("--all-features"),
      ],
      [false, true, true],
    );
  });

  test("errors say where", async () => {
    file("bad.wit", "package a:b;\n\ninterface i {\n  f: fnc();\n}");
    await fails(
      ["wit", "bad.wit"],
      1,
      "bad.wit:4:6: expected keyword `func`, found an identifier",
    );
    file("bad/a.wit", "package a:b;\nworld w { import x:y/z; }");
    await fails(
      ["wit", "bad"],
      1,
      /^bad\/a\.wit:2:18: package 'x:y' not found/,
    );
  });

  test("a component that no world describes is shown all the same", async () => {
    const wasm = await succeeds(
      ["parse", "-"],
      '(component (core module $m) (export "m" (core module $m)))',
    );
    assert.match(`${await succeeds(["wit", "-"], wasm)}`, /world root/);
  });
});

describe("new and embed", () => {
  test("a program of WASI Preview 1, with the bundled adapter", async () => {
    file(
      "p1.wat",
      `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const 7))))`,
    );
    await succeeds(["new", "p1.wat", "--wasi", "command", "-o", "p1.wasm"]);
    const wit = (await succeeds(["wit", "p1.wasm"])).toString();
    assert.match(wit, /export wasi:cli\/run@0\.2/);
    const { status } = await slipway(["run", "p1.wasm"]);
    assert.equal(status, 1, "wasi:cli/exit has no number: any failure is 1");
  });

  test("what they refuse", async () => {
    await fails(
      ["new", "p1.wat"],
      1,
      /^p1\.wat: .*pass --wasi command, reactor or proxy/,
    );
    await fails(
      ["new", "app.wasm"],
      1,
      "app.wasm: this is a component already",
    );
    await fails(["new", "p1.wat", "--wasi", "cmd"], 2, /needs one of: command/);
    file("two.wit", "package a:b; world v {} world w {}");
    await fails(
      ["embed", "two.wit", "app.wat"],
      1,
      /multiple worlds in `a:b`; one must be explicitly chosen: a:b\/v/,
    );
    await fails(["embed", "two.wit"], 2, /^CORE is missing/);
  });
});

describe("compose", () => {
  test("two components run as one", async () => {
    await succeeds([
      ...["compose", "app.wasm", "-d", "adder.wasm"],
      ...["-o", "both.wasm"],
    ]);
    const wit = (await succeeds(["wit", "both.wasm"])).toString();
    assert.doesNotMatch(wit, /import/);
    const component = await compile(readFileSync(at("both.wasm")));
    const { twice, who } = await component.instantiate();
    assert.equal(twice(21), 42);
    // A string goes from one memory to another, whether this engine knows two or not.
    assert.equal(who(), "adder");
  });

  test("what it refuses", async () => {
    await fails(["compose", "app.wasm"], 2, /give -d FILE/);
    await fails(
      ["compose", "adder.wasm", "-d", "app.wasm"],
      1,
      "app.wasm: nothing imports what this component exports",
    );
    await fails(
      ["compose", "app.wasm", "-d", "app.wat"],
      1,
      "app.wat: this is a core module, not a component",
    );
  });
});

describe("metadata", () => {
  test("added, shown, cleared", async () => {
    await succeeds([
      ...["metadata", "add", "adder.wasm", "-o", "meta.wasm"],
      ...["--name", "calculator", "--language", "WAT", "--sdk", "none=1.0"],
      ...["--version", "1.2.3", "--authors", "Ada"],
    ]);
    const text = (await succeeds(["metadata", "show", "meta.wasm"])).toString();
    assert.match(text, /^component calculator: \d+ bytes at 0x0\n/);
    assert.match(text, /^ {2}authors: Ada\n {2}version: 1\.2\.3\n/m);
    assert.match(text, /^ {2}sdk: none 1\.0$/m);
    await succeeds([
      ...["metadata", "add", "meta.wasm", "-o", "meta.wasm"],
      "--clear-authors",
    ]);
    const json = await succeeds(["metadata", "show", "meta.wasm", "--json"]);
    const { metadata, children } = JSON.parse(json.toString()).component;
    assert.equal(metadata.name, "calculator");
    assert.equal(metadata.version, "1.2.3");
    assert.equal(metadata.authors, null);
    assert.equal(metadata.range.start, 0);
    assert.ok(children[0].module);
    await fails(["metadata", "list", "meta.wasm"], 2, /want show or add/);
    await fails(
      [
        "metadata",
        "add",
        "meta.wasm",
        "--name",
        "a",
        "--source",
        "s",
        "--clear-source",
      ],
      2,
      /exclude each other/,
    );
  });
});

describe("types", () => {
  for (const world of readdirSync(WORLDS)) {
    test(`${world}: every form is strict TypeScript`, async () => {
      const name = world.replace(/\.wit$/, "");
      const forms = [[], ["-I"], ["-I", "sync"], ["--guest"]];
      for (const [i, form] of forms.entries()) {
        const out = `types/${name}${i}`;
        await succeeds(["types", join(WORLDS, world), "-o", out, ...form]);
        assert.ok(readFileSync(at(`${out}/${name}.d.ts`), "utf8"));
        assert.equal(tsc(out), "0 ", `${world} ${form}`);
      }
    });
  }

  test("they are what transpile writes for a component", async () => {
    await succeeds(["transpile", "app.wasm", "-o", "t1", "-I"]);
    await succeeds(["types", "app.wit", "-o", "t2", "-I", "--name", "app"]);
    for (const name of ["app.d.ts", "interfaces/t-c-calc.d.ts"])
      assert.equal(
        readFileSync(at(`t2/${name}`), "utf8"),
        readFileSync(at(`t1/${name}`), "utf8"),
      );
  });

  const host = (/** @type {string} */ add) => `
import { instantiate, type ImportObject } from "./app.js";
const imports: ImportObject = {
  "t:c/calc@0.2.0": { add: ${add}, name: () => "host" },
};
const { twice } = await instantiate(() => WebAssembly.compile(new Uint8Array()), imports);
const n: number = twice(1);
export { n };
`;

  test("they hold a host to the world", async () => {
    await succeeds(["types", "app.wit", "-o", "host", "-I"]);
    file("host/host.ts", host("(a, b) => a + b"));
    assert.equal(tsc("host"), "0 ");
    file("host/host.ts", host("(a: string) => a"));
    assert.match(tsc("host"), /^[12] host\.ts\(4,|^[12] .*host\.ts\(4,/);
  });

  test("they serve a guest", async () => {
    await succeeds(["types", "app.wit", "-o", "guest", "--guest"]);
    file(
      "guest/guest.ts",
      `/// <reference path="./app.d.ts" />
import { add } from "t:c/calc@0.2.0";
import type { App } from "./app.js";
export const twice: App["twice"] = (a) => add(a, a);
`,
    );
    assert.equal(tsc("guest"), "0 ");
  });

  test("as JSON, and what it refuses", async () => {
    const json = await succeeds(["types", "app.wit", "--json"]);
    assert.deepEqual(Object.keys(JSON.parse(json.toString())), [
      "app.d.ts",
      "interfaces/t-c-calc.d.ts",
    ]);
    await fails(["types", "app.wit"], 2, /give -o DIR/);
    await fails(
      ["types", "app.wit", "-n", "nope", "-o", "x"],
      1,
      /World `nope` not found/,
    );
    await fails(
      ["types", "app.wit", "--name", "../x", "-o", "x"],
      1,
      /cannot be the name of a file/,
    );
  });
});

describe("the library", () => {
  const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);

  test("an error is a ToolError, and the tools work on after it", async () => {
    for (let i = 0; i < 3; i++) {
      await assert.rejects(
        tools.parse(["x.wat", bytes("(module (oops))")]),
        (error) =>
          error instanceof ToolError &&
          error.code === "wat" &&
          error.place === "x.wat:1:10",
      );
      const wasm = await tools.parse(["x.wat", bytes("(module)")]);
      assert.equal(wasm.length, 8);
    }
  });

  test("hostile input is refused, not a panic", async () => {
    const deep = `(module (func ${"(block ".repeat(50_000)}`;
    const nested = `package a:b; interface i { type t = ${"list<".repeat(20_000)}u8`;
    for (const [name, call] of /** @type {const} */ ([
      ["deep text", () => tools.parse(["x", bytes(deep)])],
      ["deep WIT", () => tools.wit({ files: [["x", bytes(nested)]] })],
      ["no file", () => tools.wit({ files: [] })],
      ["no UTF-8", () => tools.wit({ files: [["x", new Uint8Array([255])]] })],
    ]))
      await assert.rejects(
        /** @type {() => Promise<unknown>} */ (call)(),
        (error) => error instanceof ToolError && error.code !== "internal",
        name,
      );
  });

  test("after a panic there is a new instance", async () => {
    let made = 0;
    const fragile = createTools(async () => async () => {
      made += 1;
      const panics = made === 1;
      return {
        Tools: {
          wit() {
            if (panics) throw new WebAssembly.RuntimeError("unreachable");
            return "fine";
          },
        },
      };
    });
    await assert.rejects(fragile.wit({ files: [] }), { code: "internal" });
    assert.equal(await fragile.wit({ files: [] }), "fine");
    assert.equal(made, 2);
  });

  test("the Wasm may come compressed or not", async () => {
    const plain = new Uint8Array([0, 97, 115, 109]);
    assert.equal(await inflate(plain), plain);
    const packed = new Uint8Array(
      await new Response(
        new Blob([plain]).stream().pipeThrough(new CompressionStream("gzip")),
      ).arrayBuffer(),
    );
    const unpacked = new Uint8Array(await inflate(packed));
    assert.deepEqual(unpacked, plain);
  });
});
