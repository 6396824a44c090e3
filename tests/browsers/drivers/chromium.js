/**
 * Chromium through Playwright's core: how every suite starts it; and as a driver, each page in a profile of its own.
 * @module
 */
import { chromium } from "playwright-core";
import {
  CHROMIUM_ARGS,
  findChromium,
} from "../../../npm/scripts/setup/chromium.js";
import { started } from "./browser.js";

/**
 * @import { BrowserContext, Browser as Chromium } from 'playwright-core'
 * @import { Browser } from './browser.js'
 */

/** @returns {string} */
function installed() {
  const path = findChromium();
  if (path) return path;
  throw new Error("there is no Chromium; `npm run setup` installs one");
}

/** @returns {Promise<Chromium>} */
export function startChromium() {
  const executablePath = installed();
  return started("Chromium", () =>
    chromium.launch({ executablePath, args: CHROMIUM_ARGS }),
  );
}

/**
 * One whose profile is on disk: what is private has its files in memory, and no quota of its own.
 * @param {string} folder
 * @param {string[]} [args] more of them
 * @returns {Promise<BrowserContext>}
 */
export function startChromiumIn(folder, args = []) {
  const executablePath = installed();
  return started("Chromium", () =>
    chromium.launchPersistentContext(folder, {
      executablePath,
      args: [...CHROMIUM_ARGS, ...args],
    }),
  );
}

/** @returns {Promise<Browser>} */
export async function launchChromium() {
  const browser = await startChromium();
  return {
    version: browser.version(),
    async open(url) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(url);
      return {
        evaluate: (act, argument) => page.evaluate(act, argument),
        reload: async () => void (await page.reload()),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
