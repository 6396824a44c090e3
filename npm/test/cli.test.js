import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildGuest } from "../../tests/guests/build.js";

const MAIN = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));

/**
 * @param {string[]} args
 * @param {{ input?: string | Uint8Array, env?: Record<string, string>, cwd?: string }} [how]
 * @returns {Promise<{ status: number | null, stdout: string, stderr: string }>}
 */
function slipway(args, { input, env, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd,
      env: { ...process.env, ...env },
    });
    const out = {
      status: /** @type {number | null} */ (null),
      stdout: "",
      stderr: "",
    };
    child.stdout.setEncoding("utf8").on("data", (text) => (out.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (out.stderr += text));
    child.on("error", reject);
    child.on("close", (status) => resolve({ ...out, status }));
    child.stdin.on("error", () => {});
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
  });
}

/**
 * A failure: this status, nothing on stdout, and one line on stderr that says so.
 * @param {Awaited<ReturnType<typeof slipway>>} result
 * @param {number} status
 * @param {RegExp} line
 */
function assertFails(result, status, line) {
  assert.equal(result.status, status, result.stderr);
  assert.equal(result.stdout, "");
  assert.match(result.stderr, /^slipway: [^\n]+\n$/);
  assert.match(result.stderr, line);
}

let folder = "";
let greet = "";
let command = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-cli-"));
  greet = await buildGuest("wat-greet");
  command = await buildGuest("rust-command");
});
after(() => rm(folder, { recursive: true, force: true }));

describe("the command itself", () => {
  test("help goes to stdout, and names every command", async () => {
    const { status, stdout, stderr } = await slipway(["--help"]);
    assert.equal(status, 0);
    assert.equal(stderr, "");
    for (const name of ["transpile", "run", "inspect", "wit"]) {
      assert.match(stdout, new RegExp(`^ {2}${name} `, "m"));
      const help = await slipway([name, "--help"]);
      assert.equal(help.status, 0);
      assert.match(help.stdout, new RegExp(`^slipway ${name} `));
    }
    assert.doesNotMatch(stdout, /\x1b/, "no colour where there is no terminal");
  });

  test("no command, and a mistyped one, are usage errors", async () => {
    assert.equal((await slipway([])).status, 2);
    assertFails(await slipway(["transpil"]), 2, /did you mean transpile\?/);
    assertFails(
      await slipway(["run", "--drr", "."]),
      2,
      /--drr; did you mean --dir\?.*slipway run --help/,
    );
  });

  test("the version", async () => {
    const { version } = JSON.parse(
      await readFile(new URL("../package.json", import.meta.url), "utf8"),
    );
    assert.equal((await slipway(["--version"])).stdout, `${version}\n`);
  });
});

