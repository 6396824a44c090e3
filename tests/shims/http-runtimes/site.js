/**
 * A static site that a Vite user would make: one line of configuration, a page with
 * a frame. Built or served by Vite in a folder of its own; served without a header
 * that says anything.
 * @module
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGuest } from "../../guests/build.js";

const here = dirname(fileURLToPath(import.meta.url));

const TYPES = /** @type {Record<string, string>} */ ({
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
});

const CONFIG = `import { serve } from "slipway/vite";
export default { plugins: [serve("app.wasm", { options: "/options.js" })] };
`;

const OPTIONS = `export default {
  host: { fetch: { allow: ["127.0.0.1", "localhost"] }, stderr: null },
};
`;

const PAGE = `<!doctype html><title>site</title><iframe src="app/"></iframe>`;

/** A folder with the site's sources. @returns {Promise<string>} */
export async function siteFolder(name = "rust-http") {
  // Inside the repository, where its packages are found.
  await mkdir(join(here, "dist"), { recursive: true });
  const folder = await mkdtemp(join(here, "dist", "site-"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "vite.config.js"), CONFIG);
  await writeFile(join(folder, "options.js"), OPTIONS);
  await writeFile(join(folder, "index.html"), PAGE);
  await writeComponent(folder, name);
  return folder;
}

/**
 * @param {string} folder
 * @param {string} name of a guest
 */
export async function writeComponent(folder, name) {
  const bytes = await readFile(await buildGuest(name));
  await writeFile(join(folder, "app.wasm"), bytes);
}

/** @param {string} folder */
export const removeSite = (folder) =>
  rm(folder, { recursive: true, force: true });

/** Into \`dist\`. @param {string} folder */
export async function buildSite(folder) {
  const { build } = await import("vite");
  await build({ root: folder, logLevel: "warn" });
  return join(folder, "dist");
}

/**
 * The development server.
 * @param {string} folder
 */
export async function developSite(folder) {
  const { createServer: create } = await import("vite");
  const server = await create({
    root: folder,
    logLevel: "warn",
    server: { port: 0, host: "localhost" },
  });
  await server.listen();
  return {
    origin: String(server.resolvedUrls?.local[0]).replace(/\/$/, ""),
    stop: () => server.close(),
  };
}

/**
 * Files, and nothing else.
 * @param {string} folder
 */
export async function serveFolder(folder) {
  const asked = /** @type {string[]} */ ([]);
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    asked.push(pathname);
    const path = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    try {
      const file = await readFile(join(folder, path));
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      response.setHeader("content-type", type);
      response.end(file);
    } catch {
      response.statusCode = 404;
      response.end("not here");
    }
  });
  await new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve(undefined)),
  );
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    asked,
    origin: `http://localhost:${port}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
