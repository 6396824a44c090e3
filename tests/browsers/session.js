/**
 * All parts on one engine: starts it, gives each part a place of its own, gathers how every test went. Knows no part.
 * @module
 */
import { tryRun } from "../../npm/scripts/setup/shell.js";
import { runInProcess } from "./drivers/process.js";

/**
 * @import { Browser } from './drivers/browser.js'
 * @import { Engine } from './engines.js'
 * @import { Ground } from './suite/ground.js'
 * @import { Result } from './suite/harness.js'
 * @import { Part, Where } from './suite/parts.js'
 *
 * @typedef {Result & { part: Part, where: Where | "process" }} Outcome
 *
 * @typedef {object} Session
 * @property {string} version
 * @property {Outcome[]} outcomes
 *
 * @typedef {object} Options
 * @property {Servers} servers
 * @property {boolean} full the long forms too
 * @property {(part: Part, where: string, ms: number) => void} [took] told of each part in a browser
 *
 * @typedef {object} Servers
 * @property {string} plain
 * @property {string} isolated
 */

/**
 * @param {Engine} engine
 * @param {Part[]} parts
 * @param {Options} options
 * @returns {Promise<Session>}
 */
export async function runEngine(engine, parts, options) {
  return engine.launch
    ? inBrowser(engine, parts, options)
    : inProcess(engine, parts, options);
}

/** @type {typeof runEngine} */
async function inProcess(engine, parts, { servers, full }) {
  const command = engine.command?.() ?? [];
  const mine = parts.filter(({ browsersOnly }) => !browsersOnly);
  const [said] = tryRun(command[0], ["--version"]).stdout.split("\n");
  const version = /\d+(\.\d+)*/.exec(said)?.[0] ?? "";
  const has = engine.has(parseInt(version));
  const results = await runInProcess(command, {
    parts: mine.map((part) => part.name),
    ground: { engine: engine.name, origin: servers.plain, has, full },
  });
  const outcomes = mine.flatMap((part) =>
    (results.get(part.name) ?? []).map((result) => ({
      ...result,
      part,
      where: /** @type {const} */ ("process"),
    })),
  );
  return { version, outcomes };
}

/** @type {typeof runEngine} */
async function inBrowser(engine, parts, options) {
  const launched = /** @type {() => Promise<Browser>} */ (engine.launch);
  const browser = await launched();
  /** @type {Outcome[]} */
  const outcomes = [];
  try {
    for (const part of parts)
      for (const where of part.where) {
        const started = performance.now();
        const results = await onPage(browser, engine, part, where, options);
        options.took?.(part, where, performance.now() - started);
        for (const result of results) outcomes.push({ ...result, part, where });
      }
  } finally {
    await browser.close();
  }
  return { version: browser.version, outcomes };
}

/**
 * @param {Browser} browser
 * @param {Engine} engine
 * @param {Part} part
 * @param {Where} where
 * @param {Options} options
 * @returns {Promise<Result[]>}
 */
async function onPage(browser, engine, part, where, { servers, full }) {
  const isolated = where.startsWith("isolated");
  const origin = isolated ? servers.isolated : servers.plain;
  const page = await browser.open(origin);
  const has = engine.has(parseInt(browser.version));
  /** @type {Omit<Ground, "place">} */
  const ground = { engine: engine.name, isolated, origin, full, has };
  const inWorker = where.endsWith("worker");
  try {
    return await page.evaluate(
      async (order) => {
        const url = "/tests/browsers/suite/page.js";
        const { run } = await import(url);
        return run(order);
      },
      { part: part.name, inWorker, ground },
    );
  } catch (error) {
    const { stack } = /** @type {Error} */ (error);
    return [{ name: "the page", error: String(stack) }];
  } finally {
    await page.close();
  }
}
