/**
 * The worker that is killed: opens a volume, tells what is there, and changes it at random; each commit is told before and
 * after, in shared memory where there is some: what is posted by a worker that is being killed does not arrive. It may be
 * told to stop for good at one of its writes, with part of it done: so the seed says where it dies, and nothing is left to
 * who is faster.
 * @module
 */
import { opfs } from "@slipway/wasi/opfs";
import { seeded } from "../../shims/fake-disk.js";
import { dump } from "../../shims/fs-steps.js";
import { rootOf } from "../../shims/fs.suite.js";
import { churn } from "./churn.js";

/** Cells of the shared memory. */
const [BEGUN, DONE, NEVER] = [0, 1, 2];

/** Calls of the platform's that are still to be done; 0 stops at none. */
let left = 0;
/** @type {Int32Array} */
let cells;
/** How much of the last one is done. */
let part = 1;

/** Waits to be killed. */
function stop() {
  postMessage({ stopped: true });
  Atomics.wait(cells, NEVER, 0);
}

/**
 * What is called on the platform's objects, with a look at whether this is where it ends.
 * @param {any} prototype
 * @param {string[]} names
 */
function watch(prototype, names) {
  for (const name of names) {
    const call = prototype[name];
    prototype[name] = function (/** @type {any[]} */ ...args) {
      if (left === 0 || --left > 0) return call.apply(this, args);
      const [bytes, ...more] = args;
      if (name === "write") {
        const some = bytes.subarray(0, Math.floor(bytes.length * part));
        call.call(this, some, ...more);
      } else if (part > 0.5) call.apply(this, args);
      return stop();
    };
  }
}

function watchPlatform() {
  const { FileSystemSyncAccessHandle, IDBObjectStore } = /** @type {any} */ (
    globalThis
  );
  if (FileSystemSyncAccessHandle)
    watch(FileSystemSyncAccessHandle.prototype, ["write", "flush", "truncate"]);
  if (IDBObjectStore) watch(IDBObjectStore.prototype, ["put"]);
}

/**
 * Makes the log so long that the next commit begins it anew; what is in the volume stays the same. (From a megabyte on it
 * is long, if it is not mostly one state; each new name is in it.)
 * @param {any} volume
 */
function lengthenLog(volume) {
  const { root } = rootOf(volume);
  const [a, b] = ["a", "b"].map((letter) => letter.repeat(250));
  // At first one change: a log that is long already begins anew here.
  for (const renames of [0, 1200]) {
    root.symlinkAt("x", a);
    for (let i = 0; i < renames; i++) {
      root.renameAt(a, root, b);
      root.renameAt(b, root, a);
    }
    root.unlinkFileAt(a);
    volume.commit();
  }
}

onmessage = async ({ data }) => {
  const { name, store, seed, counts, stopAt, compact } = data;
  try {
    cells = counts ?? new Int32Array(3);
    watchPlatform();
    const volume = await opfs(name, {
      store,
      commitMs: null,
      whenLocked: "wait",
      answerMs: 5000,
    });
    postMessage({ found: dump(volume) });
    if (seed === undefined) {
      await volume.close();
      return postMessage({ closed: true });
    }
    if (compact) lengthenLog(volume);
    part = seeded(seed).next();
    left = stopAt ?? 0;
    await churn(seed, volume, async (commits) => {
      cells[BEGUN] = commits;
      postMessage({ begun: commits });
      volume.commit();
      cells[DONE] = commits;
      postMessage({ done: commits });
      // A database gets nothing written while nobody yields; synchronous handles are to be caught in the middle.
      if (store === "indexed-db")
        await new Promise((resolve) => setTimeout(resolve));
      return false;
    });
  } catch (error) {
    // Only V8's stacks begin with the message.
    const { stack } = /** @type {Error} */ (error);
    postMessage({ error: `${error}\n${stack}` });
  }
};
postMessage({ loaded: true });
