// resource-twice.d.ts
export interface ImportObject {
}

export interface Root {
  a: typeof import('./interfaces/test-twice-a.js');
  'test:twice/a@1.0.0': typeof import('./interfaces/test-twice-a.js');
  b: typeof import('./interfaces/test-twice-b.js');
  'test:twice/b@1.0.0': typeof import('./interfaces/test-twice-b.js');
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
// interfaces/test-twice-a.d.ts
/** @module Interface test:twice/a@1.0.0 */
export class R {
  private constructor();
  [Symbol.dispose](): void;
}
export function make(): R;
// interfaces/test-twice-b.d.ts
/** @module Interface test:twice/b@1.0.0 */
export class R {
  private constructor();
  [Symbol.dispose](): void;
}
export function make(): R;
