// link-imported-component.d.ts
export interface ImportObject {
  log: ((n: number) => void) | { default: (n: number) => void };
  plugin: { instantiate(imports: Record<string, any>): any };
}

export interface Root {
  dropped: () => number;
  things: typeof import('./interfaces/things.js');
  run: (n: number) => number;
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
// interfaces/things.d.ts
/** @module Interface things */
export class Thing {
  constructor(n: number);
  get(): number;
  [Symbol.dispose]?(): void;
}
