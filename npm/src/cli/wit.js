/**
 * `slipway wit`: a component's world as WIT text.
 * @module
 */
import { transpile } from "../node.js";
import { printWit } from "../wit.js";
import { naming, onlyFile, openFile } from "./file.js";

/** @type {import('./main.js').Command} */
export const command = {
  usage: "FILE",
  about:
    "Prints the world of a component, and the interfaces it names, as WIT.",
  options: {},
  async run(_, positionals) {
    const file = onlyFile(positionals);
    const { world } = await naming(file, async () =>
      transpile(await openFile(file), {
        world: true,
        typescript: false,
        instantiation: "async",
      }),
    );
    process.stdout.write(
      printWit(/** @type {NonNullable<typeof world>} */ (world)),
    );
  },
};
