declare module "virtual:facts" {
  /** The transpiler that the page loads, in bytes. */
  export const transpiler: { bytes: number; gzip: number };
}
