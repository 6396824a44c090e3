/**
 * How the playground is served and built. The output is static and works from any folder of any host.
 * @module
 */
import { defineConfig } from "vite";
import { examples } from "./vite/examples.js";
import { page } from "./vite/page.js";
import { transpilerFacts } from "./vite/facts.js";

export default defineConfig({
  base: "./",
  plugins: [transpilerFacts(), examples(), page()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    // A file each: what is inlined as data: would need a looser Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: "es" },
});
