#!/usr/bin/env node
/**
 * `slipway`: finds the command, runs it, and turns whatever it ends in into an exit status and one line. Commands are loaded
 * when they are called: most of a short run is loading.
 * @module
 */
import { UsageError, nearest, parseOptions } from "./options.js";

/**
 * @typedef {object} Command
 * @property {string} usage what follows its name
 * @property {string} about
 * @property {import('./options.js').OptionTable} options
 * @property {Array<[line: string, what: string]>} [examples]
 * @property {boolean} [stopAtFirst] what follows the first positional is not ours
 * @property {(values: Record<string, any>, positionals: string[]) => Promise<number | void>} run answers the exit status
 */

/** @type {Record<string, { about: string, load: () => Promise<{ command: Command }> }>} */
const COMMANDS = {
  transpile: {
    about: "a component to core modules, JavaScript and declarations",
    load: () => import("./transpile.js"),
  },
  run: {
    about: "runs a command component, or calls one of a component's functions",
    load: () => import("./run.js"),
  },
  serve: {
    about: "serves HTTP with a component",
    load: () => import("./serve.js"),
  },
  inspect: {
    about: "what a component imports, exports and holds",
    load: () => import("./inspect.js"),
  },
  types: {
    about: "TypeScript declarations for a world",
    load: () => import("./types.js"),
  },
  wit: {
    about: "the WIT of a component, or of a WIT package, as text",
    load: () => import("./wit.js"),
  },
  print: {
    about: "a core module or component in the text format",
    load: () => import("./print.js"),
  },
  parse: {
    about: "the text format to the binary",
    load: () => import("./parse.js"),
  },
  new: {
    about: "a core module with WIT embedded to a component",
    load: () => import("./new.js"),
  },
  embed: {
    about: "WIT into a core module, for `new`",
    load: () => import("./embed.js"),
  },
  compose: {
    about: "several components to one",
    load: () => import("./compose.js"),
  },
  metadata: {
    about: "what a module or component says about itself",
    load: () => import("./metadata.js"),
  },
};

async function version() {
  const { readFile } = await import("node:fs/promises");
  const text = await readFile(
    new URL("../../package.json", import.meta.url),
    "utf8",
  );
  return JSON.parse(text).version;
}

async function overview() {
  const { palette } = await import("./terminal.js");
  const { bold, cyan } = palette(process.stdout);
  const lines = Object.entries(COMMANDS).map(
    ([name, { about }]) => `  ${cyan(name.padEnd(11))}${about}`,
  );
  return `${bold("slipway")} runs WebAssembly components on the web.

${bold("Usage")}  slipway COMMAND [OPTIONS] …

${bold("Commands")}
${lines.join("\n")}

\`slipway COMMAND --help\` tells more. FILE is a path, a URL, or - for standard input.
`;
}

/**
 * @param {string[]} argv
 * @returns {Promise<number | void>}
 */
async function main([name, ...args]) {
  if (name === undefined) {
    process.stderr.write(await overview());
    return 2;
  }
  if (name === "--help" || name === "-h" || name === "help") {
    if (args[0] && Object.hasOwn(COMMANDS, args[0]))
      return main([args[0], "--help"]);
    process.stdout.write(await overview());
    return 0;
  }
  if (name === "--version" || name === "-V") {
    process.stdout.write(`${await version()}\n`);
    return 0;
  }
  if (!Object.hasOwn(COMMANDS, name)) {
    const near = nearest(name, Object.keys(COMMANDS));
    throw new UsageError(
      `there is no command ${name}${near ? `; did you mean ${near}?` : `; there are ${Object.keys(COMMANDS).join(", ")}`}`,
    );
  }
  const { command } = await COMMANDS[name].load();
  const table = {
    ...command.options,
    help: { short: "h", help: "this text" },
  };
  try {
    const { values, positionals } = parseOptions(args, table, command);
    if (!values.help) return await command.run(values, positionals);
    const { commandHelp } = await import("./terminal.js");
    process.stdout.write(commandHelp(name, { ...command, options: table }));
    return 0;
  } catch (error) {
    if (error instanceof UsageError)
      error.message += ` (slipway ${name} --help)`;
    throw error;
  }
}

// A reader that has seen enough (`slipway inspect x | head`) is no error.
process.stdout.on("error", (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code === "EPIPE")
    process.exit(0);
  throw error;
});

try {
  process.exitCode = (await main(process.argv.slice(2))) ?? 0;
} catch (error) {
  const { failureLine } = await import("./failure.js");
  process.stderr.write(failureLine(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
