/**
 * The file-system suite on every volume that keeps things in this engine; and that what was written is there again.
 * @module
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { files, memory } from "@slipway/wasi";
import { opfs, removeOpfs } from "@slipway/wasi/opfs";
import { fsSuite } from "../../shims/fs.suite.js";
import { abilities, ground } from "./ground.js";
import { directorySuite } from "./directory-handle.js";

const text = (/** @type {Uint8Array} */ bytes) =>
  new TextDecoder().decode(bytes);

test("this engine has the storage it is known for", async () => {
  const { opfs, directoryHandle, indexedDb } = await abilities();
  const { has } = ground;
  assert.deepEqual(
    { opfs, directoryHandle, indexedDb },
    {
      opfs: has.opfs,
      directoryHandle: has.directoryHandle,
      indexedDb: has.indexedDb,
    },
  );
});

/** @typedef {NonNullable<import('../../../shims/src/opfs.js').OpfsOptions["store"]>} Store */

/** @type {Array<[Store, boolean, string]>} */
const stores = [
  ["opfs", ground.has.opfs, "no synchronous OPFS handles here"],
  ["indexed-db", ground.has.indexedDb, "no IndexedDB here"],
];

let count = 0;
for (const [store, there, why] of stores) {
  if (there)
    fsSuite(`${store} volume`, async (/** @type {any} */ t) => {
      const name = `suite-${count++}`;
      await removeOpfs(name);
      const volume = await opfs(name, { store });
      t.after(async () => {
        await volume.close();
        await removeOpfs(name);
      });
      return volume;
    });
  else test(`${store} volume`, { skip: why }, () => {});

  if (there)
    fsSuite(`layer in ${store}, all below removed`, async (t) => {
      const name = `layer-${count++}`;
      const over = memory({ a: "1", d: { f: "2", g: {} }, f: "3", link: "4" });
      await removeOpfs(name);
      const first = await opfs(name, { store, over });
      for (const { name: entry } of files(first).list())
        files(first).remove(entry);
      await first.close();
      const volume = await opfs(name, { store, over });
      t.after(async () => {
        await volume.close();
        await removeOpfs(name);
      });
      return volume;
    });

  test(
    `${store}: there again when it is opened anew`,
    {
      skip: there ? false : why,
    },
    async (/** @type {any} */ t) => {
      const name = `again-${store}`;
      t.after(() => removeOpfs(name));
      const first = await opfs(name, { store });
      files(first).write("a/b", "kept");
      await first.close();
      const second = await opfs(name, { store });
      assert.equal(text(files(second).read("a/b")), "kept");
      await second.close();
    },
  );
}

test(
  "indexed-db: a tab that only reads is not in the way of its removal",
  { skip: !ground.has.indexedDb && "no IndexedDB here" },
  async () => {
    const store = "indexed-db";
    const first = await opfs("read", { store });
    files(first).write("f", "x");
    await first.close();
    const reader = await opfs("read", { store, readonly: true });
    await removeOpfs("read");
    assert.equal(text(files(reader).read("f")), "x");
    await reader.close();
  },
);

/**
 * A transaction that nobody ends, as that of a killed worker may be.
 * @param {string} name of the volume
 * @returns {Promise<() => void>} ends it
 */
function keepBusy(name) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(`slipway-volume:${name}`);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const pages = database.transaction("pages", "readwrite");
      let busy = true;
      const again = () => {
        const asked = pages.objectStore("pages").count();
        asked.onsuccess = () => {
          resolve(() => void (busy = false));
          if (busy) again();
          else database.close();
        };
      };
      again();
    };
  });
}

test(
  "indexed-db: a database that does not answer is an error, and no wait for ever",
  { skip: !ground.has.indexedDb && "no IndexedDB here" },
  async () => {
    const store = "indexed-db";
    const first = await opfs("silent", { store });
    files(first).write("f", "x");
    await first.close();
    const free = await keepBusy("silent");
    await assert.rejects(
      opfs("silent", { store, answerMs: 300 }),
      /volume silent does not answer/,
    );
    free();
    const again = await opfs("silent", { store });
    assert.equal(text(files(again).read("f")), "x");
    await again.close();
    await removeOpfs("silent");
  },
);

test(
  "indexed-db: what is committed gets there while the worker computes on",
  {
    skip:
      (!ground.has.indexedDb && "no IndexedDB here") ||
      (ground.engine === "WebKitGTK" &&
        "a worker of this engine sends nothing to a database before its event loop turns") ||
      (ground.engine === "Firefox" &&
        "now and then a worker of this engine hangs with a busy one that it has started"),
  },
  async (/** @type {any} */ t) => {
    const url = new URL("busy-worker.js", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    t.after(() => worker.terminate());
    worker.onmessage = () => worker.postMessage("busy");
    for (let there = false; !there;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const reader = await opfs("busy", {
        store: "indexed-db",
        readonly: true,
      });
      there = files(reader).info("f") !== undefined;
      await reader.close();
    }
  },
);

test(
  "a volume takes the best store there is",
  {
    skip:
      !(ground.has.opfs || ground.has.indexedDb) && "nothing keeps files here",
  },
  async (/** @type {any} */ t) => {
    t.after(() => removeOpfs("best"));
    const volume = await opfs("best");
    files(volume).write("f", "x");
    await volume.close();
    const store = ground.has.opfs ? "opfs" : "indexed-db";
    const again = await opfs("best", { store });
    assert.equal(text(files(again).read("f")), "x");
    await again.close();
  },
);

describe(
  "directory handle",
  {
    skip: !ground.has.directoryHandle && "no directory handles here",
  },
  directorySuite,
);
