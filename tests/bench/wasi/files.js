/**
 * Files: reads and writes in sequence, and many small files; in memory, and in the origin private file system against what
 * the browser has itself, a FileSystemSyncAccessHandle.
 * @module
 */
import { memory } from "@slipway/wasi";
import { jco, ours, peer } from "./hosts.js";
import { race, timed } from "./race.js";

/** @import { Row } from '../measure.js' */
/** @import { Ask } from './groups.js' */

const dispose = /** @type {typeof Symbol.dispose} */ (
  Symbol.dispose ?? Symbol.for("dispose")
);

/** Bytes of the file that is read and written in sequence, by the size of a piece. @type {[label: string, size: number, length: number][]} */
const PIECES = [
  ["4 KB", 4096, 8 << 20],
  ["1 MB", 1 << 20, 32 << 20],
];
const MANY = 10_000;
/** As many as a candidate makes that takes milliseconds for each. */
const FEW = 100;
const SMALL = new Uint8Array(4096).fill(1);
const RW = { read: true, write: true };

/**
 * A file to read and write, by one candidate.
 * @typedef {object} Sequence
 * @property {(bytes: Uint8Array, at: number) => void} write
 * @property {(length: number, at: number) => number} read how many bytes
 * @property {() => void | Promise<void>} sync
 * @property {() => void | Promise<void>} [end]
 */

/** @param {any} root a descriptor @param {Sequence["sync"]} [sync] @returns {Sequence} */
function sequenceOf(root, sync) {
  const file = root.openAt({}, "sequence", { create: true }, RW);
  return {
    write: (bytes, at) => void file.write(bytes, BigInt(at)),
    read: (length, at) => file.read(BigInt(length), BigInt(at))[0].length,
    sync: sync ?? (() => file.sync()),
  };
}

/** The floor in memory: a typed array. @param {number} length @returns {Sequence} */
function typedArray(length) {
  const all = new Uint8Array(length);
  const scratch = new Uint8Array(1 << 20);
  return {
    write: (bytes, at) => all.set(bytes, at),
    read: (length, at) => {
      scratch.set(all.subarray(at, at + length));
      return length;
    },
    sync: () => {},
  };
}

/** The floor on disk: an open handle. @param {FileSystemDirectoryHandle} dir @returns {Promise<Sequence>} */
async function accessHandle(dir) {
  const file = await dir.getFileHandle("raw", { create: true });
  const handle = await /** @type {any} */ (file).createSyncAccessHandle();
  const scratch = new Uint8Array(1 << 20);
  return {
    write: (bytes, at) => handle.write(bytes, { at }),
    read: (length, at) => handle.read(scratch.subarray(0, length), { at }),
    sync: () => handle.flush(),
    end: async () => {
      handle.close();
      await dir.removeEntry("raw");
    },
  };
}

/**
 * Writes in sequence, then (every candidate having its file) reads.
 * @param {string} store
 * @param {Record<string, Sequence | undefined>} candidates
 * @param {Ask} ask
 * @param {number} size of a piece
 * @param {number} length of the file
 * @returns {Promise<[string, Row][]>}
 */
async function sequences(store, candidates, ask, size, length) {
  const piece = new Uint8Array(size).fill(7);
  const ops = length / size;
  /** @param {(it: Sequence) => () => void | Promise<void>} pass */
  const all = (pass) =>
    Object.fromEntries(
      Object.entries(candidates).map(([name, it]) => [
        name,
        it && { ops, pass: pass(it) },
      ]),
    );
  /** @param {Sequence} it */
  const write = (it) => {
    for (let at = 0; at < length; at += size) it.write(piece, at);
  };
  const writes = all((it) => () => write(it));
  const synced = all((it) => () => {
    write(it);
    return it.sync();
  });
  const reads = all((it) => () => {
    for (let at = 0; at < length; at += size)
      if (it.read(size, at) !== size) throw new Error("a short read");
  });
  const label = PIECES.find(([, n]) => n === size)?.[0];
  return [
    [`${store}: write ${label}`, await race(writes, ask.rounds)],
    [
      `${store}: write ${label}, a sync at the end of ${length >> 20} MB`,
      await race(synced, ask.rounds),
    ],
    [`${store}: read ${label}`, await race(reads, ask.rounds)],
  ];
}

