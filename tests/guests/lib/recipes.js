/**
 * The guests, one recipe each: what it is made of (its cache key) and how. Knows no toolchain's details (that is
 * toolchains.js).
 * @module
 */
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir, lock, run } from "./cache.js";
import {
  clang,
  crateDir,
  guestTool,
  here,
  npmFolder,
  rust,
  venv,
  witDir,
} from "./toolchains.js";

/**
 * @typedef {object} Recipe
 * @property {string} about what it shows
 * @property {string[]} sources files and folders of tests/guests that decide what comes out
 * @property {(out: string, dir: string) => Promise<void>} make writes the component to `out`; `dir` is scratch
 */

const tool = ["tool/src", "tool/Cargo.toml", "Cargo.lock", "Cargo.toml"];

/** @param {string} file @returns {Recipe["make"]} */
const text = (file) => async (out) =>
  void (await run(await guestTool(), ["text", join(here, file), "-o", out]));

/**
 * A crate of the guests' workspace as a core module.
 * @param {string} name @param {"wasm32-unknown-unknown" | "wasm32-wasip1" | "wasm32-wasip2"} target
 * @returns {Promise<string>} path of the file that cargo made
 */
async function crate(name, target) {
  const { cargo, env, flags } = await rust(target);
  // One at a time: they share a target folder, and two optimised builds at once help nobody.
  const release = await lock(join(cacheDir, "cargo.lock"));
  try {
    const targetDir = join(cacheDir, "target");
    const what = [
      "--locked",
      "-p",
      name,
      "--manifest-path",
      join(here, "Cargo.toml"),
    ];
    await run(
      cargo,
      ["build", "--release", "--target", target, ...flags, ...what],
      {
        env: { ...env, CARGO_TARGET_DIR: targetDir },
      },
    );
    const file =
      target === "wasm32-unknown-unknown"
        ? `${name.replaceAll("-", "_")}.wasm`
        : `${name}.wasm`;
    return join(targetDir, target, "release", file);
  } finally {
    await release();
  }
}

/**
 * @param {string} name of a source in js/ and a world in wit/ @param {string} out
 * @param {string[]} disabled features of the engine, whose imports then do not appear
 * @param {string} [wasi] the version of WASI in place of the crate's
 */
async function componentizeJs(name, out, disabled, wasi) {
  const packages = await npmFolder("js");
  const cli = join(
    packages,
    "node_modules/@bytecodealliance/componentize-js/src/cli.js",
  );
  const source = join(here, "js", `${name}.js`);
  await run(
    process.execPath,
    [
      cli,
      source,
      "-w",
      await witDir(name, wasi),
      "-n",
      name,
      "-o",
      out,
      ...disabled.flatMap((d) => ["-d", d]),
    ],
    { cwd: packages },
  );
}

/**
 * @param {string} name of a folder in python/, with app.py @param {string} out
 * @param {string} [world] in wit/
 */
async function componentizePy(name, out, world = name) {
  const packages = (
    await readFile(join(here, "python/requirements.txt"), "utf8")
  )
    .trim()
    .split("\n");
  const python = join(await venv("componentize", packages), "python");
  const main =
    "import sys, componentize_py; sys.exit(componentize_py.script())";
  const wit = ["-d", await witDir(world), "-w", world];
  const source = ["-p", join(here, "python", name), "app"];
  await run(
    python,
    ["-c", main, ...wit, "componentize", ...source, "-o", out],
    { env: { PYTHONDONTWRITEBYTECODE: "1" } },
  );
}

