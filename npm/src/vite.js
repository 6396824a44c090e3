/**
 * @module `slipway/vite`: a component that serves a part of a static site, as a line of a Vite configuration. It owns what
 * becomes of the component in a build and in the development server; requests go the way of `@slipway/wasi/service-worker`.
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { transpile } from "./node.js";

/**
 * As much of Vite's plugins as this one is: Vite itself is the user's.
 * @typedef {object} Plugin
 * @property {string} name
 * @property {(config: any) => void} configResolved
 * @property {(this: any) => Promise<void>} buildStart
 * @property {(id: string) => string | undefined} resolveId
 * @property {(this: any, id: string) => string | undefined} load
 * @property {(server: any) => void} configureServer
 * @property {{ order: "pre", handler: () => object[] }} transformIndexHtml
 */

/**
 * @typedef {object} ServeOptions
 * @property {string} [at] what the component answers for, below the site: `app/`. It sees paths from there on.
 * @property {string} [options] a module whose default export is given to `createFetchHandler`
 */

const PAGE = "virtual:slipway-serve";
const GLUE = "virtual:slipway-glue.js";
/** Where the service worker is, from the site's base: what it serves has to be below. */
const SCRIPT = "slipway-sw.js";
/** A save is several events: the file is read once they have stopped, in ms. */
const SETTLE = 100;
/** Where the development server has core modules, from the base. */
const CORES = "@slipway/cores/";

/**
 * What the page does: serves, and loads frames that were there before the service worker was.
 * @param {{ at: string, cores: string[], options: string | undefined }} how
 */
function pageModule({ at, cores, options }) {
  return `
import { createFetchHandler } from "@slipway/wasi/fetch-handler";
import { serve } from "@slipway/wasi/service-worker";
import { instantiate } from ${JSON.stringify(GLUE)};
${options ? `import options from ${JSON.stringify(options)};` : "const options = {};"}
const urls = { ${cores.join(", ")} };
const compiled = new Map();
const core = (path) => {
  if (!compiled.has(path)) compiled.set(path, WebAssembly.compileStreaming(fetch(urls[path])));
  return compiled.get(path);
};
const base = new URL(import.meta.env.BASE_URL, document.baseURI);
const scope = new URL(${JSON.stringify(at)}, base).pathname;
export const serving = serve(
  createFetchHandler((imports) => instantiate(core, imports), options),
  { script: new URL(${JSON.stringify(SCRIPT)}, base), prefix: scope, scope, strip: true, type: "classic" },
);
// A document that is about to come in takes the place of one that is asked for meanwhile: then it is asked for again.
const again = (frame) => {
  const since = performance.timeOrigin + performance.now();
  frame.addEventListener("load", () => {
    const shown = frame.contentDocument?.defaultView.performance.timeOrigin;
    if (shown < since) frame.src = frame.src;
  }, { once: true });
  frame.src = frame.src;
};
serving.then(() => {
  for (const frame of document.querySelectorAll("iframe"))
    if (new URL(frame.src, document.baseURI).pathname.startsWith(scope)) again(frame);
});
`;
}

/**
 * The service worker, in one classic script: older Firefoxes know no other.
 * @param {string} at
 */
async function workerScript(at) {
  const url = new URL(import.meta.resolve("@slipway/wasi/service-worker"));
  const parts = ["./http/streaming.js", "./http/port-body.js", url.href];
  const texts = parts.map(async (part) =>
    String(await readFile(new URL(part, url)))
      .replaceAll(/\/\*\*[^]*?\*\/\n?/g, "")
      .replaceAll(/^import .*$/gm, "")
      .replaceAll(/^export /gm, ""),
  );
  return `(() => {
${(await Promise.all(texts)).join("\n").replaceAll(/\n{2,}/g, "\n")}
route({ prefix: new URL(${JSON.stringify(at)}, location.href).pathname });
})();
`;
}

/**
 * @param {string} file a component of the `wasi:http/proxy` world
 * @param {ServeOptions} [options]
 * @returns {Plugin}
 */
