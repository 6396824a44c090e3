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

/**
 * How long pages are given to say that they answer for a prefix: first the one that answered last time, then all of them. A page
 * that compiles a component may be silent for a while.
 */
const PATIENCE_MS = 5000;
/** How long a worker is given to note who serves: one that routes something else says nothing. */
const NOTED_MS = 500;

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
  /** Who answered last; when it is gone we ask around. @type {string | undefined} */
  let owner;
  // Who began to serve last answers: a page with a new component replaces the old.
  scope.addEventListener("message", (/** @type {any} */ event) => {
    const { data, source, ports } = event;
    if (data?.prefix !== prefix) return;
    if (data.type === "slipway:stopped") {
      if (owner === source.id) owner = undefined;
    } else if (data.type === "slipway:serving") {
      owner = source.id;
      ports[0].postMessage({ type: "noted" });
    }
  });
  scope.addEventListener("fetch", (/** @type {any} */ event) => {
    const url = new URL(event.request.url);
    if (url.origin !== scope.location.origin) return;
    if (!url.pathname.startsWith(prefix)) return;
    const asked = owner;
    event.respondWith(
      forward(scope, prefix, event.request, asked).then(
        ({ response, id }) => {
          // Unless somebody else has taken over meanwhile.
          if (owner === asked) owner = id;
          return response;
        },
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
 * @param {string | undefined} owner
 * @returns {Promise<{ response: Response, id: string }>}
 */
async function forward(scope, prefix, request, owner) {
  const path = new URL(request.url).pathname;
  const { port, id } = await findOwner(scope, prefix, path, owner);
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
        resolve({ response, id });
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
 * Asks the pages who answers for a path: first the one that did last time, then
 * all of them.
 * @param {any} scope
 * @param {string} prefix
 * @param {string} path
 * @param {string | undefined} owner
 * @returns {Promise<{ port: MessagePort, id: string }>}
 */
async function findOwner(scope, prefix, path, owner) {
  /** @type {any[]} */
  const all = await scope.clients.matchAll({
    includeUncontrolled: true,
    type: "window",
  });
  const known = all.filter(({ id }) => id === owner);
  const question = { type: "slipway:who", prefix, path };
  const found =
    (known.length > 0 ? await askAll(known, question) : undefined) ??
    (await askAll(all, question));
  if (found) return found;
  throw new Error(
    `no open page serves ${prefix}: open the one that does, and try again`,
  );
}

/**
 * @param {any[]} clients
 * @param {object} question
 * @returns {Promise<{ port: MessagePort, id: string } | undefined>}
 */
function askAll(clients, question) {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(undefined), PATIENCE_MS);
    for (const client of clients) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => {
        if (data.type === "mine") resolve({ port: port1, id: client.id });
        else if (data.type === "not mine" && clients.length === 1)
          resolve(undefined);
        else return;
        clearTimeout(late);
      };
      client.postMessage(question, [port2]);
    }
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
  const { serviceWorker } = navigator;
  if (!serviceWorker)
    throw new Error(
      "there are no service workers here: they need https or localhost, and some private windows have none",
    );
  const listener = (/** @type {MessageEvent} */ { data, ports }) => {
    if (data?.type !== "slipway:who" || data.prefix !== prefix) return;
    const [port] = ports;
    // Somebody else on this page may accept, and is to be heard first.
    if (!accepts(data.path))
      return void setTimeout(() => port.postMessage({ type: "not mine" }));
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
  await announced(registration, prefix);
  return {
    registration,
    stop: () => {
      serviceWorker.removeEventListener("message", listener);
      registration.active?.postMessage({ type: "slipway:stopped", prefix });
    },
  };
}

/**
 * Tells the worker who serves now. One that routes something else says nothing.
 * @param {ServiceWorkerRegistration} registration
 * @param {string} prefix
 * @returns {Promise<void>}
 */
function announced({ active }, prefix) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const late = setTimeout(resolve, NOTED_MS);
    port1.onmessage = () => {
      clearTimeout(late);
      port1.close();
      resolve();
    };
    active?.postMessage({ type: "slipway:serving", prefix }, [port2]);
  });
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
