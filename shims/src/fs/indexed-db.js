/**
 * @module Synchronous handles over IndexedDB, for places without OPFS: the files
 * are in memory, and what a flush finds changed goes to the database behind its
 * back, one transaction per flush and in order. So the volume is as whole after a
 * crash as on OPFS, but `sync` returns before it is durable; `settled` tells when.
 * It needs no turn of the event loop for that: a guest may compute on.
 */

/** @import { SyncHandle } from "./blocks.js" */
/** @import { Handles } from "./persistent.js" */

const PAGE = 1 << 16;
const STORE = "pages";

/** @param {string} name */
const databaseName = (name) => `slipway-volume:${name}`;

/**
 * How long a database may keep silent. One that a worker was writing to when it was
 * ended may not answer again before its tab is closed: WebKit does not end a worker's
 * transaction with it.
 */
const ANSWER_MS = 30_000;

/**
 * An answer, or an error where there would never be one.
 * @template T
 * @param {string} name of the volume
 * @param {Promise<T>} answer
 * @param {number} [ms]
 * @returns {Promise<T>}
 */
function answered(name, answer, ms = ANSWER_MS) {
  /** @type {ReturnType<typeof setTimeout>} */
  let id;
  const silent = new Promise((_, reject) => {
    const error = new Error(
      `the database of volume ${name} does not answer: a tab, or a worker that was ended, may still have it: close the tabs that use it, and open one anew`,
    );
    id = setTimeout(() => reject(error), ms);
  });
  return Promise.race([answer, /** @type {any} */ (silent)]).finally(() =>
    clearTimeout(id),
  );
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @param {string} name
 * @param {number} [answerMs]
 * @returns {Promise<IDBDatabase>}
 */
async function open(name, answerMs) {
  const opening = indexedDB.open(databaseName(name), 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  try {
    return await answered(name, done(opening), answerMs);
  } catch (error) {
    // Should it come yet, nobody is waiting for it.
    opening.onsuccess = () => opening.result.close();
    throw error;
  }
}

/**
 * @param {string} name
 * @param {number} [answerMs]
 * @returns {Promise<{ handles: Handles, settled(): Promise<void> }>}
 *   `settled` closes the database, and rejects when something did not get there
 */
export async function idbHandles(name, answerMs) {
  const database = await open(name, answerMs);
  // Somebody removes the volume, which takes the lock: only readers are in the way,
  // and they have it in memory.
  database.onversionchange = () => database.close();
  const flushes = new Flushes(database);
  // In one transaction: a tab that only reads must not see half a commit.
  const transaction = database.transaction(STORE);
  const pages = transaction.objectStore(STORE);
  // The rest may be long; whether there is an answer shows at the first.
  const first = done(pages.count());
  const loading = Promise.all(
    ["data", "log-a", "log-b"].map((file) => load(pages, flushes, file)),
  );
  // See below: the caller may keep this thread busy from the last answer on.
  transaction.commit?.();
  try {
    await answered(name, first, answerMs);
  } catch (error) {
    loading.catch(() => {});
    database.close();
    throw error;
  }
  const [data, a, b] = await loading;
  return {
    handles: { data, logs: [a, b] },
    async settled() {
      await flushes.last;
      database.close();
      if (flushes.error) throw flushes.error;
    },
  };
}

/** @param {string} name */
export async function removeIdb(name) {
  if (typeof indexedDB === "undefined") return;
  await answered(name, done(indexedDB.deleteDatabase(databaseName(name))));
}

/** Writes in order; an error stays, and every later flush throws it. */
class Flushes {
  /** @type {Promise<void>} */
  last = Promise.resolve();
  /** @type {unknown} */
  error;
  /** What the data file's flush hands to the log's: both or neither get there. */
  /** @type {Array<[key: [string, number], value: Uint8Array | number]>} */
  #held = [];
  #database;

  /** @param {IDBDatabase} database */
  constructor(database) {
    this.#database = database;
  }

  /**
   * @param {Array<[key: [string, number], value: Uint8Array | number]>} puts
   * @param {boolean} hold whether a log that names them is still to come
   */
  write(puts, hold) {
    if (this.error) throw this.error;
    this.#held.push(...puts);
    if (hold) return;
    const transaction = this.#database.transaction(STORE, "readwrite", {
      durability: "strict",
    });
    const store = transaction.objectStore(STORE);
    for (const [key, value] of this.#held.splice(0)) store.put(value, key);
    // Left to itself it would wait for this thread's event loop, which a guest may
    // keep busy for long, or until it is ended.
    transaction.commit?.();
    const written = new Promise((resolve) => {
      transaction.oncomplete = () => resolve(undefined);
      transaction.onabort = () => {
        this.error = transaction.error;
        resolve(undefined);
      };
    });
    this.last = this.last.then(() => /** @type {any} */ (written));
  }
}

/**
 * @param {IDBObjectStore} pages
 * @param {Flushes} flushes
 * @param {string} file
 * @returns {Promise<SyncHandle>}
 */
async function load(pages, flushes, file) {
  const range = IDBKeyRange.bound([file, 0], [file, Infinity]);
  const [length, keys, values] = await Promise.all([
    done(pages.get([file, -1])),
    done(pages.getAllKeys(range)),
    done(pages.getAll(range)),
  ]);
  /** @type {number} */
  let size = length ?? 0;
  let bytes = new Uint8Array(Math.max(size, PAGE));
  keys.forEach((key, i) => {
    const at = /** @type {[string, number]} */ (key)[1] * PAGE;
    if (at < bytes.length)
      bytes.set(values[i].subarray(0, bytes.length - at), at);
  });
  /** @type {Set<number>} */
  const dirty = new Set();
  return {
    read(buffer, { at }) {
      const part = bytes.subarray(at, Math.min(size, at + buffer.length));
      buffer.set(part);
      return part.length;
    },
    write(buffer, { at }) {
      const end = at + buffer.length;
      if (end > bytes.length) {
        const more = new Uint8Array(Math.max(end, bytes.length * 2));
        more.set(bytes);
        bytes = more;
      }
      bytes.set(buffer, at);
      size = Math.max(size, end);
      for (let page = Math.floor(at / PAGE); page * PAGE < end; page++)
        dirty.add(page);
      return buffer.length;
    },
    truncate(to) {
      if (to < size) bytes.fill(0, to, size);
      for (let page = Math.floor(to / PAGE); page * PAGE < size; page++)
        dirty.add(page);
      size = to;
    },
    getSize: () => size,
    flush() {
      /** @type {Array<[[string, number], Uint8Array | number]>} */
      const puts = [[[file, -1], size]];
      for (const page of dirty)
        puts.push([[file, page], bytes.slice(page * PAGE, (page + 1) * PAGE)]);
      dirty.clear();
      flushes.write(puts, file === "data");
    },
    close: () => {},
  };
}
