// form-esm.d.ts
export function greet(name: string): string;
export {};
