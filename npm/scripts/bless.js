/**
 * `npm run bless`: every snapshot rewritten by what the code gives now; read the diff before you commit it. Sizes are those of
 * a release (`WASM_TOOLCHAIN=debian`). Owns the list of suites that have snapshots.
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "./setup/shell.js";
import { root } from "./setup/steps.js";

const env = { BLESS: "1" };
const snapshots = ["-p", "slipway-transpiler", "--test", "snapshots"];

try {
  run("cargo", ["test", "--quiet", ...snapshots], { cwd: root, env });
  const sizes = join(root, "tests/size.test.js");
  if (existsSync(sizes)) {
    run(process.execPath, [join(root, "npm/scripts/build.js"), "transpiler"]);
    run(process.execPath, ["--test", sizes], { cwd: root, env });
  }
} catch (error) {
  process.stderr.write(`bless: ${/** @type {Error} */ (error).message}\n`);
  process.exitCode = 1;
}
