/** What `npm run build` puts beside `src`, for the type checker before it is there. */
declare module "*/dist/tools.js" {
  /** Makes one instance of the tools' Wasm. */
  export function init(
    moduleOrBytes: WebAssembly.Module | BufferSource,
  ): Promise<{ Tools: Record<string, (...args: any[]) => any> }>;
}

declare module "*/dist/transpiler.js" {
  /** Makes one instance of the transpiler's Wasm. */
  export function init(
    moduleOrBytes: WebAssembly.Module | BufferSource,
  ): Promise<import("./types.js").TranspilerInstance>;
}
