/**
 * The same suites on every engine: `node tests/browsers/run.js [ENGINE…]` runs them on those that are installed, skipping
 * the others with a word, and what other suites of `npm test` run there. `--table` leaves nothing out and writes the table
 * in README.md; `--all` (`npm run test:browsers`) does so too, first installs what is missing, and runs the long forms.
 * `--part NAME` picks, and writes no table. The last line counts. Owns the order and the words on the screen.
 * @module
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { rolldown } from "rolldown";
import { buildGuest } from "../guests/build.js";
import { engines } from "./engines.js";
import { compiledText } from "./guests.js";
import { installEngines } from "./install.js";
import { writeTable } from "./matrix.js";
import { httpRoutes } from "./routes.js";
import { serveSources } from "./serve.js";
import { runEngine } from "./session.js";
import { parts } from "./suite/parts.js";

/** @import { Engine } from './engines.js' */
/** @import { Route } from './serve.js' */
/** @import { Session } from './session.js' */

const root = fileURLToPath(new URL("../..", import.meta.url));

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: "boolean", default: false },
    part: { type: "string", multiple: true },
    table: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});

/** Nothing is left out. */
const whole = flags.all || flags.table || flags.part !== undefined;

/** Firefox is driven over a WebSocket, which Node 20 lacks: the newer one of tests/runtimes takes over. */
function restarted() {
  if (typeof WebSocket === "function") return false;
  const newer = join(root, "tests/runtimes/node_modules/node24/bin/node");
  const { status, error } = spawnSync(newer, process.argv.slice(1), {
    stdio: "inherit",
    env: { ...process.env, SLIPWAY_NODE_AT_HAND: process.execPath },
  });
  if (error)
    process.stderr.write(`${error.message}; \`npm run setup\` installs it\n`);
  process.exitCode = status ?? 1;
  return true;
}

const GUESTS = [
  ...["wat-greet", "wat-raw", "wat-versions"],
  ...["rust-command", "rust-wasip1", "rust-wasip2", "rust-everything"],
  ...["c-command", "c-everything", "assemblyscript-command"],
];
/** Some 12 and 18 MB each. */
const LARGE_GUESTS = ["js-command", "python-command"];
/** Components in the text format that are no guests of their own. */
const TEXTS = {
  wait: "tests/browsers/suite/wait.wat",
  composed: "transpiler/tests/adapters/composed.wat",
};

/** @returns {Promise<Record<string, string>>} the files of guests, by where they are served */
async function guestRoutes() {
  /** @type {Record<string, string>} */
  const routes = {};
  for (const name of flags.all ? [...GUESTS, ...LARGE_GUESTS] : GUESTS)
    routes[`/guests/${name}.wasm`] = await buildGuest(name);
  for (const [name, path] of Object.entries(TEXTS))
    routes[`/guests/${name}.wasm`] = await compiledText(join(root, path));
  return routes;
}

/** For browsers whose service workers are no modules. */
async function classicWorker() {
  const bundle = await rolldown({
    input: join(root, "shims/src/service-worker-entry.js"),
  });
  const { output } = await bundle.generate({ format: "iife" });
  return output[0].code;
}

/** @param {boolean} withGuests */
async function startServers(withGuests) {
  const guests = withGuests ? await guestRoutes() : {};
  /** @type {Route} */
  const worker = (_, response) => {
    response.setHeader("content-type", "text/javascript");
    response.end('import "/shims/src/service-worker-entry.js";');
  };
  const classic = await classicWorker();
  const routes = {
    ...guests,
    "/sw.js": worker,
    "/sw-classic.js": /** @type {Route} */ (
      (_, response) => {
        response.setHeader("content-type", "text/javascript");
        response.end(classic);
      }
    ),
  };
  const plain = await serveSources({ routes: { ...routes, ...httpRoutes() } });
  const isolated = await serveSources({
    isolated: true,
    routes: { ...routes, ...httpRoutes() },
  });
  return { plain, isolated };
}

/** @type {import('./session.js').Options["took"]} */
const took = ({ name }, where, ms) =>
  void process.stdout.write(
    `\n  ${name} (${where}) ${(ms / 1000).toFixed(1)} s`,
  );

/**
 * @param {Error} error
 * @returns {Session}
 */
function notStarted({ stack }) {
  const [part] = parts;
  return {
    version: "",
    outcomes: [{ part, where: "process", name: "start", error: stack }],
  };
}

/**
 * @param {Session} session
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
function count({ outcomes }) {
  const failed = outcomes.filter(({ error }) => error).length;
  const skipped = outcomes.filter(({ skip }) => skip).length;
  return { passed: outcomes.length - failed - skipped, failed, skipped };
}

/**
 * @param {Engine} engine
 * @param {Session} session
 * @returns {string[]}
 */
function failures(engine, { outcomes }) {
  return outcomes
    .filter(({ error }) => error)
    .map(
      ({ part, where, name, error }) =>
        `✖ ${engine.name}, ${part.name} (${where}): ${name}\n  ${error?.trimEnd().replaceAll("\n", "\n  ")}\n`,
    );
}

async function main() {
  const chosen = engines.filter(
    ({ name }) =>
      !names.length ||
      names.some((n) => name.toLowerCase().startsWith(n.toLowerCase())),
  );
  const chosenParts = parts.filter(
    ({ name }) =>
      !flags.part || flags.part.some((part) => name.startsWith(part)),
  );
  const { plain, isolated } = await startServers(
    chosenParts.some(({ guests }) => guests),
  );
  const servers = { plain: plain.origin, isolated: isolated.origin };
  const total = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const failed = [];
  /** @type {Map<Engine, Session>} */
  const sessions = new Map();
  for (const engine of chosen) {
    if (!engine.there()) {
      process.stdout.write(`${engine.name}: not installed here\n`);
      continue;
    }
    process.stdout.write(`${engine.name} … `);
    const started = performance.now();
    const mine = chosenParts.filter(
      ({ elsewhere }) => whole || !(elsewhere && engine.elsewhere),
    );
    const session = await runEngine(engine, mine, {
      servers,
      full: flags.all,
      took: flags.verbose ? took : undefined,
    }).catch((error) => notStarted(error));
    sessions.set(engine, session);
    const { passed, failed: bad, skipped } = count(session);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(
      `${session.version}: ${passed} passed, ${bad} failed, ${skipped} not there (${seconds} s)\n`,
    );
    if (flags.verbose)
      for (const { part, where, name, skip } of session.outcomes)
        if (skip)
          process.stdout.write(
            `  - ${part.name} (${where}): ${name}: ${skip}\n`,
          );
    failed.push(...failures(engine, session));
    total.passed += passed;
    total.failed += bad;
    total.skipped += skipped;
  }
  await plain.close();
  await isolated.close();
  if (failed.length)
    process.stdout.write(`\n✖ failing tests:\n\n${failed.join("\n")}\n`);
  if (whole && !flags.part) writeTable(sessions);
  process.stdout.write(
    `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`,
  );
  process.exitCode = total.failed ? 1 : 0;
}

if (flags.all && !process.env.SLIPWAY_NODE_AT_HAND) await installEngines();
if (!restarted()) await main();
