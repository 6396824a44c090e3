/**
 * Runs in a dedicated worker of the browser: suites by name, and the single steps
 * that browser.test.js asks for. Answers every message with one.
 * @module
 */
import { memory, wasi } from "@slipway/wasi";
import { opfs, removeOpfs } from "@slipway/wasi/opfs";
import { entriesOf, fsSuite, rootOf } from "../fs.suite.js";
import { runTests } from "./node-test.js";

const encode = (text) => new TextEncoder().encode(text);
let count = 0;
let open;

const freshVolume = (store) => async (t) => {
  const name = `suite-${count++}`;
  await removeOpfs(name);
  const volume = await opfs(name, { store });
  t.after(async () => {
    await volume.close();
    await removeOpfs(name);
  });
  return volume;
};

const steps = {
  async suite({ store }) {
    if (store === "memory") fsSuite("memory", () => memory());
    else fsSuite(`${store} volume`, freshVolume(store));
    return runTests();
  },

  /** A real directory of the origin, its files under their own names. */
  async handle({ what, dir: name, readonly }) {
    const { directoryHandle } = await import("/shims/src/fs/handle.js");
    const top = await navigator.storage.getDirectory();
    const dir = await top.getDirectoryHandle(name, { create: true });
    const write = async (parent, file, text) => {
      const handle = await parent.getFileHandle(file, { create: true });
      const out = await handle.createWritable();
      await out.write(text);
      await out.close();
    };
    if (what === "prepare") {
      await write(dir, "a.txt", "first");
      const sub = await dir.getDirectoryHandle("sub", { create: true });
      await write(sub, "b.txt", "second");
      return;
    }
    if (what === "told") {
      const told = [];
      const visit = async (parent, path) => {
        for await (const [child, handle] of parent.entries())
          if (handle.kind === "directory")
            await visit(handle, `${path}${child}/`);
          else
            told.push(
              `${path}${child}=${await (await handle.getFile()).text()}`,
            );
      };
      await visit(dir, "");
      return told.sort();
    }
    const volume = await directoryHandle(dir, { readonly });
    const { root, put, get } = rootOf(volume);
    const codes = [];
    const attempt = (act) => {
      try {
        act();
        codes.push("ok");
      } catch (error) {
        codes.push(error);
      }
    };
    codes.push(get("a.txt"), get("sub/b.txt"));
    codes.push(String(root.statAt({}, "sub/b.txt").size));
    attempt(() => put("sub/new.txt", "made"));
    attempt(() => put("a.txt", "changed"));
    attempt(() => root.createDirectoryAt("dir"));
    attempt(() => root.renameAt("sub/b.txt", root, "dir/moved.txt"));
    attempt(() => root.symlinkAt("a.txt", "s"));
    attempt(() => root.linkAt({}, "a.txt", root, "l"));
    await volume.settled();
    attempt(() => root.unlinkFileAt("a.txt"));
    attempt(() => root.removeDirectoryAt("sub"));
    await volume.close();
    return codes;
  },

  async io() {
    await import("../io.test.js");
    return runTests();
  },

  async mount({ name, ...options }) {
    open = await opfs(name, options);
    return { readonly: open.readonly };
  },

  async unmount() {
    await open.close();
  },

  async put({ path, text, sync }) {
    const { root } = rootOf(open);
    const flags = { create: true, truncate: true };
    const file = root.openAt({}, path, flags, { read: true, write: true });
    if (text) file.write(encode(text), 0n);
    if (sync) file.sync();
  },

  async get({ path }) {
    return rootOf(open).get(path);
  },

  async names() {
    return entriesOf(rootOf(open).root).map(({ name }) => name);
  },

  async code({ path }) {
    try {
      rootOf(open).root.unlinkFileAt(path);
      return "none";
    } catch (error) {
      return error;
    }
  },

  /** Writes numbered files for ever, telling each that is synced. */
  async churn({ seed }) {
    const { root } = rootOf(open);
    for (let i = 0; ; i++) {
      const flags = { create: true, truncate: true };
      const file = root.openAt({}, `f${i % 20}`, flags, { write: true });
      const text = `${seed} ${i} `.repeat((i * 37) % 3000);
      file.write(encode(text), 0n);
      if (i % 5 === 0) {
        file.sync();
        postMessage({ synced: i, path: `f${i % 20}`, length: text.length });
      }
      file[Symbol.dispose ?? Symbol.for("dispose")]();
      if (i % 7 === 6) root.renameAt(`f${i % 20}`, root, `r${i % 3}`);
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
  },

  async blocking() {
    const host = wasi({ stdout: null, stderr: null });
    return { blocking: host.blocking, isolated: self.crossOriginIsolated };
  },

  async bench({ name, files }) {
    await removeOpfs(name);
    const volume = await opfs(name, { commitMs: null });
    const { root } = rootOf(volume);
    const RW = { read: true, write: true };
    const block = new Uint8Array(4096).fill(1);
    const ms = (act) => {
      const start = performance.now();
      act();
      return performance.now() - start;
    };
    const create = ms(() => {
      for (let i = 0; i < files; i++) {
        const file = root.openAt({}, `f${i}`, { create: true }, RW);
        file.write(block, 0n);
        file[Symbol.dispose]();
      }
      volume.commit();
    });
    const read = ms(() => {
      for (let i = 0; i < files; i++) {
        const file = root.openAt({}, `f${i}`, {}, RW);
        file.read(4096n, 0n);
        file[Symbol.dispose]();
      }
    });
    // The same through a handle, without a volume; in turns, the best of five.
    const dir = await navigator.storage.getDirectory();
    const raw = await dir.getFileHandle("raw", { create: true });
    const handle = await raw.createSyncAccessHandle();
    const big = root.openAt({}, "big", { create: true }, RW);
    const chunk = new Uint8Array(1 << 20).fill(2);
    const rounds = 32;
    const each = (act) => () => {
      for (let i = 0; i < rounds; i++) act(i << 20);
    };
    const runs = [
      each((at) => big.write(chunk, BigInt(at))),
      each((at) => handle.write(chunk, { at })),
      each((at) => big.read(1n << 20n, BigInt(at))),
      each((at) => handle.read(chunk, { at })),
    ];
    const best = runs.map(() => Infinity);
    for (let turn = 0; turn < 5; turn++)
      runs.forEach((run, i) => (best[i] = Math.min(best[i], ms(run))));
    const [write1m, rawWrite, read1m, rawRead] = best;
    handle.close();
    await dir.removeEntry("raw");
    await volume.close();
    const start = performance.now();
    const again = await opfs(name);
    const mount = performance.now() - start;
    await again.close();
    await removeOpfs(name);
    return {
      createWriteMs: create / files,
      openReadMs: read / files,
      mountMs: mount,
      write: rawWrite / write1m,
      read: rawRead / read1m,
    };
  },
};

onmessage = async ({ data: { id, step, ...args } }) => {
  try {
    postMessage({ id, result: await steps[step](args) });
  } catch (error) {
    postMessage({ id, error: String(error?.stack ?? error) });
  }
};
postMessage({ loaded: true });
