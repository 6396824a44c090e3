/**
 * @module Programs: a generated module (made with `--instantiation async`) by its
 * URL, or the files of one. It owns finding and compiling, once; who instantiates is
 * nobody's business here.
 */

/** @typedef {string | { files: Record<string, any> }} Program */
/** @typedef {(imports: Record<string, any>) => Promise<Record<string, any>>} Instantiate */

/**
 * @param {Program} program
 * @returns {Promise<Instantiate>} whose instances share compiled modules
 */
export async function loader(program) {
  if (typeof program === "string") {
    const generated = await import(/* @vite-ignore */ program);
    return instantiation(generated, (path) =>
      compileAt(new URL(path, program)),
    );
  }
  const { files } = program;
  const main = Object.keys(files).find((path) => /^[^/]+\.js$/.test(path));
  if (!main) throw new TypeError("the program has no .js file");
  const generated = await importText(files[main]);
  return instantiation(generated, (path) => compiled(path, files));
}

/**
 * @param {any} generated
 * @param {(path: string) => WebAssembly.Module | Promise<WebAssembly.Module>} compile
 * @returns {Instantiate}
 */
function instantiation(generated, compile) {
  /** @type {Map<string, WebAssembly.Module | Promise<WebAssembly.Module>>} */
  const modules = new Map();
  const core = (/** @type {string} */ path) => {
    const module = modules.get(path) ?? compile(path);
    modules.set(path, module);
    return module;
  };
  return (imports) => generated.instantiate(core, imports);
}

/**
 * @param {string} path
 * @param {Record<string, any>} files
 */
function compiled(path, files) {
  const file = files[path.replace(/^\.\//, "")];
  if (!file) throw new TypeError(`the program has no file ${path}`);
  return file instanceof WebAssembly.Module ? file : WebAssembly.compile(file);
}

/** @param {URL} url */
async function compileAt(url) {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs/promises");
  if (url.protocol === "file:" && fs)
    return WebAssembly.compile(new Uint8Array(await fs.readFile(url)));
  return WebAssembly.compileStreaming(fetch(url));
}

/**
 * A module from its text. Browsers take a blob's URL, which a policy can allow by
 * name; Node knows only data URLs (and Bun finds no exports in them).
 * @param {string | Uint8Array} source
 */
async function importText(source) {
  const text =
    typeof source === "string" ? source : new TextDecoder().decode(source);
  const { node, bun } = globalThis.process?.versions ?? {};
  if (node && !bun)
    return import(`data:text/javascript,${encodeURIComponent(text)}`);
  const blob = new Blob([text], { type: "text/javascript" });
  const url = URL.createObjectURL(blob);
  try {
    return await import(/* @vite-ignore */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
