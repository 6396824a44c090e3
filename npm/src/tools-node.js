/**
 * `slipway/tools` in Node, Deno and Bun: the tools' Wasm is a file beside.
 * @module
 */
import { readFile } from "node:fs/promises";
import { createTools, inflate } from "./tools.js";

export const tools = createTools(async () => {
  const [{ init }, bytes] = await Promise.all([
    import("../dist/tools.js"),
    readFile(new URL("../dist/tools.wasm.gz", import.meta.url)),
  ]);
  const module = await WebAssembly.compile(await inflate(bytes));
  return () => init(module);
});
export { ToolError } from "./tools.js";
