/**
 * From a guest to something that runs: builds the guest, transpiles it with the package as users have it, writes the
 * output to a folder, type-checks it, imports it. Knows no guest and asserts nothing about what one does.
 *
 * E2E_TRANSPILER names a module with another `transpile`, to check these tests against another implementation.
 * @module
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildGuest } from "../../guests/build.js";

/** @typedef {import('slipway').Options} Options */

/** tests/e2e */
export const here = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(here));

/** @type {{ transpile: typeof import('slipway').transpile }} */
export const { transpile } = await import(
  process.env.E2E_TRANSPILER ?? "slipway"
);

/** Inside the repository, where `@slipway/wasi` is found; gone with the process. */
await mkdir(join(here, "dist"), { recursive: true });
const workshop = await mkdtemp(join(here, "dist", "t-"));
// Not in a hook of the test runner's: what is made in a `before` would go when that ends.
if (!process.env.E2E_KEEP)
  process.once("exit", () =>
    rmSync(workshop, { recursive: true, force: true }),
  );

/** A fresh folder. */
export function scratch() {
  return mkdtemp(join(workshop, "o-"));
}

/**
 * @typedef {object} Built a transpiled guest on disk
 * @property {string} dir
 * @property {string} name
 * @property {Record<string, string | Uint8Array>} files
 * @property {Array<[string, string]>} imports
 * @property {Array<[string, string]>} exports
 */

/**
 * Transpiles a guest into a fresh folder.
 * @param {string} guest @param {Options} [options] @returns {Promise<Built>}
 */
export async function transpiled(guest, options = {}) {
  const bytes = await readFile(await buildGuest(guest));
  const name = options.name ?? guest;
  const output = await transpile(bytes, { ...options, name });
  const dir = await scratch();
  for (const [path, contents] of Object.entries(output.files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), contents);
  }
  return {
    dir,
    name,
    files: output.files,
    imports: output.imports,
    exports: output.exports,
  };
}

/** @param {Built} built @returns {Promise<any>} the module's namespace */
export function load({ dir, name }) {
  return import(pathToFileURL(join(dir, `${name}.js`)).href);
}

/**
 * Instantiates the output of `instantiation: "async"`.
 * @param {Built} built @param {Record<string, any>} imports @returns {Promise<any>}
 */
export async function instantiate(built, imports) {
  const module = await load(built);
  return module.instantiate(
    async (/** @type {string} */ path) =>
      WebAssembly.compile(await readFile(join(built.dir, path))),
    imports,
  );
}

/** What a name that is nowhere, or twice, or a call with other arguments than declared, is for tsc; and what is no JavaScript. */
const MISTAKES = /error TS(1\d{3}|2300|2304|2451|2552|2554|2555):/;

/**
 * What tsc says of the output: `--strict` of the declarations and of `use`, TypeScript that uses them (from "./NAME.js");
 * and of the JavaScript itself, whose types are not printed, the mistakes that need none to be seen.
 * @param {Built} built @param {string} [use] @returns {Promise<string>} empty when all is well
 */
export async function typeErrors(
  { dir, name, files },
  use = `export * from "./${name}.js";\n`,
) {
  await writeFile(join(dir, "use.ts"), use);
  await writeFile(join(dir, "package.json"), '{ "type": "module" }\n');
  const declarations = Object.keys(files).filter((path) =>
    path.endsWith(".d.ts"),
  );
  const scripts = Object.keys(files).filter((path) => path.endsWith(".js"));
  const strict = await tsc(dir, [...declarations, "use.ts"], {
    strict: true,
    types: [],
  });
  const loose = await tsc(dir, scripts, {
    strict: false,
    allowJs: true,
    checkJs: true,
    types: ["node"],
  });
  return (
    strict +
    loose
      .split("\n")
      .filter((line) => MISTAKES.test(line))
      .join("\n")
  );
}

/** @param {string} dir @param {string[]} files @param {object} compilerOptions @returns {Promise<string>} */
async function tsc(dir, files, compilerOptions) {
  const common = {
    noEmit: true,
    target: "es2022",
    module: "nodenext",
    moduleResolution: "nodenext",
    lib: ["es2023", "esnext.disposable", "dom", "dom.iterable"],
  };
  const config = join(dir, "tsconfig.json");
  await writeFile(
    config,
    JSON.stringify(
      { compilerOptions: { ...common, ...compilerOptions }, files },
      null,
      2,
    ),
  );
  const { status, stdout, stderr } = await spawned(
    join(root, "node_modules", ".bin", "tsc"),
    ["-p", config],
  );
  return status === 0 ? "" : `${stdout}${stderr}`;
}

/** @param {Built} built @param {string} [use] */
export async function assertTypes(built, use) {
  assert.equal(await typeErrors(built, use), "", "tsc --strict");
}

/**
 * @param {string} command @param {string[]} args
 * @param {{ input?: string | Uint8Array, env?: Record<string, string | undefined>, cwd?: string }} [options]
 * @returns {Promise<{ status: number | null, stdout: string, stderr: string }>}
 */
export function spawned(command, args, { input = "", env, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
    // A program that ends without reading its input is no failure of the test's.
    child.stdin.on("error", () => {});
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** The command line of this checkout, on the Node that runs the test. @param {string[]} args @param {Parameters<typeof spawned>[2]} [options] */
export function slipway(args, options) {
  return spawned(
    process.execPath,
    [join(root, "npm/src/cli/main.js"), ...args],
    options,
  );
}
