/**
 * The worker that a component lives in: the page stays alive whatever the component does, and ending the worker ends the
 * component. It imports the generated JavaScript, gives it WASI, and runs it as a program or keeps it for calls. Knows
 * messages, no elements.
 * @module
 */
import { memory, wasi } from "@slipway/wasi";
import { camelCase } from "../../../npm/src/names.js";
import { functionName } from "../model.js";
import { mapHandles } from "./handles.js";
import { createOutput } from "./output.js";

/** @import { Call, Failure, FromWorker, Grants, Handle, Start, ToWorker } from './messages.js' */

/**
 * @param {FromWorker} message
 * @param {Transferable[]} [transfer]
 */
const say = (message, transfer = []) => self.postMessage(message, { transfer });

/**
 * Something thrown, by its name: the error classes belong to the generated module, and each has its own.
 * @param {any} error
 * @returns {Failure}
 */
function failure(error) {
  const text = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  if (error?.name === "ComponentExit")
    return { kind: "exit", code: error.exitCode };
  if (error?.name === "ComponentError")
    return { kind: "error", payload: error.payload, message: text };
  if (error?.name === "LinkError") return { kind: "link", message: text };
  if (error?.name === "Trap" || error instanceof WebAssembly.RuntimeError)
    return { kind: "trap", message: text, stack };
  return { kind: "other", name: error?.name ?? "Error", message: text, stack };
}

/**
 * @param {string} text
 * @returns {Promise<Record<string, any>>}
 */
