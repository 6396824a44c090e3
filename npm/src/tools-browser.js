/**
 * `slipway/tools` in pages and workers: the tools' Wasm is fetched from beside this module, when a tool is first used.
 * @module
 */
import { createTools, inflate } from "./tools.js";

export const tools = createTools(async () => {
  const url = new URL("../dist/tools.wasm.gz", import.meta.url);
  const [{ init }, response] = await Promise.all([
    import("../dist/tools.js"),
    fetch(url),
  ]);
  if (!response.ok)
    throw new Error(
      `${response.url}: ${response.status} ${response.statusText}`.trimEnd(),
    );
  const bytes = new Uint8Array(await response.arrayBuffer());
  const module = await WebAssembly.compile(await inflate(bytes));
  return () => init(module);
});
export { ToolError } from "./tools.js";
