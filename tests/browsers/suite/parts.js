/**
 * The table of what runs on every engine: to add a suite, add an entry. Modules are loaded where they run.
 * @module
 */
import { gather, runTests } from "./harness.js";

/**
 * Where a part runs in a browser: on a page, or in a dedicated worker of one, with or without cross-origin isolation. In
 * runtimes without pages each part runs once.
 * @typedef {"page" | "worker" | "isolated page" | "isolated worker"} Where
 *
 * @typedef {object} Part
 * @property {string} name
 * @property {"Files" | "Streams, clocks, cli" | "Waiting" | "Workers" | "Components"} column of the README's table
 * @property {Where[]} where
 * @property {boolean} [browsersOnly]
 * @property {boolean} [runtimesOnly]
 * @property {boolean} [elsewhere]
 *   Other suites of `npm test` run it too, on the Node at hand and on that of every test run
 * @property {boolean} [guests] It runs components, which take a while to build
 * @property {() => Promise<unknown>} load
 */

/** @type {Part[]} */
export const parts = [
  {
    name: "memory",
    elsewhere: true,
    column: "Files",
    where: ["worker"],
    load: () => import("../../shims/fs.test.js"),
  },
  {
    name: "volumes",
    column: "Files",
    where: ["worker"],
    browsersOnly: true,
    load: () => import("./volumes.js"),
  },
  {
    name: "crashes",
    column: "Files",
    where: ["isolated page"],
    browsersOnly: true,
    load: () => import("./crashes.js"),
  },
  {
    name: "crashes, on the next page",
    column: "Files",
    where: ["isolated page"],
    browsersOnly: true,
    load: () => import("./crashes-next-page.js"),
  },
  {
    name: "directories of the host",
    elsewhere: true,
    column: "Files",
    where: [],
    runtimesOnly: true,
    load: () => import("../../shims/host-directory.test.js"),
  },
  {
    name: "archives",
    elsewhere: true,
    column: "Files",
    where: ["worker"],
    load: () => import("../../shims/archive.test.js"),
  },
  {
    name: "streams and poll",
    elsewhere: true,
    column: "Streams, clocks, cli",
    where: ["worker", "page"],
    load: () => import("../../shims/io.test.js"),
  },
  {
    name: "host",
    elsewhere: true,
    column: "Streams, clocks, cli",
    where: ["worker"],
    load: () => import("../../shims/host.test.js"),
  },
  {
    name: "terminal",
    elsewhere: true,
    column: "Streams, clocks, cli",
    where: ["page"],
    load: () => import("../../shims/terminal.test.js"),
  },
  {
    name: "waiting",
    guests: true,
    column: "Waiting",
    where: ["page", "worker", "isolated page", "isolated worker"],
    load: () => import("./waiting.js"),
  },
  {
    name: "runWorker",
    guests: true,
    column: "Workers",
    where: ["page", "isolated page"],
    load: () => import("./run-worker.js"),
  },
  {
    name: "serving",
    guests: true,
    column: "Workers",
    where: ["page"],
    browsersOnly: true,
    load: () => import("./serving.js"),
  },
  {
    name: "library",
    guests: true,
    column: "Components",
    where: ["page", "worker"],
    load: () => import("./components.js"),
  },
  ...["everything", "raw", "versions", "commands"].map(
    (name) =>
      /** @type {Part} */ ({
        name,
        guests: true,
        elsewhere: true,
        column: "Components",
        where: ["worker"],
        load: () => import(`../../e2e/${name}.test.js`),
      }),
  ),
];

/**
 * Runs one part here.
 * @param {string} name
 * @param {Parameters<typeof runTests>[0]} [options]
 */
export async function runPart(name, options) {
  const part = parts.find((one) => one.name === name);
  if (!part) throw new Error(`no part is called ${name}`);
  await gather(part.load);
  return runTests(options);
}
