/**
 * @module `@slipway/wasi/terminal`: standard streams on a terminal of the shape of
 * xterm.js. It owns what a system's terminal driver does between keyboard and
 * program: lines that can be edited, echo, Ctrl-C and Ctrl-D.
 */
import { Signal } from "./wait.js";

/** @import { Source } from "./core/stream.js" */
/** @import { Options } from "./host.js" */

/**
 * What is needed of a terminal; xterm.js has it.
 * @typedef {object} TerminalLike
 * @property {(data: string | Uint8Array) => void} write
 * @property {(listener: (data: string) => void) => { dispose(): void }} onData
 * @property {number} cols
 * @property {number} rows
 */

/**
 * @typedef {object} TerminalOptions
 * @property {"line" | "raw"} [mode]
 *   `line` (the default) edits and echoes lines, and hands them over whole; `raw`
 *   hands over every key as it comes and shows nothing.
 * @property {() => void} [onInterrupt] what Ctrl-C does in line mode
 */

/**
 * @typedef {object} TerminalStreams
 * @property {Source} stdin
 * @property {(bytes: Uint8Array) => void} stdout
 * @property {(bytes: Uint8Array) => void} stderr
 * @property {NonNullable<Options["terminal"]>} terminal
 * @property {Record<string, string>} env `TERM`, `COLUMNS` and `LINES`
 * @property {(mode: "line" | "raw") => void} setMode
 * @property {() => void} end no more input will come
 * @property {() => void} dispose lets go of the terminal
 */

const BACKSPACE = "\x7f";
const ERASE = "\b \b";

/**
 * The options that put a guest on a terminal: spread them into `wasi({ ... })`.
 * `runWorker` takes the same streams.
 * @param {TerminalLike} terminal
 * @param {TerminalOptions} [options]
 * @returns {TerminalStreams}
 */
export function terminal(terminal, options = {}) {
  const keyboard = new Keyboard(terminal, options);
  const show = shower(terminal);
  return {
    stdin: keyboard.source,
    stdout: show,
    stderr: show,
    terminal: { stdin: true, stdout: true, stderr: true },
    env: {
      TERM: "xterm-256color",
      COLUMNS: String(terminal.cols),
      LINES: String(terminal.rows),
    },
    setMode: (mode) => keyboard.setMode(mode),
    end: () => keyboard.end(),
    dispose: () => keyboard.dispose(),
  };
}

/**
 * A program's new line is only that; a terminal wants to be told to go back to
 * the line's beginning as well.
 * @param {TerminalLike} terminal
 */
function shower(terminal) {
  let last = 0;
  return (/** @type {Uint8Array} */ bytes) => {
    /** @type {number[]} */
    const out = [];
    for (const byte of bytes) {
      if (byte === 10 && last !== 13) out.push(13);
      out.push(byte);
      last = byte;
    }
    terminal.write(Uint8Array.from(out));
  };
}

/** Keys, and the lines that become of them. */
class Keyboard {
  #terminal;
  #options;
  #mode;
  #subscription;
  #signal = new Signal();
  /** What the program may read. @type {Uint8Array[]} */
  #ready = [];
  #ended = false;
  /** The line that is being edited, as characters a user would count. @type {string[]} */
  #line = [];
  /** @type {Source} */
  source;

  /**
   * @param {TerminalLike} terminal
   * @param {TerminalOptions} options
   */
  constructor(terminal, options) {
    this.#terminal = terminal;
    this.#options = options;
    this.#mode = options.mode ?? "line";
    this.#subscription = terminal.onData((data) => this.#typed(data));
    this.source = {
      event: {
        ready: () => this.#ready.length > 0 || this.#ended,
        onReady: (wake) => this.#signal.onReady(wake),
      },
      read: (max) => this.#read(max),
    };
  }

  /** @param {number} max */
  #read(max) {
    const [chunk] = this.#ready;
    if (!chunk) return this.#ended ? undefined : new Uint8Array(0);
    if (chunk.length > max) this.#ready[0] = chunk.subarray(max);
    else this.#ready.shift();
    return chunk.subarray(0, max);
  }

  /** @param {string} text */
  #give(text) {
    if (text === "") return;
    this.#ready.push(new TextEncoder().encode(text));
    this.#signal.fire();
  }

  /** @param {"line" | "raw"} mode */
  setMode(mode) {
    this.#mode = mode;
    if (mode === "raw") this.#give(this.#line.splice(0).join(""));
  }

  /** @param {string} data */
  #typed(data) {
    if (this.#ended) return;
    if (this.#mode === "raw") return this.#give(data);
    // Arrows and the like: there is no cursor to move in a line like this.
    const keys = data.replace(/\x1b(\[[0-9;]*[ -/]*[@-~]|O.|.)?/g, "");
    for (const key of characters(keys)) if (!this.#ended) this.#key(key);
  }

  /** @param {string} key */
  #key(key) {
    switch (key) {
      case "\r":
      case "\n":
      case "\r\n":
        this.#terminal.write("\r\n");
        return this.#give(`${this.#line.splice(0).join("")}\n`);
      case BACKSPACE:
      case "\b":
        return this.#erase(1);
      case "\x15": // Ctrl-U
        return this.#erase(this.#line.length);
      case "\x17": // Ctrl-W
        return this.#erase(lastWord(this.#line));
      case "\x03": // Ctrl-C
        this.#line = [];
        this.#terminal.write("^C\r\n");
        return this.#options.onInterrupt?.();
      case "\x04": // Ctrl-D
        if (this.#line.length === 0) return this.end();
        return this.#give(this.#line.splice(0).join(""));
    }
    if (key < " " && key !== "\t") return;
    this.#line.push(key);
    this.#terminal.write(key);
  }

  /** @param {number} count */
  #erase(count) {
    for (const key of this.#line.splice(this.#line.length - count, count))
      this.#terminal.write(ERASE.repeat(width(key)));
  }

  end() {
    this.#ended = true;
    this.#signal.fire();
  }

  dispose() {
    this.#subscription.dispose();
    this.end();
  }
}

/**
 * @param {string[]} line
 * @returns {number} characters of its last word and the blanks after it
 */
function lastWord(line) {
  return (/\S*\s*$/.exec(line.map((c) => (c === " " ? " " : "x")).join("")) ?? [
    "",
  ])[0].length;
}

/**
 * What a user sees as one: an accent goes with its letter.
 * @param {string} text
 * @returns {string[]}
 */
function characters(text) {
  if (typeof Intl.Segmenter !== "function") return [...text];
  return Array.from(new Intl.Segmenter().segment(text), (s) => s.segment);
}

/**
 * Cells it takes: two for the wide characters of East Asia and for emoji.
 * @param {string} character
 */
function width(character) {
  const wide =
    /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
  return wide.test(character) ? 2 : 1;
}
