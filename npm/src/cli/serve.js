/**
 * `slipway serve`: components of the `wasi:http/proxy` world behind Node's HTTP server. Owns what the options mean and the
 * watch; requests and instances are `@slipway/wasi/fetch-handler`'s, the socket `http-server.js`'s.
 * @module
 */
import { statSync } from "node:fs";
import { openChain } from "./chain.js";
import { isLocal } from "./file.js";
import { grantOptions, grants } from "./grants.js";
import { UsageError } from "./options.js";

/** @import { HttpServer, Listener } from './http-server.js' */

/** A save is several events: the files are read once nothing has changed for so long, in ms. */
const SETTLE = 100;

/** @type {import('./options.js').OptionTable} */
const options = {
  port: { short: "p", value: "N", help: "the port; 0 picks a free one (8080)" },
  host: { value: "ADDRESS", help: "the address to listen at (127.0.0.1)" },
  middleware: {
    short: "m",
    value: "FILE",
    many: true,
    help: "a component that requests go through first: what it imports as wasi:http/incoming-handler is the next one, at last FILE. It has the same grants; the first one given is the outermost",
  },
  instances: {
    value: "HOW",
    help: "`fresh`: one for each request (default); `reuse`: one for all; a number: so many, one request at a time each",
  },
  workers: {
    value: "N",
    help: "so many processes at one port (1), each with instances of its own: for more than one processor, and so that no guest keeps all requests waiting",
  },
  timeout: {
    value: "MS",
    help: "answer 504 when the guest has not answered after MS",
  },
  grace: {
    value: "MS",
    help: "how long requests may go on after a signal to stop (10000)",
  },
  watch: { short: "w", help: "take the files again whenever they change" },
  quiet: { short: "q", help: "no line for each request" },
  development: { help: "say in the response why a guest failed" },
  ...grantOptions,
};

/**
 * @param {string} name
 * @param {string | undefined} text
 * @param {number} most
 * @param {number} [least]
 */
function count(name, text, most, least = 0) {
  if (text === undefined) return undefined;
  const n = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(n >= least && n <= most))
    throw new UsageError(
      `--${name} ${text}: want a whole number from ${least} to ${most}`,
    );
  return n;
}

/**
 * @param {string | undefined} word
 * @returns {"fresh" | "reuse" | number}
 */
function howMany(word = "fresh") {
  if (word === "fresh" || word === "reuse") return word;
  const n = /^\d+$/.test(word) ? Number(word) : NaN;
  if (!(n >= 1 && n <= 1000))
    throw new UsageError(
      `--instances ${word}: want fresh, reuse, or a number from 1 to 1000`,
    );
  return n;
}

/**
 * The options that are checked before anything is loaded.
 * @param {Record<string, any>} values
 */
function settings(values) {
  const most = 2 ** 31 - 1;
  return {
    port: count("port", values.port, 65535) ?? 8080,
    address: values.host ?? "127.0.0.1",
    grace: count("grace", values.grace, most) ?? 10_000,
    workers: count("workers", values.workers, 256, 1) ?? 1,
    handler: {
      instances: howMany(values.instances),
      timeoutMs: count("timeout", values.timeout, most),
      development: values.development ?? false,
    },
  };
}

/**
 * A guest's memory is a megabyte that V8 counts, and of which few pages are ever touched. Counted apart from the heap, as it does by
 * itself, 64 of them have all of the heap collected: every fortieth request where each has an instance, and half of the processor's
 * time. Counted with the heap they wait until that has grown to three times of what is in use; at five times an upload of 100 MB
 * left 70 of them behind. The flags are V8's own affair, so they are set where they are known to be as they were.
 */
async function tuneCollector() {
  if (!process.versions.v8.startsWith("13.6.")) return;
  const { setFlagsFromString } = await import("node:v8");
  setFlagsFromString("--external-memory-accounted-in-global-limit");
  setFlagsFromString("--heap-growing-percent=200");
}

/** @param {string} line */
const say = (line) => void process.stderr.write(`slipway: ${line}\n`);
/** @param {Uint8Array} bytes */
const stdout = (bytes) => void process.stdout.write(bytes);
/** @param {Uint8Array} bytes */
const stderr = (bytes) => void process.stderr.write(bytes);

/**
 * What makes listeners of what is in the files then.
 * @param {string[]} files
 * @param {ReturnType<typeof settings>["handler"]} how
 * @param {Awaited<ReturnType<typeof grants>>} granted
 * @returns {Promise<() => Promise<Listener>>}
 */