/** @param {Ask} ask @returns {Promise<[string, Row][]>} */
export async function inMemory(ask) {
  /** @type {[string, Row][]} */
  const rows = [];
  for (const [, size, length] of PIECES) {
    const them = ask.jco ? await jcoInMemory() : undefined;
    rows.push(
      ...(await sequences(
        "memory",
        {
          raw: typedArray(length),
          ours: sequenceOf(ours(memory()).root),
          jco: them && sequenceOf(them.root),
        },
        ask,
        size,
        length,
      )),
    );
  }
  return rows;
}

/** @param {any} [data] the tree at first */
async function jcoInMemory(data = { dir: {} }) {
  const { InMemoryFilesystemAdapter } = await peer();
  return jco(new InMemoryFilesystemAdapter(), data);
}

const hasOpfs = () =>
  typeof (
    /** @type {any} */ (globalThis).FileSystemFileHandle?.prototype
      .createSyncAccessHandle
  ) === "function";

/** @param {Ask} ask @returns {Promise<[string, Row][]>} */
export async function inOpfs(ask) {
  if (!hasOpfs()) return [];
  const { opfs, removeOpfs } = await import("@slipway/wasi/opfs");
  const top = await navigator.storage.getDirectory();
  /** @type {[string, Row][]} */
  const rows = [];
  for (const [, size, length] of PIECES) {
    await removeOpfs("bench");
    const volume = await opfs("bench");
    const raw = await accessHandle(top);
    const their = ask.jco ? await jcoInOpfs(top, `jco-${size}`) : undefined;
    rows.push(
      ...(await sequences(
        "OPFS",
        {
          raw,
          ours: sequenceOf(ours(volume).root),
          jco: their && sequenceOf(their.guest.root, their.settled),
        },
        ask,
        size,
        length,
      )),
    );
    await raw.end?.();
    await volume.close();
    await removeOpfs("bench");
    their?.end();
  }
  return rows;
}

/** @param {FileSystemDirectoryHandle} top @param {string} name */
async function jcoInOpfs(top, name) {
  const { OpfsFilesystemAdapter, loadOpfsCapability } = await peer();
  const dir = await top.getDirectoryHandle(name, { create: true });
  const adapter = new OpfsFilesystemAdapter();
  // It begins a flush a microtask after a change, whether or not another is under way, and then they fail on each other's
  // temporary files: here one waits for the other.
  const flush = adapter.flush.bind(adapter);
  let flushed = Promise.resolve();
  adapter.flush = () => (flushed = flushed.then(flush));
  const guest = await jco(adapter, await loadOpfsCapability(dir));
  return {
    guest,
    settled: async () => {
      await Promise.resolve();
      await flushed;
    },
    // Its files stay: flushes of its own accord may be under way, and the profile goes with the browser.
    end: () => adapter.dispose(),
  };
}

/** The phases of a run with many files. */
const PHASES = /** @type {const} */ (["create", "stat", "open", "unlink"]);
/** @typedef {(typeof PHASES)[number]} Phase */
/** @typedef {Record<Phase, () => void | Promise<void>>} Phases */

const TITLES = {
  create: "create and write 4 KB",
  stat: "stat",
  open: "open, read 4 KB, close",
  unlink: "unlink",
};

/** @param {any} root @param {number} count @param {() => void | Promise<void>} [sync] @returns {Phases} */
function manyOf(root, count, sync = () => {}) {
  const each = (/** @type {(name: string) => void} */ act) => () => {
    for (let i = 0; i < count; i++) act(`file-${i}`);
    return sync();
  };
  return {
    create: each((name) => {
      const file = root.openAt({}, name, { create: true }, RW);
      file.write(SMALL, 0n);
      file[dispose]?.();
    }),
    stat: each((name) => {
      if (root.statAt({}, name).size !== 4096n) throw new Error("another size");
    }),
    open: each((name) => {
      const file = root.openAt({}, name, {}, { read: true });
      if (file.read(4096n, 0n)[0].length !== 4096) throw new Error("short");
      file[dispose]?.();
    }),
    unlink: each((name) => root.unlinkFileAt(name)),
  };
}

/** Files by the browser's own means, a handle for each. @param {FileSystemDirectoryHandle} dir @param {number} count @returns {Phases} */
function manyRaw(dir, count) {
  const each =
    (/** @type {(name: string) => Promise<unknown>} */ act) => async () => {
      for (let i = 0; i < count; i++) await act(`file-${i}`);
    };
  const open = async (/** @type {string} */ name, create = false) =>
    /** @type {any} */ (
      await dir.getFileHandle(name, { create })
    ).createSyncAccessHandle();
  const scratch = new Uint8Array(4096);
  return {
    create: each(async (name) => {
      const handle = await open(name, true);
      handle.write(SMALL, { at: 0 });
      handle.close();
    }),
    stat: each(async (name) => {
      const { size } = await (await dir.getFileHandle(name)).getFile();
      if (size !== 4096) throw new Error("another size");
    }),
    open: each(async (name) => {
      const handle = await open(name);
      if (handle.read(scratch, { at: 0 }) !== 4096) throw new Error("short");
      handle.close();
    }),
    unlink: each((name) => dir.removeEntry(name)),
  };
}

