// type-char.d.ts
export interface ImportObject {
  'test:types/host@1.0.0': typeof import('./interfaces/test-types-host.js');
}

export interface Root {
  take: (x: string) => void;
  give: () => string;
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
// interfaces/test-types-host.d.ts
/** @module Interface test:types/host@1.0.0 */
export function take(x: string): void;
export function give(): string;
