/**
 * Random steps on volumes, and what can then be seen of them: for tests that
 * compare a volume with a simpler one, or with itself after a crash.
 * @module
 */
import assert from "node:assert/strict";
import { entriesOf, rootOf } from "./fs.suite.js";

const RW = { read: true, write: true };
const DISPOSE = Symbol.dispose ?? Symbol.for("dispose");

/** Everything a guest can see, as a text. */
export function dump(volume) {
  const { root } = rootOf(volume);
  const lines = [];
  const ids = new Map();
  const visit = (dir, path) => {
    const list = entriesOf(dir).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, type } of list) {
      const at = `${path}/${name}`;
      const stat = dir.statAt({}, name);
      const time = stat.dataModificationTimestamp;
      let what = type;
      if (type === "symbolic-link") what += ` -> ${dir.readlinkAt(name)}`;
      if (type === "regular-file") {
        const file = dir.openAt({}, name, {}, { read: true });
        let sum = 0;
        const [data] = file.read(stat.size, 0n);
        for (const byte of data) sum = (Math.imul(sum, 31) + byte) >>> 0;
        const hash = String(file.metadataHash().lower);
        if (!ids.has(hash)) ids.set(hash, ids.size);
        what += ` ${stat.size} ${sum} links=${stat.linkCount}`;
        file[DISPOSE]();
      }
      lines.push(`${at} ${what}`);
      assert.ok(time.seconds > 0n);
      if (type === "directory") {
        const sub = dir.openAt({}, name, { directory: true }, { read: true });
        visit(sub, at);
        sub[DISPOSE]();
      }
    }
  };
  visit(root, "");
  return lines.join("\n");
}

const NAMES = ["a", "b", "c", "d", "e/a", "e/b", "e/f/a", "e", "e/f", "g"];

/**
 * One random operation on all volumes; they must answer alike.
 * @param {{ pick<T>(list: readonly T[]): T, below(n: number): number }} random
 * @param {Array<ReturnType<typeof rootOf>>} volumes
 * @param {any[][]} open files that are kept open between steps, per volume
 */
export function randomStep(random, volumes, open) {
  const path = random.pick(NAMES);
  const other = random.pick(NAMES);
  const size = random.pick([0, 1, 100, 4095, 4096, 4097, 9000, 40000]);
  const offset = BigInt(random.pick([0, 0, 1, 4096, 5000, 20000]));
  const fill = random.below(255) + 1;
  const slot = random.below(3);
  const kind = random.below(14);
  const act = ({ root }, files) => {
    const create = (flags, then) => {
      const file = root.openAt({}, path, { create: true, ...flags }, RW);
      try {
        return then(file);
      } finally {
        file[DISPOSE]();
      }
    };
    switch (kind) {
      case 0:
      case 1:
      case 2:
        return create({}, (file) =>
          file.write(new Uint8Array(size).fill(fill), offset),
        );
      case 3:
        return create({}, (file) =>
          file
            .appendViaStream()
            .blockingWriteAndFlush(
              new Uint8Array(Math.min(size, 4096)).fill(fill),
            ),
        );
      case 4:
        return create({}, (file) => file.setSize(BigInt(size)));
      case 5:
        return create({ truncate: true }, () => {});
      case 6:
        return root.unlinkFileAt(path);
      case 7:
        return root.renameAt(path, root, other);
      case 8:
        return root.createDirectoryAt(path);
      case 9:
        return root.removeDirectoryAt(path);
      case 10:
        return root.symlinkAt(other, path);
      case 11:
        return root.linkAt({}, path, root, other);
      case 12: {
        files[slot]?.[DISPOSE]();
        files[slot] = undefined;
        files[slot] = root.openAt({}, path, {}, RW);
        return;
      }
      default:
        return files[slot]?.write(new Uint8Array(size).fill(fill), offset);
    }
  };
  const answers = volumes.map((volume, i) => {
    try {
      return { value: act(volume, open[i]) };
    } catch (error) {
      if (error instanceof Error) throw error;
      return { error };
    }
  });
  if (answers.length > 1) assert.deepEqual(answers[0], answers[1]);
}
