/**
 * `slipway parse`: the text format to the binary.
 * @module
 */
import { tools } from "../tools-node.js";
import { exactly, outputOptions, readTool, writeResult } from "./tool-io.js";

/** @type {import('./main.js').Command} */
export const command = {
  usage: "FILE.wat [-o FILE]",
  about:
    "Turns the text format of a core module or component into the binary. It is not validated.",
  options: { output: outputOptions.output },
  async run(values, positionals) {
    const [file] = exactly(positionals, ["FILE"]);
    await writeResult(await tools.parse(await readTool(file)), values.output);
  },
};
