/**
 * What a guest is granted on the command line, as options of a host. Nothing is granted unasked. Knows no command.
 * @module
 */
import { UsageError } from "./options.js";

/** @import { directory } from '@slipway/wasi/node' */

/** @type {import('./options.js').OptionTable} */
export const grantOptions = {
  dir: {
    value: "HOST[::GUEST]",
    many: true,
    help: "grant the folder HOST, which the guest sees as GUEST (the same path by default)",
  },
  env: {
    value: "K[=V]",
    many: true,
    help: "give the guest the variable K, with V or the value it has here",
  },
  "inherit-env": { help: "give the guest all variables" },
  "allow-http": {
    value: "HOST,…",
    optional: true,
    split: true,
    help: "let the guest make HTTP requests, to these hosts (`example.com`, `*.example.com`, `localhost:8080`) or to all",
  },
  "allow-net": {
    value: "HOST:PORT,…",
    optional: true,
    split: true,
    help: "sockets: slipway has none yet, and says so",
  },
};

/** What `--allow-http` takes: a host, or all below one, with or without scheme and port. */
const HOST =
  /^(?:https?:\/\/)?(?:\*|(?:\*\.)?[^\s/:*?#@[\]]+|\[[\da-f:.]+\])(?::\d+)?$/i;

/**
 * @param {Record<string, any>} values
 * @returns {Record<string, string>}
 */
function variables(values) {
  /** @type {Record<string, string>} */
  const env = {};
  if (values["inherit-env"]) Object.assign(env, process.env);
  for (const word of values.env ?? []) {
    const at = word.indexOf("=");
    const name = at < 0 ? word : word.slice(0, at);
    const value = at < 0 ? process.env[name] : word.slice(at + 1);
    if (!name) throw new UsageError(`--env ${word}: want K or K=V`);
    if (value === undefined)
      throw new UsageError(
        `--env ${name}: there is no such variable here; give it a value with --env ${name}=…`,
      );
    env[name] = value;
  }
  return env;
}

/** @param {string[]} words */
async function folders(words) {
  const { directory } = await import("@slipway/wasi/node");
  const { stat } = await import("node:fs/promises");
  /** @type {Record<string, ReturnType<typeof directory>>} */
  const fs = {};
  for (const word of words) {
    const [host, guest = host] = word.split("::");
    if (!host || !guest)
      throw new UsageError(`--dir ${word}: want HOST or HOST::GUEST`);
    const found = await stat(host).catch(() => undefined);
    if (!found?.isDirectory())
      throw new Error(`--dir ${word}: there is no folder ${host}`);
    fs[guest] = directory(host);
  }
  return fs;
}

/**
 * @param {true | string[] | undefined} hosts
 * @returns {{ fetch?: true | { allow: string[] } }}
 */
function requests(hosts) {
  if (!hosts) return {};
  if (hosts === true) return { fetch: true };
  if (hosts.length === 0)
    throw new UsageError("--allow-http=: which hosts? or leave off the =");
  for (const host of hosts)
    if (!HOST.test(host))
      throw new UsageError(
        `--allow-http=${host}: want hosts, such as example.com, *.example.com or localhost:8080`,
      );
  return { fetch: { allow: hosts } };
}

/**
 * @param {Record<string, any>} values of {@link grantOptions}
 */
export async function grants(values) {
  if (values["allow-net"])
    throw new UsageError(
      "--allow-net: there are no sockets yet: wasi:sockets is there and denies everything; for HTTP there is --allow-http",
    );
  return {
    env: variables(values),
    fs: await folders(values.dir ?? []),
    ...requests(values["allow-http"]),
  };
}
