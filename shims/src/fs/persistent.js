/**
 * @module A volume that is there again next time, on three synchronous file
 * handles: one of blocks, two of which one is the log. It owns when things are
 * written down; it refuses to know what the handles are (OPFS, a test's fake).
 */
import { BlockStore } from "./blocks.js";
import { InodeVolume } from "./inode.js";
import { Below, Layer } from "./layer.js";
import { Log } from "./log.js";
import { fail } from "./volume.js";

/** @import { SyncHandle } from "./blocks.js" */
/** @import { Inode, Journal } from "./inode.js" */
/** @import { EntryChange } from "./log.js" */
/** @import { Volume } from "./volume.js" */

/**
 * @typedef {object} Handles
 * @property {SyncHandle} data
 * @property {[SyncHandle, SyncHandle]} logs
 */

/**
 * @typedef {object} PersistentOptions
 * @property {boolean} [readonly] changes nothing, not even to set it up
 * @property {number | null} [commitMs]
 *   How long a change may wait before it is written down unasked; null leaves it
 *   to `sync` and `close`.
 * @property {Volume} [over]
 *   A volume below, never changed: what is kept is the difference to it. It has to
 *   be there, and the same, at every later mount.
 */

/** Changes that may gather before they are written down in between. */
const MOST_CHANGES = 20000;
const MOST_PENDING = 64 << 20;

/**
 * @param {Handles} handles
 * @param {PersistentOptions} [options]
 * @returns {PersistentVolume}
 */
export function persistent(handles, options = {}) {
  const { readonly = false, commitMs = 200, over } = options;
  const log = new Log(handles.logs);
  if (log.state?.root.below && !over)
    throw new Error(
      "this volume holds changes to another one: mount it with { over }",
    );
  const store = new BlockStore(handles.data);
  if (log.state) store.adopt(log.state.inodes);
  const journal = new Recorder(log, store, readonly ? null : commitMs);
  const volume = new PersistentVolume(journal, store, log, over);
  if (!log.state && !readonly) log.restart(volume.root);
  volume.readonly = readonly;
  return volume;
}

/** @implements {Journal} */
class Recorder {
  #log;
  #store;
  #commitMs;
  /** @type {Set<Inode>} */
  #changed = new Set();
  /** @type {EntryChange[]} */
  #entries = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #committing = false;
  #stopped = false;
  /** @type {Inode | undefined} */
  root;

  /**
   * @param {Log} log
   * @param {BlockStore} store
   * @param {number | null} commitMs
   */
  constructor(log, store, commitMs) {
    this.#log = log;
    this.#store = store;
    this.#commitMs = commitMs;
    store.reclaim = () => this.sync();
  }

  /** @param {Inode} inode */
  changed(inode) {
    this.#changed.add(inode);
    if (this.#timer !== undefined || this.#commitMs === null) return;
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      try {
        this.sync();
      } catch {
        // No room for the log: `sync` and `close` will say so when asked.
      }
    }, this.#commitMs);
    /** @type {any} */ (this.#timer).unref?.();
  }

  /**
   * @param {Inode} dir
   * @param {string} name
   * @param {Inode | undefined} inode
   */
  entry(dir, name, inode) {
    this.#entries.push({ dir, name, inode });
  }

  /** Before an operation: whether enough has gathered to write it down. */
  begin() {
    // Closed, or taken by another tab: nothing would come of it.
    if (this.#stopped) fail("io");
    const many = this.#entries.length + this.#changed.size > MOST_CHANGES;
    if (many || this.#store.pending > MOST_PENDING) this.sync();
  }

  /** Everything up to now is safe when this returns. */
  sync() {
    if (this.#changed.size === 0 || !this.root || this.#committing) return;
    this.#committing = true;
    try {
      // The data before the log that names it.
      this.#store.flush();
      if (!this.#log.isLong || !this.#compact(this.root))
        this.#log.append(this.#changed, this.#entries);
      this.#store.committed(this.#changed);
    } finally {
      this.#committing = false;
    }
    this.#changed.clear();
    this.#entries = [];
  }

  /**
   * @param {Inode} root
   * @returns {boolean} whether there was room for it
   */
  #compact(root) {
    try {
      this.#log.restart(root);
      return true;
    } catch (error) {
      if (error === "insufficient-space") return false;
      throw error;
    }
  }

  /** Nothing is written down any more. */
  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** The inode core over blocks and a log. */
export class PersistentVolume extends InodeVolume {
  #journal;
  #store;
  #log;
  #closed = false;

  /**
   * @param {Recorder} journal
   * @param {BlockStore} store
   * @param {Log} log
   * @param {Volume} [over]
   */
  constructor(journal, store, log, over) {
    const { root, nextIno } = log.state ?? {};
    const layer = over && new Layer(over);
    super({ store, journal, root, nextIno, layer });
    if (over && !this.root.below) {
      this.root.below = new Below("");
      journal.changed(this.root);
    }
    this.#journal = journal;
    this.#store = store;
    this.#log = log;
    journal.root = this.root;
  }

  /** Makes everything safe now, whoever wrote it. */
  commit() {
    if (!this.readonly) this.#journal.sync();
  }

  /** @returns {{ blocks: number, free: number }} */
  usage() {
    return this.#store.usage();
  }

  /** Makes everything safe and gives the handles back. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.commit();
    } finally {
      this.#journal.stop();
      this.#store.close();
      this.#log.close();
    }
  }
}
