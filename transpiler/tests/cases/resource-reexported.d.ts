// resource-reexported.d.ts
export type MyStream = import('./interfaces/test-io-streams.js').Stream;
export interface ImportObject {
  'test:io/streams@1.0.0': typeof import('./interfaces/test-io-streams.js');
}

export interface Root {
  MyStream: typeof import('./interfaces/test-io-streams.js').Stream;
  open: () => import('./interfaces/test-io-streams.js').Stream;
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
// interfaces/test-io-streams.d.ts
/** @module Interface test:io/streams@1.0.0 */
export class Stream {
  [Symbol.dispose]?(): void;
}
export function open(): Stream;
