/**
 * Writes a set of files into a folder so that it never holds half of them: all are written aside first, then moved in.
 * Other files in the folder stay. Node only.
 * @module
 */
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";

/**
 * @param {string} folder made where it is missing
 * @param {Record<string, string | Uint8Array>} files by path, with `/`
 */
export async function writeFiles(folder, files) {
  const target = resolve(folder);
  const aside = `${target}.${process.pid}-${Date.now().toString(36)}.tmp`;
  const paths = Object.keys(files);
  for (const path of paths) {
    if (!join(target, path).startsWith(target + sep))
      throw new Error(`${path} would lie outside of ${folder}`);
  }
  const old = await stat(target).catch(() => undefined);
  if (old && !old.isDirectory())
    throw new Error(
      `${folder} is a file; give a folder, or move it out of the way`,
    );
  try {
    const folders = new Set(paths.map((path) => dirname(path)));
    await mkdir(aside, { recursive: true });
    await Promise.all(
      [...folders].map((path) => mkdir(join(aside, path), { recursive: true })),
    );
    await Promise.all(
      paths.map((path) => writeFile(join(aside, path), files[path])),
    );
    // A new folder appears at once and whole; an old one gets file by file, and no moving can run out of space.
    if (!old) return await rename(aside, target);
    await Promise.all(
      [...folders].map((path) =>
        mkdir(join(target, path), { recursive: true }),
      ),
    );
    for (const path of paths)
      await rename(join(aside, path), join(target, path));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
