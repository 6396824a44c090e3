/**
 * What the engine at hand can do, asked of the engine itself. Knows no component.
 * @module
 */

/** A module with two memories. */
const TWO_MEMORIES = [
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[5, 5, 2, 0, 0, 0, 0],
];

/** Whether Wasm adapters run here: they read one component's memory and write another's. Node 20 cannot. */
export const hasMultiMemory = () =>
  WebAssembly.validate(new Uint8Array(TWO_MEMORIES));
