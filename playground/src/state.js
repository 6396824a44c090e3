/**
 * The page's state as signals, and what can be done to it. One `createApp` is one page; nothing here knows an element.
 * @module
 */
import { batch, computed, effect, signal } from "@preact/signals";
import { examples } from "./examples.js";
import { formatLink, parseLink } from "./hash.js";
import { callables, commandOf, unmetImports } from "./model.js";
import { prepare } from "./run/prepare.js";
import { createCalls } from "./calls.js";
import { createRun } from "./program.js";
import { readBody } from "./read.js";

/**
 * @import { Transpiled, World } from '../../npm/src/types.js'
 * @import { Link } from './hash.js'
 * @import { Callable } from './model.js'
 * @import { Runnable } from './run/prepare.js'
 */

/** @typedef {typeof import('./library.js')} Library */
/** @typedef {{ kind: 'file' } | { kind: 'url', url: string } | { kind: 'example', id: string }} Origin */
/** @typedef {'overview' | 'run' | 'call' | 'files' | 'plan'} Tab */

/**
 * A component that has been opened.
 * @typedef {object} Opened
 * @property {string} name its file's name
 * @property {Origin} origin
 * @property {Uint8Array} bytes
 * @property {World} world
 * @property {string} plan
 * @property {Callable[]} callables
 * @property {string | undefined} command
 * @property {string[]} unmet imports that this page has nothing for
 * @property {() => Promise<Runnable>} runnable
 */

/** @typedef {{ files: Transpiled['files'], ms: number }} Generated */

/**
 * @typedef {{ kind: 'empty' }
 *   | { kind: 'loading', name: string, received: number, total: number | undefined }
 *   | { kind: 'failed', name: string, error: unknown }
 *   | { kind: 'open', opened: Opened }} Status
 */

/** @typedef {ReturnType<typeof createApp>} App */

/**
 * @param {string} name
 * @returns {string} what the generated files are called
 */
export const baseName = (name) =>
  name
    .replace(/^.*[/\\]/, "")
    .replace(/\.(component\.)?wasm$/i, "")
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[.-]+/, "") || "component";

/**
 * @param {Link} link
 * @returns {string}
 */
const placeOf = ({ url, example }) => url ?? example ?? "";

