/**
 * `virtual:facts`: how large the transpiler is that the page loads. Fails early where it has not been built.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const wasm = fileURLToPath(
  new URL("../../npm/dist/transpiler.wasm", import.meta.url),
);
const ID = "virtual:facts";

/** @returns {import('vite').Plugin} */
export function transpilerFacts() {
  return {
    name: "slipway-facts",
    buildStart() {
      if (!existsSync(wasm))
        this.error("the transpiler is not there yet; run `npm run build`");
    },
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load(id) {
      if (id !== `\0${ID}`) return undefined;
      this.addWatchFile(wasm);
      const bytes = readFileSync(wasm);
      const gzip = gzipSync(bytes, { level: 9 }).length;
      return `export const transpiler = { bytes: ${bytes.length}, gzip: ${gzip} };`;
    },
  };
}
