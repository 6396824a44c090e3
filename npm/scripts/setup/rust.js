/**
 * Owns which Rust compiles for wasm32-unknown-unknown: the active one, rustup's addition to it, or Debian's. Knows nothing
 * of what is compiled.
 * @module
 */
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { run, say, tryRun, which } from "./shell.js";

const TARGET = "wasm32-unknown-unknown";
/** What the newest of our dependencies ask for. */
const MIN_RUST = [1, 88];
const DEBIAN = fileURLToPath(new URL("debian-rust.sh", import.meta.url));

/** @typedef {'abort' | 'immediate'} Panic */

/** The version of the active Rust, or undefined where there is none. */
export function rustVersion() {
  const match = /^rustc (\d+)\.(\d+)\S*/.exec(
    which("rustc") ? tryRun("rustc", ["--version"]).stdout : "",
  );
  return (
    match && {
      text: match[0],
      ok:
        Number(match[1]) > MIN_RUST[0] ||
        (Number(match[1]) === MIN_RUST[0] && Number(match[2]) >= MIN_RUST[1]),
    }
  );
}

/** Does the active Rust come with the target's standard library? */
function activeHasTarget() {
  if (!which("rustc")) return false;
  const folder = tryRun("rustc", [
    "--print",
    "target-libdir",
    "--target",
    TARGET,
  ]).stdout.trim();
  return (
    existsSync(folder) &&
    readdirSync(folder).some((name) => /^libstd-.*\.rlib$/.test(name))
  );
}

function addByRustup() {
  if (!which("rustup")) return false;
  say(`rustup target add ${TARGET}`);
  const { status, stderr } = tryRun("rustup", ["target", "add", TARGET], {
    env: { RUSTUP_MAX_RETRIES: "1" },
    timeout: Number(process.env.RUSTUP_TIMEOUT ?? 120) * 1000,
  });
  if (status === 0 && activeHasTarget()) return true;
  const reason =
    /^error.*/im.exec(stderr)?.[0] ??
    stderr.trim().split("\n").at(-1) ??
    "no answer";
  say(`not to be had from there: ${reason.slice(0, 140)}`);
  return false;
}

/**
 * Debian's Rust, installed where it is missing; answers the environment that selects it.
 * @param {Panic} panic
 * @returns {Record<string, string>}
 */
function debian(panic) {
  const lines = run("bash", [DEBIAN], {
    quiet: true,
    env: { WASM_PANIC: panic },
  });
  return Object.fromEntries(
    [...lines.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, key, value]) => [
      key,
      value,
    ]),
  );
}

/**
 * The environment in which `cargo build --target wasm32-unknown-unknown` works, made where it does not yet.
 * `WASM_TOOLCHAIN=rustup | debian` leaves out the other way. `immediate` (panics trap without a word, a tenth is saved)
 * needs a standard library built for it, which only Debian's Rust can do here: with rustup's the answer is `abort`.
 * @param {Panic} [panic]
 * @returns {{ env: Record<string, string>, from: 'active' | 'rustup' | 'debian', panic: Panic }}
 */
export function wasmToolchain(panic = "abort") {
  const mode = process.env.WASM_TOOLCHAIN ?? "auto";
  if (!["auto", "rustup", "debian"].includes(mode))
    throw new Error(`WASM_TOOLCHAIN=${mode}: want auto, rustup or debian`);
  if (mode !== "debian") {
    if (activeHasTarget()) return { env: {}, from: "active", panic: "abort" };
    if (addByRustup()) return { env: {}, from: "rustup", panic: "abort" };
    if (mode === "rustup")
      throw new Error(
        `rustup cannot add ${TARGET} here; without WASM_TOOLCHAIN=rustup Debian's Rust would be tried`,
      );
  }
  return { env: debian(panic), from: "debian", panic };
}
