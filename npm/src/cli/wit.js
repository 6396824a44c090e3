/**
 * `slipway wit`: WIT as text, of a component, a core module with WIT embedded, or a WIT package in any form.
 * @module
 */
import { tools } from "../tools-node.js";
import { exactly, readWit, witOptions, writeResult } from "./tool-io.js";

/** @import { WitSource } from '../tools.js' */

/**
 * A component that imports or exports what no WIT world can has no WIT of its own: it is shown as far as it goes.
 * @param {WitSource} source
 * @param {unknown} error why the tools could not
 * @returns {Promise<string>}
 */
async function approximate({ files: [[, bytes]] }, error) {
  const isComponent = bytes.length > 6 && bytes[0] === 0 && bytes[6] === 1;
  if (/** @type {any} */ (error).code !== "invalid" || !isComponent)
    throw error;
  const [{ transpile }, { printWit }] = await Promise.all([
    import("../node.js"),
    import("../wit.js"),
  ]);
  const options = /** @type {const} */ ({
    world: true,
    typescript: false,
    instantiation: "async",
  });
  const { world } = await transpile(bytes, options).catch(() => {
    throw error;
  });
  return printWit(/** @type {NonNullable<typeof world>} */ (world));
}

/** @type {import('./main.js').Command} */
export const command = {
  usage: "FILE [OPTIONS]",
  about:
    "Prints WIT as text: the world of a component or of a core module with WIT embedded, or a WIT package (a file or a directory with deps, text or binary), and what it depends on.",
  options: {
    output: {
      short: "o",
      value: "FILE",
      help: "where the text goes; standard output by default",
    },
    "no-docs": { help: "leave out comments" },
    ...witOptions,
  },
  async run(values, positionals) {
    const [file] = exactly(positionals, ["FILE"]);
    const source = await readWit(file, values);
    const text = await tools
      .wit(source, { noDocs: values["no-docs"] })
      .catch((error) => approximate(source, error));
    await writeResult(text, values.output);
  },
};
