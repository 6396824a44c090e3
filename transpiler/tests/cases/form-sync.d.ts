// form-sync.d.ts
export interface ImportObject {
}

export interface Root {
  greet: (name: string) => string;
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance,
): Root;
