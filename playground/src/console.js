/**
 * What a component has written, as text in chunks of whole lines: a page lays out a chunk once, however much comes after it.
 * Bounded, so that a program that says much cannot fill the page. Owns decoding; knows no element.
 * @module
 */
import { signal } from "@preact/signals";
import { integer } from "./format.js";

/** @typedef {{ stream: 'stdout' | 'stderr' | 'note', text: string }} Piece */
/**
 * Lines that stand together. A chunk that is followed by another one lacks its last newline: the next chunk's being below says
 * the same.
 * @typedef {{ key: number, length: number, pieces: Piece[] }} Chunk
 */

/** Escape sequences for colours and cursors: there is no terminal here. */
const ESCAPES = new RegExp(
  [
    "\\u001b\\[[0-?]*[ -/]*[@-~]",
    "\\u001b\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)?",
    "\\u001b[@-_]",
  ].join("|"),
  "g",
);

/** Characters that are shown: the last ones. More makes a page slow and is read by nobody. */
const SHOWN = 200_000;
/** A chunk ends with the first line that ends after so many characters. */
const CHUNK = 4_000;

/**
 * Where a text can be cut: at a newline that ends a line with something in it, because at the end of a block an empty line is
 * not drawn.
 * @param {string} before what stands before the text
 * @param {string} text
 * @param {number} from
 * @returns {number} the newline's index, or -1
 */
function cutAt(before, text, from) {
  const isEmpty = (/** @type {number} */ at) =>
    (at > 0 ? text[at - 1] : (before.at(-1) ?? "\n")) === "\n";
  let at = text.indexOf("\n", from);
  while (at >= 0 && isEmpty(at)) at = text.indexOf("\n", at + 1);
  return at;
}

/**
 * @param {Chunk} chunk
 * @param {Piece['stream']} stream
 * @param {string} text
 * @returns {Chunk}
 */
function extend(chunk, stream, text) {
  if (text === "") return chunk;
  const pieces = [...chunk.pieces];
  const last = pieces.at(-1);
  if (last?.stream === stream)
    pieces[pieces.length - 1] = { stream, text: last.text + text };
  else pieces.push({ stream, text });
  return { ...chunk, length: chunk.length + text.length, pieces };
}

/** @param {number} key @returns {Chunk} */
const empty = (key) => ({ key, length: 0, pieces: [] });

/**
 * @param {Chunk[]} chunks
 * @param {Piece[]} arriving
 * @returns {Chunk[]}
 */
export function append(chunks, arriving) {
  const all = chunks.length ? [...chunks] : [empty(0)];
  for (const { stream, text } of arriving) {
    let rest = text;
    for (;;) {
      const last = all[all.length - 1];
      const before = last.pieces.at(-1)?.text ?? "";
      const at = cutAt(before, rest, Math.max(0, CHUNK - last.length));
      const taken = at < 0 ? rest : rest.slice(0, at);
      all[all.length - 1] = extend(last, stream, taken);
      if (at < 0) break;
      all.push(empty(last.key + 1));
      rest = rest.slice(at + 1);
    }
  }
  return shorten(all);
}

/**
 * @param {Chunk[]} chunks
 * @returns {Chunk[]}
 */
function shorten(chunks) {
  let length = 0;
  let from = chunks.length;
  while (from > 0 && length < SHOWN) length += chunks[--from].length;
  return from === 0 ? chunks : chunks.slice(from);
}

export function createConsole() {
  const chunks = signal(/** @type {Chunk[]} */ ([]));
  /** @type {Piece[]} */
  let arriving = [];
  let frame = 0;
  let decoders = fresh();

  function fresh() {
    return { stdout: new TextDecoder(), stderr: new TextDecoder() };
  }

  /** However many pieces come in, the page is drawn once a frame. */
  function flush() {
    cancelAnimationFrame(frame);
    frame = 0;
    if (!arriving.length) return;
    chunks.value = append(chunks.value, arriving);
    arriving = [];
  }

  /**
   * @param {Piece['stream']} stream
   * @param {string} text
   */
  function add(stream, text) {
    if (text === "") return;
    arriving.push({ stream, text });
    // A page in the background draws no frames, and its text can wait as long.
    frame ||= requestAnimationFrame(flush);
  }

  return {
    chunks,
    /**
     * @param {'stdout' | 'stderr'} stream
     * @param {Uint8Array} bytes
     */
    write(stream, bytes) {
      const text = decoders[stream].decode(bytes, { stream: true });
      add(stream, text.replace(ESCAPES, ""));
    },
    /** @param {number} bytes that came too fast to be shown */
    skipped: (bytes) => add("note", `\n… ${integer(bytes)} bytes left out …\n`),
    flush,
    clear() {
      arriving = [];
      decoders = fresh();
      chunks.value = [];
    },
  };
}
