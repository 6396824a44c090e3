/**
 * `slipway inspect`: what a component imports, exports and holds, for people or as JSON.
 * @module
 */
import { gzipSync } from "node:zlib";
import { transpile } from "../node.js";
import { Gathered } from "../source.js";
import { printWit } from "../wit.js";
import { naming, onlyFile, openFile } from "./file.js";
import { columns, palette, size } from "./terminal.js";

/** @import { Source, Transpiled } from '../types.js' */

/**
 * All bytes of a source: a size is wanted, and where in the input a module lies.
 * @param {Source} source
 * @returns {Promise<Uint8Array>}
 */
async function readAll(source) {
  if (source instanceof Uint8Array) return source;
  if (source instanceof URL) {
    const response = await fetch(source);
    if (!response.ok)
      throw new Error(
        `${source}: ${response.status} ${response.statusText}`.trimEnd(),
      );
    return new Uint8Array(await response.arrayBuffer());
  }
  const gathered = new Gathered();
  for await (const chunk of /** @type {AsyncIterable<Uint8Array>} */ (source))
    gathered.push(chunk);
  return gathered.bytes;
}

/**
 * @param {string} file
 * @param {Uint8Array} bytes
 * @param {Transpiled} output
 */
function facts(file, bytes, { files, imports, exports, world, plan }) {
  const modules = [];
  let adapters = 0;
  let glue = "";
  for (const [path, contents] of Object.entries(files)) {
    if (typeof contents === "string") {
      if (path.endsWith(".js")) glue = contents;
    } else if (contents.buffer === bytes.buffer) {
      const start = contents.byteOffset - bytes.byteOffset;
      modules.push({
        path,
        start,
        end: start + contents.length,
        bytes: contents.length,
      });
    } else adapters += contents.length;
  }
  const described = /** @type {NonNullable<typeof world>} */ (world);
  return {
    file,
    bytes: bytes.length,
    imports,
    exports,
    modules,
    adapters,
    glue: {
      bytes: Buffer.byteLength(glue),
      gzip: gzipSync(glue, { level: 9 }).length,
    },
    wit: printWit(described),
    world: described,
    ...(plan !== undefined && { plan }),
  };
}

/**
 * @param {ReturnType<typeof facts>} all
 * @param {boolean} everything also the interfaces of WASI
 */
function forPeople(
  { file, bytes, modules, adapters, glue, world },
  everything,
) {
  const { bold, dim } = palette(process.stdout);
  const rows = modules.map(({ path, start, bytes }) => [
    path,
    size(bytes),
    dim(`at 0x${start.toString(16)}`),
  ]);
  const wit = printWit(
    world,
    (name) => everything || !name.startsWith("wasi:"),
  );
  return [
    `${bold(file)}  ${size(bytes)}`,
    wit.trimEnd(),
    `${bold("Core modules")}\n${rows.length ? columns(rows, { right: [1] }) : "none"}`,
    `${bold("Glue")}  ${size(glue.bytes)}, ${size(glue.gzip)} gzip${adapters ? `, and ${size(adapters)} of adapters` : ""}`,
    "",
  ].join("\n\n");
}

/** @type {import('./main.js').Command} */
export const command = {
  usage: "FILE [OPTIONS]",
  about:
    "Shows what a component imports and exports, as WIT, and the core modules and the size of the glue it takes to run it.",
  options: {
    all: { short: "a", help: "write out the interfaces of WASI too" },
    plan: { help: "print the transpiler's plan and nothing else" },
    json: { help: "print everything as JSON" },
  },
  async run(values, positionals) {
    const file = onlyFile(positionals);
    const output = await naming(file, async () => {
      const bytes = await readAll(await openFile(file));
      const options = /** @type {const} */ ({
        world: true,
        instantiation: "async",
        typescript: false,
      });
      return {
        bytes,
        ...(await transpile(bytes, {
          ...options,
          plan: values.plan || values.json,
        })),
      };
    });
    if (values.plan && !values.json) {
      process.stdout.write(/** @type {string} */ (output.plan));
      return;
    }
    const all = facts(file, output.bytes, output);
    process.stdout.write(
      values.json
        ? `${JSON.stringify(all, null, 2)}\n`
        : forPeople(all, values.all === true),
    );
  },
};
