/**
 * @module `@slipway/wasi/service-worker`: a component that serves a part of a
 * static page's origin. The service worker only routes, and may be stopped at any
 * time: it keeps nothing it could not find again. The component lives in a page
 * (or a worker of it), which answers for a path prefix. Bodies go as chunks over a
 * message port, one per pull: that works in every engine.
 *
 * In the service worker: `route({ prefix: "/app/" })`.
 * In the page: `await serve(handler, { script: "/sw.js", prefix: "/app/" })`.
 */

import { receiveBody, sendBody } from "./http/port-body.js";
import { probeStreaming } from "./http/streaming.js";

/** @import { FetchHandler } from "./fetch-handler.js" */

/** How long a page may be silent, in ms: one that compiles a component may be for a while. */
const PATIENCE_MS = 5000;
/** After how much silence it is asked whether the page is still there, in ms. */
const GONE_MS = 100;
/** How often it is looked whether a page serves by now, in ms. */
const POLL_MS = 50;

/**
 * In a service worker: sends every request below the prefix to the page that
 * answers for it.
 * @param {{ prefix: string, scope?: any }} options
 */
export function route({ prefix, scope = globalThis }) {
  scope.addEventListener("install", () => scope.skipWaiting());
  scope.addEventListener("activate", (/** @type {any} */ event) =>
    event.waitUntil(scope.clients.claim()),
  );
  scope.addEventListener("fetch", (/** @type {any} */ event) => {
    const url = new URL(event.request.url);
    if (url.origin !== scope.location.origin) return;
    if (!url.pathname.startsWith(prefix)) return;
    event.respondWith(
      forward(scope, prefix, event.request).catch(
        (error) =>
          new Response(`${error.message}\n`, {
            status: 503,
            headers: { "content-type": "text/plain; charset=utf-8" },
          }),
      ),
    );
  });
}

/**
 * @param {any} scope
 * @param {string} prefix
 * @param {Request} request
 * @returns {Promise<Response>}
 */
async function forward(scope, prefix, request) {
  const path = new URL(request.url).pathname;
  const port = await findOwner(scope, prefix, path);
  const body = request.body ?? (await bodyOf(request));
  // A guest that reads no more of it still answers.
  const send = sendBody(port, body, false);
  return new Promise((resolve, reject) => {
    const { stream, receive } = receiveBody(port);
    port.onmessage = ({ data }) => {
      if (data.to === "request") return void send(data);
      if (data.type !== "head") return receive(data);
      const { status, headers, hasBody } = data;
      try {
        const response = new Response(hasBody ? stream : null, {
          status,
          headers,
        });
        resolve(response);
      } catch (error) {
        reject(error);
      }
    };
    // Whoever asked has gone: the answer may be long in coming.
    request.signal.addEventListener("abort", () => {
      port.postMessage({ type: "cancel" });
      reject(new Error("nobody waits for the answer any more"));
    });
    port.postMessage({
      type: "request",
      method: request.method,
      url: request.url,
      headers: [...request.headers],
      hasBody: !["GET", "HEAD"].includes(request.method),
    });
  });
}

/**
 * Firefox and Safari have no `request.body`.
 * @param {Request} request
 * @returns {Promise<ReadableStream<Uint8Array> | null>}
 */
async function bodyOf(request) {
  if (["GET", "HEAD"].includes(request.method)) return null;
  return (await request.blob()).stream();
}

/**
 * Asks the pages that serve a prefix who answers for a path: first the one that began last. One that is loaded again is
 * waited for.
 * @param {any} scope
 * @param {string} prefix
 * @param {string} path
 * @returns {Promise<MessagePort>}
 */
async function findOwner(scope, prefix, path) {
  const asked = new Set();
  for (let waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
    for (const server of await serving(scope.navigator.locks, prefix)) {
      if (asked.has(server.id)) continue;
      asked.add(server.id);
      const port = await ask(scope, server, path);
      if (port) return port;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(
    `no open page serves ${prefix}: open the one that does, and try again`,
  );
}

/**
 * Asks all pages, because which of them has an id is known to it alone.
 * @param {any} scope
 * @param {{ name: string, id: string }} server
 * @param {string} path
 * @returns {Promise<MessagePort | undefined>} to it, if it accepts
 */
async function ask(scope, { name, id }, path) {
  /** @type {any[]} */
  const pages = await scope.clients.matchAll({
    includeUncontrolled: true,
    type: "window",
  });
  const answered = new AbortController();
  const { signal } = answered;
  return new Promise((resolve) => {
    /** @param {MessagePort} [port] */
    const end = (port) => {
      clearTimeout(silent);
      clearTimeout(late);
      answered.abort();
      resolve(port);
    };
    // Who gets its lock knows that it is gone.
    const gone = () =>
      scope.navigator.locks.request(name, { signal }, () => end());
    const silent = setTimeout(() => gone().catch(() => {}), GONE_MS);
    const late = setTimeout(end, PATIENCE_MS);
    for (const page of pages) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) =>
        end(data.type === "mine" ? port1 : undefined);
      page.postMessage({ type: "slipway:who", path, id }, [port2]);
    }
  });
}

/*
 * A page that serves holds a lock whose name says the prefix, a turn greater than those before, and an id of its own. Locks
 * outlive a service worker that the browser stops, and do not outlive the page, however it ends.
 */

/**
 * @param {LockManager} locks
 * @param {string} prefix
 * @returns {Promise<{ name: string, turn: number, id: string }[]>} of the pages that serve it, who began last first
 */
