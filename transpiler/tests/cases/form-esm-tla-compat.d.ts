// form-esm-tla-compat.d.ts
export function greet(name: string): string;
export const $init: Promise<void>;
export {};
