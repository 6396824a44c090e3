/**
 * @module `@slipway/wasi/opfs`: a persistent volume in the origin private file
 * system of a browser, or where that is missing in IndexedDB. It owns handles and
 * locks; what is in the files is `fs/persistent.js`'s business. To be called in a
 * dedicated worker: only there are synchronous handles.
 */
import { idbHandles, removeIdb } from "./fs/indexed-db.js";
import { persistent } from "./fs/persistent.js";

/** @import { SyncHandle } from "./fs/blocks.js" */
/** @import { Handles, PersistentVolume } from "./fs/persistent.js" */
/** @import { Volume } from "./fs/volume.js" */

/**
 * @typedef {object} OpfsOptions
 * @property {"readonly" | "wait" | "fail" | "steal"} [whenLocked]
 *   What to do while another tab has the volume. By default this one gets what
 *   was last committed, read-only. `steal` makes the other one commit and close;
 *   its guests' operations fail with `io` from then on.
 * @property {boolean} [readonly]
 * @property {boolean} [persist] asks the browser not to evict this origin's data
 * @property {number | null} [commitMs] as in a persistent volume
 * @property {Volume} [over]
 *   A volume below, never changed (an archive's tree, a picked directory): what is
 *   kept is the difference to it. It has to be there, and the same, at every mount.
 * @property {"opfs" | "indexed-db"} [store] instead of the better one there is
 * @property {number} [answerMs]
 *   After how long a database that does not answer is an error; by default 30 s
 */

const FOLDER = "slipway-volumes";
/** Locks of a tab that went to sleep or away linger: patience in milliseconds. */
const PATIENCE = [10, 30, 100, 300, 600, 1000];

/**
 * The volume of this name in this origin, made when it is not there.
 * @param {string} name
 * @param {OpfsOptions} [options]
 * @returns {Promise<PersistentVolume>}
 */
export async function opfs(name, options = {}) {
  checkName(name);
  if (options.persist) await navigator.storage?.persist?.();
  const store = options.store ?? bestStore();
  const { whenLocked = "readonly" } = options;
  if (store === "indexed-db" && whenLocked === "steal")
    throw new TypeError(
      "a volume in IndexedDB cannot be stolen: it has no handles to wait for",
    );
  // A tab that steals waits for our handles: what we have is committed first.
  let lose = () => {};
  const release = options.readonly
    ? undefined
    : await acquire(name, whenLocked, () => lose());
  const readonly = release === undefined;
  const { commitMs, over } = options;
  try {
    if (store === "indexed-db") {
      const idb = await idbHandles(name, options.answerMs);
      const volume = persistent(idb.handles, { readonly, commitMs, over });
      return closing(volume, async () => {
        await idb.settled();
        await release?.();
      });
    }
    const dir = await folderOf(name, true);
    const handles = readonly ? await snapshots(dir) : await openAll(dir);
    const volume = persistent(handles, { readonly, commitMs, over });
    lose = () => volume.close();
    return closing(volume, release);
  } catch (error) {
    await release?.();
    throw error;
  }
}

/**
 * Removes a volume for good. Fails while somebody has it open.
 * @param {string} name
 */
export async function removeOpfs(name) {
  checkName(name);
  const release = await acquire(name, "fail");
  try {
    // A page has no synchronous handles, but may remove what its workers made.
    const root = await navigator.storage?.getDirectory?.().catch(unlessRefused);
    if (root) {
      const all = await root.getDirectoryHandle(FOLDER, { create: true });
      await all.removeEntry(name, { recursive: true }).catch(unlessMissing);
    }
    await removeIdb(name);
  } finally {
    await release?.();
  }
}

/** @param {any} error */
function unlessMissing(error) {
  if (error?.name !== "NotFoundError") throw error;
}

/**
 * Private windows may refuse OPFS; then nothing is there to be removed.
 * @param {any} error
 */
function unlessRefused(error) {
  if (hasSyncHandles()) throw error;
  return undefined;
}

/** @param {string} name */
function checkName(name) {
  if (!/^[\w.-]{1,100}$/.test(name) || /^\.+$/.test(name))
    throw new TypeError(
      `not the name of a volume (letters, digits, "_", "-", "."): ${name}`,
    );
}

/**
 * A page and its workers must not keep the same name in two places: where workers
 * have OPFS, a page has to say that it means the database.
 * @returns {"opfs" | "indexed-db"}
 */
function bestStore() {
  if (hasSyncHandles()) return "opfs";
  const hasOpfs = typeof navigator.storage?.getDirectory === "function";
  if (hasOpfs && "document" in globalThis)
    throw new Error(
      'OPFS volumes need a dedicated worker (runWorker makes one); a page can have { store: "indexed-db" }',
    );
  return "indexed-db";
}

