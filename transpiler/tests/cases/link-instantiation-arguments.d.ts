// link-instantiation-arguments.d.ts
export interface ImportObject {
  log: ((n: number) => void) | { default: (n: number) => void };
}

export interface Root {
  run: () => void;
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
