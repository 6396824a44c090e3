/**
 * The oracle's own side: one thread that runs the cases of a folder through Slipway and posts what every call gave. It
 * refuses to know what the other runtime said.
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { runHandles } from "./handles.js";
import { fromJs, tag, toJs } from "./values.js";

/** @typedef {{ name: string, host: string | null, params: any[], result: any, select: null | number | "all" }} Func */
/** @typedef {{ case: number, funcs: Func[], calls: [number, any[]][], handles?: boolean }} Case */

const port = /** @type {import("node:worker_threads").MessagePort} */ (
  parentPort
);
const { folder, library, adapters } = workerData;
const { transpile } = await import(library);

for (const one of /** @type {Case[]} */ (workerData.cases)) {
  port.postMessage({ begin: one.case });
  const end = await run(one).catch((e) => ({
    case: one.case,
    error: String(e?.stack ?? e),
  }));
  port.postMessage({ end });
}
port.postMessage({ done: true });

/** @param {Case} one */
async function run(one) {
  const wasm = readFileSync(join(folder, `${one.case}.wasm`));
  const { files } = await transpile(wasm, {
    name: `case${one.case}`,
    instantiation: "async",
    typescript: false,
    adapters,
    features: ["fixed-length-lists"],
  });
  const path = join(folder, `${one.case}.${adapters}.mjs`);
  writeFileSync(path, files[`case${one.case}.js`]);
  const { instantiate } = await import(pathToFileURL(path).href);
  const start = (/** @type {Record<string, unknown>} */ imports) =>
    instantiate(
      (/** @type {string} */ name) => new WebAssembly.Module(files[name]),
      imports,
    );
  if (one.handles) return runHandles(one, start);
  /** @type {any[]} */
  const log = [];
  const imports = Object.fromEntries(
    one.funcs
      .filter((f) => f.host !== null)
      .map((f) => [f.host, hostFunction(f, log)]),
  );
  const instance = await start(imports);
  const calls = [];
  for (const [i, args] of one.calls)
    calls.push(await call(instance, one.funcs[i], args));
  return { case: one.case, calls, log };
}

/** @param {Record<string, any>} instance @param {Func} func @param {any[]} args */
async function call(instance, func, args) {
  const isResult = func.result !== null && tag(func.result) === "result";
  try {
    const values = func.params.map((t, i) => toJs(t, args[i]));
    const value = await instance[func.name](...values);
    if (func.result === null)
      return value === undefined
        ? { ok: null }
        : { error: "a value of no type" };
    if (!isResult) return { ok: fromJs(func.result, value) };
    const ok = func.result.result[0];
    return { ok: [0, ok === null ? null : fromJs(ok, value)] };
  } catch (e) {
    const { name, message, payload } = /** @type {any} */ (e);
    if (name === "Trap") return { trap: message };
    if (name === "ComponentError" && isResult) {
      const err = func.result.result[1];
      return { ok: [1, err === null ? null : fromJs(err, payload)] };
    }
    return { error: String(/** @type {any} */ (e)?.stack ?? e) };
  }
}

/** The host's echo; a result is returned or thrown. @param {Func} func @param {any[]} log */
function hostFunction(func, log) {
  return (/** @type {any[]} */ ...args) => {
    log.push([func.host, func.params.map((t, i) => fromJs(t, args[i]))]);
    if (func.select === null) return undefined;
    const value = func.select === "all" ? args : args[func.select];
    if (tag(func.result) !== "result") return value;
    if (value.tag === "ok") return value.val;
    throw Object.assign(new Error("the host's err"), {
      name: "ComponentError",
      payload: value.val,
    });
  };
}
