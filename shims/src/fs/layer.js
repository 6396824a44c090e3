/**
 * @module Layers: a volume below that is never changed, under an inode core that
 * holds what is different from it. It owns the way from an inode to what it stands
 * for below; which names and contents are whose is the core's business.
 *
 * An inode with a `below` is a directory whose names are merged with those of a
 * directory below, or a file whose content is still below. Both are found by their
 * path there, so that a renamed directory keeps what is in it and a file is copied
 * up when it is first written, not when it is moved or linked.
 */

/** @import { Inode } from "./inode.js" */
/** @import { File, Kind, Node, Stat, Volume } from "./volume.js" */

/** What an inode has of the layer below. */
export class Below {
  /** Names below that are no longer there. @type {Set<string> | undefined} */
  gone;
  /**
   * Where it is, as long as it is nothing but what is below, and need not be
   * written down. @type {{ dir: Inode, name: string } | undefined}
   */
  home;
  /** The open file, while somebody reads. @type {File | undefined} */
  file;
  /** Undefined until it is looked for, null if it is not there. @type {Node | null | undefined} */
  node;

  /** @param {string} path from the root of the volume below; `""` is the root */
  constructor(path) {
    this.path = path;
  }
}

/** Kinds that have a meaning above: there are no devices in a layer. */
const KINDS = ["directory", "regular-file", "symbolic-link"];

/** The volume below. */
export class Layer {
  #volume;

  /** @param {Volume} volume */
  constructor(volume) {
    this.#volume = volume;
  }

  /**
   * @param {Below} below
   * @returns {Node | undefined}
   */
  #node(below) {
    if (below.node === undefined) {
      /** @type {Node | undefined} */
      let node = this.#volume.root;
      for (const name of below.path === "" ? [] : below.path.split("/"))
        node = node && this.#child(node, name);
      below.node = node ?? null;
    }
    return below.node ?? undefined;
  }

  /**
   * @param {Node} dir
   * @param {string} name
   * @returns {Node | undefined}
   */
  #child(dir, name) {
    if (this.#volume.kind(dir) !== "directory") return undefined;
    const node = this.#volume.lookup(dir, name);
    return node && KINDS.includes(this.#volume.kind(node)) ? node : undefined;
  }

  /**
   * What is below a merged directory under a name that is not hidden.
   * @param {Below} dir
   * @param {string} name
   * @returns {{ below: Below, stat: Stat, target: string } | undefined}
   */
  find(dir, name) {
    if (dir.gone?.has(name)) return undefined;
    const parent = this.#node(dir);
    const node = parent && this.#child(parent, name);
    if (!node) return undefined;
    const below = new Below(dir.path === "" ? name : `${dir.path}/${name}`);
    below.node = node;
    const stat = this.#volume.stat(node);
    const link = stat.kind === "symbolic-link";
    return { below, stat, target: link ? this.#volume.readlink(node) : "" };
  }

  /**
   * From now on the name is not there, if it ever was.
   * @param {Below} dir
   * @param {string} name
   */
  hide(dir, name) {
    if (this.find(dir, name)) (dir.gone ??= new Set()).add(name);
  }

  /**
   * What is not hidden.
   * @param {Below} dir
   * @returns {Array<{ name: string, kind: Kind }>}
   */
  list(dir) {
    const node = this.#node(dir);
    if (!node || this.#volume.kind(node) !== "directory") return [];
    return this.#volume
      .list(node)
      .filter(({ name, kind }) => KINDS.includes(kind) && !dir.gone?.has(name));
  }

  /**
   * @param {Below} file
   * @param {number} offset
   * @param {number} length
   * @returns {Uint8Array} valid until the next call
   */
  read(file, offset, length) {
    const node = this.#node(file);
    // Somebody changed what is below: that is no end of the file.
    if (!node || this.#volume.kind(node) !== "regular-file") throw "io";
    const how = { read: true, write: false, truncate: false };
    const open = (file.file ??= this.#volume.open(node, how));
    return open.read(offset, length);
  }

  /** @param {Below} file nobody reads it any more */
  close(file) {
    file.file?.close();
    file.file = undefined;
  }
}
