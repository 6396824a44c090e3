/**
 * The README of the shims: its examples are right by the package's types, and every option stands in one.
 * @module
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const readme = readFileSync(at("shims/README.md"), "utf8");
const examples = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(
  ([, code]) => code,
);

/** What examples take from the package, and from the world. */
const IMPORTS = {
  "@slipway/wasi": "files, layered, memory, readonly, symlink, wasi",
  "@slipway/wasi/archive": "install, toZip, untar, unzip",
  "@slipway/wasi/directory-handle": "directoryHandle, droppedMount",
  "@slipway/wasi/opfs": "opfs",
  "@slipway/wasi/terminal": "terminal",
  "@slipway/wasi/worker": "runWorker",
};
const WORLD = `
declare const bytes: Uint8Array, chunks: Uint8Array[], file: Blob, handle: FileSystemDirectoryHandle;
declare const project: import("@slipway/wasi/fs/volume").Volume, tree: import("@slipway/wasi/fs/memory").Tree;
declare const xterm: import("@slipway/wasi/terminal").TerminalLike & { write(bytes: Uint8Array): void };
declare const component: { instantiate(imports: object): Promise<object> }, url: URL;
declare const event: { dataTransfer: DataTransfer };
declare function upload(chunk: Uint8Array): Promise<void>;
declare let ticks: bigint;
`;

test("the examples are of the right types", (t) => {
  assert.ok(examples.length >= 3);
  const dir = mkdtempSync(join(tmpdir(), "slipway-readme-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const imports = (/** @type {string} */ code) =>
    Object.entries(IMPORTS)
      .map(([from, names]) => {
        const wanted = names.split(", ").filter(
          // What an example imports itself is not for us to import.
          (name) => !new RegExp(`import .*\\b${name}\\b`).test(code),
        );
        return `import { ${wanted.join(", ")} } from "${from}";\n`;
      })
      .join("");
  examples.forEach((code, i) =>
    writeFileSync(
      join(dir, `example${i}.mts`),
      `${imports(code)}${WORLD}export {};\n${code}`,
    ),
  );
  writeFileSync(
    join(dir, "tsconfig.json"),
    JSON.stringify({
      extends: at("tsconfig.json"),
      compilerOptions: {
        typeRoots: [at("node_modules/@types")],
        noImplicitAny: false,
        paths: {
          "@slipway/wasi": [at("shims/src/index.js")],
          "@slipway/wasi/directory-handle": [at("shims/src/fs/handle.js")],
          "@slipway/wasi/*": [at("shims/src/*.js")],
        },
      },
      include: ["*.mts"],
    }),
  );
  let said = "";
  try {
    execFileSync(process.execPath, [
      at("node_modules/typescript/bin/tsc"),
      ...["-p", dir, "--pretty", "false"],
    ]);
  } catch (error) {
    said = String(/** @type {any} */ (error).stdout);
  }
  assert.equal(said, "");
});

test("every option stands in the README", () => {
  const source = readFileSync(at("shims/src/host.js"), "utf8");
  const [, options] =
    /typedef \{object\} Options\n(.*?)\*\//s.exec(source) ?? [];
  const names = [...options.matchAll(/@property \{.*?\} \[(\w+)\]/gs)];
  assert.ok(names.length >= 12);
  for (const [, name] of names)
    assert.match(readme, new RegExp(`\\b${name}\\b(:|\`)`), name);
});
