/**
 * `slipway compose`: several components to one.
 * @module
 */
import { tools } from "../tools-node.js";
import { UsageError } from "./options.js";
import { exactly, outputOptions, readTool, writeWasm } from "./tool-io.js";

/** @type {import('./main.js').Command} */
export const command = {
  usage: "FILE -d FILE… [-o FILE]",
  about:
    "Plugs what other components export into what FILE imports (and into each other, where they import it), giving one component that exports what FILE exports. Versions match as in a package manager; what nobody exports stays an import.",
  options: {
    ...outputOptions,
    definition: {
      short: "d",
      value: "FILE",
      many: true,
      help: "a component to plug in; of several that fit, the first is taken",
    },
    "skip-validation": { help: "do not validate the result" },
  },
  examples: [
    [
      "slipway compose app.wasm -d store.wasm -d clock.wasm -o all.wasm",
      "app imports a store, the store imports a clock",
    ],
  ],
  async run(values, positionals) {
    const [socket] = exactly(positionals, ["FILE"]);
    const definitions = values.definition ?? [];
    if (!definitions.length)
      throw new UsageError("what is to be plugged in? give -d FILE");
    const wasm = await tools.compose(
      await readTool(socket),
      await Promise.all(definitions.map(readTool)),
      { noValidate: values["skip-validation"] },
    );
    await writeWasm(wasm, values, tools);
  },
};
