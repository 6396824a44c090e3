/**
 * `slipway serve`: a component of the `wasi:http/proxy` world behind Node's HTTP server. Owns the socket, the log, the watch and
 * the stop; requests and instances are `@slipway/wasi/fetch-handler`'s.
 * @module
 */
import { compile } from "../node.js";
import { naming, openFile } from "./file.js";
import { grantOptions, grants } from "./grants.js";
import { UsageError } from "./options.js";

/** @import { Server } from 'node:http' */

/** How long requests may take to end once the server is told to stop, in ms. */
const GRACE = 10_000;
/** A save is several events: the file is read once they have stopped, in ms. */
const SETTLE = 100;

/** @type {import('./options.js').OptionTable} */
const options = {
  port: { short: "p", value: "N", help: "the port; 0 picks a free one (8080)" },
  host: { value: "ADDRESS", help: "the address to listen at (127.0.0.1)" },
  instances: {
    value: "HOW",
    help: "`fresh`: one for each request (default); `reuse`: one for all; a number: so many, one request at a time each",
  },
  timeout: { value: "MS", help: "answer 504 when the guest has not after MS" },
  watch: { help: "take FILE again whenever it changes" },
  quiet: { short: "q", help: "no line for each request" },
  development: { help: "say in the response why a guest failed" },
  ...grantOptions,
};

/**
 * @param {string} name
 * @param {string | undefined} text
 * @param {number} most
 */
function count(name, text, most) {
  if (text === undefined) return undefined;
  const n = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(n <= most))
    throw new UsageError(`--${name} ${text}: want a number from 0 to ${most}`);
  return n;
}

/**
 * @param {string | undefined} word
 * @returns {"fresh" | "reuse" | number}
 */
function howMany(word = "fresh") {
  if (word === "fresh" || word === "reuse") return word;
  const n = count("instances", word, 1000);
  if (!n) throw new UsageError(`--instances ${word}: want at least 1`);
  return n;
}

/** @param {Uint8Array} bytes */
const stdout = (bytes) => void process.stdout.write(bytes);
/** @param {Uint8Array} bytes */
const stderr = (bytes) => void process.stderr.write(bytes);

/**
 * A handler of what is in the file now.
 * @param {string} file
 * @param {Record<string, any>} values
 */
async function load(file, values) {
  const { createFetchHandler } = await import("@slipway/wasi/fetch-handler");
  const { wasi } = await import("@slipway/wasi/node");
  const granted = await grants(values);
  const component = await naming(file, async () =>
    compile(await openFile(file)),
  );
  if (
    !component.exports.some(([name]) =>
      /^wasi:http\/incoming-handler(@|$)/.test(name),
    )
  )
    throw new Error(
      `${file}: this component serves nothing: it does not export wasi:http/incoming-handler`,
    );
  return createFetchHandler(component, {
    host: () => wasi({ stdout, stderr, ...granted }),
    instances: howMany(values.instances),
    timeoutMs: count("timeout", values.timeout, 2 ** 31 - 1),
    development: values.development ?? false,
    onError: (error, request) => {
      const { message } = error instanceof Error ? error : { message: error };
      process.stderr.write(
        `slipway: ${request.method} ${request.url}: ${message}\n`,
      );
    },
  });
}

/**
 * Calls `reload` after each change of the file, and says so.
 * @param {string} file
 * @param {() => Promise<void>} reload
 */
async function watch(file, reload) {
  const { watchFile } = await import("node:fs");
  watchFile(file, { interval: SETTLE }, (now, before) => {
    if (now.mtimeMs === before.mtimeMs || now.size === 0) return;
    const say = (/** @type {string} */ line) =>
      void process.stderr.write(`slipway: ${line}\n`);
    reload().then(
      () => say(`${file} is loaded again`),
      // What served before goes on serving.
      (error) => say(error.message),
    );
  });
}

/**
 * Ends when a signal says so and the last request is over.
 * @param {Server} server
 * @returns {Promise<void>}
 */
function stopped(server) {
  return new Promise((done) => {
    const stop = () => {
      server.close(() => done());
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), GRACE).unref();
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
}

/** @type {import('./main.js').Command} */
export const command = {
  usage: "[OPTIONS] FILE",
  about:
    "Serves HTTP with a component of the wasi:http/proxy world. It has folders, variables and the network only as granted; its output is this process's.",
  options,
  examples: [
    ["slipway serve --port 3000 app.wasm", "http://127.0.0.1:3000/"],
    ["slipway serve --watch --development app.wasm", "while you work on it"],
  ],
  async run(values, [file, ...more]) {
    if (file === undefined || more.length > 0)
      throw new UsageError("which component? give one FILE, or a URL");
    const port = count("port", values.port, 65535) ?? 8080;
    const { createServer } = await import("node:http");
    const { nodeListener } = await import("@slipway/wasi/node");
    let handler = await load(file, values);
    const listener = nodeListener((request) => handler(request));
    const server = createServer((message, response) => {
      const start = performance.now();
      response.once("close", () => {
        if (values.quiet) return;
        const ms = (performance.now() - start).toFixed(1);
        const cut = response.writableFinished ? "" : " (cut off)";
        const line = `${message.method} ${message.url} ${response.statusCode} ${ms} ms${cut}`;
        process.stderr.write(`${line}\n`);
      });
      void listener(message, response);
    });
    await new Promise((listening, failed) => {
      server.once("error", failed);
      server.listen(port, values.host ?? "127.0.0.1", () =>
        listening(undefined),
      );
    });
    const { address, port: bound } =
      /** @type {import('node:net').AddressInfo} */ (server.address());
    const name = address.includes(":") ? `[${address}]` : address;
    process.stdout.write(`Serving on http://${name}:${bound}/\n`);
    if (values.watch)
      await watch(file, async () => {
        handler = await load(file, values);
      });
    await stopped(server);
    if (values.watch) (await import("node:fs")).unwatchFile(file);
    return 0;
  },
};