/** @param {{ load: () => Promise<Library> }} given */
export function createApp({ load }) {
  const loaded = signal(/** @type {Library | undefined} */ (undefined));
  const library = async () => (loaded.value ??= await load());
  const first = parseLink(location.hash, location.search);
  const status = signal(/** @type {Status} */ ({ kind: "empty" }));
  const tab = signal(/** @type {Tab} */ ("overview"));
  const glue = signal(first.glue);
  const generated = signal(/** @type {Generated | undefined} */ (undefined));
  const glueError = signal(/** @type {unknown} */ (undefined));
  const opened = computed(() =>
    status.value.kind === "open" ? status.value.opened : undefined,
  );
  const run = createRun({ opened });
  const calls = createCalls({ opened, library, loaded });
  /** Counts what was opened: an answer for what is no longer wanted is dropped. */
  let turn = 0;

  const tabs = computed(() => {
    const it = opened.value;
    /** @type {Tab[]} */
    const shown = ["overview", "files", "plan"];
    if (it?.callables.length) shown.splice(1, 0, "call");
    if (it?.command) shown.splice(1, 0, "run");
    return shown;
  });

  /**
   * @param {string} name
   * @param {Origin} origin
   * @param {(progress: (received: number, total?: number) => void) => Promise<Uint8Array>} read
   * @param {Link} [link] what else the link asks for
   */
  async function open(name, origin, read, link) {
    const mine = ++turn;
    const isMine = () => mine === turn;
    batch(() => {
      run.reset();
      calls.reset();
      generated.value = undefined;
      status.value = { kind: "loading", name, received: 0, total: undefined };
    });
    try {
      const bytes = await read((received, total) => {
        if (isMine()) status.value = { kind: "loading", name, received, total };
      });
      const { transpile } = await library();
      const { world, plan } = await transpile(bytes, {
        plan: true,
        world: true,
      });
      if (!isMine()) return;
      const known = /** @type {World} */ (world);
      const it = describe(name, origin, bytes, known, plan ?? "", transpile);
      batch(() => {
        status.value = { kind: "open", opened: it };
        tab.value = firstTab(it);
        if (link) follow(link);
      });
    } catch (error) {
      if (isMine()) status.value = { kind: "failed", name, error };
    }
  }

  /** What a link says beside which component. @param {Link} link */
  function follow(link) {
    glue.value = link.glue;
    const wanted = /** @type {Tab} */ (link.tab);
    if (tabs.value.includes(wanted)) tab.value = wanted;
    run.follow(link);
    calls.follow(link);
  }

  /** @param {File} file */
  const openFile = (file) =>
    open(file.name, { kind: "file" }, async () => {
      return new Uint8Array(await file.arrayBuffer());
    });

  /**
   * @param {string} url
   * @param {Link} [link]
   */
  const openUrl = (url, link) =>
    open(
      url.replace(/[?#].*$/, "").replace(/^.*\//, "") || url,
      { kind: "url", url },
      (progress) => readBody(url, progress),
      link,
    );

  /**
   * @param {string} id
   * @param {Link} [link]
   */
  function openExample(id, link) {
    const url = new URL(`examples/${id}.wasm`, document.baseURI).href;
    return open(
      `${id}.wasm`,
      { kind: "example", id },
      (progress) => {
        if (!examples.some((example) => example.id === id))
          throw new Error(`There is no example called “${id}”.`);
        return readBody(url, progress);
      },
      link,
    );
  }

  function close() {
    turn += 1;
    batch(() => {
      run.reset();
      calls.reset();
      generated.value = undefined;
      status.value = { kind: "empty" };
    });
  }

  /** What the address would have to say to come back to this; undefined where no address can: a file of the reader's. */
  const link = computed(() => {
    const origin = opened.value?.origin;
    if (!origin || origin.kind === "file") return undefined;
    return formatLink({
      ...(origin.kind === "url" ? { url: origin.url } : { example: origin.id }),
      tab: tab.value,
      glue: glue.value,
      ...(opened.value?.command && run.link()),
      ...(opened.value?.callables.length && calls.link()),
    });
  });

  /** @param {Link} to */
  function go(to) {
    if (to.url) void openUrl(to.url, to);
    else if (to.example) void openExample(to.example, to);
    else if (status.value.kind !== "empty") close();
  }

  function start() {
    go(first);
    let place = placeOf(first);
    addEventListener("hashchange", () => {
      const to = parseLink(location.hash);
      if (placeOf(to) === place && opened.value) return follow(to);
      place = placeOf(to);
      go(to);
    });
    effect(() => {
      const { kind } = status.value;
      if (kind === "loading") return;
      // A link that failed stays in the address, to try again.
      if (kind === "failed") return;
      const hash = link.value ?? "";
      place = placeOf(parseLink(hash));
      const { pathname, search } = location;
      // A query names what to open first; once something is open it would name the wrong thing.
      const query = hash === "" && kind === "empty" ? search : "";
      if (`#${hash}` !== location.hash)
        history.replaceState(
          null,
          "",
          hash ? `${pathname}${query}#${hash}` : pathname + query,
        );
    });
    effect(() => void generate(opened.value, glue.value));
  }

  /**
   * @param {Opened | undefined} it
   * @param {import('./hash.js').GlueOptions} options
   */
  async function generate(it, options) {
    if (!it) return;
    const stale = () => opened.value !== it || glue.value !== options;
    try {
      const { transpile } = await library();
      const began = performance.now();
      const { files } = await transpile(it.bytes, {
        name: baseName(it.name),
        instantiation: options.form === "esm" ? null : options.form,
        minify: options.minify,
        strict: options.strict,
        runtime: options.runtime,
      });
      if (stale()) return;
      batch(() => {
        glueError.value = undefined;
        generated.value = { files, ms: performance.now() - began };
      });
    } catch (error) {
      if (!stale()) glueError.value = error;
    }
  }

  return {
    loaded,
    status,
    opened,
    tab,
    tabs,
    glue,
    generated,
    glueError,
    link,
    run,
    calls,
    start,
    openFile,
    openUrl,
    openExample,
    close,
  };
}

/**
 * @param {string} name
 * @param {Origin} origin
 * @param {Uint8Array} bytes
 * @param {World} world
 * @param {string} plan
 * @param {Library['transpile']} transpile
 * @returns {Opened}
 */
function describe(name, origin, bytes, world, plan, transpile) {
  /** @type {Promise<Runnable> | undefined} */
  let made;
  return {
    name,
    origin,
    bytes,
    world,
    plan,
    callables: callables(world),
    command: commandOf(world),
    unmet: unmetImports(world),
    runnable: () => (made ??= prepare(transpile, bytes)),
  };
}

/**
 * What a reader most likely came for.
 * @param {Opened} opened
 * @returns {Tab}
 */
function firstTab({ command, callables, unmet }) {
  if (unmet.length) return "overview";
  if (command) return "run";
  return callables.length ? "call" : "overview";
}
