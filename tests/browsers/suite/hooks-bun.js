/**
 * Names that the suites import, in Bun, which lets nobody take the place of its own modules: the imports are rewritten. See
 * names.js.
 * @module
 */
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { FILES, fileOf } from "./names.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const { Bun } = /** @type {any} */ (globalThis);

Bun.plugin({
  name: "the suites' names",
  setup(/** @type {any} */ build) {
    const tests = /[\\/]tests[\\/](?:shims|e2e|browsers)[\\/].*\.js$/;
    build.onLoad(
      { filter: tests },
      (/** @type {{ path: string }} */ { path }) => {
        const here = posix.dirname(
          path.slice(root.length).replaceAll("\\", "/"),
        );
        const contents = readFileSync(path, "utf8").replace(
          /(\bfrom\s*|\bimport\s*\(?\s*)"([^"]+)"/g,
          (all, before, name) => {
            const file = name.startsWith(".")
              ? FILES[posix.join(here, name)]
              : fileOf(name);
            return file ? `${before}"${root}${file}"` : all;
          },
        );
        return { contents, loader: "js" };
      },
    );
  },
});
