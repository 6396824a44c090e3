/**
 * The runtimes that the HTTP suite knows, and how each is started with the guest.
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transpile } from "slipway";
import { buildGuest } from "../../guests/build.js";

const here = dirname(fileURLToPath(import.meta.url));
const runtimes =
  process.env.SLIPWAY_RUNTIMES ?? join(here, "../../runtimes/node_modules");

/**
 * @typedef {object} Server
 * @property {string} origin
 * @property {() => { now: number, peak: number } | undefined} memory
 *   resident bytes, where the system says
 * @property {number} [pid]
 * @property {() => Promise<void>} stop
 *
 * @typedef {object} Runtime
 * @property {string | undefined} program
 * @property {(guest: Guest) => Promise<Server>} start
 * @property {Traits} traits
 */

/** @import { Traits } from "./suite.js" */
/** @typedef {{ folder: string, files: Record<string, string | Uint8Array> }} Guest */

/**
 * The guest, transpiled into a folder.
 * @returns {Promise<Guest & { remove(): Promise<void> }>}
 */
export async function guestFiles(name = "rust-http") {
  const bytes = await readFile(await buildGuest(name));
  // Multi-memory is not everywhere; one component needs no adapters.
  const { files } = await transpile(bytes, {
    name: "http",
    instantiation: "async",
    typescript: false,
  });
  const folder = await mkdtemp(join(tmpdir(), "slipway-http-"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), contents);
  }
  return {
    folder,
    files,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * A child that says its port on the descriptor with the number `from`.
 * @param {string} program
 * @param {string[]} args
 * @param {{ from?: number, env?: Record<string, string> }} [how]
 * @returns {Promise<Server>}
 */
function started(program, args, { from = 1, env = {} } = {}) {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
    cwd: here,
  });
  let said = "";
  const ended = new Promise((resolve) => child.once("close", resolve));
  return new Promise((resolve, reject) => {
    for (const stream of child.stdio.slice(1))
      stream?.on("data", (data) => {
        said += data;
        if (stream !== child.stdio[from]) return;
        const port = /port"?:? ?(\d+)/.exec(String(data))?.[1];
        if (port) resolve(server(port));
      });
    child.once("error", reject);
    void ended.then(() => reject(new Error(`${program} ended: ${said}`)));
    /** @param {string} port */
    const server = (port) => ({
      origin: `http://127.0.0.1:${port}`,
      memory: () => memoryOf(child.pid),
      pid: child.pid,
      async stop() {
        child.kill("SIGKILL");
        await ended;
      },
    });
  });
}

/** @param {number | undefined} pid */
export function memoryOf(pid) {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return undefined;
  const status = readFileSync(file, "utf8");
  const kilobytes = (/** @type {string} */ name) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024;
  return { now: kilobytes("VmRSS"), peak: kilobytes("VmHWM") };
}

/** Where the system lets it: what a server's peak is then counts from now. @param {Server} server */
export function forgetPeak({ pid }) {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // It counts from the beginning: never too little.
  }
}

/** @param {string} path in tests/runtimes/node_modules */
function installed(path) {
  const file = join(runtimes, path);
  return existsSync(file) ? file : undefined;
}

/**
 * @param {string | undefined} program
 * @param {boolean} streams
 * @param {string[]} more arguments
 * @returns {Runtime}
 */
function node(program, streams, ...more) {
  return {
    traits: {
      streams,
      trailers: true,
      exact: true,
    },
    program,
    start: ({ folder }) =>
      started(String(program), [join(here, "serve.js"), folder, ...more]),
  };
}

/** Of the Node at hand. */
const major = Number(process.versions.node.split(".")[0]);

/** @type {Record<string, Runtime>} */
export const RUNTIMES = {
  [`node${major}`]: node(process.execPath, major >= 24),
  [`node${major}, threads`]: node(process.execPath, true, "--threads"),
  node22: node(installed("node22/bin/node"), false),
  "node22, threads": node(installed("node22/bin/node"), true, "--threads"),
  node24: node(installed("node24/bin/node"), true),
  node26: node(installed("node26/bin/node"), true),
  deno: {
    // Mended after 2.9.5: denoland/deno#36624.
    traits: { streams: true, halfDuplex: true },
    program: installed(".bin/deno"),
    start({ folder }) {
      const args = ["run", "-A", "--quiet", join(here, "serve.js"), folder];
      const env = { DENO_NO_UPDATE_CHECK: "1" };
      return started(String(this.program), args, { env });
    },
  },
  bun: {
    traits: { streams: true },
    program: installed(".bin/bun"),
    start({ folder }) {
      const args = [join(here, "serve.js"), folder];
      return started(String(this.program), args);
    },
  },
  workerd: {
    // A stream of 100 MB that touches no Wasm costs it 60 to 80.
    traits: { streams: true, utf8: true, budget: 192 << 20 },
    program: workerdProgram(),
    async start({ folder, files }) {
      await bundled(folder, files);
      const config = join(folder, "config.capnp");
      await writeFile(config, capnp(Object.keys(files)));
      const args = ["serve", config, "--control-fd=3"];
      return started(String(this.program), args, { from: 3 });
    },
  },
};

/** The package brings a program for each platform in a package of its own. */
function workerdProgram() {
  const main = installed("workerd/package.json");
  if (!main) return undefined;
  const { platform, arch } = process;
  const name = `@cloudflare/workerd-${platform}-${arch === "x64" ? "64" : arch}`;
  try {
    return createRequire(main).resolve(`${name}/bin/workerd`);
  } catch {
    return undefined;
  }
}

/** @param {Record<string, unknown>} files */
const wasmOf = (files) => Object.keys(files).filter((p) => /\.wasm$/.test(p));

/**
 * One module of the server, the guest's glue and the shims, beside the core
 * modules, which stay imports.
 * @param {string} folder
 * @param {Record<string, unknown>} files
 */
async function bundled(folder, files) {
  const { rolldown } = await import("rolldown");
  const imports = wasmOf(files).map((p, i) => `import c${i} from "./${p}";`);
  const table = wasmOf(files).map((p, i) => `${JSON.stringify(p)}: c${i}`);
  const cores = `${imports.join("\n")}\nexport default { ${table} };`;
  const bundle = await rolldown({
    input: join(here, "workerd.js"),
    external: /\.wasm$/,
    plugins: [
      {
        name: "guest",
        resolveId(id) {
          if (id === "slipway-test:guest") return join(folder, "http.js");
          return id === "slipway-test:cores" ? id : undefined;
        },
        load: (id) => (id === "slipway-test:cores" ? cores : undefined),
      },
    ],
  });
  await bundle.write({
    file: join(folder, "worker.mjs"),
    format: "es",
    codeSplitting: false,
  });
}

/** @param {string[]} paths */
function capnp(paths) {
  const wasm = paths
    .filter((path) => path.endsWith(".wasm"))
    .map((path) => `(name = "${path}", wasm = embed "${path}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs"), ${wasm.join(", ")}],
  compatibilityDate = "2026-10-01",
);
`;
}
