/**
 * The example components: text in `examples/`, made into components when the playground is served or built. Owns that step;
 * what the examples are is said in `src/examples.js`.
 * @module
 */
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { guestTool } from "../../tests/guests/lib/toolchains.js";

const folder = fileURLToPath(new URL("../examples", import.meta.url));
const cache = fileURLToPath(
  new URL("../../target/playground/examples", import.meta.url),
);

/**
 * The component that a text file stands for.
 * @param {string} file
 * @returns {Promise<Buffer>}
 */
async function component(file) {
  const text = readFileSync(join(folder, file));
  const key = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const out = join(cache, `${key}.wasm`);
  if (!existsSync(out)) {
    mkdirSync(cache, { recursive: true });
    execFileSync(await guestTool(), ["text", join(folder, file), "-o", out]);
  }
  return readFileSync(out);
}

const texts = () => readdirSync(folder).filter((name) => name.endsWith(".wat"));

/** @returns {import('vite').Plugin} */
export function examples() {
  return {
    name: "slipway-examples",
    configureServer(server) {
      server.middlewares.use(async (request, response, next) => {
        const name = /^\/examples\/([\w-]+)\.wasm$/.exec(
          request.url ?? "",
        )?.[1];
        if (!name || !texts().includes(`${name}.wat`)) return next();
        try {
          const bytes = await component(`${name}.wat`);
          response.setHeader("content-type", "application/wasm");
          response.end(bytes);
        } catch (error) {
          next(error);
        }
      });
    },
    async generateBundle() {
      for (const file of texts()) {
        const fileName = `examples/${file.replace(/wat$/, "wasm")}`;
        const source = await component(file);
        this.emitFile({ type: "asset", fileName, source });
      }
    },
  };
}
