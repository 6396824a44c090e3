/**
 * Running the component as a program: what it is granted, what it says, how it ends. Signals and actions; knows no element.
 * @module
 */
import { batch, computed, signal } from "@preact/signals";
import { createConsole } from "./console.js";
import { Session } from "./run/session.js";
import { joinWords, splitWords } from "./words.js";

/**
 * @import { ReadonlySignal } from '@preact/signals'
 * @import { Failure, FromWorker, Grants } from './run/messages.js'
 * @import { Link } from './hash.js'
 * @import { Opened } from './state.js'
 */

/**
 * @typedef {{ kind: 'idle' }
 *   | { kind: 'starting' }
 *   | { kind: 'running', since: number }
 *   | { kind: 'stopped' }
 *   | { kind: 'broken', reason: string }
 *   | { kind: 'ended', failure: Failure | undefined, ms: number }} Progress
 */

/** @typedef {{ path: string, contents: Uint8Array, text: boolean }} GrantedFile `text` where it can be edited */
/** @typedef {{ path: string, contents: Uint8Array, change: 'new' | 'changed' | 'same' }} FileAfter */

const encoder = new TextEncoder();

/**
 * @param {string} text a variable a line
 * @returns {Array<[string, string]>}
 */
function variables(text) {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const at = line.indexOf("=");
      return at < 0
        ? [line.trim(), ""]
        : [line.slice(0, at).trim(), line.slice(at + 1)];
    });
}

/**
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 */
const equal = (a, b) =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/**
 * What a run left behind against what it was given.
 * @param {Array<[path: string, contents: Uint8Array]>} after
 * @param {GrantedFile[]} before
 * @returns {FileAfter[]}
 */
function compare(after, before) {
  const given = new Map(before.map(({ path, contents }) => [path, contents]));
  return after.map(([path, contents]) => {
    const old = given.get(path);
    const change = !old ? "new" : equal(old, contents) ? "same" : "changed";
    return { path, contents, change };
  });
}

/** @param {{ opened: ReadonlySignal<Opened | undefined> }} given */
export function createRun({ opened }) {
  const args = signal("");
  const env = signal("");
  const stdin = signal("");
  const grantsFiles = signal(false);
  const files = signal(/** @type {GrantedFile[]} */ ([]));
  const progress = signal(/** @type {Progress} */ ({ kind: "idle" }));
  const after = signal(/** @type {FileAfter[] | undefined} */ (undefined));
  /** How a blocking call waits here; told by the first run. */
  const blocking = signal("");
  const output = createConsole();
  const isLive = computed(
    () =>
      progress.value.kind === "starting" || progress.value.kind === "running",
  );
  /** @type {Session | undefined} */
  let session;
  let turn = 0;

  /** @param {Progress} to */
  function finish(to) {
    output.flush();
    session?.stop();
    session = undefined;
    progress.value = to;
  }

  /** @param {FromWorker} message */
  function hear(message) {
    switch (message.type) {
      case "ready":
        blocking.value = message.blocking;
        progress.value = { kind: "running", since: performance.now() };
        return;
      case "output":
        return output.write(message.stream, message.bytes);
      case "skipped":
        return output.skipped(message.bytes);
      case "failed":
        return finish({ kind: "ended", failure: message.failure, ms: 0 });
      case "ended":
        if (message.files) after.value = compare(message.files, files.value);
        return finish({
          kind: "ended",
          failure: message.failure,
          ms: message.ms,
        });
    }
  }

  /** @returns {Grants} */
  const grants = () => ({
    args: [opened.value?.name ?? "component", ...splitWords(args.value)],
    env: variables(env.value),
    stdin: stdin.value,
    files: grantsFiles.value
      ? files.value.map(({ path, contents }) => [path, contents])
      : null,
  });

  async function start() {
    const it = opened.value;
    if (!it?.command || isLive.value) return;
    const mine = ++turn;
    batch(() => {
      output.clear();
      after.value = undefined;
      progress.value = { kind: "starting" };
    });
    try {
      const { code, modules } = await it.runnable();
      if (mine !== turn) return;
      const { world, command } = it;
      session = new Session(
        { code, modules, world, grants: grants(), command },
        {
          message: hear,
          broken: (reason) => finish({ kind: "broken", reason }),
        },
      );
    } catch (error) {
      if (mine === turn)
        finish({
          kind: "broken",
          reason: /** @type {Error} */ (error).message,
        });
    }
  }

  function stop() {
    turn += 1;
    finish({ kind: "stopped" });
  }

  function reset() {
    turn += 1;
    finish({ kind: "idle" });
    batch(() => {
      output.clear();
      after.value = undefined;
      args.value = env.value = stdin.value = "";
      grantsFiles.value = false;
      files.value = [];
    });
  }

  /** @param {Link} link */
  function follow(link) {
    if (link.args) args.value = joinWords(link.args);
    if (link.env) env.value = link.env.map((pair) => pair.join("=")).join("\n");
    if (link.stdin !== undefined) stdin.value = link.stdin;
    if (link.files) {
      grantsFiles.value = true;
      files.value = link.files.map(([path, text]) => ({
        path,
        contents: encoder.encode(text),
        text: true,
      }));
    }
  }

  /** @returns {Partial<Link>} */
  function link() {
    const texts = files.value.filter(({ text }) => text);
    const decoder = new TextDecoder();
    return {
      args: splitWords(args.value),
      env: variables(env.value),
      stdin: stdin.value,
      ...(grantsFiles.value && {
        files: texts.map(({ path, contents }) => [
          path,
          decoder.decode(contents),
        ]),
      }),
    };
  }

  return {
    args,
    env,
    stdin,
    grantsFiles,
    files,
    progress,
    isLive,
    after,
    blocking,
    output,
    start,
    stop,
    reset,
    follow,
    link,
  };
}