describe("transpile", () => {
  test("writes a module that runs", async () => {
    const out = join(folder, "esm");
    const result = await slipway(["transpile", greet, "-o", out]);
    assert.deepEqual(result, { status: 0, stdout: "", stderr: "" });
    assert.deepEqual(
      (await readdir(out)).filter((name) => !name.endsWith(".ts")).sort(),
      ["wat-greet.core.wasm", "wat-greet.js"],
    );
    const module = await import(pathToFileURL(join(out, "wat-greet.js")).href);
    assert.equal(module.greet("Ada"), "Hello, Ada!");
  });

  test("options reach the transpiler", async () => {
    const out = join(folder, "sync");
    const flags = ["-I", "sync", "--name", "hi", "--no-typescript", "--json"];
    const { status, stdout } = await slipway([
      "transpile",
      greet,
      "-o",
      out,
      ...flags,
    ]);
    assert.equal(status, 0);
    const { files, exports } = JSON.parse(stdout);
    assert.deepEqual(files.map((/** @type {any} */ file) => file.path).sort(), [
      "hi.core.wasm",
      "hi.js",
    ]);
    assert.deepEqual(exports, [["greet", "func"]]);
    const { instantiate } = await import(
      pathToFileURL(join(out, "hi.js")).href
    );
    const core = new WebAssembly.Module(
      await readFile(join(out, "hi.core.wasm")),
    );
    assert.equal(instantiate(() => core, {}).greet("Ada"), "Hello, Ada!");
  });

  test("a package of CommonJS: a word of it, once", async () => {
    const outer = await mkdtemp(join(folder, "commonjs-"));
    const type = (/** @type {string} */ name) =>
      writeFile(join(outer, "package.json"), JSON.stringify({ type: name }));
    const make = (/** @type {string[]} */ ...more) =>
      slipway(["transpile", greet, "-o", join(outer, "out"), ...more]);
    await type("commonjs");
    const told = await make();
    assert.equal(told.status, 0);
    assert.match(told.stderr, /^slipway: Node will not take .*"commonjs".*\n$/);
    assert.equal((await make("--quiet")).stderr, "");
    await type("module");
    assert.equal((await make()).stderr, "");
  });

  test("- is standard input, and a URL works as a file", async () => {
    const bytes = await readFile(greet);
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/greet.wasm" ? 200 : 404;
      response.end(request.url === "/greet.wasm" ? bytes : "");
    });
    await new Promise((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve(0)),
    );
    const { port } = /** @type {import('node:net').AddressInfo} */ (
      server.address()
    );
    const url = `http://127.0.0.1:${port}/greet.wasm`;
    const out = join(folder, "in");
    const results = await Promise.all([
      slipway(["transpile", "-", "-o", join(out, "stdin")], { input: bytes }),
      slipway(["transpile", url, "-o", join(out, "url")]),
      slipway([
        "transpile",
        pathToFileURL(greet).href,
        "-o",
        join(out, "file"),
      ]),
    ]);
    for (const { status, stderr } of results) assert.equal(status, 0, stderr);
    assertFails(
      await slipway(["transpile", `${url}x`, "-o", join(out, "none")]),
      1,
      /greet\.wasmx: 404 Not Found/,
    );
    server.close();
    const names = await Promise.all(
      ["stdin/component.js", "url/greet.js", "file/wat-greet.js"].map((name) =>
        readFile(join(out, name), "utf8"),
      ),
    );
    assert(names.every((text) => text.includes("greet")));
  });

  test("bad input: one line with code and offset, and no folder", async () => {
    const bytes = await readFile(greet);
    const cases = /** @type {Array<[string, Uint8Array, RegExp]>} */ ([
      [
        "truncated",
        bytes.subarray(0, bytes.length - 20),
        /\[truncated\].* at byte \d+ \(0x/,
      ],
      [
        "core",
        Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0]),
        /core module, not a component.*\[core-module\]/,
      ],
      ["noise", Buffer.from("this is text"), /\[bad-magic\]/],
      ["empty", new Uint8Array(), /\[(truncated|bad-magic)\]/],
    ]);
    for (const [name, contents, line] of cases) {
      const file = join(folder, `${name}.wasm`);
      await writeFile(file, contents);
      const result = await slipway([
        "transpile",
        file,
        "-o",
        join(folder, "never"),
      ]);
      assertFails(result, 1, line);
      assert(result.stderr.includes(file), "the line names the file");
      await assert.rejects(readdir(join(folder, "never")));
    }
    assertFails(
      await slipway(["transpile", "/no/such.wasm", "-o", folder]),
      1,
      /such\.wasm: there is no such file/,
    );
  });

  test("usage errors", async () => {
    assertFails(await slipway(["transpile"]), 2, /which component/);
    assertFails(await slipway(["transpile", greet]), 2, /-o DIR/);
    assertFails(
      await slipway(["transpile", greet, "x", "-o", folder]),
      2,
      /x is too much/,
    );
    assertFails(
      await slipway(["transpile", greet, "-o", folder, "-M", "x"]),
      2,
      /want NAME=TARGET/,
    );
    assertFails(
      await slipway(["transpile", greet, "-o", folder, "--base64-cutoff", "x"]),
      2,
      /number of bytes/,
    );
  });
});

