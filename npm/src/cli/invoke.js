/**
 * `slipway run --invoke`: finds the function that a call names, reads its arguments, prints its result. Knows WAVE and the
 * world, not how the component came to be.
 * @module
 */
import { camelCase, interfaceName } from "../names.js";
import { WaveError, parseArguments, splitCall } from "../wave.js";
import { printWave } from "../wave-print.js";
import { UsageError } from "./options.js";

/**
 * @import { Component, WorldExtern } from '../types.js'
 * @typedef {Extract<WorldExtern, { kind: 'func' }>} Func
 * @typedef {{ path: string[], func: Func }} Found
 */

/**
 * Every exported function that is not a method.
 * @param {Component} component
 * @returns {Found[]}
 */
function functions({ world }) {
  return world.exports.flatMap((item) => {
    if (item.kind === "func") return [{ path: [item.name], func: item }];
    if (item.kind !== "instance") return [];
    const funcs = /** @type {Func[]} */ (
      item.items.filter(
        ({ kind, name }) => kind === "func" && !name.startsWith("["),
      )
    );
    return funcs.map((func) => ({ path: [item.name, func.name], func }));
  });
}

/**
 * The function of this name: `f`, `interface.f` or `ns:pkg/interface@1.0.0#f`; less where there is only one such.
 * @param {Component} component
 * @param {string} name
 * @returns {Found}
 */
function find(component, name) {
  const all = functions(component);
  const exact = all.find(({ path }) => path.join("#") === name);
  if (exact) return exact;
  const matching = all.filter(({ path: [first, second] }) =>
    second === undefined
      ? first === name
      : [
          `${interfaceName(first)}.${second}`,
          `${first.replace(/@.*$/, "")}#${second}`,
          second,
        ].includes(name),
  );
  if (matching.length === 1) return matching[0];
  const names = (matching.length ? matching : all)
    .map(({ path }) => path.join("#"))
    .join(", ");
  throw new Error(
    matching.length
      ? `more than one function is called ${name}: ${names}`
      : `no function ${name} is exported; there ${all.length === 1 ? "is" : "are"} ${names || "none"}`,
  );
}

/**
 * The function that a call names, and the arguments it gives. Text that is no such call is a mistake on the command line.
 * @param {Component} component
 * @param {string} call
 */
function read(component, call) {
  try {
    const { name, args } = splitCall(call);
    const { path, func } = find(component, name);
    const values = parseArguments(args, func.params, component.world);
    return { path, func, values };
  } catch (error) {
    if (!(error instanceof WaveError)) throw error;
    throw new UsageError(`--invoke ${call}: ${error.message}`);
  }
}

/**
 * @param {Component} component
 * @param {Record<string, any>} imports
 * @param {string} call
 * @returns {Promise<number>} 0, or 1 where the function's result is an error
 */
export async function invoke(component, imports, call) {
  const { world } = component;
  const { path, func, values } = read(component, call);
  const instance = await component.instantiate(imports);
  const scope = path.length === 1 ? instance : instance[path[0]];
  const type = func.result === null ? undefined : world.types[func.result];
  const fallible = typeof type === "object" && "result" in type;
  let result;
  let status = 0;
  try {
    const value = await scope[camelCase(/** @type {string} */ (path.at(-1)))](
      ...values,
    );
    result = fallible ? { tag: "ok", val: value } : value;
  } catch (error) {
    // The error case of a result is thrown; here it is a value like any other.
    if (!fallible || /** @type {any} */ (error)?.name !== "ComponentError")
      throw error;
    result = { tag: "err", val: /** @type {any} */ (error).payload };
    status = 1;
  }
  if (func.result !== null)
    process.stdout.write(`${printWave(result, func.result, world)}\n`);
  return status;
}
