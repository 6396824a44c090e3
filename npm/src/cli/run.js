/**
 * `slipway run`: a component in this process, with what the options grant and nothing else. Options before FILE are ours, all
 * after it is the guest's.
 * @module
 */
import { compile } from "../node.js";
import { baseName, naming, openFile } from "./file.js";
import { grantOptions, grants } from "./grants.js";
import { UsageError } from "./options.js";

/** @import { Component } from '../types.js' */

/** @type {import('./options.js').OptionTable} */
const options = {
  ...grantOptions,
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
    const granted = await grants(values);
    const { wasi, ComponentExit } = await import("@slipway/wasi/node");
    const component = await naming(file, async () =>
      compile(await openFile(file)),
    );
    const host = wasi({
      stdio: "inherit",
      args: [values.argv0 ?? baseName(file), ...args],
      ...granted,
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
