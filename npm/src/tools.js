/**
 * The tools' Wasm as functions: WIT, the text format, componentizing, composing, metadata. It is loaded on first use and once;
 * what it throws becomes a `ToolError`. Where its bytes come from is the caller's affair.
 * @module
 */

/**
 * @typedef {[path: string, contents: Uint8Array]} ToolFile a path as the user would name it, and what it holds
 *
 * @typedef {object} WitSource WIT as one file or as a directory
 * @property {ToolFile[]} files
 * @property {string} [directory] what the paths of a directory's files start with
 * @property {string[]} [features] `@unstable` features to show
 * @property {boolean} [allFeatures]
 *
 * @typedef {object} TypesOptions
 * @property {string} [world] needed where there are several
 * @property {string} [name] base name of the world's file; the world's own by default
 * @property {'async' | 'sync' | null} [instantiation] as for `transpile`: what the world's own file declares
 * @property {string[]} [asyncImports] as for `transpile`: further imports that may answer with a promise
 * @property {boolean} [guest] for code that runs inside of the component
 *
 * @typedef {object} PrintOptions
 * @property {boolean} [offsets] byte offsets in comments
 * @property {boolean} [skeleton] no function bodies, no data
 * @property {boolean} [nameUnnamed] names for what has none
 * @property {boolean} [fold] instructions as nested expressions
 *
 * @typedef {object} ComponentOptions
 * @property {'command' | 'reactor' | 'proxy'} [wasi] bundled adapter from WASI Preview 1
 * @property {Array<[name: string, path: string, contents: Uint8Array]>} [adapters] by the module name they stand for
 * @property {Array<[old: string, new_: string]>} [importNames] imports of the component to rename
 * @property {boolean} [noValidate]
 * @property {boolean} [reallocViaMemoryGrow]
 * @property {boolean} [noMergeImports] keep compatible versions of one interface apart
 *
 * @typedef {object} MetadataChanges
 * @property {string} [name]
 * @property {Array<[name: string, version: string]>} [language]
 * @property {Array<[name: string, version: string]>} [processedBy]
 * @property {Array<[name: string, version: string]>} [sdk]
 * @property {Array<[key: string, value: string | null]>} [annotations] null removes one
 *
 * @typedef {object} Tools
 * @property {(wit: WitSource, options?: TypesOptions) => Promise<Record<string, string>>} types path to declarations
 * @property {(wit: WitSource, options?: { noDocs?: boolean }) => Promise<string>} wit
 * @property {(file: ToolFile, options?: PrintOptions) => Promise<string>} print
 * @property {(file: ToolFile) => Promise<Uint8Array>} parse
 * @property {(module: ToolFile, options?: ComponentOptions) => Promise<Uint8Array>} component
 * @property {(wit: WitSource, module: ToolFile, options?: { world?: string, encoding?: string }) => Promise<Uint8Array>} embed
 * @property {(socket: ToolFile, plugs: ToolFile[], options?: { noValidate?: boolean }) => Promise<Uint8Array>} compose
 * @property {(file: ToolFile) => Promise<string>} describeMetadata for people
 * @property {(file: ToolFile) => Promise<any>} metadata
 * @property {(file: ToolFile, changes: MetadataChanges) => Promise<Uint8Array>} addMetadata
 */

/** Bad input to a tool: what kind (a stable code), and where: `path:line:column`, a path, or a byte. */
export class ToolError extends Error {
  /**
   * @param {{ code: string, message: string, place: string | null }} reason
   * @param {ErrorOptions} [options]
   */
  constructor({ code, message, place }, options) {
    super(place ? `${place}: ${message}` : message, options);
    this.code = code;
    this.place = place;
  }

  /** @override */
  get name() {
    return "ToolError";
  }
}

/**
 * @param {() => Promise<() => Promise<{ Tools: any }>>} load answers what makes an instance of the Wasm
 * @returns {Tools}
 */
export function createTools(load) {
  /** @type {Promise<() => Promise<{ Tools: any }>> | undefined} */
  let loading;
  /** @type {Promise<any> | undefined} */
  let ready;

  const make = async () => {
    loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    });
    return (await (await loading)()).Tools;
  };

  /**
   * @param {string} name
   * @param {unknown[]} args
   */
  const call = async (name, ...args) => {
    ready ??= make().catch((error) => {
      ready = undefined;
      throw error;
    });
    const tools = await ready;
    try {
      return tools[name](...args);
    } catch (thrown) {
      const error = asToolError(thrown);
      // After a panic the instance is in an unknown state: the next call makes another of the same module.
      if (error instanceof ToolError && error.code === "internal")
        ready = undefined;
      throw error;
    }
  };

  return {
    types: async (wit, options = {}) =>
      Object.fromEntries(await call("types", wit, options)),
    wit: (wit, options = {}) => call("wit", wit, options),
    print: (file, options = {}) => call("print", file, options),
    parse: (file) => call("parse", file),
    component: (module, options = {}) => call("component", module, options),
    embed: (wit, module, options = {}) => call("embed", wit, module, options),
    compose: (socket, plugs, options = {}) =>
      call("compose", socket, plugs, options),
    describeMetadata: (file) => call("showMetadata", file, {}),
    metadata: async (file) =>
      JSON.parse(await call("showMetadata", file, { json: true })),
    addMetadata: (file, changes) => call("addMetadata", file, changes),
  };
}

/**
 * The Wasm is kept compressed. Some servers say so in a header, and then it comes inflated.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<ArrayBuffer | Uint8Array<ArrayBuffer>>}
 */
export async function inflate(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes])
    .stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/**
 * @param {any} thrown
 * @returns {Error}
 */
function asToolError(thrown) {
  if (
    thrown instanceof WebAssembly.RuntimeError ||
    thrown instanceof RangeError
  ) {
    const message = `the tool itself failed (${thrown.message}); this is a bug, please report it with the input`;
    return new ToolError(
      { code: "internal", message, place: null },
      { cause: thrown },
    );
  }
  return thrown && typeof thrown === "object" && "place" in thrown
    ? new ToolError(thrown)
    : thrown;
}
