/**
 * Which of Slipway's features a script of the suites asks for: the upstream suites name wasmparser's features on their
 * `;; RUN` lines, Slipway has words of its own.
 * @module
 */

/**
 * wasmparser's word -> ours; null where Slipway has it on always. What is not here, Slipway does not know, and the scripts
 * that ask for it are refused or are in skip.json.
 */
const OURS = {
  "cm-fixed-length-lists": "fixed-length-lists",
  "cm-error-context": "error-context",
  "cm-nested-names": "nested-names",
  "cm-canon-names": "canon-names",
  "cm-accessors": "accessors",
  "cm-values": "values",
  "cm-gc": "gc",
  "cm-async-stackful": "async-stackful",
  "cm-more-async-builtins": "more-async-builtins",
  "cm-threading": "threading",
  "cm-forward": "forward",
  "custom-descriptors": "custom-descriptors",
  "shared-everything-threads": "shared-everything-threads",
  cm64: "memory64",
  "cm-map": null,
  "cm-implements": null,
};

/** What upstream's own runner gives every script of the specification's suite, as far as we have it. */
const SPEC = [
  "cm-map",
  "cm-implements",
  "cm-fixed-length-lists",
  "cm-async-stackful",
  "cm-more-async-builtins",
  "cm-threading",
  "cm-forward",
];

/** @param {string} suite @param {string[]} runs @returns {string[]} */
export function featuresOf(suite, runs) {
  const words = suite === "spec" ? SPEC : runs.flatMap(wordsOf);
  return words
    .map((w) => OURS[/** @type {keyof typeof OURS} */ (w)])
    .filter((w) => typeof w === "string");
}

/** @param {string} run a RUN line with `-f a,b` or `--features=a,b` */
function wordsOf(run) {
  return [...run.matchAll(/(?:-f|--features)[ =]([\w,-]+)/g)].flatMap((m) =>
    m[1].split(","),
  );
}
