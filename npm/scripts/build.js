/**
 * `npm run build`: everything the published packages carry that is not written by hand. `-- --dev` builds the Wasm quickly
 * and large; names (`-- transpiler`) build only those. Owns the list of what is built.
 * @module
 */
import { buildRuntime, buildTypes } from "./build/types.js";
import { buildWasm } from "./build/wasm.js";

const TRANSPILER_TYPES = `/** Makes one instance of the transpiler's Wasm. */
export function init(
  moduleOrBytes: WebAssembly.Module | BufferSource,
): Promise<import("../src/types.js").TranspilerInstance>;
`;

const TOOLS_TYPES = `/** Makes one instance of the tools' Wasm. */
export function init(
  moduleOrBytes: WebAssembly.Module | BufferSource,
): Promise<{ Tools: Record<string, (...args: any[]) => any> }>;
`;

/** @type {Record<string, () => void>} */
const artefacts = {
  transpiler: () =>
    buildWasm({
      crate: "slipway-transpiler",
      name: "transpiler",
      sources: ["src", "runtime", "build.rs", "Cargo.toml"].map(
        (name) => `transpiler/${name}`,
      ),
      out: "npm/dist",
      types: TRANSPILER_TYPES,
      // What a page that runs components does not need, most of the time (`needs_secondary` in `emit`).
      secondary: [
        "slipway_transpiler::emit::adapter::adapter_module",
        "slipway_transpiler::emit::dts::declarations",
        "<slipway_transpiler::plan::Plan as core::fmt::Display>::fmt",
      ],
      dev,
    }),
  tools: () =>
    buildWasm({
      crate: "slipway-tools",
      name: "tools",
      sources: [
        "tools/src",
        "tools/build.rs",
        "tools/Cargo.toml",
        "src/emit/names.rs",
      ].map((name) => `transpiler/${name}`),
      out: "npm/dist",
      types: TOOLS_TYPES,
      compress: true,
      dev,
    }),
  runtime: buildRuntime,
  types: buildTypes,
};

const dev = process.argv.includes("--dev");
const names = process.argv.slice(2).filter((word) => !word.startsWith("-"));

for (const name of names.length ? names : Object.keys(artefacts)) {
  try {
    if (!Object.hasOwn(artefacts, name))
      throw new Error(
        `there is no ${name}; there are ${Object.keys(artefacts).join(", ")}`,
      );
    artefacts[name]();
  } catch (error) {
    // What does not stand on it can still be built.
    process.stderr.write(`build: ${/** @type {Error} */ (error).message}\n`);
    process.exitCode = 1;
  }
}
