/**
 * @module Where the bytes of a volume in memory live. It owns growth, limits and contents that are made when they are
 * first asked for; names and times are the inode core's.
 */
import { LARGEST, Slabs } from "./slabs.js";
import { fail } from "./volume.js";

/** @import { Inode, Store } from "./inode.js" */
/** @import { Place } from "./slabs.js" */

const EMPTY = new Uint8Array(0);
/** The longest array that every engine makes. */
const FILE_MAX = 2 ** 32;

/**
 * What the heap has of one file. Bytes of the array beyond the file's size mean nothing; where the array ends before the
 * file does there is a hole, which reads as zeros.
 */
class Content {
  /** @type {Uint8Array} */
  bytes = EMPTY;
  /** Beyond this, `bytes` are zeros that nobody has written to. */
  high = 0;
  /** Where `bytes` are, unless they are an array of their own. @type {Place | undefined} */
  place;
  /** Whether they are somebody else's, only to be read. */
  lent = false;
  /** Makes them, if nobody has asked yet. @type {(() => Uint8Array) | undefined} */
  make;
  /** How many bytes count against the volume's limit. */
  charged = 0;

  /**
   * What was cut off, or never written, reads as zeros.
   * @param {number} from
   * @param {number} to
   */
  clear(from, to) {
    this.bytes.fill(0, from, Math.min(to, this.high));
  }
}

/**
 * @param {Inode} inode
 * @returns {Content}
 */
function contentOf(inode) {
  return (inode.data ??= new Content());
}

/**
 * @param {Inode} inode
 * @returns {Content} with its bytes
 */
function made(inode) {
  const content = contentOf(inode);
  if (!content.make) return content;
  content.bytes = content.make();
  content.lent = true;
  content.make = undefined;
  Object.defineProperty(inode, "size", {
    configurable: true,
    enumerable: true,
    writable: true,
    value: content.bytes.length,
  });
  return content;
}

/** @implements {Store} */
export class HeapStore {
  #left;
  #slabs = new Slabs();

  /** @param {number} maxBytes of all files together, but for contents that are made later */
  constructor(maxBytes) {
    this.#left = maxBytes;
  }

  /**
   * Content that is made when it is first asked for. Its length must be known by
   * then: a file without a known size is made at its first `stat`.
   * @param {Inode} inode
   * @param {() => Uint8Array} make
   */
  later(inode, make) {
    /** @type {number | undefined} */
    let known;
    Object.defineProperty(inode, "size", {
      configurable: true,
      enumerable: true,
      get: () => known ?? made(inode).bytes.length,
      set(size) {
        known = size;
      },
    });
    contentOf(inode).make = make;
  }

  /**
   * Content that is there: copied only when the file is written to.
   * @param {Inode} inode
   * @param {Uint8Array} bytes
   */
  lend(inode, bytes) {
    const content = contentOf(inode);
    this.#charge(content, bytes.length);
    content.bytes = bytes;
    content.lent = true;
    inode.size = bytes.length;
  }

  /**
   * @param {Content} content
   * @param {number} bytes that it has from now on
   */
  #charge(content, bytes) {
    const more = bytes - content.charged;
    if (more > this.#left) fail("insufficient-space");
    this.#left -= more;
    content.charged = bytes;
  }

  /**
   * @param {Inode} inode
   * @param {number} offset
   * @param {number} length
   */
  read(inode, offset, length) {
    const { bytes } = made(inode);
    const end = offset + length;
    if (end <= bytes.length) return bytes.subarray(offset, end);
    const out = new Uint8Array(length);
    if (offset < bytes.length) out.set(bytes.subarray(offset));
    return out;
  }

  /**
   * @param {Inode} inode
   * @param {number} offset
   * @param {Uint8Array} source
   */
  write(inode, offset, source) {
    const content = made(inode);
    const { size } = inode;
    const end = offset + source.length;
    const more = Math.max(0, end - size);
    if (more > this.#left) fail("insufficient-space");
    if (end > content.bytes.length || content.lent) {
      const roomy = Math.min(content.bytes.length * 2, FILE_MAX);
      this.#move(content, content.lent ? end : Math.max(end, roomy), size);
    }
    this.#charge(content, content.charged + more);
    if (offset > size) content.clear(size, offset);
    content.bytes.set(source, offset);
    content.high = Math.max(content.high, end);
    return source.length;
  }

  /**
   * Gives a file other room.
   * @param {Content} content
   * @param {number} length
   * @param {number} size how much of it is the file's
   */
  #move(content, length, size) {
    const { bytes, place, lent } = content;
    const kept = Math.min(bytes.length, size);
    const least = lent ? Math.max(length, kept) : length;
    if (least > FILE_MAX) fail("file-too-large");
    try {
      content.place = least <= LARGEST ? this.#slabs.take(least) : undefined;
      content.bytes = content.place?.bytes ?? new Uint8Array(least);
    } catch {
      fail("insufficient-space");
    }
    content.bytes.set(bytes.subarray(0, kept));
    content.high = content.place ? content.bytes.length : kept;
    content.clear(kept, size);
    content.lent = false;
    if (place) this.#slabs.give(place);
  }

  /**
   * @param {Inode} inode
   * @param {number} size
   */
  resize(inode, size) {
    if (size > FILE_MAX) fail("file-too-large");
    const content = made(inode);
    const old = inode.size;
    const { charged, bytes } = content;
    this.#charge(
      content,
      size > old ? charged + size - old : Math.min(charged, size),
    );
    if (content.lent) content.bytes = bytes.subarray(0, size);
    else if (size > old) content.clear(old, size);
    else if (size === 0) this.#drop(content);
    else if (size < bytes.length / 2) this.#move(content, size, size);
  }

  /** @param {Content} content */
  #drop(content) {
    if (content.place) this.#slabs.give(content.place);
    content.place = undefined;
    content.bytes = EMPTY;
    content.high = 0;
  }

  /** @param {Inode} inode */
  free(inode) {
    if (!inode.data) return;
    const content = contentOf(inode);
    this.#charge(content, 0);
    this.#drop(content);
    inode.data = undefined;
  }
}
