/**
 * Writes a set of files into a folder so that it never holds half of them: all are written aside first, then moved in.
 * Other files in the folder stay. Node only, and in one go: the command has nothing else to do meanwhile.
 * @module
 */
import {
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve, sep } from "node:path";

/**
 * @param {string} folder made where it is missing
 * @param {Record<string, string | Uint8Array>} files by path, with `/`
 */
export function writeFiles(folder, files) {
  const target = resolve(folder);
  const aside = `${target}.${process.pid}-${Date.now().toString(36)}.tmp`;
  const paths = Object.keys(files);
  for (const path of paths) {
    if (!join(target, path).startsWith(target + sep))
      throw new Error(`${path} would lie outside of ${folder}`);
  }
  const old = existsSync(target);
  if (old && !statSync(target).isDirectory())
    throw new Error(
      `${folder} is a file; give a folder, or move it out of the way`,
    );
  const folders = new Set(paths.map((path) => dirname(path)));
  const make = (/** @type {string} */ base) => {
    mkdirSync(base, { recursive: true });
    for (const path of folders)
      if (path !== ".") mkdirSync(join(base, path), { recursive: true });
  };
  try {
    make(aside);
    for (const path of paths) writeFileSync(join(aside, path), files[path]);
    // A new folder appears at once and whole; an old one gets file by file, and no moving can run out of space.
    if (!old) return renameSync(aside, target);
    make(target);
    for (const path of paths) renameSync(join(aside, path), join(target, path));
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
