/**
 * The shims against the WIT of WASI 0.2.12: every interface, function, resource and method is there under its JavaScript name,
 * nothing else is, and what each takes and gives is of the type that our own declarations of that WIT demand. HTTP and sockets
 * included: what is not granted has to be there too.
 * @module
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { tools } from "slipway/tools";
import { wasi } from "@slipway/wasi";
import { witDir } from "../guests/lib/toolchains.js";

/** What a host may be asked for: all of cli, and what only a proxy imports. */
const WORLD = `
package slipway:all;
world all {
  include wasi:cli/imports@0.2.12;
  include wasi:http/imports@0.2.12;
  import wasi:clocks/timezone@0.2.12;
}`;

/** `run` of cli and `handle` of http's incoming-handler. */
const EXPORTED = 2;

const FACES = ["io", "cli", "clocks", "random", "filesystem", "sockets"];
const shims = fileURLToPath(new URL("../../shims/src/", import.meta.url));

/** How many functions the WIT has, constructors aside, but for those that a component exports. */
let functions = 0;

/** @returns {Promise<Record<string, string>>} path to declarations */
async function declared() {
  const dir = await witDir("command");
  const deps = await readdir(join(dir, "deps"));
  const files = await Promise.all(
    deps.map(async (name) => {
      const bytes = await readFile(join(dir, "deps", name));
      return /** @type {[string, Uint8Array]} */ ([`wit/deps/${name}`, bytes]);
    }),
  );
  const wit = files.map(([, bytes]) => new TextDecoder().decode(bytes)).join();
  const found = wit.match(/^ *%?[\w-]+: *(static )?func\(/gm) ?? [];
  functions = found.length - EXPORTED;
  files.push(["wit/world.wit", new TextEncoder().encode(WORLD)]);
  return tools.types(
    { files, directory: "wit", allFeatures: true },
    { instantiation: "async" },
  );
}

/**
 * How many parameters there are before the bracket that ends them.
 * @param {string} text after the opening one
 */
function parameters(text) {
  let depth = 0;
  let commas = 0;
  for (const [at, char] of [...text].entries()) {
    if ("([{<".includes(char)) depth++;
    else if (char === ">" && text[at - 1] === "=") continue;
    else if (char === "," && depth === 0) commas++;
    else if (")]}>".includes(char) && --depth < 0)
      return at === 0 ? 0 : commas + 1;
  }
  throw new Error(`no end of parameters: ${text.slice(0, 80)}`);
}

/**
 * What a file of declarations exports: functions by the number of their parameters, classes by their methods. The declarations
 * are ours, and printed one a line.
 * @param {string} text
 */
function exportsOf(text) {
  /** @type {Map<string, number | Map<string, number>>} */
  const found = new Map();
  /** @type {Map<string, number> | undefined} */
  let methods;
  for (const line of text.replace(/\/\*\*.*?\*\//gs, "").split("\n")) {
    const f = /^export function (\w+)\((.*)/.exec(line);
    const c = /^export class (\w+)/.exec(line);
    const m = /^ {2}((?:static )?\w+)\((.*)/.exec(line);
    if (f) found.set(f[1], parameters(f[2]));
    if (c) found.set(c[1], (methods = new Map()));
    if (line === "}") methods = undefined;
    if (m && m[1] !== "constructor") methods?.set(m[1], parameters(m[2]));
  }
  return found;
}

describe("WIT of WASI 0.2.12", () => {
  /** @type {Record<string, string>} */
  let files;
  /** @type {string} */
  let dir;
  before(async () => {
    files = await declared();
    dir = await mkdtemp(join(tmpdir(), "slipway-wit-"));
  });
  after(() => rm(dir, { recursive: true }));

  /** @returns {Array<[name: string, file: string]>} the interfaces of the world */
  const interfaces = () =>
    Array.from(
      files["all.d.ts"].matchAll(
        /'(wasi:[^']+)': typeof import\('\.\/([^']+)\.js'\)/g,
      ),
      ([, name, path]) => [name, `${path}.d.ts`],
    );

  test("every function is there, and nothing else", () => {
    const { imports } = wasi({ stdout: null, stderr: null });
    const all = interfaces();
    assert.ok(all.length >= 29, `${all.length} interfaces`);
    let count = 0;
    for (const [name, file] of all) {
      const face = imports[name];
      assert.ok(face, `${name} is missing`);
      const wanted = exportsOf(files[file]);
      for (const [item, shape] of wanted) {
        const here = `${name} ${item}`;
        assert.equal(typeof face[item], "function", here);
        if (typeof shape === "number") {
          assert.ok(face[item].length <= shape, `${here} takes too much`);
          count++;
          continue;
        }
        for (const [method, parameters] of shape) {
          const [, isStatic, called] = /** @type {RegExpExecArray} */ (
            /^(static )?(.*)/.exec(method)
          );
          const on = isStatic ? face[item] : face[item].prototype;
          const f = on[called];
          assert.equal(typeof f, "function", `${here}.${method}`);
          assert.ok(f.length <= parameters, `${here}.${method} takes too much`);
          count++;
        }
      }
      for (const item of Object.keys(face))
        assert.ok(wanted.has(item), `${name} has no ${item}`);
    }
    assert.equal(count, functions, "functions in the WIT itself");
    const known = new Set(all.map(([name]) => name));
    const extra = Object.keys(imports).filter((name) => !known.has(name));
    assert.deepEqual(extra, []);
  });

  test("what they take and give is of the right type", async () => {
    for (const [path, text] of Object.entries(files)) {
      const at = join(dir, path.replaceAll("/", "-"));
      await writeFile(at, text.replaceAll("./interfaces/", "./interfaces-"));
      if (path.startsWith("interfaces/"))
        await writeFile(at, text.replaceAll("'./", "'./interfaces-"));
    }
    await writeFile(
      join(dir, "use.ts"),
      `import type { ImportObject } from "./all.js";
       ${FACES.map((face) => `import { ${face} } from ${JSON.stringify(join(shims, `${face}.js`))};`).join("\n")}
       // A class is what its instances are: how one is made is the host's affair.
       type Shape<T> = T extends { prototype: infer P } ? P : T;
       type Shapes<T> = { [K in keyof T]: Shape<T[K]> };
       type Faces = ${FACES.map((face) => `ReturnType<typeof ${face}>`).join(" & ")};
       type Ours = keyof Faces & keyof ImportObject;
       declare const faces: { [K in Ours]: Shapes<Faces[K]> };
       export const wanted: { [K in Ours]: Shapes<ImportObject[K]> } = faces;
       // None of it is "any", or looked past.
       type IsAny<T> = 0 extends 1 & T ? true : false;
       export const known: [IsAny<Faces[Ours]>, string extends Ours ? true : false] = [false, false];
       export const every: Exclude<keyof ImportObject, \`wasi:http/\${string}\`> = {} as Ours;
       export const back: Ours = {} as Exclude<keyof ImportObject, \`wasi:http/\${string}\`>;`,
    );
    await writeFile(
      join(dir, "tsconfig.json"),
      JSON.stringify({
        extends: fileURLToPath(new URL("../../tsconfig.json", import.meta.url)),
        compilerOptions: {
          types: ["node"],
          typeRoots: [
            fileURLToPath(
              new URL("../../node_modules/@types", import.meta.url),
            ),
          ],
          // A host's method knows more of its arguments than that they are of a resource.
          strictFunctionTypes: false,
        },
        files: ["use.ts"],
      }),
    );
    const tsc = fileURLToPath(
      new URL("../../node_modules/typescript/bin/tsc", import.meta.url),
    );
    let said = "";
    try {
      execFileSync(process.execPath, [tsc, "-p", dir, "--pretty", "false"], {
        encoding: "utf8",
      });
    } catch (error) {
      said = /** @type {any} */ (error).stdout;
    }
    assert.equal(said, "");
  });
});
