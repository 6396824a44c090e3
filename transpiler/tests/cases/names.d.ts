// names.d.ts
export interface ImportObject {
  class: ((this_: number, arguments_: number) => void) | { default: (this_: number, arguments_: number) => void };
}

export interface Root {
  default: (new_: number, await_: number) => void;
  constructor: () => number;
  instantiate: () => number;
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
