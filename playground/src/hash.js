/**
 * What a link to the playground says: which component, which settings, what to call or run. Text to data and back; knows no
 * signal and no `location`.
 * @module
 */

/**
 * Of the generated files, what a reader may choose.
 * @typedef {object} GlueOptions
 * @property {'esm' | 'async' | 'sync'} form
 * @property {boolean} minify
 * @property {boolean} strict
 * @property {'inline' | 'import'} runtime
 */

/**
 * @typedef {object} Link
 * @property {string} [url] where the component is
 * @property {string} [example] or the name of an example
 * @property {string} [tab]
 * @property {GlueOptions} glue
 * @property {string} [call] `add(1, 2)`, as `--invoke` takes it
 * @property {string[]} [args] how to run it; without the program's name
 * @property {Array<[string, string]>} [env]
 * @property {string} [stdin]
 * @property {Array<[string, string]>} [files] text files only
 */

/** @type {GlueOptions} */
export const defaultGlue = {
  form: "esm",
  minify: false,
  strict: false,
  runtime: "inline",
};

/**
 * @param {string} text `a=b`
 * @returns {[string, string]}
 */
function splitPair(text) {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * @param {string} hash with or without its `#`
 * @param {string} [search] a page's query; `?url=` is taken where the hash names no component
 * @returns {Link}
 */
export function parseLink(hash, search = "") {
  const params = new URLSearchParams(hash.replace(/^#/, ""));
  const query = new URLSearchParams(search);
  const form = params.get("form");
  /** @type {Link} */
  const link = {
    glue: {
      form: form === "async" || form === "sync" ? form : "esm",
      minify: params.has("minify"),
      strict: params.has("strict"),
      runtime: params.get("runtime") === "import" ? "import" : "inline",
    },
  };
  const named = params.has("url") || params.has("example");
  const url = params.get("url") ?? (named ? null : query.get("url"));
  const example = params.get("example") ?? (url ? null : query.get("example"));
  if (url) link.url = url;
  else if (example) link.example = example;
  for (const key of /** @type {const} */ (["tab", "call", "stdin"])) {
    const value = params.get(key);
    if (value !== null) link[key] = value;
  }
  if (params.has("arg")) link.args = params.getAll("arg");
  if (params.has("env")) link.env = params.getAll("env").map(splitPair);
  if (params.has("file")) link.files = params.getAll("file").map(splitPair);
  return link;
}

/**
 * @param {Link} link
 * @returns {string} without `#`
 */
export function formatLink(link) {
  const params = new URLSearchParams();
  for (const key of /** @type {const} */ (["url", "example", "tab", "call"])) {
    const value = link[key];
    if (value) params.set(key, value);
  }
  if (link.glue.form !== "esm") params.set("form", link.glue.form);
  if (link.glue.minify) params.set("minify", "");
  if (link.glue.strict) params.set("strict", "");
  if (link.glue.runtime !== "inline") params.set("runtime", link.glue.runtime);
  for (const arg of link.args ?? []) params.append("arg", arg);
  for (const pair of link.env ?? []) params.append("env", pair.join("="));
  if (link.stdin) params.set("stdin", link.stdin);
  for (const pair of link.files ?? []) params.append("file", pair.join("="));
  return params.toString();
}
