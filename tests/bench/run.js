/**
 * `npm run bench`: ns per operation of glue written by hand (hand/), of ours and of jco's, candidates interleaved round by
 * round in one process, best of rounds. What counts is the ratios: never the times, which belong to a machine.
 *
 *   npm run bench -- [--calls] [--composed] [--instantiate] [--transpile] [--wasi]   some sections; without: the first four
 *                    [--http]                             servers under load; tells requests per second and memory
 *                    [--case TEXT] [--rounds N] [--no-jco] [--json]
 *                    [--browser[=chromium,firefox]]       calls in browsers; with --wasi, that in browsers
 * @module
 */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { cases } from "./cases.js";
import { connect } from "./connect.js";
import { measure } from "./measure.js";
import { prepare } from "./prepare.js";
import { Report } from "./report.js";

/** @import { Engine, Row } from './measure.js' */

/**
 * @typedef {object} Settings
 * @property {string} text what a case's name has to hold
 * @property {number} rounds
 * @property {boolean} jco
 * @property {Engine} engine
 * @property {string[]} browsers none: in this process
 */

/** A section gives rows, as they are measured. @typedef {(settings: Settings) => AsyncGenerator<[name: string, Row]>} Section */

/** @type {Record<string, Section>} */
const SECTIONS = {
  calls,
  async *composed(settings) {
    const { composed } = await import("./composed/run.js");
    yield* composed(settings);
  },
  async *instantiate(settings) {
    const { instantiate } = await import("./instantiate.js");
    yield* instantiate(settings);
  },
  async *transpile(settings) {
    const { transpiling } = await import("./transpile.js");
    yield* transpiling(settings);
  },
  async *http(settings) {
    const { http } = await import("./http.js");
    yield* http(settings);
  },
  async *wasi(settings) {
    const { wasi } = await import("./wasi/run.js");
    yield* wasi(settings);
  },
};

/** @type {Section} */
async function* calls({ text, rounds, jco, engine }) {
  const wanted = cases.filter(({ name }) => name.includes(text));
  if (wanted.length === 0) return;
  const { out, made } = await prepare(jco);
  const read = (/** @type {string} */ url) => readFile(fileURLToPath(url));
  const apis = await connect(made, pathToFileURL(out).href, read);
  for (const one of wanted) {
    const its = apis[one.encoding ?? "utf8"];
    const index = cases.indexOf(one);
    yield [one.name, await measure("./cases.js", index, its, rounds, engine)];
  }
}

/** @returns {Engine} */
function thisEngine() {
  setFlagsFromString("--expose-gc");
  const heap = () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  // Of the young only: a full collection would take shapes of objects of which none is alive, and the code made for them.
  const collect = runInNewContext("gc");
  return { gc: () => collect({ type: "minor" }), heap };
}

/** @param {string[]} args */
function settingsOf(args) {
  const { values } = parseArgs({
    args,
    options: {
      case: { type: "string", default: "" },
      rounds: { type: "string", default: "40" },
      json: { type: "boolean", default: false },
      "no-jco": { type: "boolean", default: false },
      browser: { type: "string" },
      calls: { type: "boolean", default: false },
      composed: { type: "boolean", default: false },
      instantiate: { type: "boolean", default: false },
      transpile: { type: "boolean", default: false },
      http: { type: "boolean", default: false },
      wasi: { type: "boolean", default: false },
    },
  });
  const named = /** @type {const} */ ([
    "calls",
    "composed",
    "instantiate",
    "transpile",
    "http",
    "wasi",
  ]).filter((name) => values[name]);
  const browsers = values.browser?.split(",") ?? [];
  const usual =
    browsers.length > 0
      ? ["calls"]
      : ["calls", "composed", "instantiate", "transpile"];
  return {
    json: values.json,
    sections: named.length > 0 ? named : usual,
    settings: {
      text: values.case,
      rounds: Number(values.rounds),
      jco: !values["no-jco"],
      browsers,
      engine: thisEngine(),
    },
  };
}

/** `--browser` alone means both. @param {string[]} args */
function spelledOut(args) {
  return args.map((arg) =>
    arg === "--browser" ? "--browser=chromium,firefox" : arg,
  );
}

/** Firefox is driven over a WebSocket, which Node 20 has behind a flag. @param {string[]} args */
function again(args) {
  const flag = "--experimental-websocket";
  const self = fileURLToPath(import.meta.url);
  const { status } = spawnSync(process.execPath, [flag, self, ...args], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
}

async function main() {
  const args = spelledOut(process.argv.slice(2));
  const { json, sections, settings } = settingsOf(args);
  const { browsers } = settings;
  if (browsers.includes("firefox") && typeof WebSocket === "undefined")
    return again(args);
  const report = new Report(json);
  for (const name of sections) {
    if (browsers.length === 0) {
      await report.section(name, SECTIONS[name](settings));
      continue;
    }
    const { inBrowser } = await import("./browser.js");
    for (const browser of browsers)
      await report.section(
        `${name} in ${browser}`,
        inBrowser(browser, name, settings),
      );
  }
  report.end();
  if (report.rows === 0)
    throw new Error(`no case has ${settings.text} in its name`);
}

await main();
