/**
 * What the tools' commands read and write: bytes of a FILE, WIT as a file or a directory, a result to a file or to standard
 * output. Knows no command.
 * @module
 */
import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { naming, openFile } from "./file.js";
import { UsageError } from "./options.js";

/** @import { ToolFile, WitSource } from '../tools.js' */

/** The options of every command that writes one binary. @type {import('./options.js').OptionTable} */
export const outputOptions = {
  output: {
    short: "o",
    value: "FILE",
    help: "where the result goes; standard output by default",
  },
  wat: { short: "t", help: "write the text format instead of the binary" },
};

/** The options of every command that reads WIT. @type {import('./options.js').OptionTable} */
export const witOptions = {
  feature: {
    value: "NAME,…",
    many: true,
    split: true,
    help: "show what is behind @unstable(feature = NAME)",
  },
  "all-features": { help: "show everything @unstable" },
};

/**
 * @param {string} file a path, a URL, or -
 * @returns {Promise<ToolFile>}
 */
export async function readTool(file) {
  const bytes = await naming(file, async () => {
    const source = await openFile(file);
    if (source instanceof Uint8Array) return source;
    if (source instanceof URL) return download(source);
    const chunks = [];
    for await (const chunk of /** @type {AsyncIterable<Uint8Array>} */ (source))
      chunks.push(chunk);
    return Buffer.concat(chunks);
  });
  return [file === "-" ? "standard input" : file, bytes];
}

/** @param {URL} url */
async function download(url) {
  if (url.protocol === "file:") return readFile(url);
  const response = await fetch(url);
  if (!response.ok)
    throw new Error(
      `${url}: ${response.status} ${response.statusText}`.trimEnd(),
    );
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * WIT: one file, or a directory with what `deps` holds.
 * @param {string} path
 * @param {Record<string, any>} values those of `witOptions`
 * @returns {Promise<WitSource>}
 */
export async function readWit(path, values) {
  const features = {
    features: values.feature ?? [],
    allFeatures: values["all-features"] === true,
  };
  const isFolder =
    path !== "-" &&
    (await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    ));
  if (!isFolder) return { files: [await readTool(path)], ...features };
  const directory = path.replace(/(?<=.)[\\/]+$/, "");
  const paths = await filesIn(directory, /\.wit$/);
  const deps = `${directory}/deps`;
  for (const entry of await entriesOf(deps)) {
    const inner = `${deps}/${entry.name}`;
    const found = entry.isSymbolicLink() ? await stat(inner) : entry;
    if (found.isDirectory()) paths.push(...(await filesIn(inner, /\.wit$/)));
    else if (/\.(?:wit|wat|wasm)$/.test(entry.name)) paths.push(inner);
  }
  const files = await Promise.all(
    paths.map(
      async (file) => /** @type {ToolFile} */ ([file, await readFile(file)]),
    ),
  );
  return { files, directory, ...features };
}

/** The entries of a folder in a stable order; none where there is no such folder. @param {string} folder */
async function entriesOf(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(
    (error) => {
      if (error.code === "ENOENT") return [];
      throw error;
    },
  );
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * @param {string} folder
 * @param {RegExp} pattern
 */
async function filesIn(folder, pattern) {
  const entries = await entriesOf(folder);
  return entries
    .filter((entry) => !entry.isDirectory() && pattern.test(entry.name))
    .map((entry) => `${folder}/${entry.name}`);
}

/**
 * @param {string | Uint8Array} contents
 * @param {string} [output] a path, or - for standard output
 */
export async function writeResult(contents, output = "-") {
  if (output !== "-") {
    await writeFile(output, contents);
    return;
  }
  if (typeof contents !== "string" && process.stdout.isTTY)
    throw new UsageError(
      "a binary does not belong on a terminal; give -o FILE, or -t for text",
    );
  await new Promise((resolve, reject) => {
    process.stdout.write(contents, (error) =>
      error ? reject(error) : resolve(undefined),
    );
  });
}

/**
 * A binary as the output options want it.
 * @param {Uint8Array} wasm
 * @param {Record<string, any>} values those of `outputOptions`
 * @param {import('../tools.js').Tools} tools
 */
export async function writeWasm(wasm, values, tools) {
  const contents = values.wat ? await tools.print(["result", wasm]) : wasm;
  await writeResult(contents, values.output);
}

/**
 * The positionals of a command that takes exactly these.
 * @param {string[]} positionals
 * @param {string[]} names
 */
export function exactly(positionals, names) {
  if (positionals.length < names.length)
    throw new UsageError(`${names[positionals.length]} is missing`);
  if (positionals.length > names.length)
    throw new UsageError(`${positionals[names.length]} is one too many`);
  return positionals;
}

/**
 * `NAME=VALUE` of an option.
 * @param {string} option
 * @param {string} text
 * @returns {[string, string]}
 */
export function pair(option, text) {
  const at = text.lastIndexOf("=");
  if (at < 1) throw new UsageError(`--${option} ${text}: want NAME=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}
