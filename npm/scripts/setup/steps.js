/**
 * The table of everything that building and testing needs on a machine. A step tells whether it has anything to do and does
 * it; to add one, add an entry. Steps run in this order; none asks a question.
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findChromium, installChromium } from "./chromium.js";
import { rustVersion, wasmToolchain } from "./rust.js";
import { run, say } from "./shell.js";

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {'build' | 'test'} for what cannot be done without it
 * @property {() => string | undefined} ready what is there, in a few words, or undefined where the step has work to do
 * @property {() => void | Promise<void>} make
 */

export const root = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * A folder's npm packages, installed anew whenever its lock file changed. A developer's folder is brought up to date; in CI
 * it is exactly what the lock file says.
 * @param {string} folder
 * @param {string[]} flags
 */
export function npmPackages(folder, flags = []) {
  const lock = join(root, folder, "package-lock.json");
  const stamp = join(root, folder, "node_modules/.slipway-setup");
  const hash = () =>
    createHash("sha256")
      .update(readFileSync(lock))
      .update(flags.join())
      .digest("hex");
  return {
    ready: () =>
      existsSync(stamp) && readFileSync(stamp, "utf8") === hash()
        ? "as package-lock.json says"
        : undefined,
    make: () => {
      const command =
        process.env.CI || !existsSync(join(root, folder, "node_modules"))
          ? "ci"
          : "install";
      say(
        `npm ${command} ${flags.join(" ")}${folder === "." ? "" : ` (in ${folder})`}`,
      );
      run("npm", [command, ...flags], {
        cwd: join(root, folder),
        quiet: true,
      });
      writeFileSync(stamp, hash());
    },
  };
}

/** What every test run needs; or all of them, once `npm run test:browsers` has installed all. */
function runtimes() {
  const all = existsSync(join(root, "tests/runtimes/node_modules/node26"));
  return npmPackages("tests/runtimes", all ? [] : ["--omit=optional"]);
}

/** @type {Step[]} */
export const steps = [
  { name: "npm packages", for: "build", ...npmPackages(".") },
  {
    name: "Rust",
    for: "build",
    ready: () => {
      const version = rustVersion();
      return version?.ok ? version.text : undefined;
    },
    make: () => {
      const version = rustVersion();
      throw new Error(
        version
          ? `${version.text} is too old; \`rustup update stable\``
          : "Rust is missing; get it from https://rustup.rs",
      );
    },
  },
  {
    name: "Rust for Wasm",
    for: "build",
    // The toolchain is its own judge: asking it is what installs it.
    ready: () => undefined,
    make: () => {
      const { from, panic } = wasmToolchain("immediate");
      say(
        from === "debian"
          ? `Debian's, panic ${panic}`
          : `the ${from === "active" ? "active toolchain has it" : "active toolchain, target added"}`,
      );
    },
  },
  {
    name: "other runtimes",
    for: "test",
    ready: () => runtimes().ready(),
    make: () => runtimes().make(),
  },
  {
    name: "Chromium",
    for: "test",
    ready: () => findChromium(),
    make: installChromium,
  },
];