/** @param {string} out @param {string} dir @param {string} encoding @param {string[]} defines */
async function cEverything(out, dir, encoding, defines) {
  const gen = join(dir, "gen");
  const wit = join(here, "wit/everything.wit");
  await run(await guestTool(), [
    "c",
    wit,
    "--world",
    "everything",
    "--encoding",
    encoding,
    "-o",
    gen,
  ]);
  const { clang: cc, flags } = await clang();
  const core = join(dir, "core.wasm");
  const files = [
    join(here, "c/everything.c"),
    join(gen, "everything.c"),
    join(gen, "everything_component_type.o"),
  ];
  const warnings = ["-Wall", "-Werror", "-Wno-unused-variable"];
  await run(cc, [
    ...flags,
    ...defines,
    "-mexec-model=reactor",
    "-Oz",
    "-Wl,--strip-debug",
    ...warnings,
    "-I",
    gen,
    ...files,
    "-o",
    core,
  ]);
  await run(await guestTool(), ["new", core, "--adapt", "reactor", "-o", out]);
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
  "wat-raw": {
    about:
      "hostile: results and arguments are whatever core values and bytes the caller chose, text format",
    sources: ["wat/raw.wat", ...tool],
    make: text("wat/raw.wat"),
  },
  "wat-versions": {
    about: "one interface imported at 0.2.1, 0.2.6 and 0.3.0, text format",
    sources: ["wat/versions.wat", ...tool],
    make: text("wat/versions.wat"),
  },
  "rust-command": {
    about:
      "report command, Rust with wit-bindgen only (wasm32-unknown-unknown)",
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
      await run(await guestTool(), [
        "new",
        core,
        "--adapt",
        "command",
        "-o",
        out,
      ]);
    },
  },
  "rust-wasip2": {
    about: "report command, Rust's std on wasip2",
    sources: ["rust/std-command", ...tool],
    make: async (out) =>
      copyFile(await crate("guest-std-command", "wasm32-wasip2"), out),
  },
  "rust-conformance": {
    about:
      "every interface of WASI 0.2 but http and sockets, each error path: a case by name, a transcript on stdout",
    sources: ["rust/conformance", ...tool],
    make: async (out) => {
      const core = await crate("guest-conformance", "wasm32-unknown-unknown");
      await run(await guestTool(), ["new", core, "-o", out]);
    },
  },
  "js-command": {
    about: "report command, JavaScript with componentize-js, 12 MB",
    sources: [
      "js/command.js",
      "js/package-lock.json",
      "wit/command.wit",
      ...tool,
    ],
    make: (out) => componentizeJs("command", out, ["http", "fetch-event"]),
  },
  "js-hello": {
    about:
      "library in JavaScript with componentize-js, 12 MB: greet(string), people.describe(record), people.birthday",
    sources: ["js/hello.js", "js/package-lock.json", "wit/hello.wit", ...tool],
    make: (out) => componentizeJs("hello", out, ["http", "fetch-event"]),
  },
  "js-hello-http": {
    about:
      "the same with all that componentize-js puts in by default: it imports wasi:http 0.2.10 beside the rest",
    sources: ["js/hello.js", "js/package-lock.json", "wit/hello.wit", ...tool],
    make: (out) => componentizeJs("hello", out, []),
  },
  "js-server": {
    about: "wasi:http/incoming-handler in JavaScript: a fetch event",
    sources: [
      "js/server.js",
      "js/package-lock.json",
      "wit/server.wit",
      ...tool,
    ],
    make: (out) => componentizeJs("server", out, [], "0.2.10"),
  },
  "python-command": {
    about:
      "report command, Python with componentize-py, 18 MB; needs extended constant expressions (Node 22)",
    sources: [
      "python/command",
      "python/requirements.txt",
      "wit/command.wit",
      ...tool,
    ],
    make: (out) => componentizePy("command", out),
  },
  "python-files": {
    about:
      "reads and writes a tree with Python's os, pathlib, json, csv, shutil; 18 MB; needs extended constant expressions (Node 22)",
    sources: [
      "python/files",
      "python/requirements.txt",
      "wit/command.wit",
      ...tool,
    ],
    make: (out) => componentizePy("files", out, "command"),
  },
  "python-http": {
    about:
      "wasi:http/proxy in Python, asyncio over wasi:io/poll, 18 MB; needs extended constant expressions (Node 22)",
    sources: [
      "python/http",
      "python/requirements.txt",
      "wit/proxy.wit",
      ...tool,
    ],
    make: (out) => componentizePy("http", out, "proxy"),
  },
  "rust-fetch": {
    about: "a command that fetches what it is given, Rust with wit-bindgen",
    sources: ["rust/fetch", ...tool],
    make: async (out) => {
      const core = await crate("guest-fetch", "wasm32-unknown-unknown");
      await run(await guestTool(), ["new", core, "-o", out]);
    },
  },
  "rust-http": {
    about:
      "wasi:http/proxy, Rust with wit-bindgen: a path for each thing a host can get wrong (rust/http/src/lib.rs)",
    sources: ["rust/http", ...tool],
    make: async (out) => {
      const core = await crate("guest-http", "wasm32-unknown-unknown");
      await run(await guestTool(), ["new", core, "-o", out]);
    },
  },
  "rust-http-middleware": {
    about:
      "wasi:http/incoming-handler exported and imported, Rust with wit-bindgen",
    sources: ["rust/http-middleware", "wit/middleware.wit", ...tool],
    make: async (out) => {
      const core = await crate(
        "guest-http-middleware",
        "wasm32-unknown-unknown",
      );
      const wit = await witDir("middleware");
      const world = ["--wit", wit, "--world", "middleware"];
      await run(await guestTool(), ["new", core, ...world, "-o", out]);
    },
  },
  "c-command": {
    about: "report command, C with clang and wasi-libc, through the adapter",
    sources: ["c/command.c", ...tool],
    make: async (out, dir) => {
      const core = join(dir, "core.wasm");
      const { clang: cc, flags } = await clang();
      await run(cc, [
        ...flags,
        "-Oz",
        "-Wl,--strip-debug",
        "-Wall",
        "-Werror",
        join(here, "c/command.c"),
        "-o",
        core,
      ]);
      await run(await guestTool(), [
        "new",
        core,
        "--adapt",
        "command",
        "-o",
        out,
      ]);
    },
  },
  sqlite: {
    about:
      "SQLite as a command, C with clang and wasi-libc, 1 MB: a database in a file, a journal beside it",
    sources: ["c/sqlite.c", ...tool],
    make: async (out, dir) => {
      const core = join(dir, "core.wasm");
      const { clang: cc, flags } = await clang();
      const sqlite = join(await crateDir("libsqlite3-sys"), "sqlite3");
      // A component has one thread, and nothing to load.
      const defines = ["-DSQLITE_THREADSAFE=0", "-DSQLITE_OMIT_LOAD_EXTENSION"];
      const sources = [join(here, "c/sqlite.c"), join(sqlite, "sqlite3.c")];
      await run(cc, [
        ...flags,
        "-Os",
        "-Wl,--strip-debug",
        ...defines,
        "-I",
        sqlite,
        ...sources,
        "-o",
        core,
      ]);
      await run(await guestTool(), [
        "new",
        core,
        "--adapt",
        "command",
        "-o",
        out,
      ]);
    },
  },
  "rust-tree": {
    about:
      "walks, greps, copies, writes and removes a tree, Rust's std on preview 1 with the adapter",
    sources: ["rust/tree", "rust/realloc", ...tool],
    make: async (out) => {
      const core = await crate("guest-tree", "wasm32-wasip1");
      await run(await guestTool(), [
        "new",
        core,
        "--adapt",
        "command",
        "-o",
        out,
      ]);
    },
  },
  "rust-std-conformance": {
    about:
      "every call of WASI Preview 1 through the adapter, each error path: a case by name, a transcript on stdout",
    sources: ["rust/std-conformance", "rust/realloc", ...tool],
    make: async (out) => {
      const core = await crate("guest-std-conformance", "wasm32-wasip1");
      await run(await guestTool(), [
        "new",
        core,
        "--adapt",
        "command",
        "-o",
        out,
      ]);
    },
  },
  "assemblyscript-command": {
    about: "report command, AssemblyScript, through the adapter",
    sources: ["assemblyscript", ...tool],
    make: async (out, dir) => {
      const packages = await npmFolder("assemblyscript");
      // asc looks for packages from the folder of the source.
      await copyFile(
        join(here, "assemblyscript/command.ts"),
        join(packages, "command.ts"),
      );
      const core = join(dir, "core.wasm");
      const asc = join(packages, "node_modules/assemblyscript/bin/asc.js");
      // A relative path: asc takes an absolute one without a word and finds no options in it.
      const config = "node_modules/@assemblyscript/wasi-shim/asconfig.json";
      await run(
        process.execPath,
        [asc, "command.ts", "-O3", "--config", config, "-o", core],
        { cwd: packages },
      );
      await run(await guestTool(), [
        "new",
        core,
        "--adapt",
        "command",
        "-o",
        out,
      ]);
    },
  },
  "rust-everything": {
    about:
      "library with every type in both directions and resources of both sides, Rust with wit-bindgen",
    sources: ["rust/everything", "wit/everything.wit", ...tool],
    make: async (out) => {
      const core = await crate("guest-everything", "wasm32-unknown-unknown");
      await run(await guestTool(), ["new", core, "-o", out]);
    },
  },
  "c-everything": {
    about: "the same in C with wit-bindgen, strings in UTF-8",
    sources: ["c/everything.c", "wit/everything.wit", ...tool],
    make: (out, dir) => cEverything(out, dir, "utf8", []),
  },
  "c-everything-utf16": {
    about: "the same in C with strings in UTF-16",
    sources: ["c/everything.c", "wit/everything.wit", ...tool],
    make: (out, dir) => cEverything(out, dir, "utf16", ["-DUTF16"]),
  },
};
