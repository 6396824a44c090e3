/**
 * `slipway new`: a core module that carries its world to a component.
 * @module
 */
import { basename } from "node:path";
import { tools } from "../tools-node.js";
import {
  exactly,
  outputOptions,
  pair,
  readTool,
  writeWasm,
} from "./tool-io.js";

/**
 * `NAME=FILE`, or `FILE`, whose name up to the first dot is meant then.
 * @param {string} text
 * @returns {Promise<[string, string, Uint8Array]>}
 */
async function adapter(text) {
  const at = text.indexOf("=");
  const file = text.slice(at + 1);
  const name = at < 0 ? basename(file).split(".")[0] : text.slice(0, at);
  return [name, ...(await readTool(file))];
}

/** @type {import('./main.js').Command} */
export const command = {
  usage: "CORE [OPTIONS]",
  about:
    "Makes a component of a core module with WIT embedded, as wit-bindgen's compilers and `slipway embed` leave it.",
  options: {
    ...outputOptions,
    adapt: {
      value: "[NAME=]FILE",
      many: true,
      help: "core module that stands for the imports from NAME; the file's name up to its first dot by default",
    },
    wasi: {
      value: "KIND",
      choices: ["command", "reactor", "proxy"],
      help: "the bundled adapter for WASI Preview 1: for programs with main, for libraries, for HTTP without files",
    },
    "import-name": {
      value: "OLD=NEW",
      many: true,
      help: "rename an import of the component",
    },
    "realloc-via-memory-grow": {
      help: "adapters take memory by memory.grow, not by cabi_realloc",
    },
    "no-merge-imports": {
      help: "keep compatible versions of one interface apart",
    },
    "skip-validation": { help: "do not validate the component" },
  },
  examples: [
    ["slipway new app.core.wasm -o app.wasm", "wit-bindgen's output"],
    [
      "slipway new hello.wasm --wasi command -o hello.component.wasm",
      "a program built for wasm32-wasip1",
    ],
  ],
  async run(values, positionals) {
    const [core] = exactly(positionals, ["CORE"]);
    const wasm = await tools.component(await readTool(core), {
      wasi: values.wasi,
      adapters: await Promise.all((values.adapt ?? []).map(adapter)),
      importNames: (values["import-name"] ?? []).map(
        (/** @type {string} */ text) => pair("import-name", text),
      ),
      reallocViaMemoryGrow: values["realloc-via-memory-grow"],
      noMergeImports: values["no-merge-imports"],
      noValidate: values["skip-validation"],
    });
    await writeWasm(wasm, values, tools);
  },
};
