// form-esm-mapped.d.ts
export function run(): void;
export {};
// interfaces/test-host-clock.d.ts
/** @module Interface test:host/clock@1.0.0 */
export function now(): bigint;
// interfaces/wasi-random-random.d.ts
/** @module Interface wasi:random/random@0.2.3 */
export function getRandomU64(): bigint;
