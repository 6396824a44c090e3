/**
 * An error as the one line that a command ends with: what, where, and what to do. Knows the errors, not the commands.
 * @module
 */
import { palette } from "./terminal.js";

/** @type {Record<string, string>} */
const SYSTEM = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EISDIR: "it is a folder",
  ENOTDIR: "part of the path is not a folder",
  ENOSPC: "no space left on the disk",
  EROFS: "the file system is read-only",
  ENOTFOUND: "the host was not found",
  ECONNREFUSED: "the connection was refused",
};

/**
 * @param {any} error
 * @returns {string} what, where, and what to do
 */
export function describe(error) {
  if (error?.name === "TranspileError") {
    const where = [
      ...(error.path.length ? [`in ${error.path.join(" > ")}`] : []),
      ...(error.offset === null
        ? []
        : [`at byte ${error.offset} (0x${error.offset.toString(16)})`]),
    ];
    return `${error.file ? `${error.file}: ` : ""}${error.message} [${error.code}]${where.length ? ` ${where.join(" ")}` : ""}`;
  }
  // fetch says "fetch failed", and why in its cause.
  const system = error?.code in SYSTEM ? error : error?.cause;
  if (system?.code in SYSTEM) {
    const what = error.path ?? error.file ?? "";
    return `${what ? `${what}: ` : ""}${SYSTEM[system.code]}`;
  }
  return String(error?.message ?? error);
}

/** @param {unknown} error */
export function failureLine(error) {
  const { red } = palette(process.stderr);
  const line = describe(error)
    .trim()
    .replace(/\s*\n\s*/g, "; ");
  const stack =
    process.env.SLIPWAY_DEBUG && error instanceof Error
      ? `${error.stack}\n`
      : "";
  return `${red("slipway:")} ${line}\n${stack}`;
}
