/**
 * Serves this repository to a browser as it is: bare names are pointed at files, which replaces a bundler; Node's modules at
 * something that says it is not there. Owns a port and nothing else.
 * @module
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { FILES, fileOf } from "./suite/names.js";

/**
 * @import { IncomingMessage, ServerResponse } from 'node:http'
 *
 * @typedef {(request: IncomingMessage, response: ServerResponse) => unknown} Route
 */

const root = fileURLToPath(new URL("../..", import.meta.url));

/** @type {Record<string, string>} */
const TYPES = {
  ".js": "text/javascript",
  ".html": "text/html",
  ".wasm": "application/wasm",
};

const IMPORT =
  /(^|\n)(import|export)\s([^;"]*?)\bfrom\s*"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/g;

/**
 * What is imported from a module that is not there, as constants.
 * @param {string} what `fs`, `{ a, b as c }`
 * @param {string} module
 */
function absent(what, module) {
  const names = what.trim().replaceAll(/\s+as\s+/g, ": ");
  const alias = `absent_${module.replaceAll(/\W/g, "_")}`;
  return `import { notHere as ${alias} } from "/tests/browsers/suite/not-here.js"; const ${names} = ${alias}("${module}")`;
}

/**
 * @param {string} source
 * @param {string} path of the module, from the root
 */
function rewrite(source, path) {
  return source.replace(IMPORT, (all, line, keyword, what, from, only) => {
    const name = from ?? only;
    const relative = /^\.{1,2}\//.test(name);
    const file = relative
      ? FILES[posix.join(posix.dirname(path), name)]
      : fileOf(name, true);
    if (file) return all.replace(`"${name}"`, `"/${file}"`);
    if (keyword === "import" && name.startsWith("node:"))
      return `${line}${absent(what, name)}`;
    return all;
  });
}

/**
 * Something else than this repository's files.
 * @param {Record<string, Route | string>} routes by path, or beginning of one that ends in a slash; a string is a file
 * @param {string} pathname
 */
function routeOf(routes, pathname) {
  const folder = Object.keys(routes).find(
    (path) => path.endsWith("/") && pathname.startsWith(path),
  );
  return routes[pathname] ?? (folder && routes[folder]);
}

/**
 * @param {object} [options]
 * @param {boolean} [options.isolated] cross-origin isolation for every page
 * @param {Record<string, Route | string>} [options.routes] see {@link routeOf}
 */
export async function serveSources({ isolated = false, routes = {} } = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = posix.normalize(decodeURIComponent(pathname));
    if (isolated) {
      response.setHeader("cross-origin-opener-policy", "same-origin");
      response.setHeader("cross-origin-embedder-policy", "require-corp");
    }
    response.setHeader("cache-control", "no-store");
    const route = routeOf(routes, path);
    if (typeof route === "function") return void route(request, response);
    if (path === "/") {
      response.setHeader("content-type", "text/html");
      return void response.end("<!doctype html><title>engines</title>");
    }
    try {
      const file = await readFile(route ?? join(root, path));
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      response.setHeader("content-type", type);
      response.end(
        path.endsWith(".js") ? rewrite(String(file), path.slice(1)) : file,
      );
    } catch {
      response.statusCode = 404;
      response.end("not here");
    }
  });
  await new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve(undefined)),
  );
  const { port } = /** @type {import('node:net').AddressInfo} */ (
    server.address()
  );
  return {
    origin: `http://localhost:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
