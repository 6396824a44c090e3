/**
 * What the commands put on the screen: colour on a terminal only, sizes for people, help from a table. Knows no command.
 * @module
 */

/** @import { Command } from './main.js' */

/**
 * Colours for a stream; none where it is no terminal or nobody wants them.
 * @param {{ isTTY?: boolean }} stream
 */
export function palette(stream) {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const on = FORCE_COLOR
    ? FORCE_COLOR !== "0"
    : stream.isTTY === true && !NO_COLOR && TERM !== "dumb";
  const paint =
    (/** @type {number} */ open, /** @type {number} */ close) =>
    (/** @type {string} */ text) =>
      on ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    cyan: paint(36, 39),
  };
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500)
    return `${(bytes / 1e3).toFixed(bytes < 9950 ? 1 : 0)} kB`;
  return `${(bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0)} MB`;
}

/**
 * Rows in columns; numbers and sizes to the right.
 * @param {string[][]} rows
 * @param {{ right?: number[] }} [how]
 */
export function columns(rows, { right = [] } = {}) {
  const widths =
    rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i].length))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, i) =>
          right.includes(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/**
 * Text in lines of a width.
 * @param {string} text
 * @param {number} width
 * @returns {string[]}
 */
function wrap(text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
}

/**
 * @param {string} name
 * @param {Command} command
 * @returns {string}
 */
export function commandHelp(name, command) {
  const { bold, dim, cyan } = palette(process.stdout);
  const width = Math.min(process.stdout.columns ?? 100, 100);
  const rows = Object.entries(command.options).map(
    ([long, { short, value, choices, optional, help }]) => {
      const word =
        value && (optional ? (choices ? `[${value}]` : `[=${value}]`) : value);
      const space = word && !word.startsWith("[=") ? " " : "";
      return {
        left: `${short ? `-${short}, ` : "    "}--${long}${space}${word ?? ""}`,
        help: help + (choices ? ` (${choices.join(", ")})` : ""),
      };
    },
  );
  const left = Math.max(...rows.map((row) => row.left.length)) + 4;
  const lines = rows.map((row) => {
    const [first, ...rest] = wrap(row.help, Math.max(30, width - left));
    return [
      `  ${cyan(row.left.padEnd(left - 2))}${first}`,
      ...rest.map((line) => " ".repeat(left) + line),
    ].join("\n");
  });
  const parts = [
    `${bold(`slipway ${name}`)} ${command.usage}`,
    wrap(command.about, width).join("\n"),
    `${bold("Options")}\n${lines.join("\n")}`,
  ];
  if (command.examples)
    parts.push(
      `${bold("Examples")}\n${command.examples.map(([line, what]) => `  ${line}\n      ${dim(what)}`).join("\n")}`,
    );
  return `${parts.join("\n\n")}\n`;
}
