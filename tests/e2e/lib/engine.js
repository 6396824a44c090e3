/**
 * What the engine at hand has, where guests need what not every one has.
 * @module
 */

/** (module (global i32 (i32.add (i32.const 0) (i32.const 0)))) */
export const extendedConst = WebAssembly.validate(
  Uint8Array.from([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...[6, 9, 1, 127, 0, 65, 0, 65, 0, 106, 11],
  ]),
);
