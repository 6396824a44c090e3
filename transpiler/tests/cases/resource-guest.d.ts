// resource-guest.d.ts
export class File {
  constructor(size: number);
  size(): number;
  static largest(a: File, b: File): File;
  [Symbol.dispose](): void;
}
export interface ImportObject {
}

export interface Root {
  File: typeof File;
}

export function instantiate(
  getCoreModule: (path: string) => WebAssembly.Module | Promise<WebAssembly.Module>,
  imports: ImportObject,
  instantiateCore?: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance | Promise<WebAssembly.Instance>,
): Promise<Root>;
