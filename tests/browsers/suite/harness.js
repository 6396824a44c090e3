/**
 * As much of `node:test` as the suites use, for engines that have none: tests are gathered, and run one after the other by
 * `runTests`. Owns order, time limits and what counts as skipped; knows no test.
 * @module
 */
import { NotHere } from "./not-here.js";

/**
 * @typedef {object} Result
 * @property {string} name
 * @property {string} [error] the test failed
 * @property {string} [skip] why it could not run here
 *
 * @typedef {{ before: Array<() => unknown>, after: Array<() => unknown>, left: number, began: boolean, failed?: unknown }} Scope
 *   `failed`: what its `before` threw, which is what all its tests throw
 *
 * @typedef {object} Gathered
 * @property {string} name
 * @property {string | undefined} skip
 * @property {number} [timeout] in milliseconds
 * @property {(t: any) => unknown} body
 * @property {Scope[]} scopes outermost first
 */

/** @type {Gathered[]} */
let gathered = [];
/** @type {string[]} */
let names = [];
/** @type {Scope[]} */
let scopes = [];

/** @param {any} options @returns {string | undefined} */
const skipOf = ({ skip }) =>
  skip ? (skip === true ? "not here" : String(skip)) : undefined;

/**
 * @param {string} name
 * @param {any} options
 * @param {() => void} [body]
 */
export function describe(name, options, body = options) {
  if (body !== options && skipOf(options)) return test(name, options, () => {});
  const [outerNames, outerScopes] = [names, scopes];
  names = [...names, name];
  scopes = [...scopes, { before: [], after: [], left: 0, began: false }];
  body();
  [names, scopes] = [outerNames, outerScopes];
}

/**
 * @param {string} name
 * @param {any} options
 * @param {(t: any) => unknown} [body]
 */
export function test(name, options, body = options) {
  for (const scope of scopes) scope.left++;
  gathered.push({
    name: [...names, name].join(" > "),
    skip: body === options ? undefined : skipOf(options),
    timeout: body === options ? undefined : options.timeout,
    body,
    scopes,
  });
}

export const it = test;

/**
 * Gathers the tests of a module that has not been loaded before; hooks at its top level are for all of them.
 * @param {() => Promise<unknown>} load
 */
export async function gather(load) {
  scopes = [{ before: [], after: [], left: 0, began: false }];
  try {
    await load();
  } finally {
    scopes = [];
  }
}

/** @param {() => unknown} act */
export const before = (act) => void scopes.at(-1)?.before.push(act);
/** @param {() => unknown} act */
export const after = (act) => void scopes.at(-1)?.after.push(act);

/**
 * @param {any} error
 * @returns {string}
 */
export function said(error) {
  if (!(error instanceof Error)) {
    const text = JSON.stringify(error, (_, v) =>
      typeof v === "bigint" ? `${v}n` : v,
    );
    return `thrown: ${text}`;
  }
  // Only V8's stacks begin with the message.
  const stack = error.stack ?? "";
  const head = `${error.name}: ${error.message}`;
  const cause =
    error.cause === undefined ? "" : `\ncause: ${said(error.cause)}`;
  return (stack.includes(error.message) ? stack : `${head}\n${stack}`) + cause;
}

/**
 * @param {() => Promise<unknown>} act
 * @param {number} ms
 */
function within(act, ms) {
  /** @type {ReturnType<typeof setTimeout>} */
  let id;
  const late = new Promise((_, reject) => {
    const error = new Error(`no end after ${ms} ms`);
    id = setTimeout(() => reject(error), ms);
  });
  return Promise.race([act(), late]).finally(() => clearTimeout(id));
}

/** @param {Gathered} one */
async function runOne({ body, scopes: around }) {
  for (const scope of around) {
    if ("failed" in scope) throw scope.failed;
    if (scope.began) continue;
    scope.began = true;
    try {
      for (const act of scope.before) await act();
    } catch (error) {
      scope.failed = error;
      throw error;
    }
  }
  /** @type {Array<() => unknown>} */
  const ends = [];
  const context = {
    after: (/** @type {() => unknown} */ act) => void ends.push(act),
    diagnostic: () => {},
    skip: (/** @type {string} */ why) => {
      throw new NotHere(why ?? "not here");
    },
  };
  try {
    await body(context);
  } finally {
    for (const act of ends) await act();
  }
}

/** @param {Gathered} one */
async function leave({ scopes: around }) {
  for (const scope of around.toReversed())
    if (--scope.left === 0 && scope.began)
      for (const act of scope.after) await act();
}

/**
 * Runs what was gathered since the last time.
 * @param {object} [options]
 * @param {(name: string) => void} [options.begin]
 * @param {(result: Result) => void} [options.end]
 * @param {number} [options.limitMs] for each test
 * @returns {Promise<Result[]>}
 */
export async function runTests({ begin, end, limitMs = 30_000 } = {}) {
  /** @type {Result[]} */
  const results = [];
  const tests = gathered;
  gathered = [];
  for (const one of tests) {
    const { name } = one;
    /** @type {Result} */
    let result = { name };
    begin?.(name);
    try {
      if (one.skip) result.skip = one.skip;
      else await within(() => runOne(one), one.timeout ?? limitMs);
      await leave(one);
    } catch (error) {
      result =
        error instanceof NotHere
          ? { name, skip: error.message }
          : { name, error: said(error) };
    }
    results.push(result);
    end?.(result);
  }
  return results;
}