async function serving(locks, prefix) {
  const { held = [] } = await locks.query();
  const start = lockName(prefix);
  return held
    .map(({ name = "" }) => name)
    .filter((name) => name.startsWith(start))
    .map((name) => {
      const [turn, id] = name.slice(start.length).split(" ");
      return { name, turn: Number(turn), id };
    })
    .sort((a, b) => b.turn - a.turn);
}

/** @param {string} prefix @param {...unknown} rest the turn, and the id */
const lockName = (prefix, ...rest) =>
  ["slipway:serves", prefix, ...rest, ""].join(" ");

/**
 * @param {string} prefix
 * @param {string} id
 * @returns {Promise<() => void>} ends the turn
 */
async function takeTurn(prefix, id) {
  const { locks } = navigator;
  const [last] = await serving(locks, prefix);
  const name = lockName(prefix, 1 + (last?.turn ?? 0), id);
  return new Promise((resolve, reject) => {
    const hold = () => new Promise((end) => resolve(() => end(undefined)));
    locks.request(name, hold).catch(reject);
  });
}

/**
 * @typedef {object} ServeOptions
 * @property {string | URL} script the service worker's, which calls `route`
 * @property {string} prefix the paths that the handler answers for: "/app/"
 * @property {string} [scope] of the registration; the script's folder if not given
 * @property {boolean} [strip]
 *   Whether the handler sees paths from the prefix on, as if it had the whole origin.
 * @property {WorkerType} [type]
 *   Of the script. `module` if not given; Firefox before 147 knows only `classic`,
 *   which a bundler makes of it.
 * @property {(path: string) => boolean} [accepts]
 *   Which of the paths below the prefix; all of them if not given.
 */

/**
 * In a page: answers requests below the prefix with the handler, for as long as
 * the page is open or until it is stopped.
 * @param {FetchHandler} handler
 * @param {ServeOptions} options
 * @returns {Promise<{ stop(): void, registration: ServiceWorkerRegistration }>}
 */
export async function serve(handler, options) {
  const { script, prefix, scope, type = "module" } = options;
  const { strip = false, accepts = () => true } = options;
  const { serviceWorker, locks } = navigator;
  if (!serviceWorker || !locks)
    throw new Error(
      `there are no ${serviceWorker ? "Web Locks" : "service workers"} here: they need https or localhost, and some private windows have none`,
    );
  const id = crypto.randomUUID();
  const listener = (/** @type {MessageEvent} */ { data, ports }) => {
    if (data?.type !== "slipway:who" || data.id !== id) return;
    const [port] = ports;
    if (!accepts(data.path)) return port.postMessage({ type: "not mine" });
    answer(port, handler, strip ? prefix : "/");
    port.postMessage({ type: "mine" });
  };
  serviceWorker.addEventListener("message", listener);
  serviceWorker.startMessages();
  const registration = await serviceWorker.register(script, {
    type,
    scope,
    updateViaCache: "none",
  });
  await activated(registration);
  const release = await takeTurn(prefix, id);
  return {
    registration,
    stop: () => {
      serviceWorker.removeEventListener("message", listener);
      release();
    },
  };
}

/**
 * `ready` would wait for a worker that controls this page; ours may not.
 * @param {ServiceWorkerRegistration} registration
 * @returns {Promise<void>}
 */
async function activated({ installing, waiting, active }) {
  const worker = installing ?? waiting ?? active;
  if (!worker || worker.state === "activated") return;
  await new Promise((resolve, reject) => {
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated") resolve(undefined);
      if (worker.state === "redundant")
        reject(new Error("the service worker could not be installed"));
    });
  });
}

/**
 * Serves the one request that will come over a port.
 * @param {MessagePort} port
 * @param {FetchHandler} handler
 * @param {string} prefix that the handler sees as "/"
 */
function answer(port, handler, prefix) {
  /** @type {((message: any) => unknown) | undefined} */
  let send;
  /** The request's body is pulled by messages that say so. */
  const pulling = /** @type {MessagePort} */ ({
    postMessage: (/** @type {any} */ message) =>
      port.postMessage({ ...message, to: "request" }),
  });
  const incoming = receiveBody(pulling);
  const gone = new AbortController();
  port.onmessage = async ({ data }) => {
    if (data.type === "cancel") gone.abort();
    if (data.type === "pull" || data.type === "cancel")
      return void send?.(data);
    if (data.type !== "request") return incoming.receive(data);
    const { method, headers, hasBody } = data;
    const url = new URL(data.url);
    url.pathname = `/${url.pathname.slice(prefix.length)}`;
    const body = hasBody ? incoming.stream : undefined;
    /** @type {RequestInit & { duplex: "half" }} */
    const init = { method, headers, body, signal: gone.signal, duplex: "half" };
    const response = await handled(handler, url.href, init);
    send = sendBody(port, response.body);
    if (gone.signal.aborted) return void send({ type: "cancel" });
    port.postMessage({
      type: "head",
      status: response.status,
      headers: [...response.headers],
      hasBody: response.body !== null,
    });
  };
}

/**
 * @param {FetchHandler} handler
 * @param {string} url
 * @param {RequestInit & { duplex: "half" }} init
 * @returns {Promise<Response>}
 */
async function handled(handler, url, init) {
  try {
    // Where requests have no streaming bodies, a stream would be taken for its name.
    if (!init.body || probeStreaming())
      return await handler(new Request(url, init));
    const whole = await new Response(init.body).arrayBuffer();
    return await handler(new Request(url, { ...init, body: whole }));
  } catch (error) {
    return new Response(`${String(error)}\n`, { status: 500 });
  }
}
