/**
 * @module Messages for a worker that can neither sleep on shared memory nor
 * suspend: it asks for them by synchronous requests, which a service worker hands
 * to the page, and the page answers when it has something or when the time is up.
 * Both ends are here. It costs some milliseconds per wait, and needs no headers.
 */
import { serve } from "./service-worker.js";

/** @import { ServeOptions } from "./service-worker.js" */
/** @import { Mailbox } from "./wait.js" */

/** How long one request may take; browsers stop service workers that take longer. */
const LONGEST_MS = 20000;
/** How long a service worker may take until it is in charge of the page. */
const CLAIM_MS = 10000;

/** @typedef {{ url: string }} MailboxAddress */

/**
 * Where a service worker that calls `route` is, and of which type it is.
 * @typedef {Pick<ServeOptions, "script" | "prefix" | "scope" | "type">} ServiceWorkerOptions
 */

/**
 * Bytes travel in JSON as text of one character each, and 64-bit numbers as text.
 * @param {any} message
 */
function pack(message) {
  return JSON.stringify(message, (_, value) => {
    if (typeof value === "bigint") return { big: String(value) };
    if (!(value instanceof Uint8Array)) return value;
    return {
      bytes: Array.from(value, (b) => String.fromCharCode(b)).join(""),
    };
  });
}

/** @param {string} text */
function unpack(text) {
  return JSON.parse(text, (_, value) => {
    if (typeof value?.big === "string") return BigInt(value.big);
    return typeof value?.bytes === "string"
      ? Uint8Array.from(value.bytes, (c) => c.charCodeAt(0))
      : value;
  });
}

/** The page's end. */
export class Postbox {
  /** @type {string[]} */
  #messages = [];
  #arrived = () => {};
  #stop = () => {};

  /**
   * @param {ServiceWorkerOptions} options
   * @returns {Promise<MailboxAddress>}
   */
  async open({ script, prefix, scope, type }) {
    const path = `${prefix}wait/${crypto.randomUUID()}`;
    const { stop } = await serve((request) => this.#answer(request), {
      script,
      prefix,
      scope,
      type,
      accepts: (asked) => asked === path,
    });
    this.#stop = stop;
    // A page that was loaded without the service worker is claimed by it; only
    // then are its new workers' requests the service worker's.
    for (let ms = 0; !navigator.serviceWorker.controller; ms += 10) {
      if (ms > CLAIM_MS)
        throw new Error(
          `the service worker ${script} does not control this page: it has to call route(), and its scope has to hold the page`,
        );
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return { url: new URL(path, location.href).href };
  }

  /** @param {any} message */
  post(message) {
    this.#messages.push(pack(message));
    this.#arrived();
  }

  /**
   * @param {Request} request
   * @returns {Promise<Response>}
   */
  async #answer(request) {
    const { searchParams } = new URL(request.url);
    const nonce = searchParams.get("probe");
    if (nonce) return new Response(nonce);
    const ms = Number(searchParams.get("ms"));
    if (this.#messages.length === 0 && ms > 0)
      await new Promise((resolve) => {
        const id = setTimeout(resolve, ms);
        this.#arrived = () => {
          clearTimeout(id);
          resolve(undefined);
        };
      });
    return new Response(`[${this.#messages.splice(0).join()}]`);
  }

  close() {
    this.#stop();
  }
}

/**
 * @param {string} url
 * @returns {string}
 */
function ask(url) {
  const request = new XMLHttpRequest();
  request.open("GET", url, false);
  request.send();
  if (request.status !== 200)
    throw new Error(`the page does not answer: ${request.status}`);
  return request.responseText;
}

/**
 * Whether requests from this worker reach the page: it must echo what it cannot
 * know.
 * @param {MailboxAddress} address
 * @returns {boolean}
 */
export function probeMailbox({ url }) {
  try {
    const nonce = crypto.randomUUID();
    return ask(`${url}?probe=${nonce}`) === nonce;
  } catch {
    return false;
  }
}

/**
 * The worker's end.
 * @param {MailboxAddress} address
 * @param {(message: any) => void} receive
 * @returns {Mailbox}
 */
export function mailbox({ url }, receive) {
  return {
    wait(ms) {
      const most = Math.min(Math.ceil(ms), LONGEST_MS);
      for (const message of unpack(ask(`${url}?ms=${most}`))) receive(message);
    },
  };
}
