/**
 * `slipway metadata`: what a module or component says about itself, shown or changed.
 * @module
 */
import { tools } from "../tools-node.js";
import { UsageError } from "./options.js";
import {
  exactly,
  outputOptions,
  readTool,
  writeResult,
  writeWasm,
} from "./tool-io.js";

/** @type {Record<string, string>} */
const ANNOTATIONS = {
  authors: "who made it",
  description: "what it is",
  licenses: "an SPDX expression",
  source: "where its source is",
  homepage: "where to read more",
  revision: "the source's revision",
  version: "its version",
};

/** @type {Array<[option: string, key: 'language' | 'sdk' | 'processedBy', help: string]>} */
const PRODUCERS = [
  ["language", "language", "a language it was written in"],
  ["sdk", "sdk", "an SDK it was made with"],
  ["processed-by", "processedBy", "a tool that worked on it"],
];

/** A producer's version may be left off. @param {string} text @returns {[string, string]} */
const producer = (text) => {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
};

/**
 * @param {Record<string, any>} values
 * @returns {import('../tools.js').MetadataChanges}
 */
function changes(values) {
  /** @type {Array<[string, string | null]>} */
  const annotations = [];
  for (const key of Object.keys(ANNOTATIONS)) {
    const clear = values[`clear-${key}`];
    if (clear && values[key] !== undefined)
      throw new UsageError(`--${key} and --clear-${key} exclude each other`);
    if (clear) annotations.push([key, null]);
    else if (values[key] !== undefined) annotations.push([key, values[key]]);
  }
  const producers = PRODUCERS.map(([option, key]) => [
    key,
    (values[option] ?? []).map(producer),
  ]);
  return { name: values.name, annotations, ...Object.fromEntries(producers) };
}

/** @type {import('./main.js').Command} */
export const command = {
  usage: "show FILE [--json] | add FILE [OPTIONS]",
  about:
    "Shows, or changes, the name, the producers and the annotations of a core module or a component. `show` tells of all that is inside too; `add` changes the outermost.",
  options: {
    ...outputOptions,
    json: { help: "show: as JSON" },
    name: { value: "NAME", help: "add: its name" },
    ...Object.fromEntries(
      PRODUCERS.map(([option, , help]) => [
        option,
        { value: "NAME[=VERSION]", many: true, help: `add: ${help}` },
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(ANNOTATIONS).flatMap(([key, help]) => [
        [key, { value: "TEXT", help: `add: ${help}` }],
        [`clear-${key}`, { help: `add: remove ${key}` }],
      ]),
    ),
  },
  examples: [
    ["slipway metadata show app.wasm", "what it is made of"],
    [
      "slipway metadata add app.wasm --version 1.2.0 --licenses MIT -o app.wasm",
      "annotations that registries read",
    ],
  ],
  async run(values, [verb, ...positionals]) {
    if (verb !== "show" && verb !== "add")
      throw new UsageError(
        verb === undefined ? "show or add?" : `${verb}: want show or add`,
      );
    const [path] = exactly(positionals, ["FILE"]);
    const file = await readTool(path);
    if (verb === "add") {
      const wasm = await tools.addMetadata(file, changes(values));
      await writeWasm(wasm, values, tools);
    } else if (values.json) {
      const text = JSON.stringify(await tools.metadata(file), null, 2);
      await writeResult(`${text}\n`, values.output);
    } else {
      await writeResult(await tools.describeMetadata(file), values.output);
    }
  },
};
