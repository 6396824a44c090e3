/**
 * Serves this repository's sources to a browser as they are: bare names are
 * pointed at files, which replaces a bundler. Owns a port and nothing else.
 * @module
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const NAMES = {
  "@slipway/wasi": "/shims/src/index.js",
  "node:test": "/tests/shims/browser/node-test.js",
  "node:assert/strict": "/tests/shims/browser/assert.js",
};

const TYPES = {
  ".js": "text/javascript",
  ".html": "text/html",
  ".wasm": "application/wasm",
};

const resolveName = (name) =>
  NAMES[name] ?? name.replace(/^@slipway\/wasi\//, "/shims/src/") + ".js";

const rewrite = (source) =>
  source.replace(
    /(\bfrom\s*|\bimport\s*\(?\s*)"(@slipway\/wasi[^"]*|node:(?:test|assert\/strict))"/g,
    (_, before, name) => `${before}"${resolveName(name)}"`,
  );

/**
 * @param {{ isolated?: boolean, routes?: (request: import("node:http").IncomingMessage,
 *   response: import("node:http").ServerResponse) => boolean }} [options]
 */
export async function serveSources({ isolated = false, routes } = {}) {
  const server = createServer(async (request, response) => {
    if (routes?.(request, response)) return;
    const { pathname } = new URL(request.url, "http://localhost");
    const path = normalize(pathname);
    if (isolated) {
      response.setHeader("cross-origin-opener-policy", "same-origin");
      response.setHeader("cross-origin-embedder-policy", "require-corp");
    }
    response.setHeader("cache-control", "no-store");
    if (path === "/") {
      response.setHeader("content-type", "text/html");
      return response.end("<!doctype html><title>shims</title>");
    }
    try {
      const file = await readFile(join(root, path));
      response.setHeader(
        "content-type",
        TYPES[extname(path)] ?? "application/octet-stream",
      );
      response.end(path.endsWith(".js") ? rewrite(String(file)) : file);
    } catch {
      response.statusCode = 404;
      response.end("not here");
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return {
    origin: `http://localhost:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
