/**
 * The compilers that guests need, each had from the machine, or installed into the cache, or (Debian, as root) from
 * apt. Every function is idempotent, asks nothing, and throws an error that says what is missing and how to get it.
 * Knows nothing of the guests themselves.
 * @module
 */
import { existsSync } from "node:fs";
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  readFile,
  readdir,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  cacheDir,
  hash,
  lock,
  once,
  run,
  say,
  sources,
  tryRun,
} from "./cache.js";

/** tests/guests */
export const here = dirname(dirname(fileURLToPath(import.meta.url)));

/** @typedef {{ cargo: string, env: Record<string, string | undefined>, flags: string[], id: string }} Rust */

/**
 * apt-get install of what is missing among `packages`.
 * @param {string[]} packages @param {string} why
 */
export async function apt(packages, why) {
  /** @type {string[]} */
  const missing = [];
  for (const name of packages) {
    const status = await tryRun("dpkg-query", [
      "-W",
      "-f",
      "${db:Status-Abbrev}",
      name,
    ]);
    if (!status?.startsWith("ii")) missing.push(name);
  }
  if (missing.length === 0) return;
  const advice = `${why}: install ${missing.join(" ")} (Debian's names) and run again`;
  if (!(await tryRun("apt-get", ["--version"])))
    throw new Error(`${advice}; there is no apt-get here`);
  if (process.getuid?.() !== 0)
    throw new Error(`${advice}; apt-get needs root`);
  say(`apt-get install ${missing.join(" ")} (${why})`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  // --no-remove: rather fail than take another toolchain off the machine.
  const install = [
    "install",
    "-y",
    "--no-remove",
    "--no-install-recommends",
    ...missing,
  ];
  const release = await lock(join(await ensureCache(), "apt.lock"));
  try {
    if ((await tryRun("apt-get", install, { env })) !== undefined) return;
    await tryRun("apt-get", ["update"], { env });
    await run("apt-get", install, { env });
  } catch (error) {
    throw new Error(`${advice}\n${/** @type {Error} */ (error).message}`, {
      cause: error,
    });
  } finally {
    await release();
  }
}

async function ensureCache() {
  await mkdir(cacheDir, { recursive: true });
  return cacheDir;
}

/** Our own helper program, built for this machine. @returns {Promise<string>} its path */
export async function guestTool() {
  const key = hash([
    ...(await sources(here, ["tool", "Cargo.lock", "Cargo.toml"])),
  ]);
  const dir = await once(`tool-${key}`, async (out) => {
    say("building the guest tool (wit-component, wit-bindgen-c: about 20 s)");
    const target = join(cacheDir, "target");
    await run(
      "cargo",
      [
        "build",
        "--locked",
        "-p",
        "slipway-guest-tool",
        "--manifest-path",
        join(here, "Cargo.toml"),
      ],
      {
        env: { CARGO_TARGET_DIR: target, ...hostToolchain() },
      },
    );
    await copyFile(
      join(target, "debug", exe("slipway-guest-tool")),
      join(out, exe("slipway-guest-tool")),
    );
  });
  return join(dir, exe("slipway-guest-tool"));
}

/** @param {string} name */
const exe = (name) => (process.platform === "win32" ? `${name}.exe` : name);

/** Variables meant for another build (a Wasm one, say) must not leak into a build for this machine. */
function hostToolchain() {
  return {
    RUSTFLAGS: undefined,
    CARGO_BUILD_TARGET: undefined,
    CARGO_ENCODED_RUSTFLAGS: undefined,
  };
}

/** @param {string} target @param {string} [toolchain] */
async function hasTarget(target, toolchain) {
  const env = toolchain ? { RUSTUP_TOOLCHAIN: toolchain } : {};
  const dir = (
    await tryRun("rustc", ["--print", "target-libdir", "--target", target], {
      env,
    })
  )?.trim();
  if (!dir || !existsSync(dir)) return false;
  const names = await readdir(dir);
  return ["libcore-", "libstd-"].every((lib) =>
    names.some((n) => n.startsWith(lib) && n.endsWith(".rlib")),
  );
}

/**
 * A cargo that can build for `target`: the active toolchain, one that the project's set-up linked, `rustup target
 * add`, and last Debian's rustc with a standard library built from its sources.
 * @param {"wasm32-unknown-unknown" | "wasm32-wasip1" | "wasm32-wasip2"} target @returns {Promise<Rust>}
 */
export async function rust(target) {
  const wanted = process.env.WASM_TOOLCHAIN;
  for (const toolchain of [undefined, "debian-wasm", "debian"]) {
    if (
      wanted === "debian" &&
      toolchain === undefined &&
      !process.env.RUSTUP_TOOLCHAIN
    )
      continue;
    if (await hasTarget(target, toolchain)) return viaRustup(target, toolchain);
  }
  if (wanted !== "debian" && (await tryRun("rustup", ["--version"]))) {
    say(`rustup target add ${target}`);
    const env = { RUSTUP_MAX_RETRIES: "1" };
    const added = await tryRun("rustup", ["target", "add", target], { env });
    if (added !== undefined && (await hasTarget(target)))
      return viaRustup(target, undefined);
    say("rustup cannot have it here; trying Debian's rustc");
  }
  return debianRust(target);
}

/** @param {string} target @param {string | undefined} toolchain @returns {Promise<Rust>} */
async function viaRustup(target, toolchain) {
  const env = toolchain ? { RUSTUP_TOOLCHAIN: toolchain } : {};
  const id = `${target} ${(await run("rustc", ["-V"], { env })).trim()}`;
  return { cargo: "cargo", env: { ...hostToolchain(), ...env }, flags: [], id };
}

/**
 * Debian's rustc-web with -Zbuild-std, in a sysroot of links of our own that also holds wasi-libc where rustc looks
 * for it. Nothing of the machine's own toolchains is changed.
 * @param {string} target @returns {Promise<Rust>}
 */
async function debianRust(target) {
  const packages = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"];
  if (target !== "wasm32-unknown-unknown") packages.push("wasi-libc");
  await apt(packages, `Rust for ${target}, which rustup could not give`);
  const linker = await readLinkName("/usr/bin/rust-lld");
  if (linker) await apt([linker], `the linker of Debian's rustc`);
  const version = (await run("/usr/bin/rustc", ["-V"])).trim();
  const dir = await once(
    `sysroot-${hash([version, target, "2"])}`,
    async (out) => {
      const lib = join(out, "lib", "rustlib");
      await mkdir(lib, { recursive: true });
      for (const name of await readdir("/usr/lib/rustlib"))
        await symlink(join("/usr/lib/rustlib", name), join(lib, name));
      if (target !== "wasm32-unknown-unknown") {
        const self = join(lib, target, "lib", "self-contained");
        await mkdir(self, { recursive: true });
        for (const file of ["crt1-command.o", "crt1-reactor.o", "libc.a"])
          await copyFile(join("/usr/lib/wasm32-wasi", file), join(self, file));
      }
      // rustc finds its own sysroot by its shared library, so a wrapper has to name this one.
      await mkdir(join(out, "bin"));
      const wrapper = join(out, "bin", "rustc");
      const script = `case " $* " in *" --sysroot"*) exec /usr/bin/rustc "$@" ;; esac\nexec /usr/bin/rustc --sysroot "\${0%/bin/rustc}" "$@"\n`;
      await writeFile(wrapper, `#!/bin/sh\n${script}`);
      await chmod(wrapper, 0o755);
    },
  );
  return {
    cargo: "/usr/bin/cargo",
    env: {
      ...hostToolchain(),
      RUSTC: join(dir, "bin", "rustc"),
      RUSTC_BOOTSTRAP: "1",
      RUSTUP_TOOLCHAIN: undefined,
    },
    flags: ["-Zbuild-std=std,panic_abort"],
    id: `${target} ${version} build-std`,
  };
}

/** @param {string} path */
async function readLinkName(path) {
  const link = (await tryRun("readlink", [path]))?.trim();
  return link ? link.split("/").pop() : undefined;
}

/** Where cargo put the sources of a crate that the guests depend on. @param {string} name @returns {Promise<string>} */
export async function crateDir(name) {
  const manifest = join(here, "Cargo.toml");
  const text = await run("cargo", [
    "metadata",
    "--locked",
    "--all-features",
    "--format-version",
    "1",
    "--manifest-path",
    manifest,
  ]);
  /** @type {Array<{ name: string, manifest_path: string }>} */
  const packages = JSON.parse(text).packages;
  const found = packages.find((p) => p.name === name);
  if (!found) throw new Error(`the guests' Cargo.lock has no crate ${name}`);
  return dirname(found.manifest_path);
}

/**
 * A WIT folder: the packages of WASI 0.2 as `deps`, with one of our own worlds (a file of tests/guests/wit) on top.
 * @param {string} world the file's name without .wit
 * @param {string} [engine] the 0.2.x version to write everywhere, for an engine that knows only that one
 * @returns {Promise<string>}
 */
export async function witDir(world, engine) {
  const deps = join(await crateDir("wasip2"), "wit", "deps");
  const own = join(here, "wit", `${world}.wit`);
  const key = hash([
    ...(await sources(deps, ["."])),
    await readFile(own, "utf8"),
    engine ?? "",
  ]);
  return once(`wit-${world}-${key}`, async (out) => {
    await cp(deps, join(out, "deps"), { recursive: true });
    await copyFile(own, join(out, "world.wit"));
    if (!engine) return;
    for (const file of [
      join(out, "world.wit"),
      ...(await readdir(join(out, "deps"))).map((n) => join(out, "deps", n)),
    ]) {
      await chmod(file, 0o644);
      await writeFile(
        file,
        (await readFile(file, "utf8")).replaceAll("0.2.12", engine),
      );
    }
  });
}

/** A compiler and linker for wasm32-wasi with a libc. @returns {Promise<{ clang: string, flags: string[], id: string }>} */
export async function clang() {
  const sdk = process.env.WASI_SDK_PATH;
  if (sdk) {
    const path = join(sdk, "bin", "clang");
    return {
      clang: path,
      flags: ["--target=wasm32-wasip1"],
      id: (await run(path, ["--version"])).split("\n")[0],
    };
  }
  if (
    !existsSync("/usr/bin/clang-19") ||
    !existsSync("/usr/lib/wasm32-wasi/libc.a")
  )
    await apt(
      ["clang-19", "lld-19", "wasi-libc", "libclang-rt-19-dev-wasm32"],
      "C guests (or set WASI_SDK_PATH)",
    );
  const id = (await run("clang-19", ["--version"])).split("\n")[0];
  return {
    clang: "clang-19",
    flags: ["--target=wasm32-wasi", "--sysroot=/usr"],
    id,
  };
}

/**
 * npm packages pinned by a package-lock.json of tests/guests, installed into the cache: a folder of their own, because
 * componentize-js fails when another version of its shim is hoisted above it.
 * @param {string} folder below tests/guests @returns {Promise<string>} the folder that holds node_modules
 */
export async function npmFolder(folder) {
  const files = ["package.json", "package-lock.json"].map((f) =>
    join(folder, f),
  );
  const key = hash([
    ...(await sources(here, files)),
    process.platform,
    process.arch,
  ]);
  return once(`npm-${folder}-${key}`, async (out) => {
    say(`npm install for ${folder} (about 20 s)`);
    for (const file of files)
      await copyFile(
        join(here, file),
        join(out, file.slice(folder.length + 1)),
      );
    // Not `npm ci`: it refuses a lock that lacks optional packages for other platforms that were never published.
    await run("npm", ["install", "--no-save", "--no-audit", "--no-fund"], {
      cwd: out,
    });
  });
}

/**
 * A Python virtual environment in the cache with exactly these packages.
 * @param {string} name @param {string[]} packages with versions @returns {Promise<string>} its bin folder
 */
export async function venv(name, packages) {
  const python = await findPython();
  const version = (await run(python, ["-V"])).trim();
  const dir = await once(
    `venv-${name}-${hash([version, ...packages])}`,
    async (out) => {
      say(`a Python environment with ${packages.join(" ")}`);
      if (
        (await tryRun(python, ["-m", "venv", "--clear", out])) === undefined
      ) {
        await apt(["python3-venv"], "Python's venv module");
        await run(python, ["-m", "venv", "--clear", out]);
      }
      await run(join(out, "bin", "python"), [
        "-m",
        "pip",
        "install",
        "--quiet",
        ...packages,
      ]);
    },
  );
  return join(dir, "bin");
}

/** @returns {Promise<string>} */
async function findPython() {
  for (const python of [process.env.PYTHON, "python3", "python"]) {
    if (!python) continue;
    const ok = await tryRun(python, [
      "-c",
      "import sys; sys.exit(sys.version_info < (3, 10))",
    ]);
    if (ok !== undefined) return python;
  }
  await apt(["python3", "python3-venv"], "Python 3.10 or newer");
  return "python3";
}
