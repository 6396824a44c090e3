/**
 * The conformance guests in wasmtime and here, the same component in both: what they print, and how they end, is the
 * same byte for byte, but for what lib/allowed.js lists. Here on volumes in memory and on folders of the host.
 * @module
 */
import assert from "node:assert/strict";
import {
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  ComponentExit,
  directory,
  memory,
  readonly,
  symlink as link,
  wasi,
} from "@slipway/wasi/node";
import { buildGuest } from "../guests/build.js";
import { conformanceCase, isLink } from "../guests/lib/conformance.js";
import { wasmtime } from "../guests/lib/wasmtime.js";
import { allowed } from "./lib/allowed.js";
import { load, transpiled } from "./lib/harness.js";

/** @import { Case, Entry } from '../guests/lib/conformance.js' */
/** @import { Outcome } from '../guests/lib/wasmtime.js' */
/** @import { Allowed } from './lib/allowed.js' */

/** @typedef {{ [name: string]: Entry }} Tree */
/** @typedef {Pick<Outcome, "stdout" | "stderr" | "status">} Seen */

const judge = await wasmtime();
after(() => judge.close());

/** @param {string} folder @param {Tree} tree */
async function plant(folder, tree) {
  for (const [name, entry] of Object.entries(tree)) {
    const path = join(folder, name);
    if (typeof entry === "string") await writeFile(path, entry);
    else if (isLink(entry)) await symlink(entry.link, path);
    else {
      await mkdir(path);
      await plant(path, entry);
    }
  }
}

/** @param {Tree} tree @returns {any} */
function literal(tree) {
  const entries = Object.entries(tree).map(([name, entry]) => {
    if (typeof entry === "string") return [name, entry];
    return [name, isLink(entry) ? link(entry.link) : literal(entry)];
  });
  return Object.fromEntries(entries);
}

/**
 * Runs `use` with a folder on disk for each preopen.
 * @template T
 * @param {Case} given @param {(folders: string[]) => Promise<T>} use @returns {Promise<T>}
 */
async function withFolders(given, use) {
  const base = await mkdtemp(join(tmpdir(), "slipway-wasmtime-"));
  try {
    const folders = [];
    for (const { path, tree } of given.preopens) {
      const folder = join(base, path);
      await mkdir(folder);
      await plant(folder, tree);
      folders.push(folder);
    }
    return await use(folders);
  } finally {
    await rm(base, { recursive: true, force: true });
  }
}

/** @param {string} component @param {Case} given @returns {Promise<Seen>} */
function inWasmtime(component, { preopens, ...task }) {
  return withFolders({ preopens, ...task }, (folders) => {
    /** @type {Array<[string, string, boolean]>} */
    const dirs = preopens.map(({ path, writable }, i) => [
      folders[i],
      path,
      writable,
    ]);
    return judge.run({ component, ...task, dirs });
  });
}

/** @param {(imports: any) => Promise<any>} make @param {Case} given @param {any[]} volumes @returns {Promise<Seen>} */
async function here(make, { preopens, args, env, stdin }, volumes) {
  const [stdout, stderr] = [
    /** @type {Uint8Array[]} */ ([]),
    /** @type {Uint8Array[]} */ ([]),
  ];
  const fs = Object.fromEntries(
    preopens.map(({ path }, i) => [path, volumes[i]]),
  );
  const host = wasi({
    args,
    env,
    stdin,
    stdout: (bytes) => void stdout.push(bytes.slice()),
    stderr: (bytes) => void stderr.push(bytes.slice()),
    fs,
  });
  const exports = await make(host.imports);
  const name = Object.keys(exports).find((key) => /^wasi:cli\/run@/.test(key));
  assert.ok(name, `it exports ${Object.keys(exports)}`);
  const status = await statusOf(() => exports[name].run());
  const text = (/** @type {Uint8Array[]} */ chunks) =>
    Buffer.concat(chunks).toString();
  return { stdout: text(stdout), stderr: text(stderr), status };
}

