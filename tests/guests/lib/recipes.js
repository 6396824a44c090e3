/**
 * The guests, one recipe each: what it is made of (its cache key) and how. Knows no toolchain's details (that is
 * toolchains.js).
 * @module
 */
import { cp, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir, lock, run } from "./cache.js";
import { clang, guestTool, here, npmFolder, rust, venv, witDir } from "./toolchains.js";

/**
 * @typedef {object} Recipe
 * @property {string} about what it shows
 * @property {string[]} sources files and folders of tests/guests that decide what comes out
 * @property {(out: string, dir: string) => Promise<void>} make writes the component to `out`; `dir` is scratch
 */

const tool = ["tool/src", "tool/Cargo.toml", "Cargo.lock", "Cargo.toml"];

/** @param {string} file @returns {Recipe["make"]} */
const text = (file) => async (out) => void (await run(await guestTool(), ["text", join(here, file), "-o", out]));

/**
 * A crate of the guests' workspace as a core module.
 * @param {string} name @param {"wasm32-unknown-unknown" | "wasm32-wasip1" | "wasm32-wasip2"} target
 * @returns {Promise<string>} path of the file that cargo made
 */
async function crate(name, target) {
  const { cargo, env, flags, vendor } = await rust(target);
  const build = ["build", "--release", "--target", target, ...flags];
  // One at a time: they share a target folder, and two optimised builds at once help nobody.
  const release = await lock(join(cacheDir, "cargo.lock"));
  try {
    const targetDir = join(cacheDir, "target");
    if (!vendor) {
      const manifest = join(here, "Cargo.toml");
      await run(cargo, [...build, "--locked", "-p", name, "--manifest-path", manifest], { env: { ...env, CARGO_TARGET_DIR: targetDir } });
    } else {
      await alone(name, cargo, build, { ...env, CARGO_TARGET_DIR: targetDir }, vendor);
    }
    const file = target === "wasm32-unknown-unknown" ? `${name.replaceAll("-", "_")}.wasm` : `${name}.wasm`;
    return join(targetDir, target, "release", file);
  } finally {
    await release();
  }
}

/**
 * A crate without dependencies, copied out of the workspace: building std from Debian's sources replaces crates.io by
 * the folder that carries std's own dependencies, which has none of the other guests'.
 * @param {string} name @param {string} cargo @param {string[]} build @param {Record<string, string | undefined>} env @param {string} vendor
 */
async function alone(name, cargo, build, env, vendor) {
  const copy = join(cacheDir, `alone-${name}`);
  await rm(copy, { recursive: true, force: true });
  await cp(join(here, "rust", name.replace(/^guest-/, "")), join(copy, "member"), { recursive: true });
  const workspace = await readFile(join(here, "Cargo.toml"), "utf8");
  await writeFile(join(copy, "Cargo.toml"), workspace.replace(/members = .*\ndefault-members = .*\n/, 'members = ["member"]\n'));
  const config = ["source.crates-io.replace-with='std-vendor'", `source.std-vendor.directory='${vendor}'`];
  await run(cargo, [...build, "--offline", ...config.flatMap((c) => ["--config", c])], { cwd: copy, env });
}

/** @type {Record<string, Recipe>} */
export const guests = {
  "wat-add": {
    about: "add(u32, u32) -> u32, text format",
    sources: ["wat/add.wat", ...tool],
    make: text("wat/add.wat"),
  },
  "wat-greet": {
    about: "greet(string) -> string, text format",
    sources: ["wat/greet.wat", ...tool],
    make: text("wat/greet.wat"),
  },
  "rust-command": {
    about: "report command, Rust with wit-bindgen only (wasm32-unknown-unknown)",
    sources: ["rust/command", ...tool],
    make: async (out) => {
      const core = await crate("guest-command", "wasm32-unknown-unknown");
      await run(await guestTool(), ["new", core, "-o", out]);
    },
  },
  "rust-wasip1": {
    about: "report command, Rust's std on preview 1 with the adapter",
    sources: ["rust/std-command", ...tool],
    make: async (out) => {
      const core = await crate("guest-std-command", "wasm32-wasip1");
      await run(await guestTool(), ["new", core, "--adapt", "command", "-o", out]);
    },
  },
  "rust-wasip2": {
    about: "report command, Rust's std on wasip2",
    sources: ["rust/std-command", ...tool],
    make: async (out) => copyFile(await crate("guest-std-command", "wasm32-wasip2"), out),
  },
};
