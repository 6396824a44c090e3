/** What `npm run build` puts beside `src`, for the type checker before it is there. */
declare module "*/dist/transpiler.js" {
  /** Makes one instance of the transpiler's Wasm. */
  export function init(
    moduleOrBytes: WebAssembly.Module | BufferSource,
  ): Promise<{ Transpiler: import("./types.js").TranspilerClass }>;
}
