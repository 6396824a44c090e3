/**
 * @module Paths: from a directory and a path to a node, inside that directory
 * and never out of it. It owns the rules of WASI's path resolution (`..`,
 * symlinks, trailing slashes, lengths) and refuses to know rights or files.
 */
import { NAME_MAX, PATH_MAX, fail } from "./volume.js";

/** @import { Node, Volume } from "./volume.js" */

// What a symbolic link at the end of a path means.

/** Itself; what a slash after it asks for is the caller's to check. */
export const NOFOLLOW = 0;
/** Followed when the path ends in a slash, as `lstat` and `open` do. */
export const FOLLOW_SLASH = 1;
export const FOLLOW = 2;

const MOST_LINKS = 40;

/**
 * @typedef {object} Found
 * @property {Node} dir the directory that holds (or would hold) the last name
 * @property {string} name that name; `.` or `..` if the path ends so
 * @property {Node | undefined} node what is there
 * @property {boolean} slash whether the path said that it is a directory
 * @property {Node[]} dirs from the base to `dir`
 */

/**
 * @param {Volume} volume
 * @param {Node} base
 * @param {string} path
 * @param {0 | 1 | 2} follow
 * @returns {Found}
 */
export function resolve(volume, base, path, follow) {
  checkPath(path);
  if (isName(path)) {
    const node = volume.lookup(base, path);
    if (!node || follow !== FOLLOW || volume.kind(node) !== "symbolic-link")
      return { dir: base, name: path, node, slash: false, dirs: [base] };
  }
  return walk(volume, base, path, follow);
}

/** @param {string} path */
function checkPath(path) {
  if (path === "") fail("no-entry");
  if (path.length > PATH_MAX) fail("name-too-long");
  if (path.charCodeAt(0) === 47) fail("not-permitted");
  if (path.includes("\0")) fail("invalid");
}

/**
 * Whether a path is one plain name: by far the most common one.
 * @param {string} path
 */
function isName(path) {
  return (
    path.length < NAME_MAX / 4 &&
    path !== "." &&
    path !== ".." &&
    !path.includes("/")
  );
}

/**
 * @param {Volume} volume
 * @param {Node} base
 * @param {string} path
 * @param {0 | 1 | 2} follow
 * @returns {Found}
 */
function walk(volume, base, path, follow) {
  // The directories from the base to where we are: `..` can only go back along
  // it, so it cannot leave the base, whatever links were taken.
  const stack = [base];
  let parts = split(path);
  let slash = path.endsWith("/");
  let links = 0;
  for (let i = 0; ; i++) {
    const name = parts[i];
    const last = i === parts.length - 1;
    const dir = stack[stack.length - 1];
    if (name === ".." && stack.length === 1) fail("not-permitted");
    if (name === "." || name === "..") {
      if (name === "..") stack.pop();
      if (!last) continue;
      const node = stack[stack.length - 1];
      return { dir, name, node, slash: true, dirs: stack };
    }
    checkName(name);
    const node = volume.lookup(dir, name);
    const kind = node && volume.kind(node);
    if (kind === "symbolic-link") {
      if (!last || follow === FOLLOW || (slash && follow === FOLLOW_SLASH)) {
        if (++links > MOST_LINKS) fail("loop");
        const target = volume.readlink(/** @type {Node} */ (node));
        checkPath(target);
        if (last && target.endsWith("/")) slash = true;
        parts = split(target).concat(parts.slice(i + 1));
        i = -1;
        continue;
      }
    }
    if (last) {
      if (slash && follow !== NOFOLLOW && node && kind !== "directory")
        fail("not-directory");
      return { dir, name, node, slash, dirs: stack };
    }
    if (!node) fail("no-entry");
    if (kind !== "directory") fail("not-directory");
    stack.push(node);
  }
}

/**
 * @param {string} path not empty
 * @returns {string[]} its components, at least one
 */
function split(path) {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.length === 0 ? ["."] : parts;
}

/** @param {string} name */
export function checkName(name) {
  // UTF-8 takes at most three bytes per UTF-16 unit: most names need no count.
  if (name.length * 3 > NAME_MAX && utf8Length(name) > NAME_MAX)
    fail("name-too-long");
}

/**
 * @param {string} text
 * @returns {number} bytes in UTF-8
 */
export function utf8Length(text) {
  return new TextEncoder().encode(text).length;
}
