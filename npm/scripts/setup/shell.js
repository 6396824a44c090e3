/**
 * Runs other programs and writes the few lines a set-up shows. Knows no step, no package and no path of this project.
 * @module
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * @typedef {{ cwd?: string | URL, env?: Record<string, string | undefined>, quiet?: boolean, input?: string, timeout?: number }} RunOptions
 * @typedef {{ status: number, stdout: string, stderr: string }} RunResult
 */

/**
 * Runs a program to its end and collects what it says.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {RunResult}
 */
export function tryRun(command, args, { cwd, env, input, timeout } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: env && { ...process.env, ...env },
    input: input ?? "",
    timeout,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    // npm and npx are .cmd files there, which only a shell starts.
    shell: process.platform === "win32" && /^np[mx]$/.test(command),
  });
  return {
    status: result.status ?? 1,
    stdout: result.stdout ?? "",
    stderr: result.stderr || String(result.error ?? ""),
  };
}

/**
 * The same, with what it says on the terminal as it says it, and an error if it fails. `quiet` keeps it for the error.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {string} standard output, when quiet
 */
export function run(command, args, options = {}) {
  const { cwd, env, quiet } = options;
  const line = [command, ...args].join(" ");
  if (quiet) {
    const result = tryRun(command, args, options);
    if (result.status === 0) return result.stdout;
    const tail = (result.stderr + result.stdout)
      .trim()
      .split("\n")
      .slice(-15)
      .join("\n");
    throw new Error(`\`${line}\` failed (exit ${result.status}):\n${tail}`);
  }
  const result = spawnSync(command, args, {
    cwd,
    env: env && { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32" && /^np[mx]$/.test(command),
  });
  if (result.status !== 0)
    throw new Error(
      `\`${line}\` failed (${result.error?.message ?? `exit ${result.status}`})`,
    );
  return "";
}

/**
 * Where a program lies on PATH.
 * @param {string} name
 * @returns {string | undefined}
 */
export function which(name) {
  const suffixes = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const suffix of suffixes) {
      const path = join(folder, name + suffix);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here: the next folder.
      }
    }
  }
  return undefined;
}

/** @param {string} text */
export function say(text) {
  process.stderr.write(`  ${text}\n`);
}

/** Can packages be installed with apt-get without asking anyone? */
export function canApt() {
  if (!existsSync("/usr/bin/apt-get")) return false;
  return (
    process.getuid?.() === 0 ||
    (which("sudo") !== undefined && tryRun("sudo", ["-n", "true"]).status === 0)
  );
}

/**
 * Which of these Debian packages are missing.
 * @param {string[]} packages
 */
export function aptMissing(packages) {
  if (!existsSync("/usr/bin/dpkg-query")) return packages;
  const listed = tryRun("dpkg-query", [
    "-W",
    "-f",
    "${db:Status-Abbrev} ${Package}\n",
    ...packages,
  ]).stdout;
  const present = new Set(
    [...listed.matchAll(/^ii\S*\s+(\S+)$/gm)].map((match) => match[1]),
  );
  return packages.filter((name) => !present.has(name));
}

/**
 * Installs the missing ones of these Debian packages; never removes one.
 * @param {string[]} packages
 */
export function aptInstall(packages) {
  const missing = aptMissing(packages);
  if (missing.length === 0) return;
  if (!canApt())
    throw new Error(
      `cannot install by myself, please do: apt-get install ${missing.join(" ")}`,
    );
  say(`apt-get install ${missing.join(" ")}`);
  const root = process.getuid?.() === 0;
  const apt = (/** @type {string[]} */ ...args) => {
    const words = [
      "env",
      "DEBIAN_FRONTEND=noninteractive",
      "apt-get",
      "-qq",
      ...args,
    ];
    return root
      ? tryRun("env", words.slice(1))
      : tryRun("sudo", ["-n", ...words]);
  };
  const install = [
    "install",
    "-y",
    "--no-remove",
    "--no-install-recommends",
    ...missing,
  ];
  if (apt(...install).status === 0) return;
  apt("update");
  const again = apt(...install);
  if (again.status !== 0)
    throw new Error(
      `apt-get install ${missing.join(" ")} failed:\n${again.stderr.trim().split("\n").slice(-5).join("\n")}`,
    );
}
