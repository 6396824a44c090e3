// docs.d.ts
export interface ImportObject {
  'test:docs/host@1.0.0': typeof import('./interfaces/test-docs-host.js');
}

export interface Root {
  run: () => void;
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
// interfaces/test-docs-host.d.ts
/** @module Interface test:docs/host@1.0.0 */
/**
 * What the host gives.
 */
/**
 * How bad it is.
 */
export type Level = 'low' | 'high';
/**
 * One line.
 * And what it means * /.
 */
export interface Entry {
  /**
   * Its text.
   */
  text: string;
  level: Level;
}
/**
 * Where lines go.
 */
export class Log {
  /**
   * Writes a line.
   */
  write(entry: Entry): void;
  [Symbol.dispose]?(): void;
}
