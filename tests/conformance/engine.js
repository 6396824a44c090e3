/**
 * The suites use what Node 20's engine lacks (exceptions with exnref, and Wasm adapters use several memories): a run on an
 * older Node hands over to the newer one that tests/runtimes installs.
 * @module
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** `(module (memory 0) (memory 0))` */
const TWO_MEMORIES = [0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0];
/** `(module (func try_table end))` */
const TRY_TABLE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0,
  31, 64, 0, 11, 11,
];

/** True when this process may go on; otherwise another Node has run the same command, and its status is set. */
export function onCapableEngine() {
  if (
    [TWO_MEMORIES, TRY_TABLE].every((m) =>
      WebAssembly.validate(new Uint8Array(m)),
    )
  )
    return true;
  const node = fileURLToPath(
    new URL("../runtimes/node_modules/node24/bin/node", import.meta.url),
  );
  if (!existsSync(node) || process.execPath === node) {
    console.error(
      `this needs Node 22 or later: ${process.execPath} lacks exnref or multi-memory, and tests/runtimes is not installed (npm ci --prefix tests/runtimes)`,
    );
    process.exitCode = 1;
    return false;
  }
  const { status } = spawnSync(node, process.argv.slice(1), {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
  return false;
}
