/**
 * `slipway run`: a component in this process, with what the options grant and nothing else. Options before FILE are ours, all
 * after it is the guest's.
 * @module
 */
import { compile } from "../node.js";
import { baseName, naming, openFile } from "./file.js";
import { UsageError } from "./options.js";

/** @import { Component } from '../types.js' */

/** @type {import('./options.js').OptionTable} */
const options = {
  dir: {
    value: "HOST[::GUEST]",
    many: true,
    help: "grant the folder HOST, which the guest sees as GUEST (the same path by default)",
  },
  env: {
    value: "K[=V]",
    many: true,
    help: "give the guest the variable K, with V or the value it has here",
  },
  "inherit-env": { help: "give the guest all variables" },
  argv0: {
    value: "NAME",
    help: "the guest's name for itself; FILE's by default",
  },
  invoke: {
    value: "CALL",
    help: "call an export with WAVE values, as in 'greet(\"Ada\")', and print its result",
  },
};

/**
 * The variables that the options grant.
 * @param {Record<string, any>} values
 */
function variables(values) {
  /** @type {Record<string, string>} */
  const env = {};
  if (values["inherit-env"]) Object.assign(env, process.env);
  for (const word of values.env ?? []) {
    const at = word.indexOf("=");
    const name = at < 0 ? word : word.slice(0, at);
    const value = at < 0 ? process.env[name] : word.slice(at + 1);
    if (!name) throw new UsageError(`--env ${word}: want K or K=V`);
    if (value === undefined)
      throw new UsageError(
        `--env ${name}: there is no such variable here; give it a value with --env ${name}=…`,
      );
    env[name] = value;
  }
  return env;
}

/**
 * The folders that the options grant.
 * @param {string[]} words
 */
async function folders(words) {
  const { directory } = await import("@slipway/wasi/node");
  const { stat } = await import("node:fs/promises");
  /** @type {Record<string, ReturnType<typeof directory>>} */
  const fs = {};
  for (const word of words) {
    const [host, guest = host] = word.split("::");
    if (!host || !guest)
      throw new UsageError(`--dir ${word}: want HOST or HOST::GUEST`);
    const found = await stat(host).catch(() => undefined);
    if (!found?.isDirectory())
      throw new Error(`--dir ${word}: there is no folder ${host}`);
    fs[guest] = directory(host);
  }
  return fs;
}

/**
 * @param {Component} component
 * @returns {string} the name of the interface whose `run` a command exports
 */
function runInterface(component) {
  const found = component.exports.find(([name]) =>
    /^wasi:cli\/run(@|$)/.test(name),
  );
  if (found) return found[0];
  const names = component.exports.map(([name]) => name).join(", ");
  throw new Error(
    `this component is no command: it does not export wasi:cli/run, only ${names || "nothing"}; call a function with --invoke 'name(…)'`,
  );
}

/** @type {import('./main.js').Command} */
export const command = {
  usage: "[OPTIONS] FILE [ARGUMENTS]",
  about:
    "Runs a command component, or with --invoke one function of any component. Standard input and output are the guest's too; folders, variables and the network it has only as granted.",
  options,
  stopAtFirst: true,
  examples: [
    [
      "slipway run --dir . grep.wasm -n TODO notes.txt",
      "a command that may read and write this folder",
    ],
    [
      "slipway run --invoke 'greet(\"Ada\")' greet.wasm",
      "prints the result as WAVE",
    ],
  ],
  async run(values, [file, ...args]) {
    if (file === undefined)
      throw new UsageError(
        "which component? give a FILE, a URL, or - for standard input",
      );
    const [env, fs] = [variables(values), await folders(values.dir ?? [])];
    const { wasi, ComponentExit } = await import("@slipway/wasi/node");
    const component = await naming(file, async () =>
      compile(await openFile(file)),
    );
    const host = wasi({
      stdio: "inherit",
      args: [values.argv0 ?? baseName(file), ...args],
      env,
      fs,
    });
    try {
      if (values.invoke !== undefined) {
        const { invoke } = await import("./invoke.js");
        return await invoke(component, host.imports, values.invoke);
      }
      const name = runInterface(component);
      const instance = await component.instantiate(host.imports);
      await instance[name].run();
      return 0;
    } catch (error) {
      if (error instanceof ComponentExit) return error.exitCode;
      // `run` answered the error case, which has no payload: the guest has said what there is to say.
      if (
        /** @type {any} */ (error)?.name === "ComponentError" &&
        values.invoke === undefined
      )
        return 1;
      throw error;
    }
  },
};
