// link-shim-kept.d.ts
export interface ImportObject {
  log: ((line: string) => void) | { default: (line: string) => void };
}

export interface Root {
  run: () => void;
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
