/**
 * The suite's server in Node, Deno and Bun: `serve.js FOLDER`, where FOLDER holds
 * the transpiled guest. Prints its port.
 * @module
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { handlerOf } from "./program.js";

const folder = process.argv[2];
const { instantiate } = await import(
  pathToFileURL(join(folder, "http.js")).href
);
/** @type {Map<string, Promise<WebAssembly.Module>>} */
const compiled = new Map();
const core = (/** @type {string} */ path) => {
  const known = compiled.get(path);
  if (known) return known;
  const compiling = readFile(join(folder, path)).then((bytes) =>
    WebAssembly.compile(bytes),
  );
  compiled.set(path, compiling);
  return compiling;
};
const say = (/** @type {number} */ port) => console.log(`port ${port}`);

const { Deno, Bun } = /** @type {any} */ (globalThis);
if (Deno) {
  const handler = handlerOf(core, instantiate);
  Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: ({ port }) => say(port) },
    (/** @type {Request} */ request) => handler(request),
  );
} else if (Bun) {
  const fetch = handlerOf(core, instantiate);
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: (/** @type {Request} */ request) => fetch(request),
  });
  say(server.port);
} else {
  const { createServer } = await import("node:http");
  const { nodeListener, wasi } = await import("@slipway/wasi/node");
  const { threadedHandler } = await import("@slipway/wasi/threads");
  const host = () =>
    wasi({ fetch: { allow: ["127.0.0.1", "localhost"] }, stderr: null });
  const grants = { fetch: { allow: ["127.0.0.1", "localhost"] } };
  const program = pathToFileURL(join(folder, "http.js")).href;
  const handler = process.argv.includes("--threads")
    ? threadedHandler(program, { host: grants })
    : handlerOf(core, instantiate, { host });
  const server = createServer(nodeListener(handler));
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (typeof address === "object" && address) say(address.port);
  });
}
