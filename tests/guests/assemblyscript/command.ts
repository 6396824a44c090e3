// The report command (see ../README.md) in AssemblyScript. Its library on preview 1 has arguments, variables and
// standard streams; files are the preview 1 calls themselves.
import {
  errno,
  fd_close,
  fd_prestat_dir_name,
  fd_prestat_get,
  fd_read,
  fd_write,
  lookupflags,
  oflags,
  path_open,
  prestat,
  rights,
} from "@assemblyscript/wasi-shim/assembly/bindings/wasi_snapshot_preview1";

const LANG = "assemblyscript";

// What the adapter needs of memory it takes from our heap. Without this export it grows memory for itself, and pages
// that neither side knows to be the other's end in a corrupt heap.
export function cabi_realloc(
  old: usize,
  oldSize: usize,
  align: usize,
  size: usize,
): usize {
  return old ? heap.realloc(old, size) : heap.alloc(size);
}

const FIRST_PREOPEN: u32 = 3;
const scratch = memory.data(16);

function fail(path: string): void {
  process.stderr.write(LANG + ": cannot open " + path + "\n");
  process.exit(1);
}

/** Opens `path` in the preopened directory that holds it; the longest one wins. */
function open(path: string, flags: oflags, base: rights): u32 {
  let dir: u32 = 0;
  let dirName = "";
  for (
    let fd = FIRST_PREOPEN;
    fd_prestat_get(fd, changetype<prestat>(scratch)) == errno.SUCCESS;
    fd++
  ) {
    const length = load<u32>(scratch, 4);
    const bytes = new Uint8Array(length);
    fd_prestat_dir_name(fd, bytes.dataStart, length);
    const name = String.UTF8.decode(bytes.buffer);
    const prefix = name.endsWith("/") ? name : name + "/";
    if (
      path.startsWith(prefix) &&
      (dir == 0 || prefix.length > dirName.length)
    ) {
      dir = fd;
      dirName = prefix;
    }
  }
  const rest = String.UTF8.encode(path.substring(dirName.length));
  const err = path_open(
    dir,
    lookupflags.SYMLINK_FOLLOW,
    changetype<usize>(rest),
    rest.byteLength,
    flags,
    base,
    0,
    0,
    scratch,
  );
  if (dir == 0 || err != errno.SUCCESS) fail(path);
  return load<u32>(scratch);
}

function drain(fd: u32): u8[] {
  const all: u8[] = [];
  const chunk = new Uint8Array(4096);
  let n: u32;
  do {
    store<usize>(scratch, chunk.dataStart);
    store<usize>(scratch, chunk.length, 4);
    if (fd_read(fd, scratch, 1, scratch + 8) != errno.SUCCESS) unreachable();
    n = load<u32>(scratch, 8);
    for (let i: u32 = 0; i < n; i++) all.push(chunk[i]);
  } while (n > 0);
  return all;
}

function writeAll(fd: u32, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += load<u32>(scratch, 8)) {
    store<usize>(scratch, bytes.dataStart + at);
    store<usize>(scratch, bytes.length - at, 4);
    if (fd_write(fd, scratch, 1, scratch + 8) != errno.SUCCESS) unreachable();
  }
}

const args = process.argv.slice(1);
process.stdout.write("args: " + args.join("|") + "\n");
process.stdout.write(
  process.env.has("GREETING")
    ? "GREETING=" + process.env.get("GREETING") + "\n"
    : "GREETING unset\n",
);
let status: i32 = 0;
if (args.length > 0) {
  const path = args[0];
  const bytes = drain(path == "-" ? 0 : open(path, 0, rights.FD_READ));
  let lines = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] == 10) lines++;
  process.stdout.write(
    path +
      ": " +
      bytes.length.toString() +
      " bytes, " +
      lines.toString() +
      " lines\n",
  );
  if (args.length > 1 && args[1].length > 0) {
    const fd = open(args[1], oflags.CREAT | oflags.TRUNC, rights.FD_WRITE);
    writeAll(fd, Uint8Array.wrap(String.UTF8.encode(LANG + ":")));
    const copy = new Uint8Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) copy[i] = bytes[i];
    writeAll(fd, copy);
    fd_close(fd);
  }
  if (args.length > 2) status = I32.parseInt(args[2]);
}
process.stderr.write(LANG + ": status " + status.toString() + "\n");
if (status != 0) process.exit(status);
