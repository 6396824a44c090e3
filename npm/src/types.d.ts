/**
 * The shapes that cross boundaries: the transpiler's Wasm below, the package's users above. Hand-written, because what they
 * describe is not JavaScript of ours.
 */

/** What can be asked of the transpiler. Everything is optional. */
export interface Options {
  /** Base name of the output files. Default: `component`. */
  name?: string;
  /** Export `instantiate` instead of being a module that instantiates itself. Default: null. */
  instantiation?: "async" | "sync" | null;
  /** Write declarations. Default: true. */
  typescript?: boolean;
  /** ESM only: export `$init` instead of using top-level await. Default: false. */
  tlaCompat?: boolean;
  /** Core modules up to this many bytes stand in the JavaScript as base64. Default: 0. */
  base64Cutoff?: number;
  /** Leave out what only people read. Default: false. */
  minify?: boolean;
  /** Copy the runtime's pieces in use into the output, or import them from `slipway/runtime`. Default: inline. */
  runtime?: "inline" | "import";
  /** ESM only: import name to module specifier, `*` allowed in the first and used in the second. Earlier rules win. */
  map?: Array<[from: string, to: string]>;
  /** ESM only: bind unmapped `wasi:*` imports to `@slipway/wasi`. Default: true. */
  wasiShim?: boolean;
  /** ESM only: specifier of the module whose default export is passed to `wasi()`. */
  wasiOptions?: string | null;
  /** The form of adapters between components. Default: wasm. */
  adapters?: "wasm" | "js" | "both";
  /** Gated features to switch on. */
  features?: string[];
  /** Validate function bodies and data too; the engine does when it compiles. Default: false. */
  validate?: boolean;
  /** Numbers out of range throw a TypeError instead of wrapping. Default: false. */
  strict?: boolean;
  /** Return the plan's text form. Default: false. */
  plan?: boolean;
  /** Return the component's world as data. Default: false. */
  world?: boolean;
  /** Report every import call to a `trace` function. Default: false. */
  trace?: boolean;
  /** Further imports whose host functions may return a promise. */
  asyncImports?: string[];
}

/** The name and kind of an import or export of the component. */
export type NameAndKind = [name: string, kind: string];

/** What can be transpiled: bytes, or something that gives them. */
export type Source =
  | ArrayBufferView
  | ArrayBufferLike
  | Blob
  | Response
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | URL;

export interface Transpiled {
  /** Path to contents. A core module is a view of the input, not a copy. */
  files: Record<string, string | Uint8Array>;
  imports: NameAndKind[];
  exports: NameAndKind[];
  /** With `plan: true`. */
  plan?: string;
  /** With `world: true`. */
  world?: World;
}

/** A component's world as data: interned types, and what is imported and exported. Names are kebab-case, as written. */
export interface World {
  types: WorldType[];
  /** Resource types, by the name and interface that first name them. */
  resources: Array<{ name: string; interface: string | null }>;
  imports: WorldExtern[];
  exports: WorldExtern[];
}

/** A type; numbers are indices of `World.types` (`own` and `borrow`: of `World.resources`). */
export type WorldType =
  | "bool"
  | "s8"
  | "u8"
  | "s16"
  | "u16"
  | "s32"
  | "u32"
  | "s64"
  | "u64"
  | "f32"
  | "f64"
  | "char"
  | "string"
  | "error-context"
  | { list: number; length?: number }
  | { map: [key: number, value: number] }
  | { record: Array<[name: string, type: number]> }
  | { tuple: number[] }
  | { variant: Array<[name: string, type: number | null]> }
  | { enum: string[] }
  | { flags: string[] }
  | { option: number }
  | { result: [ok: number | null, err: number | null] }
  | { own: number }
  | { borrow: number }
  | { stream: number | null }
  | { future: number | null };

