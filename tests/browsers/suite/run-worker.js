/**
 * `runWorker` in every way to wait that this engine has: commands written by hand, and components transpiled here.
 * @module
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { files as volumeFiles } from "@slipway/wasi";
import { opfs, removeOpfs } from "@slipway/wasi/opfs";
import { runWorker } from "@slipway/wasi/worker";
import { workerSuite } from "../../shims/worker.suite.js";
import { ground } from "./ground.js";
import { transpiled } from "./guests.js";

/** @typedef {"jspi" | "atomics" | "sync-xhr"} Tier */

const { has, place, isolated, origin } = ground;
const prefix = "/slipway/";
const serviceWorker = has.moduleServiceWorkers
  ? { script: `/sw.js?prefix=${prefix}`, prefix }
  : {
      script: `/sw-classic.js?prefix=${prefix}`,
      prefix,
      type: /** @type {const} */ ("classic"),
    };

/** Each tier, why it is not here, and what runs need for it. @type {Array<[Tier, string | false, object]>} */
const tiers = [
  ["jspi", !has.jspi && "no JSPI here", {}],
  [
    "atomics",
    !(has.atomics && (place === "process" || isolated)) &&
      "no shared memory here",
    {},
  ],
  [
    "sync-xhr",
    (place === "process" && "no service workers here") ||
      (isolated && has.atomics && "shared memory is better"),
    { serviceWorker },
  ],
];

/** @param {ReadableStream<Uint8Array>} stream */
async function text(stream) {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let all = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return all;
    all += decoder.decode(value, { stream: true });
  }
}

for (const [tier, skip, options] of tiers)
  describe(tier, { skip }, () => {
    workerSuite(tier, { options, origin });

    test("a component that asks, sleeps and answers", async () => {
      const { files } = await transpiled("wait", { instantiation: "async" });
      const run = runWorker({ files }, { ...options, blocking: tier });
      assert.equal(await run.blocking, tier);
      const writer = run.stdin.getWriter();
      await writer.write(new TextEncoder().encode("Ada é"));
      await writer.close();
      assert.equal(await text(run.stdout), "name? Ada é");
      assert.equal(await run.exit, 0);
    });

    test("a command in Rust that copies a file", async () => {
      const { files } = await transpiled("rust-wasip1", {
        instantiation: "async",
      });
      const tree = { "in.txt": "one\ntwo\n" };
      const run = runWorker(
        { files },
        {
          ...options,
          blocking: tier,
          args: ["report", "/data/in.txt", "/data/out.txt", "0"],
          env: { GREETING: "hé ☃" },
          fs: { "/data": { memory: tree } },
        },
      );
      const [out, err] = await Promise.all([
        text(run.stdout),
        text(run.stderr),
      ]);
      assert.equal(
        out,
        "args: /data/in.txt|/data/out.txt|0\nGREETING=hé ☃\n/data/in.txt: 8 bytes, 2 lines\n",
      );
      assert.equal(err, "rust-wasip1: status 0\n");
      assert.equal(await run.exit, 0);
    });
  });

test("the best way there is, unasked", async () => {
  const { files } = await transpiled("wait", { instantiation: "async" });
  const service = place === "page" ? { serviceWorker } : {};
  const run = runWorker({ files }, { stdin: "x", ...service });
  const found = tiers.find(([, skip]) => !skip)?.[0];
  assert.equal(await run.blocking, found);
  assert.equal(await text(run.stdout), "name? x");
  assert.equal(await run.exit, 0);
});

test(
  "without any way to wait, the trap names the import",
  {
    skip:
      (has.jspi || place === "process" || (isolated && has.atomics)) &&
      "there is a way here",
  },
  async () => {
    const { files } = await transpiled("wait", { instantiation: "async" });
    const run = runWorker({ files });
    assert.equal(await run.blocking, "none");
    await assert.rejects(
      run.exit,
      /blocking-read.*nothing can wait for it here/,
    );
  },
);

test(
  "a script that is no service worker is told",
  {
    skip:
      (place === "process" || (isolated && has.atomics)) &&
      "no service worker is asked for here",
  },
  async () => {
    const { files } = await transpiled("wait", { instantiation: "async" });
    const run = runWorker(
      { files },
      {
        blocking: "sync-xhr",
        serviceWorker: { script: "/none.js", prefix },
      },
    );
    await assert.rejects(run.exit);
  },
);

test(
  "files on a volume of this origin are there for the next run",
  {
    skip: !(has.opfs || has.indexedDb) && "nothing keeps files here",
  },
  async () => {
    const { files } = await transpiled("rust-wasip1", {
      instantiation: "async",
    });
    const tier = tiers.find(([, skip]) => !skip);
    const go = (/** @type {string[]} */ ...args) =>
      runWorker(
        { files },
        {
          ...tier?.[2],
          blocking: tier?.[0],
          args: ["report", ...args],
          stdin: "kept\n",
          fs: { "/data": { opfs: `run-${isolated}` } },
        },
      );
    assert.equal(await go("-", "/data/kept").exit, 0);
    const again = go("/data/kept");
    assert.match(await text(again.stdout), /\/data\/kept: 17 bytes, 1 lines/);
    assert.equal(await again.exit, 0);
  },
);

test(
  "a page has no OPFS volume, but may have one in IndexedDB",
  { skip: !(has.opfs && place === "page") && "this is no page with OPFS" },
  async () => {
    await assert.rejects(opfs("here"), /dedicated worker/);
    const volume = await opfs("here", { store: "indexed-db" });
    volumeFiles(volume).write("a/b", "kept");
    await volume.close();
    const again = await opfs("here", { store: "indexed-db" });
    assert.equal(
      new TextDecoder().decode(volumeFiles(again).read("a/b")),
      "kept",
    );
    await again.close();
    await removeOpfs("here");
  },
);