/** @param {() => any} run @returns {Promise<number | "trap">} */
async function statusOf(run) {
  try {
    await run();
    return 0;
  } catch (error) {
    if (error instanceof ComponentExit) return error.exitCode;
    const { name, stack } = /** @type {Error} */ (error);
    if (name === "ComponentError") return 1;
    // Whatever it was, the instance is dead and says so.
    await assert.rejects(async () => run(), { name: "Trap" }, stack);
    return "trap";
  }
}

/**
 * @param {string} name @param {Seen} theirs @param {Seen} ours
 * @param {Set<Allowed>} used gets what was needed of the list
 */
function assertSame(name, theirs, ours, used) {
  const [wanted, got] = [theirs.stdout.split("\n"), ours.stdout.split("\n")];
  const known = allowed.filter(({ cases }) => cases.test(name));
  const differences = wanted.flatMap((line, i) => {
    if (line === got[i]) return [];
    const entry = known.find(
      (entry) => line.replace(entry.theirs, entry.ours) === got[i],
    );
    if (entry) used.add(entry);
    return entry ? [] : [`${line}\n  here: ${got[i]}`];
  });
  assert.equal(differences.slice(0, 50).join("\n"), "");
  assert.equal(got.length, wanted.length, "lines");
  assert.equal(ours.stderr, theirs.stderr);
  assert.equal(ours.status, theirs.status);
}

/** @type {Record<string, (given: Case, run: (volumes: any[]) => Promise<Seen>) => Promise<Seen>>} */
const backends = {
  memory: (given, run) =>
    run(
      given.preopens.map(({ tree, writable }) => {
        const volume = memory(literal(tree));
        return writable ? volume : readonly(volume);
      }),
    ),
  "folders of the host": (given, run) =>
    withFolders(given, (folders) =>
      run(
        given.preopens.map(({ writable }, i) =>
          directory(folders[i], { readonly: !writable }),
        ),
      ),
    ),
};

/** @type {Set<Allowed>} */
const used = new Set();

// All that takes time first: the runner closes what is open when it finds nothing to run.
const guests = [];
for (const guest of ["rust-conformance", "rust-std-conformance"]) {
  const component = await buildGuest(guest);
  const { stdout } = await judge.run({ component, args: ["conformance"] });
  guests.push({ guest, component, names: stdout.trim().split("\n") });
}

for (const { guest, component, names } of guests) {
  describe(guest, () => {
    /** @type {(imports: any) => Promise<any>} */
    let make;
    before(async () => {
      const built = await transpiled(guest, { instantiation: "async" });
      const { instantiate } = await load(built);
      /** @type {Map<string, WebAssembly.Module>} */
      const modules = new Map();
      make = async (imports) =>
        instantiate(async (/** @type {string} */ path) => {
          let module = modules.get(path);
          if (!module) {
            module = await WebAssembly.compile(
              await readFile(join(built.dir, path)),
            );
            modules.set(path, module);
          }
          return module;
        }, imports);
    });

    it("has cases", () => assert.ok(names.length > 20, names.join(" ")));

    for (const name of names)
      it(name, async () => {
        const given = conformanceCase(name);
        const theirs = await inWasmtime(component, given);
        assert.equal(theirs.status === "trap", name.startsWith("trap-"));
        for (const [backend, volumes] of Object.entries(backends)) {
          const ours = await volumes(given, (all) => here(make, given, all));
          try {
            assertSame(name, theirs, ours, used);
          } catch (error) {
            /** @type {Error} */ (error).message += `\n(on ${backend})`;
            throw error;
          }
        }
      });
  });
}

describe("the list of differences", () => {
  for (const entry of allowed)
    it(`${entry.theirs}: ${entry.why}`, () =>
      assert.ok(used.has(entry), "no run needs it any more"));
});
