/**
 * The transpiler's two Wasm modules: the primary one does by itself what it says it can, with the same result, and what takes
 * the secondary one is what is known to. Each transpilation has an instance of its own, in which nobody put anything before.
 * @module
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { init } from "../dist/transpiler.js";
import { createSlipway } from "../src/slipway.js";
import { tools } from "../src/tools-node.js";

const CASES = new URL("../../transpiler/tests/cases/", import.meta.url);
const cases = readdirSync(CASES).filter((name) => name.endsWith(".wat"));

/** @param {string} name */
const bytesOf = (name) =>
  readFileSync(new URL(`../dist/${name}`, import.meta.url));
/** @param {string} name */
const load = (name) => new WebAssembly.Module(bytesOf(name));
const primary = load("transpiler.wasm");
const secondary = load("transpiler.secondary.wasm");

/**
 * @param {Uint8Array} bytes
 * @param {import('../src/types.js').Options} options
 */
async function transpiled(bytes, options, module = secondary) {
  let isWhole = false;
  const { transpile } = createSlipway({
    loadTranspiler: async () => async () => {
      const instance = await init(primary);
      return {
        ...instance,
        addSecondary(module) {
          isWhole = true;
          return instance.addSecondary(module);
        },
      };
    },
    loadSecondary: async () => module,
    open: () => assert.fail("nothing is opened"),
    importText: () => assert.fail("nothing is imported"),
  });
  const { files, plan } = await transpile(bytes, {
    features: ["error-context", "fixed-length-lists", "values"],
    ...options,
  });
  return { files, plan, isWhole };
}

/** @param {Uint8Array} wat */
const parsed = (wat) => tools.parse(["case.wat", wat]);

/** @param {string} path */
const isDeclaration = (path) => path.endsWith(".d.ts");

describe("the secondary module", () => {
  let composed = 0;
  for (const name of cases)
    test(`${name} without it`, async (t) => {
      const bytes = await parsed(readFileSync(new URL(name, CASES)));
      const whole = await transpiled(bytes, {}).catch((error) => error);
      const alone = { typescript: false };
      if (whole instanceof Error) {
        assert.equal(whole.name, "TranspileError");
        assert.equal(/** @type {any} */ (whole).code === "internal", false);
        await assert.rejects(transpiled(bytes, alone), {
          message: whole.message,
        });
        return;
      }
      assert.ok(whole.isWhole);
      const paths = Object.keys(whole.files);
      assert.ok(paths.some(isDeclaration));

      const { files, isWhole } = await transpiled(bytes, alone);
      for (const path of paths.filter((path) => !isDeclaration(path)))
        assert.deepEqual(files[path], whole.files[path], path);
      assert.equal(Object.keys(files).some(isDeclaration), false);
      if (isWhole) composed++;

      // Without adapters in Wasm there is nothing left that takes it.
      const js = await transpiled(bytes, { ...alone, adapters: "js" });
      assert.equal(js.isWhole, false);
      t.diagnostic(isWhole ? "needs it for adapters" : "does without");
    });

  test("is needed for adapters in Wasm, and not by most", () => {
    assert.ok(composed > 0 && composed < cases.length / 2, `${composed}`);
  });

  test("is needed for the plan's text", async () => {
    const bytes = await parsed(Buffer.from("(component)"));
    const { plan, isWhole } = await transpiled(bytes, {
      typescript: false,
      plan: true,
    });
    assert.ok(isWhole);
    assert.equal(typeof plan, "string");
  });

  test("of another build is refused", async () => {
    const other = bytesOf("transpiler.secondary.wasm");
    const digit = other.indexOf("table ") + "table ".length;
    other[digit] = other[digit] === 0x30 ? 0x31 : 0x30;
    const bytes = await parsed(new TextEncoder().encode("(component)"));
    const mixed = transpiled(bytes, {}, new WebAssembly.Module(other));
    await assert.rejects(mixed, /are of different versions; a cache may/);
  });
});
