/**
 * What a component has written, as text in pieces: bounded, so that a program that says much cannot fill the page. Owns
 * decoding; knows no element.
 * @module
 */
import { signal } from "@preact/signals";

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
    pieces.value = [...pieces.value, ...arriving];
    arriving = [];
  }

  /**
   * @param {Piece['stream']} stream
   * @param {string} text
   */
  function add(stream, text) {
    if (text === "") return;
    const last = arriving.at(-1);
    if (last?.stream === stream) last.text += text;
    else arriving.push({ key: ++key, stream, text });
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
    /** @param {string} text */
    note: (text) => add("note", text),
    flush,
    clear() {
      arriving = [];
      decoders = fresh();
      pieces.value = [];
    },
  };
}
