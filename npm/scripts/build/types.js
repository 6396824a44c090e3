/**
 * Builds what the packages carry for others' compilers: `slipway/runtime`, which output made with `--runtime import` imports,
 * and declarations of what is written in JavaScript. Knows tsc and folders, no API.
 * @module
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { run } from "../setup/shell.js";
import { root } from "../setup/steps.js";

const EXPORT = /^export (?:async )?(?:function\*?|class|const) (\w+)/gm;

/** The runtime's files, and an index that exports all of them. */
export function buildRuntime() {
  const from = join(root, "transpiler/runtime");
  const to = join(root, "npm/dist/runtime");
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  const files = readdirSync(from)
    .filter((name) => /\.(js|d\.ts)$/.test(name) && !name.includes(".test."))
    .sort();
  for (const name of files) cpSync(join(from, name), join(to, name));
  const modules = files.filter((name) => name.endsWith(".js"));
  writeFileSync(
    join(to, "index.js"),
    // By name: several files have a `typedef` of the same type, which `export *` would make ambiguous.
    modules
      .map((name) => {
        const text = readFileSync(join(from, name), "utf8");
        const names = [...text.matchAll(EXPORT)].map((match) => match[1]);
        return `export { ${names.join(", ")} } from "./${name}";\n`;
      })
      .join(""),
  );
  declare("npm/dist/runtime", ["index.js"], "npm/dist/runtime");
  process.stderr.write(`build: runtime ✓ ${modules.length} files\n`);
}

/** Declarations of the packages' JavaScript. */
export function buildTypes() {
  declare(
    "npm/src",
    [
      "node.js",
      "browser.js",
      "tools-node.js",
      "tools-browser.js",
      "service-worker.js",
      "vite.js",
    ],
    "npm/dist/types",
  );
  // tsc takes hand-written declarations as they are, and leaves them where they are.
  cpSync(
    join(root, "npm/src/types.d.ts"),
    join(root, "npm/dist/types/types.d.ts"),
  );
  if (existsSync(join(root, "shims/tsconfig.types.json")))
    run(process.execPath, [tsc(), "-p", "shims/tsconfig.types.json"], {
      cwd: root,
      quiet: true,
    });
  process.stderr.write("build: types ✓\n");
}

const tsc = () => join(root, "node_modules/typescript/bin/tsc");

/**
 * @param {string} folder
 * @param {string[]} entries
 * @param {string} out
 */
function declare(folder, entries, out) {
  const config = join(root, folder, "tsconfig.declare.json");
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        rootDir: ".",
        outDir: join(root, out),
      },
      files: [...entries, ...(folder === "npm/src" ? ["dist.d.ts"] : [])],
    }),
  );
  try {
    run(process.execPath, [tsc(), "-p", config], { cwd: root, quiet: true });
  } finally {
    rmSync(config);
  }
}
