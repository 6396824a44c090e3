/**
 * `npm run demo`: the main job on real input, from nothing. Builds the transpiler, makes a 12 MB component from JavaScript and
 * a command from Rust, transpiles both, runs them, and prints what they say and what they cost.
 * @module
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { setup } from "./setup.js";
import { run } from "./setup/shell.js";
import { root } from "./setup/steps.js";

/** @import { Options } from '../src/types.js' */

const OUT = join(root, "target/demo");
const ROUNDS = 5;

/** @param {string} text */
const heading = (text) => process.stdout.write(`\n${text}\n`);
/** @param {string} text */
const line = (text) => process.stdout.write(`  ${text}\n`);

/**
 * Transpiles a component into a folder, and measures it.
 * @param {string} name
 * @param {string} path
 */
async function transpileGuest(name, path) {
  const { transpile } = await import("../src/node.js");
  const { writeFiles } = await import("../src/write.js");
  const bytes = new Uint8Array(await readFile(path));
  /** @type {Options} */
  const options = { name, instantiation: "async" };
  const times = [];
  let output = await transpile(bytes, options);
  for (let i = 0; i < ROUNDS; i++) {
    const started = performance.now();
    output = await transpile(bytes, options);
    times.push(performance.now() - started);
  }
  const { files } = output;
  const folder = join(OUT, name);
  writeFiles(folder, files);
  const glue = /** @type {string} */ (files[`${name}.js`]);
  const modules = Object.keys(files).filter((file) => file.endsWith(".wasm"));
  const generated = await import(
    pathToFileURL(join(folder, `${name}.js`)).href
  );
  return {
    row: {
      component: name,
      "bytes in": bytes.length,
      "core modules": modules.length,
      "glue bytes": Buffer.byteLength(glue),
      "glue gzip": gzipSync(glue, { level: 9 }).length,
      "transpile ms": Number(Math.min(...times).toFixed(1)),
    },
    /** @param {Record<string, any>} imports */
    instantiate: (imports) =>
      generated.instantiate(
        async (/** @type {string} */ file) =>
          WebAssembly.compile(await readFile(join(folder, file))),
        imports,
      ),
  };
}

/**
 * @param {(imports: Record<string, any>) => Promise<any>} instantiate
 */
async function callLibrary(instantiate) {
  const { wasi } = await import("@slipway/wasi");
  const library = await instantiate(wasi().imports);
  const ada = { name: "Ada", age: 36, tags: ["mathematician", "poet"] };
  line(`greet("Ada") → ${JSON.stringify(await library.greet("Ada"))}`);
  const text = await library.people.describe(ada);
  line(`people.describe(${JSON.stringify(ada)}) → ${JSON.stringify(text)}`);
  const older = await library.people.birthday(ada);
  line(`people.birthday(…) → ${JSON.stringify(older)}`);
}

/**
 * @param {(imports: Record<string, any>) => Promise<any>} instantiate
 */
async function runCommand(instantiate) {
  const { wasi, memory, ComponentExit } = await import("@slipway/wasi/node");
  const notes = "Components run on the web.\nThis file is in memory.\n";
  const host = wasi({
    stdio: "inherit",
    args: ["report", "/data/notes.txt"],
    env: { GREETING: "ahoy" },
    fs: { "/data": memory({ "notes.txt": notes }) },
  });
  const instance = await instantiate(host.imports);
  const [name] = Object.keys(instance).filter((key) =>
    key.startsWith("wasi:cli/run@"),
  );
  try {
    await instance[name].run();
  } catch (error) {
    // `std::process::exit(0)`, as this guest ends.
    if (!(error instanceof ComponentExit) || error.exitCode !== 0) throw error;
  }
}

async function demo() {
  heading("Set-up");
  const failed = await setup("build");
  if (failed.length) throw new Error(failed.join("; "));
  run(process.execPath, [join(root, "npm/scripts/build.js"), "transpiler"]);
  // Loaded here: what they stand on was not there before.
  const { buildGuest } = await import("../../tests/guests/build.js");
  heading("Components");
  const [js, rust] = [
    await buildGuest("js-hello"),
    await buildGuest("rust-wasip2"),
  ];
  line(js);
  line(rust);
  const library = await transpileGuest("js-hello", js);
  const command = await transpileGuest("rust-command", rust);
  heading("A JavaScript library (componentize-js), called");
  await callLibrary(library.instantiate);
  heading("A Rust command (std, wasm32-wasip2), run");
  await runCommand(command.instantiate);
  heading(`What it took (generated files are in ${OUT})`);
  console.table(
    Object.fromEntries(
      [library.row, command.row].map(({ component, ...row }) => [
        component,
        row,
      ]),
    ),
  );
}

try {
  await demo();
} catch (error) {
  process.stderr.write(
    `demo: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
