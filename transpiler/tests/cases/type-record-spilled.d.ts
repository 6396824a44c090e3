// type-record-spilled.d.ts
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
export interface Wide {
  f0: number;
  f1: number;
  f2: number;
  f3: number;
  f4: number;
  f5: number;
  f6: number;
  f7: number;
  f8: number;
  f9: number;
  f10: number;
  f11: number;
  f12: number;
  f13: number;
  f14: number;
  f15: number;
  f16: number;
}
// interfaces/test-types-host.d.ts
/** @module Interface test:types/host@1.0.0 */
export type Wide = import('./test-types-types.js').Wide;
export function take(x: Wide): void;
export function give(): Wide;
// interfaces/test-types-api.d.ts
/** @module Interface test:types/api@1.0.0 */
export type Wide = import('./test-types-types.js').Wide;
export function take(x: Wide): void;
export function give(): Wide;
