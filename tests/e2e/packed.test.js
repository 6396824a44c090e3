/**
 * The first steps of a new user: the packages from their tarballs in an empty folder, and there what README.md says, word
 * for word.
 * @module
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildGuest } from "../guests/build.js";
import { install } from "./lib/packed.js";

/** @import { Installed } from './lib/packed.js' */

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The contents of README.md's blocks of one language, in order. @param {string} language */
async function blocks(language) {
  const text = await readFile(join(root, "README.md"), "utf8");
  const found = text.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...found]
    .filter(([, is]) => is === language)
    .map(([, , code]) => code);
}

describe("the packages, in an empty folder", () => {
  /** @type {Installed} */
  let user;
  /** @type {string} */
  let greet;
  before(async () => {
    user = await install();
    greet = await buildGuest("wat-greet");
  });

  /** A line of a shell in the user's folder; what it printed. @param {string} line */
  async function shell(line) {
    const env = { ...process.env, GREET: greet, npm_config_offline: "true" };
    const { stdout } = await run("sh", ["-c", line], { cwd: user.dir, env });
    return stdout;
  }

  it("are two, and run nothing when they are installed", async () => {
    assert.deepEqual(user.packages, ["@slipway/wasi", "slipway"]);
    for (const name of user.packages) {
      const path = join(user.dir, "node_modules", name, "package.json");
      const { scripts = {} } = JSON.parse(await readFile(path, "utf8"));
      for (const hook of ["preinstall", "install", "postinstall"])
        assert.equal(scripts[hook], undefined, `${name}: ${hook}`);
    }
  });

  it("README's first example, but for what builds the packages", async () => {
    const block = (await blocks("sh")).find((code) => code.includes("$GREET"));
    assert.ok(block, "an example with $GREET");
    const lines = block
      .split("\n")
      .filter((line) => /^(npx slipway|node) /.test(line));
    assert.equal(lines.length, 3);
    const [run, transpile, call] = lines;
    assert.equal(await shell(run), '"Hello, Ada!"\n');
    await shell(transpile);
    assert.equal(await shell(call), "Hello, Ada!\n");
  });

  it("README's example in JavaScript", async () => {
    const block = (await blocks("js")).find((code) =>
      code.includes("component.instantiate"),
    );
    assert.ok(block, "an example with component.instantiate");
    // What the example leaves to its reader: the bytes, and where the component is.
    const code = `import { readFileSync } from "node:fs";
const bytes = readFileSync(process.env.GREET);
const fetch = async () => new Response(bytes, { headers: { "content-type": "application/wasm" } });
${block}
console.log(greet("Ada"), Object.keys(files).length > 1);
`;
    await writeFile(join(user.dir, "example.mjs"), code);
    assert.equal(await shell("node example.mjs"), "Hello, Ada! true\n");
  });

  it("their types, strictly", async () => {
    const code = `import { transpile, type Options } from "slipway";
import { memory, wasi } from "@slipway/wasi";
const options: Options = { name: "greet" };
const { files } = await transpile(new Uint8Array(), options);
export const text: string | Uint8Array = files["greet.js"];
export const imports: Record<string, unknown> = wasi({ fs: { "/": memory({}) } }).imports;
`;
    await writeFile(join(user.dir, "use.mts"), code);
    const tsc = join(root, "node_modules/.bin/tsc");
    const flags = "--strict --noEmit --target es2022 --module nodenext";
    await shell(
      `"${tsc}" ${flags} --lib es2024,esnext.disposable,dom --types "" use.mts`,
    );
  });
});
