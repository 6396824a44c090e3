// link-shim-destructor.d.ts
export class Thing {
  private constructor();
  [Symbol.dispose](): void;
}
export interface ImportObject {
}

export interface Root {
  Thing: typeof Thing;
  make: (rep: number) => Thing;
  dropped: () => number;
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
