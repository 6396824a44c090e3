/**
 * What `npm run test:browsers` installs: every engine that is missing, and a word on those that it cannot get. Knows no
 * suite.
 * @module
 */
import {
  findChromium,
  installChromium,
} from "../../npm/scripts/setup/chromium.js";
import { aptInstall, say } from "../../npm/scripts/setup/shell.js";
import { npmPackages } from "../../npm/scripts/setup/steps.js";
import { findFirefox } from "./drivers/firefox.js";
import { findWebKit } from "./drivers/webkit.js";

/** @typedef {{ what: string, there: () => boolean, install: () => unknown }} Piece */

const runtimes = npmPackages("tests/runtimes");

/** @type {Piece[]} */
const pieces = [
  {
    what: "Node 20, 22, 24 and 26, Deno, Bun (npm, into tests/runtimes)",
    there: () => runtimes.ready() !== undefined,
    install: runtimes.make,
  },
  {
    what: "Chromium (Debian's package, else npm's)",
    there: () => findChromium() !== undefined,
    install: installChromium,
  },
  {
    what: "Firefox ESR (Debian's package)",
    there: () => findFirefox() !== undefined,
    install: () => aptInstall(["firefox-esr"]),
  },
  {
    what: "WebKitGTK's driver and Xvfb (Debian's packages)",
    there: findWebKit,
    install: () => aptInstall(["webkit2gtk-driver", "xvfb"]),
  },
];

export async function installEngines() {
  const missing = pieces.filter(({ there }) => !there());
  if (missing.length === 0) return;
  process.stderr.write("test:browsers installs:\n");
  for (const { what } of missing) say(what);
  for (const { what, install } of missing) {
    try {
      await install();
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      process.stderr.write(`without ${what}: ${message}\n`);
    }
  }
}
