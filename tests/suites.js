/**
 * The table of every suite that `npm test` runs, in order: cheap ones first. To add a suite, add an entry; CONTRIBUTING.md
 * says what each kind must print. Knows no test.
 * @module
 */

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {string[]} [cargo] arguments for cargo; counted by libtest's summaries
 * @property {string[]} [node] files, or folders searched for `*.test.js`, for `node --test`
 * @property {string} [on] the Node that runs them: an entry of tests/runtimes (default: the Node at hand)
 * @property {string[]} [command] any other program; its last line `N passed, N failed` counts (`node` is the Node at hand)
 * @property {Record<string, string>} [env]
 * @property {number} [minutes] killed and failed after so many (default 15)
 */

/** @type {Suite[]} */
export const suites = [
  { name: "check", command: ["node", "npm/scripts/check.js"] },
  { name: "transpiler", cargo: ["test", "--quiet"] },
  {
    name: "tools",
    cargo: ["test", "--quiet", "-p", "slipway-tools", "-p", "slipway-bindgen"],
  },
  { name: "runtime", node: ["transpiler/runtime"] },
  { name: "adapters", node: ["transpiler/tests/adapters"], on: "node24" },
  { name: "npm", node: ["npm/test"] },
  {
    name: "serve on Node 24",
    node: ["npm/test/serve.test.js"],
    on: "node24",
  },
  { name: "shims", node: ["shims", "tests/shims"] },
  { name: "shims on Node 24", node: ["shims", "tests/shims"], on: "node24" },
  {
    name: "HTTP on every runtime there is",
    node: ["tests/shims/http-runtimes/run.js"],
  },
  { name: "playground", node: ["playground/src"] },
  {
    name: "playground in Chromium",
    node: ["tests/browsers/playground.test.js"],
  },
  { name: "e2e", node: ["tests/e2e"], minutes: 30 },
  {
    name: "programs in Chromium",
    node: ["tests/browsers/programs.test.js"],
  },
  { name: "volumes in Chromium", node: ["tests/browsers/volumes.test.js"] },
  { name: "engines", command: ["node", "tests/browsers/run.js"], minutes: 20 },
  { name: "sizes", node: ["tests/size.test.js"] },
  { name: "e2e on Node 24", node: ["tests/e2e"], on: "node24", minutes: 20 },
  { name: "conformance", command: ["node", "tests/conformance/run.js"] },
  {
    name: "conformance, JavaScript adapters",
    command: ["node", "tests/conformance/run.js", "--adapters", "js"],
  },
  {
    name: "harnesses",
    node: [
      "tests/conformance/harness.test.js",
      "tests/browsers/drivers",
      "tests/oracle",
    ],
  },
  { name: "oracle", command: ["node", "tests/oracle/run.js"] },
  { name: "fuzz", command: ["node", "tests/fuzz/run.js"] },
];
