/**
 * What a component has written, as text in pieces: bounded, so that a program that says much cannot fill the page. Owns
 * decoding; knows no element.
 * @module
 */
import { signal } from "@preact/signals";
import { integer } from "./format.js";

/** @typedef {{ key: number, stream: 'stdout' | 'stderr' | 'note', text: string }} Piece */

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
/** A piece grows to this, so that there are few of them, and the last is quick to draw. */
const PIECE = 8_000;

/**
 * @param {Piece[]} before
 * @param {Piece[]} more
 * @returns {Piece[]}
 */
function merge(before, more) {
  const all = [...before];
  for (const piece of more) {
    const last = all.at(-1);
    if (last?.stream === piece.stream && last.text.length < PIECE)
      all[all.length - 1] = { ...last, text: last.text + piece.text };
    else all.push(piece);
  }
  return all;
}

/**
 * @param {Piece[]} pieces
 * @returns {Piece[]}
 */
function shorten(pieces) {
  let length = 0;
  let from = pieces.length;
  while (from > 0 && length < SHOWN) length += pieces[--from].text.length;
  if (from === 0) return pieces;
  const note = {
    key: 0,
    stream: /** @type {const} */ ("note"),
    text: "… what came before is left out …\n",
  };
  return [note, ...pieces.slice(from).filter(({ key }) => key !== 0)];
}

export function createConsole() {
  const pieces = signal(/** @type {Piece[]} */ ([]));
  /** @type {Piece[]} */
  let arriving = [];
  let frame = 0;
  let key = 0;
  let decoders = fresh();

  function fresh() {
    return { stdout: new TextDecoder(), stderr: new TextDecoder() };
  }

  /** However many pieces come in, the page is drawn once a frame. */
  function flush() {
    cancelAnimationFrame(frame);
    frame = 0;
    if (!arriving.length) return;
    pieces.value = shorten(merge(pieces.value, arriving));
    arriving = [];
  }

  /**
   * @param {Piece['stream']} stream
   * @param {string} text
   */
  function add(stream, text) {
    if (text === "") return;
    arriving.push({ key: ++key, stream, text });
    // A page in the background draws no frames, and its text can wait as long.
    frame ||= requestAnimationFrame(flush);
  }

  return {
    pieces,
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
      pieces.value = [];
    },
  };
}