/**
 * All phases of one candidate after the other, candidates in turns.
 * @param {string} store
 * @param {Record<string, { count: number, phases: Phases } | undefined>} candidates
 * @param {number} rounds
 * @returns {Promise<[string, Row][]>}
 */
async function phases(store, candidates, rounds) {
  /** @type {Record<Phase, Row>} */
  const rows = { create: {}, stat: {}, open: {}, unlink: {} };
  for (let round = 0; round < rounds; round++)
    for (const [name, it] of Object.entries(candidates)) {
      if (!it) continue;
      for (const phase of PHASES) {
        const ns = (await timed(it.phases[phase])) / it.count;
        const best = rows[phase][name]?.ns ?? Infinity;
        rows[phase][name] = { ns: Math.min(best, ns) };
      }
    }
  return PHASES.map((phase) => [
    `${store}, ${MANY} files: ${TITLES[phase]}`,
    rows[phase],
  ]);
}

/** What a round costs is seconds: few of them. @param {Ask} ask */
const fewRounds = (ask) => Math.min(ask.rounds, 4);

/** @param {Ask} ask @returns {Promise<[string, Row][]>} */
export async function manyInMemory(ask) {
  const us = manyOf(ours(memory()).root, MANY);
  const them = ask.jco ? await jcoInMemory() : undefined;
  const candidates = {
    ours: { count: MANY, phases: us },
    jco: them && { count: MANY, phases: manyOf(them.root, MANY) },
  };
  const rows = await phases("memory", candidates, fewRounds(ask));
  /** @type {Record<string, Uint8Array>} */
  const tree = {};
  /** @type {Record<string, { source: Uint8Array }>} */
  const dir = {};
  for (let i = 0; i < MANY; i++) {
    tree[`file-${i}`] = SMALL;
    dir[`file-${i}`] = { source: SMALL };
  }
  const mount = await race(
    {
      ours: { ops: 1, pass: () => void ours(memory(tree)) },
      jco: ask.jco
        ? { ops: 1, pass: async () => void (await jcoInMemory({ dir })) }
        : undefined,
    },
    ask.rounds,
  );
  return [...rows, [`memory: mount of ${MANY} files`, mount]];
}

/** @param {Ask} ask @returns {Promise<[string, Row][]>} */
export async function manyInOpfs(ask) {
  if (!hasOpfs()) return [];
  const { opfs, removeOpfs } = await import("@slipway/wasi/opfs");
  const top = await navigator.storage.getDirectory();
  await removeOpfs("bench-many");
  const volume = await opfs("bench-many");
  const dir = await top.getDirectoryHandle("bench-raw", { create: true });
  const sync = () => volume.commit();
  const root = ours(volume).root;
  const rows = await phases(
    "OPFS",
    {
      raw: { count: FEW, phases: manyRaw(dir, FEW) },
      ours: { count: MANY, phases: manyOf(root, MANY, sync) },
    },
    fewRounds(ask),
  );
  // The peer's way to mount: it reads every file. Per file, of as many as it made by hand above.
  await manyOf(root, MANY, sync).create();
  await volume.close();
  await manyRaw(dir, FEW).create();
  const { loadOpfsCapability } = ask.jco ? await peer() : {};
  /** @type {Row} */
  const mount = { ours: { ns: Infinity }, jco: { ns: Infinity } };
  if (!ask.jco) delete mount.jco;
  for (let round = 0; round < fewRounds(ask); round++) {
    // A handle that was closed is not free at once, and who opens it again too early waits.
    await new Promise((resolve) => setTimeout(resolve, 300));
    let again;
    const ns = await timed(async () => (again = await opfs("bench-many")));
    await /** @type {any} */ (again).close();
    mount.ours.ns = Math.min(mount.ours.ns, ns / MANY);
    if (!ask.jco) continue;
    const theirs = await timed(() => loadOpfsCapability(dir));
    mount.jco.ns = Math.min(mount.jco.ns, theirs / FEW);
  }
  await removeOpfs("bench-many");
  await top.removeEntry("bench-raw", { recursive: true });
  return [...rows, [`OPFS: mount of ${MANY} files, per file`, mount]];
}
