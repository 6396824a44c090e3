/**
 * Owns which Chromium the browser tests drive, and with which flags. Knows no test.
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { aptInstall, canApt, run, say, which } from "./shell.js";

const CACHE = fileURLToPath(
  new URL("../../../target/chromium/", import.meta.url),
);
const NOTE = join(CACHE, "path.txt");
const PACKAGE = "@sparticuz/chromium@153.0.0";

const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/**
 * Flags for a Chromium that runs tests: also as root, without a GPU, and with nothing going on in the background.
 * Playwright adds --headless and a fresh profile by itself.
 */
export const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * The Chromium to use: `CHROME_PATH`, an installed one, or the one that set-up unpacked.
 * @returns {string | undefined}
 */
export function findChromium() {
  const named = process.env.CHROME_PATH;
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`CHROME_PATH=${named}: there is no such file`);
  }
  for (const name of NAMES) {
    const path = which(name);
    if (path) return path;
  }
  const place = PLACES.find((path) => existsSync(path));
  if (place) return place;
  const unpacked = existsSync(NOTE) ? readFileSync(NOTE, "utf8") : "";
  return existsSync(unpacked) ? unpacked : undefined;
}

/** Installs one: Debian's package where we may, else the npm package that carries it. */
export async function installChromium() {
  if (canApt()) {
    try {
      aptInstall(["chromium"]);
      return;
    } catch (error) {
      say(/** @type {Error} */ (error).message.split("\n")[0]);
    }
  }
  say(`npm install ${PACKAGE} (into target/chromium)`);
  mkdirSync(CACHE, { recursive: true });
  run("npm", ["install", "--no-save", "--prefix", CACHE, PACKAGE], {
    quiet: true,
  });
  const entry = join(CACHE, "node_modules/@sparticuz/chromium/package.json");
  const { exports, main } = JSON.parse(readFileSync(entry, "utf8"));
  const file =
    main ?? exports?.["."]?.import?.default ?? exports?.["."]?.import;
  const { default: chromium } = await import(
    pathToFileURL(join(dirname(entry), file)).href
  );
  writeFileSync(NOTE, await chromium.executablePath());
}
