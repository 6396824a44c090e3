// values.d.ts
export type Point = import('./interfaces/a-b-c.js').Point;
export interface ImportObject {
  name: string;
  n: Uint8Array | undefined;
  'a:b/c@1.0.0': typeof import('./interfaces/a-b-c.js');
  shout: ((text: string) => string) | { default: (text: string) => string };
  hello: string;
}

export interface Root {
  greeting: string;
  nAgain: Uint8Array | undefined;
  values: typeof import('./interfaces/geo-out-values.js');
  'geo:out/values@1.0.0': typeof import('./interfaces/geo-out-values.js');
  shouted: { tag: 'ok'; val: string } | { tag: 'err'; val: string };
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
// interfaces/a-b-c.d.ts
/** @module Interface a:b/c@1.0.0 */
export interface Point {
  x: number;
  theY: { tag: 'some'; val: number | undefined } | { tag: 'none' };
}
export const origin: Point;
export function f(a: string): number;
// interfaces/geo-out-values.d.ts
/** @module Interface geo:out/values@1.0.0 */
export const origin: import('./a-b-c.js').Point;
