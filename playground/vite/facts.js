/**
 * `virtual:facts`: how large the transpiler is that the page loads. Fails early where it has not been built.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** It shows declarations, so it loads both modules. */
const wasm = ["transpiler.wasm", "transpiler.secondary.wasm"].map((name) =>
  fileURLToPath(new URL(`../../npm/dist/${name}`, import.meta.url)),
);
const ID = "virtual:facts";

/** @returns {import('vite').Plugin} */
export function transpilerFacts() {
  return {
    name: "slipway-facts",
    buildStart() {
      if (!wasm.every(existsSync))
        this.error("the transpiler is not there yet; run `npm run build`");
    },
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load(id) {
      if (id !== `\0${ID}`) return undefined;
      let [bytes, gzip] = [0, 0];
      for (const path of wasm) {
        this.addWatchFile(path);
        const contents = readFileSync(path);
        bytes += contents.length;
        gzip += gzipSync(contents, { level: 9 }).length;
      }
      return `export const transpiler = { bytes: ${bytes}, gzip: ${gzip} };`;
    },
  };
}