export function serve(file, { at = "app/", options } = {}) {
  if (!/^[^/].*\/$/.test(at))
    throw new TypeError(
      `at: ${at}: want a folder below the site's, such as "app/"`,
    );
  let path = file;
  let building = true;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let settling;
  let base = "/";
  /** @type {Record<string, string | Uint8Array>} */
  let files = {};
  const cores = () =>
    Object.keys(files).filter((name) => name.endsWith(".wasm"));
  const read = async () => {
    const made = await transpile(await readFile(path), {
      name: "app",
      instantiation: "async",
      typescript: false,
      minify: building,
    });
    if (
      !made.exports.some(([name]) =>
        /^wasi:http\/incoming-handler(@|$)/.test(name),
      )
    )
      throw new Error(
        `${file}: this component serves nothing: it does not export wasi:http/incoming-handler`,
      );
    files = made.files;
  };
  return {
    name: "slipway-serve",
    configResolved(config) {
      path = resolve(config.root, file);
      building = config.command === "build";
      base = config.base;
    },
    async buildStart() {
      await read();
      if (building) {
        const source = await workerScript(at);
        this.emitFile({ type: "asset", fileName: SCRIPT, source });
      }
    },
    resolveId: (id) => ([PAGE, GLUE].includes(id) ? `\0${id}` : undefined),
    load(id) {
      if (id === `\0${GLUE}`) return String(files["app.js"]);
      if (id !== `\0${PAGE}`) return undefined;
      const urls = cores().map((name) => {
        if (!building)
          return `${JSON.stringify(name)}: ${JSON.stringify(base + CORES + name)}`;
        const asset = this.emitFile({
          type: "asset",
          name,
          source: files[name],
        });
        return `${JSON.stringify(name)}: import.meta.ROLLUP_FILE_URL_${asset}`;
      });
      return pageModule({ at, cores: urls, options });
    },
    configureServer(server) {
      server.watcher.add(path);
      server.watcher.on("change", (/** @type {string} */ changed) => {
        if (resolve(changed) !== path) return;
        clearTimeout(settling);
        settling = setTimeout(() => void reload(server), SETTLE);
      });
      server.middlewares.use(
        (
          /** @type {any} */ request,
          /** @type {any} */ response,
          /** @type {() => void} */ next,
        ) => {
          const { pathname } = new URL(request.url, "http://localhost");
          const wanted = pathname.startsWith(base)
            ? pathname.slice(base.length)
            : "";
          void answer(wanted, response, next);
        },
      );
    },
    transformIndexHtml: {
      order: "pre",
      handler: () => [
        {
          tag: "script",
          attrs: { type: "module" },
          children: `import ${JSON.stringify(PAGE)};`,
          injectTo: "head",
        },
      ],
    },
  };

  /**
   * The component has changed.
   * @param {any} server
   * @param {number} [patience] how often it may be half written yet
   */
  async function reload(server, patience = 10) {
    try {
      await read();
    } catch (error) {
      // What there was goes on.
      const { message } = /** @type {Error} */ (error);
      if (patience === 0) return server.config.logger.error(message);
      settling = setTimeout(() => void reload(server, patience - 1), SETTLE);
      return;
    }
    for (const id of [PAGE, GLUE]) {
      const module = server.moduleGraph.getModuleById(`\0${id}`);
      if (module) server.moduleGraph.invalidateModule(module);
    }
    server.ws.send({ type: "full-reload" });
  }

  /**
   * What the development server has beside Vite's.
   * @param {string} wanted from the base
   * @param {any} response
   * @param {() => void} next
   */
  async function answer(wanted, response, next) {
    if (wanted === SCRIPT) {
      response.setHeader("content-type", "text/javascript");
      return response.end(await workerScript(at));
    }
    const core = wanted.startsWith(CORES) && files[wanted.slice(CORES.length)];
    if (core) {
      response.setHeader("content-type", "application/wasm");
      return response.end(core);
    }
    if (!wanted.startsWith(at)) return next();
    // Vite would answer with the page, which would be in its own frame.
    response.statusCode = 503;
    response.end("the service worker does not run yet\n");
  }
}
