/**
 * The components that `slipway serve` answers with, as one: middleware and, last, what it stands before. Each one's
 * `wasi:http/incoming-handler` import is the next one's export. Knows components and what they say of themselves; not
 * requests, which pass from one to the next as the resources they are.
 * @module
 */
import { compile } from "../node.js";
import { naming, openFile } from "./file.js";

/** @import { Component } from '../types.js' */

/**
 * @typedef {object} Link
 * @property {string} file
 * @property {Component} component
 * @property {string} name of the export, with its version
 *
 * @typedef {{ instantiate(imports: Record<string, any>): Promise<Record<string, any>> }} Chain
 */

const HANDLER = "wasi:http/incoming-handler";

/**
 * Everything is compiled, so an instance need not wait for a turn of the event loop per core module, as
 * `WebAssembly.instantiate` does.
 * @type {import('../types.js').InstantiateOptions}
 */
const HERE = {
  instantiateCore: (module, imports) =>
    new WebAssembly.Instance(module, imports),
};

/**
 * @param {import('../types.js').NameAndKind[]} names
 * @param {string} wanted without its version
 * @returns {string | undefined}
 */
function find(names, wanted) {
  return names.find(([name]) => name.replace(/@.*$/, "") === wanted)?.[0];
}

/**
 * @param {string} file
 * @param {boolean} last
 * @returns {Promise<Link>}
 */
async function open(file, last) {
  const component = await naming(file, async () =>
    compile(await openFile(file), {
      // The next one may wait for something, and then so does this one.
      asyncImports: [`${HANDLER}#handle`],
    }),
  );
  const { imports, exports } = component;
  const name = find(exports, HANDLER);
  if (!name) throw new Error(`${file}: ${noServer(component)}`);
  const calls = find(imports, HANDLER) !== undefined;
  if (last && calls)
    throw new Error(
      `${file}: this is a middleware: it imports ${HANDLER}; give it with --middleware, and the component it stands before as FILE`,
    );
  if (!last && !calls)
    throw new Error(
      `${file}: this is no middleware: it does not import ${HANDLER}, so nothing after it would ever be called`,
    );
  return { file, component, name };
}

/**
 * Why a component cannot serve, and what it is instead.
 * @param {Component} component
 */
function noServer({ exports }) {
  const serves = "this component serves nothing: it does not export";
  if (find(exports, "wasi:http/handler"))
    return `${serves} ${HANDLER} of wasi:http 0.2; its wasi:http/handler is of a later version, which slipway does not serve yet`;
  if (find(exports, "wasi:cli/run"))
    return `${serves} ${HANDLER}; it is a command, for \`slipway run\``;
  const names = exports.map(([name]) => name).join(", ");
  return `${serves} ${HANDLER}, only ${names || "nothing"}`;
}

/** Says which component it was that failed; the innermost one knows. */
class ChainError extends Error {}

/**
 * @param {string} file
 * @param {any} error
 * @returns {ChainError}
 */
function of(file, error) {
  for (let cause = error; cause; cause = cause.cause)
    if (cause instanceof ChainError) return cause;
  const named = new ChainError(`${file}: ${error?.message ?? error}`, {
    cause: error,
  });
  // Where it failed, not where it was named.
  if (error?.stack) named.stack = `${file}: ${error.stack}`;
  return named;
}

/**
 * `handle` of one link, failing in its name.
 * @param {string} file
 * @param {{ handle(request: unknown, out: unknown): unknown }} handler
 */
function named(file, handler) {
  const tell = (/** @type {unknown} */ error) => {
    throw of(file, error);
  };
  return {
    handle(/** @type {unknown} */ request, /** @type {unknown} */ out) {
      try {
        const done = handler.handle(request, out);
        return done instanceof Promise ? done.catch(tell) : done;
      } catch (error) {
        return tell(error);
      }
    },
  };
}

/**
 * @param {readonly string[]} files middleware, the outermost first, and last what it stands before
 * @returns {Promise<Chain>} whose instance is one of each
 */
export async function openChain(files) {
  const links = await Promise.all(
    files.map((name, i) => open(name, i === files.length - 1)),
  );
  const [first] = links;
  if (links.length === 1)
    return {
      instantiate: (imports) => first.component.instantiate(imports, HERE),
    };
  return {
    async instantiate(imports) {
      let handler;
      for (const { file, component, name } of links.toReversed()) {
        const given = handler ? { ...imports, [HANDLER]: handler } : imports;
        const instance = await component
          .instantiate(given, HERE)
          .catch((error) => {
            throw of(file, error);
          });
        handler = named(file, instance[name]);
      }
      return { [first.name]: handler };
    },
  };
}
