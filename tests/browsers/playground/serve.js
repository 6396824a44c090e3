/**
 * Serves a folder below a path, as a plain web host would, and a few files beside it. Knows no test.
 * @module
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

/** @type {Record<string, string>} */
const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/**
 * @param {string} folder
 * @param {string} prefix where it is served, `/some/path/`
 * @param {Record<string, string>} files further URL paths, to the files behind them
 * @param {Record<string, string>} [headers] sent with everything
 * @returns {Promise<{ origin: string, close: () => void }>}
 */
export function serve(folder, prefix, files, headers = {}) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(
      new URL(request.url ?? "/", "http://localhost").pathname,
    );
    const inside = path.startsWith(prefix)
      ? normalize(path.slice(prefix.length) || "index.html")
      : undefined;
    const file =
      files[path] ??
      (inside && !inside.startsWith("..") ? join(folder, inside) : undefined);
    try {
      if (!file) throw new Error("nothing there");
      const body = await readFile(file);
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      response.writeHead(200, { ...headers, "content-type": type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (
        server.address()
      );
      resolve({
        origin: `http://127.0.0.1:${port}`,
        close: () => {
          server.closeAllConnections();
          server.close();
        },
      });
    });
  });
}