async function importText(text) {
  const url = URL.createObjectURL(
    new Blob([text], { type: "text/javascript" }),
  );
  try {
    return await import(/* @vite-ignore */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * A tree of files from their paths.
 * @param {NonNullable<Grants['files']>} files
 */
function tree(files) {
  /** @type {Record<string, any>} */
  const root = Object.create(null);
  for (const [path, contents] of files) {
    const names = path.split("/").filter(Boolean);
    const last = /** @type {string} */ (names.pop());
    let folder = root;
    for (const name of names) folder = folder[name] ??= Object.create(null);
    folder[last] = contents;
  }
  return root;
}

/**
 * The files of a volume by their paths, as they are now.
 * @param {ReturnType<typeof memory>} volume
 * @returns {Array<[string, Uint8Array]>}
 */
function filesOf(volume) {
  /** @type {Array<[string, Uint8Array]>} */
  const found = [];
  /** @type {Array<[string, any]>} */
  const work = [["", volume.root]];
  for (let next = work.pop(); next; next = work.pop()) {
    const [prefix, dir] = next;
    for (const { name, kind } of volume.list(dir)) {
      const node = volume.lookup(dir, name);
      if (!node) continue;
      if (kind === "directory") work.push([`${prefix}${name}/`, node]);
      if (kind !== "regular-file") continue;
      const { size } = volume.stat(node);
      const access = { read: true, write: false, truncate: false };
      const file = volume.open(node, access);
      found.push([prefix + name, file.read(0, size).slice()]);
      file.close();
    }
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** One component, instantiated. */
class Instance {
  /** @type {Map<number, { resource: number, object: any }>} */
  #handles = new Map();
  #last = 0;

  /**
   * @param {Record<string, any>} exports
   * @param {Start} start
   * @param {() => void} flush what it wrote so far goes out
   */
  constructor(exports, { world }, flush) {
    this.flush = flush;
    this.exports = exports;
    this.world = world;
  }

  /**
   * The JavaScript value of an argument: numbers back to resources. One that is given away is ours no longer.
   * @param {number} type
   * @param {unknown} value
   */
  #argument(type, value) {
    return mapHandles(this.world, type, value, (id, use) => {
      const handle = this.#handles.get(id);
      if (!handle) throw new Error(`there is no resource #${id} any more`);
      if ("own" in use) this.#handles.delete(id);
      return handle.object;
    });
  }

  /**
   * @param {number} type
   * @param {unknown} value
   */
  #result(type, value) {
    return mapHandles(this.world, type, value, (object, use) => {
      const resource = "own" in use ? use.own : use.borrow;
      this.#handles.set(++this.#last, { resource, object });
      return this.#last;
    });
  }

  /** @param {Call} call */
  async call({ scope, name, params, result, args }) {
    const values = params.map(([, type], i) => this.#argument(type, args[i]));
    const { kind, resource, label } = functionName(name);
    const place = scope === null ? this.exports : this.exports[scope];
    const method = camelCase(label.slice(label.indexOf(".") + 1));
    let value;
    if (kind === "function") value = place[method](...values);
    else if (kind === "method") value = values[0][method](...values.slice(1));
    else {
      const type = camelCase(/** @type {string} */ (resource));
      const owner = place[type[0].toUpperCase() + type.slice(1)];
      value =
        kind === "static" ? owner[method](...values) : new owner(...values);
    }
    return this.#outcome(result, await value);
  }

  /**
   * A result of the function's own was thrown or returned, so what is here is its first half.
   * @param {number | null} type
   * @param {unknown} value
   */
  #outcome(type, value) {
    if (type === null) return undefined;
    const whole = this.world.types[type];
    const shown =
      typeof whole === "object" && "result" in whole ? whole.result[0] : type;
    return shown === null ? undefined : this.#result(shown, value);
  }

  /** @returns {Handle[]} */
  get handles() {
    return [...this.#handles].map(([id, { resource }]) => ({ id, resource }));
  }
}

/** @param {Start} start */
async function begin(start) {
  const began = performance.now();
  const { code, modules, grants, command } = start;
  const out = createOutput({
    send: (stream, bytes) =>
      say({ type: "output", stream, bytes }, [bytes.buffer]),
    skip: (bytes) => say({ type: "skipped", bytes }),
    now: () => performance.now(),
  });
  const volume = grants.files && memory(tree(grants.files));
  const host = wasi({
    args: grants.args,
    env: grants.env,
    stdin: grants.stdin,
    stdout: (bytes) => out.write("stdout", bytes),
    stderr: (bytes) => out.write("stderr", bytes),
    ...(volume && { fs: { "/": volume } }),
  });
  const generated = await importText(code);
  const exports = await generated.instantiate(
    (/** @type {string} */ path) => modules.get(path),
    host.imports,
  );
  const ready = performance.now();
  say({ type: "ready", blocking: host.blocking, ms: ready - began });
  if (command === null) return new Instance(exports, start, out.flush);
  let failed;
  try {
    await exports[command].run();
  } catch (error) {
    failed = failure(error);
  }
  const ms = performance.now() - ready;
  out.flush();
  const files = volume && filesOf(volume);
  say({ type: "ended", failure: failed, ms, files });
  return new Instance(exports, start, out.flush);
}

/**
 * @param {Instance} instance
 * @param {Call} message
 */
async function answer(instance, message) {
  const began = performance.now();
  /** @type {{ value?: unknown, failure?: Failure }} */
  let outcome;
  try {
    outcome = { value: await instance.call(message) };
  } catch (error) {
    outcome = { failure: failure(error) };
  }
  const ms = performance.now() - began;
  const { handles } = instance;
  instance.flush();
  say({ type: "answer", id: message.id, ...outcome, ms, handles });
}

/** One worker has one instance: it begins with the first message, and the others are for it. */
function serve() {
  /** @type {Promise<Instance> | undefined} */
  let instance;
  self.addEventListener(
    "message",
    (/** @type {MessageEvent<ToWorker>} */ { data }) => {
      if (data.type === "call") {
        // Where it failed to start, that was said when it did.
        instance?.then((it) => answer(it, data)).catch(() => {});
        return;
      }
      instance = begin(data);
      instance.catch((error) =>
        say({ type: "failed", failure: failure(error) }),
      );
    },
  );
}

serve();
