/**
 * A Python with the wheel `wasmtime` in a virtual environment of the user's cache: made on the first run, never inside the
 * repository.
 * @module
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Pinned: what a later wasmtime does otherwise is to be read, not to be found by chance. */
const WHEEL = "wasmtime==50.0.1";

/** @returns {string | undefined} the interpreter; undefined when there is no Python 3 to make it from */
export function python() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const folder = join(cache, "slipway", `oracle-${WHEEL.replace("==", "-")}`);
  const bin =
    process.platform === "win32" ? "Scripts/python.exe" : "bin/python";
  const interpreter = join(folder, bin);
  if (existsSync(interpreter)) return interpreter;
  const system = ["python3", "python"].find(isPython3);
  if (!system) return undefined;
  // Made beside and moved into place, so that a run that was broken off leaves nothing that looks whole.
  const temporary = `${folder}.${process.pid}`;
  mkdirSync(temporary, { recursive: true });
  execFileSync(system, ["-m", "venv", temporary], { stdio: "inherit" });
  execFileSync(
    join(temporary, bin),
    ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", WHEEL],
    { stdio: "inherit" },
  );
  try {
    renameSync(temporary, folder);
  } catch {
    rmSync(temporary, { recursive: true, force: true }); // another run was first
  }
  return interpreter;
}

/** @param {string} command */
function isPython3(command) {
  try {
    execFileSync(
      command,
      [
        "-c",
        "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))",
      ],
      {
        stdio: "ignore",
      },
    );
    return true;
  } catch {
    return false;
  }
}
