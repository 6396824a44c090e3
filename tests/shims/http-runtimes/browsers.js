/**
 * The browsers that the HTTP suite knows: a static site built with Vite, whose
 * service worker serves the guest; the client is the frame below its scope.
 * @module
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { findChromium } from "../../../npm/scripts/setup/chromium.js";
import { ask } from "./ask.js";
import { buildSite, removeSite, serveFolder, siteFolder } from "./site.js";

/** @import { Target, Traits } from "./suite.js" */

/** @type {Traits} */
const traits = { streams: true, uploads: false, page: true, utf8: true };

const firefox = [
  process.env.FIREFOX_PATH,
  "/usr/bin/firefox-esr",
  "/usr/bin/firefox",
].find((path) => path && existsSync(path));

/** Whether it is one that suspends guests. */
function firefoxSuspends() {
  if (!firefox) return false;
  const { stdout } = spawnSync(firefox, ["--version"], { encoding: "utf8" });
  return Number(/(\d+)\./.exec(stdout)?.[1]) >= 153;
}

/**
 * @type {Record<string, { missing: string | false, traits: Traits,
 *   launch(): Promise<any> }>}
 */
export const BROWSERS = {
  chromium: {
    missing: !findChromium() && "there is no Chromium",
    traits,
    launch: async () =>
      (await import("../../browsers/drivers/chromium.js")).launchChromium(),
  },
  firefox: {
    missing:
      typeof WebSocket !== "function"
        ? "this Node has no WebSocket to drive Firefox with"
        : !firefox && "there is no Firefox",
    traits: firefoxSuspends()
      ? traits
      : { ...traits, streams: false, waits: false },
    launch: async () =>
      (await import("../../browsers/drivers/firefox.js")).launchFirefox(),
  },
};

/**
 * In the page: once the frame shows what the guest says, asks from there.
 * @param {{ text: string, what: unknown }} question
 */
async function askFrame({ text, what }) {
  const frame = () => /** @type {any} */ (document.querySelector("iframe"));
  const shown = () => frame().contentDocument?.body?.innerText ?? "";
  while (!shown().includes("Hello from Rust"))
    await new Promise((resolve) => setTimeout(resolve, 20));
  return frame().contentWindow.eval(`(${text})`)(what);
}

/**
 * @param {string} name
 * @returns {Promise<Target>}
 */
export async function startBrowser(name) {
  const folder = await siteFolder();
  const site = await serveFolder(await buildSite(folder));
  const browser = await BROWSERS[name].launch();
  const page = await browser.open(`${site.origin}/`);
  return {
    server: {
      origin: `${site.origin}/app`,
      memory: () => undefined,
      stop: async () => {},
    },
    ask: (what) => page.evaluate(askFrame, { text: String(ask), what }),
    async stop() {
      await browser.close();
      await site.stop();
      await removeSite(folder);
    },
  };
}