async function loader(files, how, granted) {
  const { createFetchHandler } = await import("@slipway/wasi/fetch-handler");
  const { hosts, nodeListener } = await import("@slipway/wasi/node");
  const host = hosts({ stdout, stderr, ...granted });
  return async () => {
    const chain = await openChain(files);
    // What is missing for an instance is told now, not to the first client.
    await chain.instantiate(host().imports);
    const handler = createFetchHandler(chain, {
      ...how,
      host,
      onError: (error, { method, url }) => {
        const { message } = error instanceof Error ? error : { message: error };
        say(`${method} ${url}: ${message}`);
      },
    });
    return nodeListener(handler);
  };
}

/**
 * Takes the files again. What serves is left in place if they are no good.
 * @param {HttpServer} server
 * @param {() => Promise<Listener>} load
 * @param {string[]} files
 * @param {(line: string) => void} tell
 */
async function reload(server, load, files, tell) {
  try {
    server.listener = await load();
    tell(`${files.join(", ")}: loaded again`);
  } catch (error) {
    const { describe } = await import("./failure.js");
    tell(`${describe(error)}; what was there before goes on serving`);
  }
}

/**
 * What the files are at the moment, in short; nothing while one is not there or empty: it is on its way to something else.
 * @param {string[]} files
 */
function stamps(files) {
  const all = files.map((file) => statSync(file, { throwIfNoEntry: false }));
  return all.every((found) => found?.size)
    ? all
        .map((found) => `${found?.ino} ${found?.size} ${found?.mtimeMs}`)
        .join()
    : "";
}

/**
 * Calls back once the files have changed and nothing more has happened to them for a while.
 * @param {string[]} files
 * @param {string} loaded their stamps when they were read
 * @param {() => Promise<void>} changed
 * @returns {() => void} ends it
 */
function watch(files, loaded, changed) {
  let last = loaded;
  let busy = false;
  const timer = setInterval(async () => {
    const now = stamps(files);
    const settled = now === last;
    last = now;
    if (!settled || busy || !now || now === loaded) return;
    busy = true;
    loaded = now;
    await changed();
    busy = false;
  }, SETTLE);
  return () => clearInterval(timer);
}

/** @param {string} url */
const announce = (url) => void process.stdout.write(`Serving on ${url}\n`);

/**
 * Serves until it is told to stop.
 * @param {string[]} files the component, after its middleware
 * @param {ReturnType<typeof settings>} how
 * @param {Awaited<ReturnType<typeof grants>>} granted
 * @param {Record<string, any>} values
 * @param {number} [place] among the workers, of whom the first speaks for all
 */
async function serve(files, how, granted, values, place) {
  await tuneCollector();
  const load = await loader(files, how.handler, granted);
  const { HttpServer } = await import("./http-server.js");
  // Before they are read: what changes meanwhile has changed.
  const seen = values.watch ? stamps(files) : "";
  const server = new HttpServer(await load(), { log: !values.quiet });
  const url = await server.listen(how.port, how.address);
  if (place) process.send?.({ url });
  else announce(url);
  const tell = (place ?? 1) === 1 ? say : () => {};
  const unwatch =
    values.watch && watch(files, seen, () => reload(server, load, files, tell));
  await server.stopped(how.grace, place !== undefined);
  if (unwatch) unwatch();
}

/** @type {import('./main.js').Command} */
export const command = {
  usage: "[OPTIONS] FILE",
  about:
    "Serves HTTP with a component of the wasi:http/proxy world. It has folders, variables and the network only as granted; its output is this process's. SIGINT or SIGTERM lets the requests under way finish; a second one does not.",
  options,
  examples: [
    ["slipway serve --port 3000 app.wasm", "http://127.0.0.1:3000/"],
    ["slipway serve --watch --development app.wasm", "while you work on it"],
    [
      "slipway serve --allow-http=api.example.com --env TOKEN app.wasm",
      "with one host to call and one variable",
    ],
    [
      "slipway serve -m log.wasm -m auth.wasm app.wasm",
      "log.wasm calls auth.wasm, which calls app.wasm",
    ],
  ],
  async run(values, [file, ...more]) {
    if (file === undefined || more.length > 0)
      throw new UsageError(
        "which component? give one FILE, or a URL; what stands before it goes to --middleware",
      );
    const how = settings(values);
    const middleware = /** @type {string[]} */ (values.middleware ?? []);
    const files = [...middleware, file];
    if (values.watch && !files.every(isLocal))
      throw new UsageError(
        `--watch: ${files.find((name) => !isLocal(name))} is no file`,
      );
    const granted = await grants(values);
    let place;
    if (how.workers > 1) {
      if (files.includes("-"))
        throw new UsageError("--workers: standard input can be read once only");
      const workers = await import("./workers.js");
      place = workers.place;
      if (!place) return workers.supervise(how.workers, announce);
    }
    try {
      await serve(files, how, granted, values, place);
      return 0;
    } finally {
      // A worker that is done, or cannot begin, is not kept by what ties it to its leader.
      if (place) process.channel?.unref();
    }
  },
};
