/** @module The report command (see ../README.md) in JavaScript for componentize-js. */
import { getArguments, getEnvironment } from "wasi:cli/environment@0.2.12";
import { getStderr } from "wasi:cli/stderr@0.2.12";
import { getStdin } from "wasi:cli/stdin@0.2.12";
import { getStdout } from "wasi:cli/stdout@0.2.12";
import { getDirectories } from "wasi:filesystem/preopens@0.2.12";

const LANG = "js";
const encoder = new TextEncoder();

export const run = {
  run() {
    const err = getStderr();
    let status;
    try {
      status = report();
    } catch (error) {
      say(err, `${LANG}: ${error.message}\n`);
      throw undefined;
    }
    say(err, `${LANG}: status ${status}\n`);
    if (status !== 0) throw undefined;
  },
};

function report() {
  const args = getArguments().slice(1);
  const out = getStdout();
  say(out, `args: ${args.join("|")}\n`);
  const greeting = getEnvironment().find(([name]) => name === "GREETING");
  say(out, greeting ? `GREETING=${greeting[1]}\n` : "GREETING unset\n");
  const [path, to, status] = args;
  if (path === undefined) return 0;
  const bytes = path === "-" ? drain(getStdin()) : read(path);
  const lines = bytes.reduce((n, byte) => n + (byte === 10 ? 1 : 0), 0);
  say(out, `${path}: ${bytes.length} bytes, ${lines} lines\n`);
  if (to) write(to, [...encoder.encode(`${LANG}:`), ...bytes]);
  return status === undefined ? 0 : Number(status);
}

/** The preopened directory that holds `path`, the longest one winning, opened at the rest of the path. */
function open(path, openFlags, flags) {
  const found = getDirectories()
    .filter(([, name]) =>
      path.startsWith(name.endsWith("/") ? name : `${name}/`),
    )
    .sort((a, b) => b[1].length - a[1].length)[0];
  if (!found) throw new Error(`cannot open ${path}`);
  const [dir, name] = found;
  try {
    return dir.openAt(
      { symlinkFollow: true },
      path.slice(name.length).replace(/^\//, ""),
      openFlags,
      flags,
    );
  } catch {
    throw new Error(`cannot open ${path}`);
  }
}

function read(path) {
  return drain(open(path, {}, { read: true }).readViaStream(0n));
}

function drain(stream) {
  const bytes = [];
  for (;;) {
    try {
      bytes.push(...stream.blockingRead(4096n));
    } catch (error) {
      if (error.payload?.tag === "closed") return bytes;
      throw error;
    }
  }
}

function write(path, bytes) {
  const stream = open(
    path,
    { create: true, truncate: true },
    { write: true },
  ).writeViaStream(0n);
  for (let at = 0; at < bytes.length; at += 4096)
    stream.blockingWriteAndFlush(new Uint8Array(bytes.slice(at, at + 4096)));
}

function say(stream, text) {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length; at += 4096)
    stream.blockingWriteAndFlush(bytes.slice(at, at + 4096));
}
