/**
 * The conformance guests' cases: what each is given to run with. Knows no runtime; who runs one makes the trees into
 * whatever its volumes are.
 * @module
 */

/** What a link points at; a file's text; a folder. @typedef {{ link: string } | string | { [name: string]: Entry }} Entry */

/**
 * @typedef {object} Case
 * @property {string[]} args with the program's name
 * @property {Array<[string, string]>} env
 * @property {string} stdin
 * @property {Array<{ path: string, tree: { [name: string]: Entry }, writable: boolean }>} preopens
 */

/** @param {string} name of a case @returns {Case} */
export function conformanceCase(name) {
  const readonly = name.endsWith("-readonly");
  return {
    args: ["conformance", name, "an argument", "", "zażółć 𝄞"],
    // Not in order: the guest is to see them as they are given.
    env: [
      ["LATER", "2"],
      ["EARLIER", "a=b ☃"],
      ["EMPTY", ""],
    ],
    stdin: "line one\nline two, ☃\n",
    preopens: [
      {
        path: "/data",
        tree: readonly ? { f: "hello", d: { x: "x" }, l: { link: "f" } } : {},
        writable: !readonly,
      },
      { path: "/other", tree: {}, writable: true },
    ],
  };
}

/**
 * @param {Entry} entry
 * @returns {entry is { link: string }}
 */
export function isLink(entry) {
  return typeof entry === "object" && typeof entry.link === "string";
}