export type WorldExtern = { name: string } & (
  | {
      kind: "func";
      params: Array<[name: string, type: number]>;
      result: number | null;
      async: boolean;
    }
  | { kind: "instance"; items: WorldExtern[] }
  | { kind: "type"; type: number }
  | { kind: "resource"; resource: number }
  | { kind: "value"; type: number }
  | { kind: "module" | "component" | "other" }
);

/** A file as the transpiler answers it: `text`, `parts` of a text with ranges of the input and bytes as base64, `bytes`, or a `range`. */
export interface OutputFile {
  path: string;
  text?: string;
  parts?: (string | [start: number, end: number] | Uint8Array)[];
  bytes?: Uint8Array;
  range?: [start: number, end: number];
}

export interface Output {
  files: OutputFile[];
  imports: NameAndKind[];
  exports: NameAndKind[];
  /** Ranges of the core modules in use, in the order of their bytes. */
  modules: [start: number, end: number][];
  plan?: string;
  /** JSON of a {@link World}. */
  world?: string;
}

/** The transpiler in Wasm: a push machine that is never shown function bodies or data. */
export interface TranspilerMachine {
  /** Bytes of input to leave unread before the next `feed`. */
  skip(): number;
  /** Core modules that have been seen as a whole, as ranges of the input. */
  modules(): [start: number, end: number][];
  /** Bytes it wants next; 0 at the end. */
  want(): number;
  /** Exactly `want()` bytes; fewer only at the end of the input. */
  feed(bytes: Uint8Array): void;
  /** Ends the input, of so many bytes. Answers whether `finish` needs the secondary module. */
  link(total: number): boolean;
  finish(): Output;
  free(): void;
}

export type TranspilerClass = new (options: Options) => TranspilerMachine;

/** One instance of the transpiler's Wasm. */
export interface TranspilerInstance {
  Transpiler: TranspilerClass;
  /** Only grows: the transpiler frees nothing, which makes it a good deal smaller. */
  memory: WebAssembly.Memory;
  /** Puts in what not every transpilation needs: what writes declarations, adapters in Wasm and the plan's text. */
  addSecondary(module: WebAssembly.Module): Promise<void>;
}

/** What the package needs from the place it runs in. */
export interface Platform {
  /** Loads the transpiler; what it answers makes an instance of it, each a new one. */
  loadTranspiler(): Promise<() => Promise<TranspilerInstance>>;
  /** Loads its secondary module. */
  loadSecondary(): Promise<WebAssembly.Module>;
  /** A URL's bytes, or a response that has them. */
  open(url: URL): Promise<Uint8Array | Response>;
  /** Imports JavaScript that is at hand as text. */
  importText(text: string, name: string): Promise<Record<string, any>>;
}

export interface InstantiateOptions {
  /** Instead of `WebAssembly.instantiate`. */
  instantiateCore?: (
    module: WebAssembly.Module,
    imports: WebAssembly.Imports,
  ) => Promise<WebAssembly.Instance> | WebAssembly.Instance;
  /**
   * How many instances there may be behind the exports, each with a memory of its own. While a call waits (in WASI, or in an
   * import of `asyncImports`), its instance is locked: with one instance, which is the default, the next call waits for its
   * turn; with more it gets an idle one or a new one. Exported functions are then all async, calls share no state, and a
   * component that exports resources is refused.
   */
  instances?: number;
}

/** A component, compiled: like a `WebAssembly.Module`, it can be instantiated any number of times. */
export interface Component {
  imports: NameAndKind[];
  exports: NameAndKind[];
  /** The component's world as WIT. */
  wit: string;
  world: World;
  instantiate(
    /**
     * By name: functions, classes, an object per interface; a core module is a `WebAssembly.Module`, a component any object
     * with an `instantiate`, such as this one, a value (`--features values`) a value. Or a function that makes them, called
     * for each instance.
     */
    imports?:
      | Record<string, any>
      | (() => Record<string, any> | Promise<Record<string, any>>),
    options?: InstantiateOptions,
  ): Promise<Record<string, any>>;
}