describe("run", () => {
  test("a command: arguments, a granted variable, a granted folder, standard output", async () => {
    await writeFile(join(folder, "notes.txt"), "one\ntwo\n");
    const grants = ["--env", "GREETING=hi", "--dir", `${folder}::/data`];
    const { status, stdout, stderr } = await slipway([
      "run",
      ...grants,
      command,
      "/data/notes.txt",
      "/data/copy.txt",
    ]);
    assert.equal(
      stdout,
      "args: /data/notes.txt|/data/copy.txt\nGREETING=hi\n/data/notes.txt: 8 bytes, 2 lines\n",
    );
    assert.equal(stderr, "rust-plain: status 0\n");
    assert.equal(status, 0);
    assert.equal(
      await readFile(join(folder, "copy.txt"), "utf8"),
      "rust-plain:one\ntwo\n",
    );
  });

  test("nothing is granted unasked", async () => {
    await writeFile(join(folder, "secret.txt"), "x");
    const { status, stdout } = await slipway(
      ["run", command, join(folder, "secret.txt")],
      {
        env: { GREETING: "from the host" },
        cwd: folder,
      },
    );
    assert.equal(status, 1);
    assert.match(stdout, /GREETING unset/);
  });

  test("HTTP: denied, to the hosts that are named, to all", async () => {
    const fetcher = await buildGuest("rust-fetch");
    const server = createServer((request, response) =>
      response.end(`${request.method} ${request.url}\n`),
    );
    await new Promise((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve(0)),
    );
    const { port } = /** @type {import('node:net').AddressInfo} */ (
      server.address()
    );
    const url = `http://127.0.0.1:${port}/a?b`;
    const other = `http://localhost:${port}/`;
    const denied = await slipway(["run", fetcher, url]);
    assert.deepEqual(denied, {
      status: 1,
      stdout: "",
      stderr: `${url}: ErrorCode::HttpRequestDenied\n`,
    });
    const named = `--allow-http=127.0.0.1:${port}`;
    assert.deepEqual(await slipway(["run", named, fetcher, url, other]), {
      status: 1,
      stdout: `200 ${url}\nGET /a?b\n`,
      stderr: `${other}: ErrorCode::HttpRequestDenied\n`,
    });
    const all = await slipway(["run", "--allow-http", fetcher, url]);
    assert.deepEqual([all.status, all.stderr], [0, ""]);
    server.close();
    const gone = await slipway(["run", "--allow-http", fetcher, url]);
    assert.equal(gone.stderr, `${url}: ErrorCode::ConnectionRefused\n`);
    assertFails(
      await slipway(["run", "--allow-net", fetcher]),
      2,
      /no sockets yet/,
    );
  });

  test("variables: by name, and all", async () => {
    for (const flags of [["--env", "GREETING"], ["--inherit-env"]]) {
      const { stdout } = await slipway(["run", ...flags, command], {
        env: { GREETING: "mine" },
      });
      assert.match(stdout, /GREETING=mine/);
    }
    assertFails(
      await slipway(["run", "--env", "NO_SUCH_VARIABLE", command]),
      2,
      /no such variable/,
    );
  });

  test("standard input, the guest's status, options after FILE", async () => {
    const piped = await slipway(["run", command, "-"], { input: "a\nb\nc\n" });
    assert.match(piped.stdout, /-: 6 bytes, 3 lines/);
    const failing = await slipway(["run", command, "-", "", "3"]);
    assert.equal(failing.status, 1);
    const passed = await slipway(["run", command, "--help", "-o"]);
    assert.match(passed.stdout, /args: --help\|-o/);
  });

  test("--invoke calls an export with WAVE", async () => {
    const call = (/** @type {string} */ text) =>
      slipway(["run", "--invoke", text, greet]);
    assert.deepEqual(await call('greet("Ada \\u{2603}")'), {
      status: 0,
      stdout: '"Hello, Ada ☃!"\n',
      stderr: "",
    });
    assertFails(await call("greet(1)"), 2, /expected a string/);
    assertFails(await call("greet"), 2, /is not a call/);
    assertFails(await call("grete()"), 1, /no function grete.*greet/);
  });

  test("what is no command says how to call it", async () => {
    assertFails(
      await slipway(["run", greet]),
      1,
      /does not export wasi:cli\/run, only greet.*--invoke/,
    );
    assertFails(
      await slipway(["run", "--dir", "/no/such/folder", command]),
      1,
      /no folder/,
    );
  });
});

describe("inspect and wit", () => {
  test("for people", async () => {
    const { status, stdout } = await slipway(["inspect", greet]);
    assert.equal(status, 0);
    assert.match(stdout, /export greet: func\(name: string\) -> string;/);
    assert.match(stdout, /wat-greet\.core\.wasm|component\.core\.wasm/);
  });

  test("as JSON", async () => {
    const all = JSON.parse(
      (await slipway(["inspect", "--json", command])).stdout,
    );
    const bytes = await readFile(command);
    assert.equal(all.bytes, bytes.length);
    assert(all.modules.length > 0);
    for (const { start, end } of all.modules)
      assert(
        WebAssembly.validate(bytes.subarray(start, end)),
        "a module's range is a core module",
      );
    assert(
      all.imports.some((/** @type {string[]} */ [name]) =>
        name.startsWith("wasi:cli/environment@0.2"),
      ),
    );
    assert.match(all.plan, /^module m0 = 0x/);
    assert(all.glue.gzip > 0);
  });

  test("the plan", async () => {
    const { stdout } = await slipway(["inspect", "--plan", greet]);
    assert.match(stdout, /^export "greet" = x0$/m);
  });

  test("WIT of a command names WASI's interfaces and writes them out", async () => {
    const { stdout } = await slipway(["wit", command]);
    assert.match(stdout, /import wasi:io\/streams@0\.2/);
    assert.match(stdout, /resource input-stream \{/);
    assert.doesNotMatch(stdout, /without a name/);
  });
});
