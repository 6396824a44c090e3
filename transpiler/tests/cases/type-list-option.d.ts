// type-list-option.d.ts
export interface ImportObject {
  'test:types/host@1.0.0': typeof import('./interfaces/test-types-host.js');
}

export interface Root {
  plain: (x: Array<number | undefined>) => Array<number | undefined>;
  nested: (x: Array<{ tag: 'some'; val: string | undefined } | { tag: 'none' }>) => Array<{ tag: 'some'; val: string | undefined } | { tag: 'none' }>;
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
// interfaces/test-types-host.d.ts
/** @module Interface test:types/host@1.0.0 */
export function plain(x: Array<number | undefined>): Array<number | undefined>;
export function nested(x: Array<{ tag: 'some'; val: string | undefined } | { tag: 'none' }>): Array<{ tag: 'some'; val: string | undefined } | { tag: 'none' }>;
