/**
 * What FILE stands for in every command: a path, a URL, or `-`. Knows no command.
 * @module
 */
import { readFileSync } from "node:fs";
import { UsageError } from "./options.js";

/** @import { Source } from '../types.js' */

const URL_LIKE = /^(?:https?|file|data):/;

/**
 * The one FILE of a command that takes nothing else.
 * @param {string[]} positionals
 * @returns {string}
 */
export function onlyFile(positionals) {
  if (positionals.length === 0)
    throw new UsageError(
      "which component? give a FILE, a URL, or - for standard input",
    );
  if (positionals.length > 1)
    throw new UsageError(`one FILE at a time; ${positionals[1]} is too much`);
  return positionals[0];
}

/**
 * Whether FILE is a path.
 * @param {string} file
 */
export function isLocal(file) {
  return file !== "-" && !URL_LIKE.test(file);
}

/**
 * @param {string} file
 * @returns {Promise<Source>}
 */
export async function openFile(file) {
  if (file === "-") return process.stdin;
  if (URL_LIKE.test(file)) return new URL(file);
  // Nothing else can go on meanwhile, and for large files this is several times as fast as `fs/promises`.
  return readFileSync(file);
}

/**
 * The same call, with the file's name in what it throws.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} call
 * @returns {Promise<T>}
 */
export async function naming(file, call) {
  try {
    return await call();
  } catch (error) {
    const named = /** @type {any} */ (error);
    if (named && typeof named === "object")
      named.file = file === "-" ? "standard input" : file;
    throw error;
  }
}

/**
 * The name for what is made from a file: `dir/greet.component.wasm` → `greet`.
 * @param {string} file
 */
export function baseName(file) {
  const path = URL_LIKE.test(file) ? new URL(file).pathname : file;
  const name = path.split(/[\\/]/).at(-1) ?? "";
  return (
    name.replace(/(?:\.component)?\.wasm$/, "").replace(/^-$/, "") ||
    "component"
  );
}
