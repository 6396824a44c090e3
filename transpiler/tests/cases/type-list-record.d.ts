// type-list-record.d.ts
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
export interface Point {
  x: number;
  y: number;
  label: string;
}
// interfaces/test-types-host.d.ts
/** @module Interface test:types/host@1.0.0 */
export type Point = import('./test-types-types.js').Point;
export function take(x: Array<Point>): void;
export function give(): Array<Point>;
// interfaces/test-types-api.d.ts
/** @module Interface test:types/api@1.0.0 */
export type Point = import('./test-types-types.js').Point;
export function take(x: Array<Point>): void;
export function give(): Array<Point>;
