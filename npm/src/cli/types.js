/**
 * `slipway types`: WIT to TypeScript declarations.
 * @module
 */
import { tools } from "../tools-node.js";
import { UsageError } from "./options.js";
import { exactly, readWit, witOptions } from "./tool-io.js";

/** @type {import('./main.js').Command} */
export const command = {
  usage: "WIT -o DIR [OPTIONS]",
  about:
    "Writes the declarations that a host of a world needs: those that `slipway transpile` writes for a component of that world. WIT is a file, a directory with deps, or a component.",
  options: {
    "out-dir": {
      short: "o",
      value: "DIR",
      help: "where the files go; made where it is missing",
    },
    "world-name": {
      short: "n",
      value: "NAME",
      help: "which world; needed where WIT has several",
    },
    name: {
      value: "NAME",
      help: "base name of the world's file; the world's own by default",
    },
    instantiation: {
      short: "I",
      value: "MODE",
      choices: ["async", "sync"],
      optional: true,
      help: "declare `instantiate` and its import object, as transpile -I does",
    },
    "async-imports": {
      value: "NAME,…",
      many: true,
      split: true,
      help: "imports (`interface#function`) that may answer with a promise, as for transpile",
    },
    guest: { help: "declarations for code inside of the component" },
    ...witOptions,
    json: {
      help: "print path and text of each file as JSON; -o is not needed",
    },
  },
  examples: [
    ["slipway types wit -o types", "the only world of a directory"],
    [
      "slipway types wit -n wasi:http/proxy -o types",
      "one of several, or one of deps",
    ],
  ],
  async run(values, positionals) {
    const [wit] = exactly(positionals, ["WIT"]);
    const folder = values["out-dir"];
    if (folder === undefined && !values.json)
      throw new UsageError("where to? give -o DIR");
    const files = await tools.types(await readWit(wit, values), {
      world: values["world-name"],
      name: values.name,
      instantiation: values.instantiation ?? null,
      asyncImports: values["async-imports"],
      guest: values.guest,
    });
    if (folder !== undefined) {
      const { writeFiles } = await import("../write.js");
      writeFiles(folder, files);
    }
    if (values.json)
      process.stdout.write(`${JSON.stringify(files, null, 2)}\n`);
  },
};
