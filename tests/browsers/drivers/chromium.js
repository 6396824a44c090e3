/**
 * Chromium through Playwright's core, each page in a profile of its own.
 * @module
 */
import { chromium } from "playwright-core";
import {
  CHROMIUM_ARGS,
  findChromium,
} from "../../../npm/scripts/setup/chromium.js";

/** @import { Browser } from './browser.js' */

/** @returns {Promise<Browser>} */
export async function launchChromium() {
  const executablePath = findChromium();
  const browser = await chromium.launch({
    executablePath,
    args: CHROMIUM_ARGS,
  });
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
