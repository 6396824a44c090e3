// blocking.d.ts
export interface ImportObject {
  'wasi:io/poll@0.2.3': typeof import('./interfaces/wasi-io-poll.js');
}

export interface Root {
  wait: () => void | Promise<void>;
  plain: () => number;
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
// interfaces/wasi-io-poll.d.ts
/** @module Interface wasi:io/poll@0.2.3 */
export class Pollable {
  block(): void | Promise<void>;
  [Symbol.dispose]?(): void;
}
