/**
 * `slipway transpile`: options to the library's, its files to a folder.
 * @module
 */
import v8 from "node:v8";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { transpile } from "../node.js";
import { baseName, naming, onlyFile, openFile } from "./file.js";
import { UsageError } from "./options.js";

/** @import { Command } from './main.js' */
/** @import { Options } from '../types.js' */

/** @type {import('./options.js').OptionTable} */
const options = {
  "out-dir": {
    short: "o",
    value: "DIR",
    help: "where the files go; made where it is missing",
  },
  name: {
    value: "NAME",
    help: "base name of the files; that of FILE by default",
  },
  instantiation: {
    short: "I",
    value: "MODE",
    choices: ["async", "sync"],
    optional: true,
    help: "export `instantiate` instead of a module that instantiates itself",
  },
  map: {
    short: "M",
    value: "NAME=TARGET",
    many: true,
    help: "import NAME from the module TARGET; a * in NAME may be used in TARGET, and a #x at its end picks the export x",
  },
  "no-typescript": { help: "no declarations" },
  "tla-compat": { help: "export `$init` instead of using top-level await" },
  "base64-cutoff": {
    value: "BYTES",
    help: "core modules up to this size stand in the JavaScript; 0 by default",
  },
  minify: { short: "m", help: "leave out what only people read" },
  runtime: {
    value: "WHERE",
    choices: ["inline", "import"],
    help: "copy what is needed of the runtime into the output, or import it from `slipway/runtime`",
  },
  "no-wasi-shim": { help: "leave wasi:* imports as they are" },
  "wasi-options": {
    value: "FILE",
    help: "module whose default export is passed to `wasi()`",
  },
  adapters: {
    value: "FORM",
    choices: ["wasm", "js", "both"],
    help: "calls between components: in Wasm, which takes an engine with several memories (Chrome 120, Firefox 125, Safari 27.3, Node 22), or in JavaScript",
  },
  features: {
    value: "NAME,…",
    many: true,
    split: true,
    help: "switch on gated features",
  },
  "async-imports": {
    value: "NAME,…",
    many: true,
    split: true,
    help: "imports (`interface#function`) whose JavaScript may return a promise",
  },
  validate: {
    help: "validate function bodies too; the engine does when it compiles",
  },
  strict: {
    help: "numbers out of range throw a TypeError instead of wrapping",
  },
  trace: { help: "report every import call to a `trace` function" },
  json: { help: "print the list of files as JSON" },
  quiet: { short: "q", help: "print nothing" },
};

/**
 * @param {Record<string, any>} values
 * @param {string} file
 * @returns {Options}
 */
function libraryOptions(values, file) {
  const { map = [], "base64-cutoff": cutoff = "0", ...rest } = values;
  if (!/^\d+$/.test(cutoff))
    throw new UsageError(`--base64-cutoff ${cutoff}: want a number of bytes`);
  const pairs = map.map((/** @type {string} */ rule) => {
    // A version's `@1.0.0` has no `=`, so the first one divides.
    const at = rule.indexOf("=");
    if (at < 1) throw new UsageError(`--map ${rule}: want NAME=TARGET`);
    return [rule.slice(0, at), rule.slice(at + 1)];
  });
  return {
    name: rest.name ?? baseName(file),
    instantiation: rest.instantiation ?? null,
    map: pairs,
    typescript: !rest["no-typescript"],
    tlaCompat: rest["tla-compat"] ?? false,
    base64Cutoff: Number(cutoff),
    minify: rest.minify ?? false,
    runtime: rest.runtime ?? "inline",
    wasiShim: !rest["no-wasi-shim"],
    wasiOptions: rest["wasi-options"] ?? null,
    adapters: rest.adapters ?? "wasm",
    features: rest.features ?? [],
    asyncImports: rest["async-imports"] ?? [],
    validate: rest.validate ?? false,
    strict: rest.strict ?? false,
    trace: rest.trace ?? false,
  };
}

/**
 * Keeps V8 from optimising the transpiler's Wasm: the process ends before that pays, and it took a fifth of its time. What a
 * large component makes hot is optimised still.
 */
function expectShortRun() {
  const { bun, deno } = process.versions;
  if (!bun && !deno) v8.setFlagsFromString("--wasm-tiering-budget=200000000");
}

/**
 * @param {string} folder
 * @param {Record<string, string | Uint8Array>} files
 */
async function summary(folder, files) {
  const { columns, palette, size } = await import("./terminal.js");
  const { dim } = palette(process.stderr);
  const rows = Object.entries(files).map(([path, contents]) => [
    `${folder}/${path}`,
    size(
      typeof contents === "string"
        ? Buffer.byteLength(contents)
        : contents.length,
    ),
  ]);
  process.stderr.write(`${dim(columns(rows, { right: [1] }))}\n`);
}

/**
 * What Node will say of the output, said before: a package.json above it may make CommonJS of its modules.
 * @param {string} folder
 * @returns {string | undefined}
 */
function commonJs(folder) {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const file = join(at, "package.json");
    try {
      const { type } = JSON.parse(readFileSync(file, "utf8"));
      return type === "commonjs"
        ? `Node will not take the modules in ${folder} for modules: ${file} says "type": "commonjs"; make it "module", or put a package.json with {"type":"module"} into ${folder}`
        : undefined;
    } catch {
      // None here, or none of Node's.
    }
    if (dirname(at) === at) return undefined;
  }
}

/** @type {Command} */
export const command = {
  usage: "FILE -o DIR [OPTIONS]",
  about:
    "Turns a component into the core modules it holds, a JavaScript module that runs them, and TypeScript declarations. The folder is written only when all of it is there.",
  options,
  examples: [
    [
      "slipway transpile greet.wasm -o greet",
      "greet/greet.js, greet/greet.d.ts, greet/greet.core.wasm",
    ],
    [
      "slipway transpile app.wasm -o app -I",
      "app.js exports `instantiate(getCoreModule, imports)`",
    ],
    [
      "slipway transpile app.wasm -o app -M 'my:pkg/*=./host.js#*'",
      "takes my:pkg/log from the export `log` of ./host.js",
    ],
  ],
  async run(values, positionals) {
    const file = onlyFile(positionals);
    const folder = values["out-dir"];
    if (folder === undefined) throw new UsageError("where to? give -o DIR");
    const settings = libraryOptions(values, file);
    expectShortRun();
    const { files, imports, exports } = await naming(file, async () =>
      transpile(await openFile(file), settings),
    );
    const { writeFiles } = await import("../write.js");
    writeFiles(folder, files);
    if (values.json) {
      const sizes = Object.entries(files).map(([path, contents]) => ({
        path,
        bytes:
          typeof contents === "string"
            ? Buffer.byteLength(contents)
            : contents.length,
      }));
      process.stdout.write(
        `${JSON.stringify({ folder, files: sizes, imports, exports }, null, 2)}\n`,
      );
    } else if (process.stderr.isTTY && !values.quiet)
      await summary(folder, files);
    const note = values.quiet ? undefined : commonJs(folder);
    if (note) process.stderr.write(`slipway: ${note}\n`);
  },
};
