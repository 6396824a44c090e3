/**
 * @module `wasi:cli@0.2`: arguments, environment, exit, the standard streams and
 * whether they are terminals. A face over the host's options.
 */
import { ComponentExit } from "./core/exit.js";
import { toSink, toSource } from "./core/stream.js";
import { InputStream, OutputStream } from "./io.js";

/** @import { Context } from "./host.js" */

/** The resource `terminal-input`; it has no methods yet. */
export class TerminalInput {}
/** The resource `terminal-output`; it has no methods yet. */
export class TerminalOutput {}

/**
 * The face of `wasi:cli`: environment, exit, standard streams, terminals.
 * @param {Context} context
 * @returns the interfaces, by full name
 */
export function cli({ options, waiter }) {
  const env = options.env ?? [];
  const variables = Symbol.iterator in env ? [...env] : Object.entries(env);
  const stdin = once(() => toSource(options.stdin));
  const stdout = once(() => toSink(options.stdout, console.log));
  const stderr = once(() => toSink(options.stderr, console.error));
  const tty = options.terminal ?? {};
  return {
    "wasi:cli/environment@0.2.12": {
      getEnvironment: () => variables,
      getArguments: () => options.args ?? [],
      initialCwd: () => options.cwd,
    },
    "wasi:cli/exit@0.2.12": {
      exit(/** @type {{ tag: "ok" | "err" }} */ status) {
        throw new ComponentExit(status.tag === "ok" ? 0 : 1);
      },
      exitWithCode(/** @type {number} */ code) {
        throw new ComponentExit(code);
      },
    },
    "wasi:cli/stdin@0.2.12": {
      getStdin: () => new InputStream(stdin(), waiter, true),
    },
    "wasi:cli/stdout@0.2.12": {
      getStdout: () => new OutputStream(stdout(), waiter, true),
    },
    "wasi:cli/stderr@0.2.12": {
      getStderr: () => new OutputStream(stderr(), waiter, true),
    },
    "wasi:cli/terminal-input@0.2.12": { TerminalInput },
    "wasi:cli/terminal-output@0.2.12": { TerminalOutput },
    "wasi:cli/terminal-stdin@0.2.12": {
      getTerminalStdin: () => (tty.stdin ? new TerminalInput() : undefined),
    },
    "wasi:cli/terminal-stdout@0.2.12": {
      getTerminalStdout: () => (tty.stdout ? new TerminalOutput() : undefined),
    },
    "wasi:cli/terminal-stderr@0.2.12": {
      getTerminalStderr: () => (tty.stderr ? new TerminalOutput() : undefined),
    },
  };
}

/**
 * Every call of `get-stdin` gives a handle on one stream, made on first use.
 * @template T
 * @param {() => T} make
 * @returns {() => T}
 */
function once(make) {
  /** @type {T | undefined} */
  let made;
  return () => (made ??= make());
}
