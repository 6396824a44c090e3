/**
 * Which module each engine gets under which name: the suites are files that `node --test` runs as well, and elsewhere their
 * `node:test` and their way to guests are ours. Paths are from the repository's root. Knows no engine.
 * @module
 */

/** Names that are replaced wherever the suites run. @type {Record<string, string>} */
const EVERYWHERE = { "node:test": "tests/browsers/suite/harness.js" };

/** And where there is neither Node nor a way to look up packages. @type {Record<string, string>} */
const IN_BROWSERS = {
  "node:assert/strict": "tests/browsers/suite/assert.js",
  "node:timers/promises": "tests/browsers/suite/timers.js",
  "@slipway/wasi": "shims/src/index.js",
  slipway: "npm/src/browser.js",
};

/** Files that have another in their place. @type {Record<string, string>} */
export const FILES = {
  "tests/e2e/lib/harness.js": "tests/browsers/suite/guests.js",
  "tests/guests/build.js": "tests/browsers/suite/guests.js",
};

/**
 * @param {string} name as it stands in an import
 * @param {boolean} [inBrowser]
 * @returns {string | undefined} the file it stands for; undefined leaves it as it is
 */
export function fileOf(name, inBrowser = false) {
  const file = EVERYWHERE[name] ?? (inBrowser ? IN_BROWSERS[name] : undefined);
  if (file || !inBrowser) return file;
  const [, sub] = /^@slipway\/wasi\/([\w-]+)$/.exec(name) ?? [];
  if (sub === "directory-handle") return "shims/src/fs/handle.js";
  return sub && `shims/src/${sub}.js`;
}
