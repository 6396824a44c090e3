/**
 * Runs in a dedicated worker: single steps on a volume, for tests in which more than one page or browser takes part. Answers
 * every message with one.
 * @module
 */
import { opfs } from "@slipway/wasi/opfs";
import { rootOf } from "../../shims/fs.suite.js";

const encode = (/** @type {string} */ text) => new TextEncoder().encode(text);
const DISPOSE = Symbol.dispose ?? Symbol.for("dispose");
/** @type {import('../../../shims/src/fs/persistent.js').PersistentVolume} */
let volume;

/** @type {Record<string, (args: any) => unknown>} */
const steps = {
  async mount({ name, ...options }) {
    volume = await opfs(name, options);
    return volume.readonly ? "read-only" : "mounted";
  },
  unmount: () => volume.close(),
  put({ path, text, sync }) {
    const { root } = rootOf(volume);
    const flags = { create: true, truncate: true };
    const file = root.openAt({}, path, flags, { read: true, write: true });
    file.write(encode(text), 0n);
    if (sync) file.sync();
    file[DISPOSE]();
  },
  get: ({ path }) => rootOf(volume).get(path),
  unlink: ({ path }) => rootOf(volume).root.unlinkFileAt(path),
  /** Writes until it is refused; what was written, and the code. */
  fill({ path, chunk, most }) {
    const { root } = rootOf(volume);
    const file = root.openAt({}, path, { create: true }, { write: true });
    const bytes = new Uint8Array(chunk).fill(7);
    let at = 0;
    try {
      while (at < most) {
        at += Number(file.write(bytes, BigInt(at)));
        file.sync();
      }
      return { at };
    } catch (code) {
      if (code instanceof Error) throw code;
      return { at, code };
    } finally {
      file[DISPOSE]();
    }
  },
};

onmessage = async ({ data: { step, ...args } }) => {
  try {
    postMessage({ result: await steps[step](args) });
  } catch (error) {
    const { stack } = /** @type {any} */ (error);
    postMessage({ error: stack ?? error });
  }
};
postMessage({ loaded: true });
