// link-versions.d.ts
export interface ImportObject {
  'test:a/b@0.2.1': typeof import('./interfaces/test-a-b.js');
  'test:a/b@0.3.0': typeof import('./interfaces/test-a-b1.js');
}

export interface Root {
  sum: () => number;
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
// interfaces/test-a-b.d.ts
/** @module Interface test:a/b@0.2.1 */
export function f(): number;
// interfaces/test-a-b1.d.ts
/** @module Interface test:a/b@0.3.0 */
export function f(): number;
