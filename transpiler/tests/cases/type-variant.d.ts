// type-variant.d.ts
export interface ImportObject {
  'test:types/host@1.0.0': typeof import('./interfaces/test-types-host.js');
}

export interface Root {
  api: typeof import('./interfaces/test-types-api.js');
  'test:types/api@1.0.0': typeof import('./interfaces/test-types-api.js');
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
// interfaces/test-types-types.d.ts
/** @module Interface test:types/types@1.0.0 */
export type Shape =
  | { tag: 'none' }
  | { tag: 'circle'; val: number }
  | { tag: 'big'; val: bigint }
  | { tag: 'named'; val: string };
// interfaces/test-types-host.d.ts
/** @module Interface test:types/host@1.0.0 */
export type Shape = import('./test-types-types.js').Shape;
export function take(x: Shape): void;
export function give(): Shape;
// interfaces/test-types-api.d.ts
/** @module Interface test:types/api@1.0.0 */
export type Shape = import('./test-types-types.js').Shape;
export function take(x: Shape): void;
export function give(): Shape;
