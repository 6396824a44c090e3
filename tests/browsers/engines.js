/**
 * The table of engines: where each is, how it is started, and what it is known to have. The suites check the last, so that
 * an ability that goes away, or comes, is a change of this table. Knows no suite.
 * @module
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findChromium } from "../../npm/scripts/setup/chromium.js";
import { tryRun } from "../../npm/scripts/setup/shell.js";
import { launchChromium } from "./drivers/chromium.js";
import { findFirefox, launchFirefox } from "./drivers/firefox.js";
import { findWebKit, launchWebKit } from "./drivers/webkit.js";
import { FILES, fileOf } from "./suite/names.js";

/**
 * @import { Browser } from './drivers/browser.js'
 * @import { Abilities } from './suite/ground.js'
 *
 * @typedef {object} Engine
 * @property {string} name
 * @property {string} from where it comes from
 * @property {boolean} [elsewhere] other suites of `npm test` run on it too
 * @property {() => boolean} there
 * @property {() => Promise<Browser>} [launch] of a browser
 * @property {() => string[]} [command] of a runtime: the program and what it needs before a script
 * @property {(major: number) => Abilities} has in this version of it
 */

const root = fileURLToPath(new URL("../..", import.meta.url));
const packages = join(root, "tests/runtimes/node_modules");
const here = (/** @type {string} */ file) =>
  fileURLToPath(new URL(file, import.meta.url));

/** @type {Abilities} */
const none = {
  jspi: false,
  atomics: false,
  wasmAdapters: false,
  opfs: false,
  directoryHandle: false,
  indexedDb: false,
  hostFiles: false,
  moduleServiceWorkers: false,
};

/** The Node that started all this; a newer one may have taken over from it. */
const atHand = process.env.SLIPWAY_NODE_AT_HAND ?? process.execPath;
const atHandMajor = Number(
  /^v(\d+)/.exec(tryRun(atHand, ["--version"]).stdout)?.[1],
);

/**
 * @param {number} major
 * @returns {Engine}
 */
function node(major) {
  const installed = join(packages, `node${major}/bin/node`);
  const program = major === atHandMajor ? atHand : installed;
  return {
    name: `Node ${major}`,
    elsewhere: major === atHandMajor || major === 24,
    from: "npm",
    there: () => existsSync(program),
    command: () => [program, "--import", here("suite/hooks-node.js")],
    has: () => ({
      ...none,
      atomics: true,
      hostFiles: true,
      jspi: major >= 24,
      wasmAdapters: major >= 22,
    }),
  };
}

/** Deno takes the names from a file; bare ones it finds as Node does. */
function importMap() {
  const url = (/** @type {string} */ path) =>
    pathToFileURL(join(root, path)).href;
  const imports = { "node:test": url(fileOf("node:test") ?? "") };
  for (const [file, other] of Object.entries(FILES))
    Object.assign(imports, { [url(file)]: url(other) });
  const folder = join(root, "target/engines");
  mkdirSync(folder, { recursive: true });
  const map = join(folder, "deno-names.json");
  writeFileSync(map, JSON.stringify({ imports }));
  return map;
}

const runtime = { ...none, jspi: true, atomics: true, wasmAdapters: true };
const browser = {
  ...runtime,
  opfs: true,
  directoryHandle: true,
  indexedDb: true,
  moduleServiceWorkers: true,
};

/** @type {Engine[]} */
export const engines = [
  ...[...new Set([20, 22, 24, 26, atHandMajor])]
    .sort((a, b) => a - b)
    .map(node),
  {
    name: "Deno",
    from: "npm",
    there: () => existsSync(join(packages, ".bin/deno")),
    command: () => [
      join(packages, ".bin/deno"),
      ...["run", "-A", "--no-lock", "--no-check", "--import-map", importMap()],
    ],
    has: () => ({ ...runtime, hostFiles: true }),
  },
  {
    name: "Bun",
    from: "npm",
    there: () => existsSync(join(packages, ".bin/bun")),
    command: () => [
      join(packages, ".bin/bun"),
      ...["--preload", here("suite/hooks-bun.js")],
    ],
    has: () => ({ ...runtime, hostFiles: true }),
  },
  {
    name: "Chromium",
    from: "chromium",
    there: () => findChromium() !== undefined,
    launch: launchChromium,
    has: () => browser,
  },
  {
    name: "Firefox",
    from: "firefox-esr",
    there: () => findFirefox() !== undefined,
    launch: launchFirefox,
    has: (major) => ({
      ...browser,
      jspi: major >= 153,
      moduleServiceWorkers: major >= 147,
    }),
  },
  {
    name: "WebKitGTK",
    from: "webkit2gtk-driver xvfb",
    there: findWebKit,
    launch: launchWebKit,
    has: () => ({ ...none, indexedDb: true, moduleServiceWorkers: true }),
  },
];
