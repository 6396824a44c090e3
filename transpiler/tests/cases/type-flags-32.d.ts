// type-flags-32.d.ts
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
export interface Bits {
  b0?: boolean | undefined;
  b1?: boolean | undefined;
  b2?: boolean | undefined;
  b3?: boolean | undefined;
  b4?: boolean | undefined;
  b5?: boolean | undefined;
  b6?: boolean | undefined;
  b7?: boolean | undefined;
  b8?: boolean | undefined;
  b9?: boolean | undefined;
  b10?: boolean | undefined;
  b11?: boolean | undefined;
  b12?: boolean | undefined;
  b13?: boolean | undefined;
  b14?: boolean | undefined;
  b15?: boolean | undefined;
  b16?: boolean | undefined;
  b17?: boolean | undefined;
  b18?: boolean | undefined;
  b19?: boolean | undefined;
  b20?: boolean | undefined;
  b21?: boolean | undefined;
  b22?: boolean | undefined;
  b23?: boolean | undefined;
  b24?: boolean | undefined;
  b25?: boolean | undefined;
  b26?: boolean | undefined;
  b27?: boolean | undefined;
  b28?: boolean | undefined;
  b29?: boolean | undefined;
  b30?: boolean | undefined;
  b31?: boolean | undefined;
}
// interfaces/test-types-host.d.ts
/** @module Interface test:types/host@1.0.0 */
export type Bits = import('./test-types-types.js').Bits;
export function take(x: Bits): void;
export function give(): Bits;
// interfaces/test-types-api.d.ts
/** @module Interface test:types/api@1.0.0 */
export type Bits = import('./test-types-types.js').Bits;
export function take(x: Bits): void;
export function give(): Bits;
