/**
 * The bench in browsers: Chromium by Playwright, Firefox over WebDriver BiDi, on pages that are cross-origin isolated, where
 * clocks are finest. Owns pages and what is served to them; page.js and wasi/worker.js measure.
 * @module
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { startChromiumIn } from "../browsers/drivers/chromium.js";
import { findFirefox, launchFirefox } from "../browsers/drivers/firefox.js";
import { serveSources } from "../browsers/serve.js";
import { cases } from "./cases.js";
import { prepare } from "./prepare.js";

/** @import { Row } from './measure.js' */
/** @import { Settings } from './run.js' */

/**
 * A page of either browser.
 * @typedef {object} Tab
 * @property {(act: (argument: any) => any, argument?: unknown) => Promise<any>} evaluate
 * @property {() => Promise<unknown>} close and its browser with it
 */

/** @param {string} origin @returns {Promise<Tab>} */
async function chromiumTab(origin) {
  // A private context would keep the origin's files in another process's memory.
  const profile = await mkdtemp(join(tmpdir(), "slipway-profile-"));
  const args = ["--js-flags=--expose-gc"];
  const context = await startChromiumIn(profile, args);
  const page = await context.newPage();
  await page.goto(origin);
  return {
    evaluate: (act, argument) => page.evaluate(act, argument),
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** @param {string} origin @returns {Promise<Tab>} */
async function firefoxTab(origin) {
  if (!findFirefox()) throw new Error("there is no Firefox");
  const browser = await launchFirefox();
  const page = await browser.open(origin);
  return {
    evaluate: (act, argument) => page.evaluate(act, argument),
    close: () => browser.close(),
  };
}

const TABS = { chromium: chromiumTab, firefox: firefoxTab };

/** @type {Record<string, string>} */
const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };

/** Serves the repository's sources, and at /made/ what was prepared. @param {string} made a folder */
function serve(made) {
  return serveSources({
    isolated: true,
    routes: {
      async "/made/"(request, response) {
        const { pathname } = new URL(request.url ?? "/", "http://localhost");
        const file = join(made, pathname.slice("/made/".length));
        const type = TYPES[extname(file)] ?? "application/octet-stream";
        response.setHeader("content-type", type);
        try {
          response.end(await readFile(file));
        } catch {
          response.statusCode = 404;
          response.end("not here");
        }
      },
    },
  });
}

/**
 * @template T
 * @param {string} name of the browser
 * @param {string} made
 * @param {(tab: Tab) => AsyncGenerator<T>} act
 * @returns {AsyncGenerator<T>}
 */
async function* withTab(name, made, act) {
  const open = /** @type {Record<string, typeof chromiumTab>} */ (TABS)[name];
  if (!open) throw new Error(`no such browser: ${name}`);
  const server = await serve(made);
  try {
    const tab = await open(server.origin);
    try {
      yield* act(tab);
    } finally {
      await tab.close();
    }
  } finally {
    await server.close();
  }
}

/** @param {string} browser @param {string} section @param {Settings} settings @returns {AsyncGenerator<[string, Row]>} */
export async function* inBrowser(browser, section, settings) {
  if (section === "calls") yield* calls(browser, settings);
  else if (section === "wasi") {
    const { prepareWasi, GROUPS } = await import("./wasi/run.js");
    const out = await prepareWasi(settings.jco);
    yield* withTab(browser, out, async function* (tab) {
      for (const group of GROUPS) {
        const { text, rounds, jco } = settings;
        const rows = await tab.evaluate(inWorker, { group, rounds, jco });
        for (const row of rows) if (row[0].includes(text)) yield row;
      }
    });
  } else throw new Error(`${section} runs in Node only`);
}

/** @param {string} browser @param {Settings} settings @returns {AsyncGenerator<[string, Row]>} */
async function* calls(browser, { text, rounds, jco }) {
  const wanted = [...cases.keys()].filter((i) => cases[i].name.includes(text));
  if (wanted.length === 0) return;
  const { out, made } = await prepare(jco);
  yield* withTab(browser, out, async function* (tab) {
    for (const index of wanted) {
      const row = await tab.evaluate(
        async (argument) => {
          const url = "/tests/bench/page.js";
          return (await import(url)).runCase(argument);
        },
        { made, index, rounds },
      );
      yield [cases[index].name, row];
    }
  });
}

/** On the page: one group of the WASI cases in a dedicated worker, where synchronous files are. @param {unknown} ask */
function inWorker(ask) {
  return new Promise((resolve, reject) => {
    const url = "/tests/bench/wasi/worker.js";
    const worker = new Worker(url, { type: "module" });
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }) => {
      worker.terminate();
      if (data.error) reject(new Error(data.error));
      else resolve(data.rows);
    };
    worker.postMessage(ask);
  });
}