/** @returns {boolean} */
function hasSyncHandles() {
  const { FileSystemFileHandle } = /** @type {any} */ (globalThis);
  const proto = FileSystemFileHandle?.prototype;
  return (
    typeof navigator.storage?.getDirectory === "function" &&
    typeof proto?.createSyncAccessHandle === "function"
  );
}

/**
 * A volume is closed once others can have it.
 * @param {PersistentVolume} volume
 * @param {(() => Promise<unknown>) | undefined} release
 */
function closing(volume, release) {
  const close = volume.close.bind(volume);
  volume.close = () => {
    close();
    return release?.();
  };
  return volume;
}

/**
 * Takes the volume's lock for as long as we like.
 * @param {string} name
 * @param {NonNullable<OpfsOptions["whenLocked"]>} whenLocked
 * @param {() => void} [lost] called when another tab has stolen it
 * @returns {Promise<(() => Promise<unknown>) | undefined>}
 *   gives it back, and tells when others can have it; undefined: read only
 */
function acquire(name, whenLocked, lost) {
  const { locks } = navigator;
  if (!locks) return Promise.resolve(async () => {});
  return new Promise((resolve, reject) => {
    /** @type {Promise<unknown>} */
    let request;
    const mine = new Promise((release) => {
      const taken = (/** @type {Lock | null} */ lock) => {
        if (lock) {
          resolve(() => {
            release(undefined);
            return request;
          });
          return mine;
        }
        if (whenLocked === "readonly") resolve(undefined);
        else reject(new Error(`volume ${name} is open elsewhere`));
        return undefined;
      };
      queueMicrotask(() => {
        request = locks
          .request(
            `${FOLDER}:${name}`,
            whenLocked === "steal"
              ? { steal: true }
              : { ifAvailable: whenLocked !== "wait" },
            taken,
          )
          .catch((error) => {
            reject(error);
            // We had it: then this is how a thief is made known.
            if (error?.name === "AbortError") lost?.();
          });
      });
    });
  });
}

/**
 * @param {string} name
 * @param {boolean} create
 */
async function folderOf(name, create) {
  const root = await navigator.storage.getDirectory();
  const all = await root.getDirectoryHandle(FOLDER, { create });
  return all.getDirectoryHandle(name, { create });
}

/**
 * @param {FileSystemDirectoryHandle} dir
 * @returns {Promise<Handles>}
 */
async function openAll(dir) {
  /** @type {SyncHandle[]} */
  const opened = [];
  try {
    for (const name of ["data", "log-a", "log-b"])
      opened.push(await openOne(dir, name));
  } catch (error) {
    for (const handle of opened) handle.close();
    throw error;
  }
  const [data, a, b] = opened;
  return { data, logs: [a, b] };
}

/**
 * @param {FileSystemDirectoryHandle} dir
 * @param {string} name
 * @returns {Promise<SyncHandle>}
 */
async function openOne(dir, name) {
  const file = await dir.getFileHandle(name, { create: true });
  for (const ms of PATIENCE) {
    try {
      return await /** @type {any} */ (file).createSyncAccessHandle();
    } catch (error) {
      if (/** @type {any} */ (error).name !== "NoModificationAllowedError")
        throw error;
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
  throw new Error(`${name} is held open by another tab or worker`);
}

/**
 * What the files hold now, in memory. The owner may commit while we read: the
 * logs must be the same before and after, else we look again.
 * @param {FileSystemDirectoryHandle} dir
 * @returns {Promise<Handles>}
 */
async function snapshots(dir) {
  const read = async (/** @type {string} */ name) => {
    const handle = await dir.getFileHandle(name, { create: true });
    return new Uint8Array(await (await handle.getFile()).arrayBuffer());
  };
  for (const ms of PATIENCE) {
    try {
      const [a, b] = [await read("log-a"), await read("log-b")];
      const data = await read("data");
      const [c, d] = [await read("log-a"), await read("log-b")];
      if (sameBytes(a, c) && sameBytes(b, d))
        return { data: frozen(data), logs: [frozen(a), frozen(b)] };
    } catch (error) {
      // A file that changed under the reader's hands.
      if (/** @type {any} */ (error).name !== "NotReadableError") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
  throw new Error("the volume changes too often to be read meanwhile");
}

/**
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 */
function sameBytes(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * A handle on bytes that stay as they are.
 * @param {Uint8Array} bytes
 * @returns {SyncHandle}
 */
function frozen(bytes) {
  const no = () => {
    throw new Error("a read-only snapshot");
  };
  return {
    read(buffer, { at }) {
      const part = bytes.subarray(at, at + buffer.length);
      buffer.set(part);
      return part.length;
    },
    write: no,
    truncate: no,
    getSize: () => bytes.length,
    flush: () => {},
    close: () => {},
  };
}
