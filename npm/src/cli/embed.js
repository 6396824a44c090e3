/**
 * `slipway embed`: a world into a core module, for `slipway new`.
 * @module
 */
import { tools } from "../tools-node.js";
import {
  exactly,
  outputOptions,
  readTool,
  readWit,
  witOptions,
  writeWasm,
} from "./tool-io.js";

/** @type {import('./main.js').Command} */
export const command = {
  usage: "WIT CORE [OPTIONS]",
  about:
    "Writes a world into a custom section of a core module that is made for it, so that `slipway new` can make a component. WIT is a file or a directory with deps.",
  options: {
    ...outputOptions,
    world: {
      short: "w",
      value: "NAME",
      help: "which world; needed where WIT has several",
    },
    encoding: {
      value: "NAME",
      choices: ["utf8", "utf16", "compact-utf16"],
      help: "how the module holds strings",
    },
    ...witOptions,
  },
  async run(values, positionals) {
    const [wit, core] = exactly(positionals, ["WIT", "CORE"]);
    const wasm = await tools.embed(
      await readWit(wit, values),
      await readTool(core),
      { world: values.world, encoding: values.encoding },
    );
    await writeWasm(wasm, values, tools);
  },
};
