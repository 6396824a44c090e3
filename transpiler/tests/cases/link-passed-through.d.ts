// link-passed-through.d.ts
export interface ImportObject {
  host: ((name: string) => string) | { default: (name: string) => string };
  'test:a/b@1.0.0': typeof import('./interfaces/test-a-b.js');
}

export interface Root {
  guest: (name: string) => string;
  b: typeof import('./interfaces/test-a-b1.js');
  'test:a/b@1.0.0': typeof import('./interfaces/test-a-b1.js');
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
// interfaces/test-a-b.d.ts
/** @module Interface test:a/b@1.0.0 */
export function f(): number;
// interfaces/test-a-b1.d.ts
/** @module Interface test:a/b@1.0.0 */
export function f(): number;
