/**
 * `slipway print`: a core module or component in the text format.
 * @module
 */
import { tools } from "../tools-node.js";
import { exactly, readTool, writeResult } from "./tool-io.js";

/** @type {import('./main.js').Command} */
export const command = {
  usage: "FILE [OPTIONS]",
  about: "Prints a core module or a component in the text format.",
  options: {
    output: {
      short: "o",
      value: "FILE",
      help: "where the text goes; standard output by default",
    },
    skeleton: { help: "leave out function bodies and data" },
    "print-offsets": { short: "p", help: "byte offsets in comments" },
    "name-unnamed": { help: "make up names for what has none" },
    "fold-instructions": {
      short: "f",
      help: "instructions as nested expressions",
    },
  },
  async run(values, positionals) {
    const [file] = exactly(positionals, ["FILE"]);
    const text = await tools.print(await readTool(file), {
      skeleton: values.skeleton,
      offsets: values["print-offsets"],
      nameUnnamed: values["name-unnamed"],
      fold: values["fold-instructions"],
    });
    await writeResult(text.endsWith("\n") ? text : `${text}\n`, values.output);
  },
};
