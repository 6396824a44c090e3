/**
 * What the report command does, as cases with everything that can be seen from outside: written from README.md, not
 * recorded from any run. Knows neither wasmtime nor Slipway.
 * @module
 */

/**
 * The guests that are report commands, with the word each calls itself by.
 * @type {Record<string, string>}
 */
export const commands = {
  "rust-command": "rust-plain",
  "rust-wasip1": "rust-wasip1",
  "rust-wasip2": "rust-wasip2",
  "c-command": "c",
  "assemblyscript-command": "assemblyscript",
  "js-command": "js",
  "python-command": "python",
};

/**
 * @typedef {object} ReportCase
 * @property {string} title
 * @property {string[]} args without argv0
 * @property {Record<string, string>} env
 * @property {string} [stdin]
 * @property {Record<string, string>} files what /data holds before
 * @property {string} stdout
 * @property {string} stderr
 * @property {number} status 0 or 1
 * @property {Record<string, string>} written what /data holds after, of what the guest wrote
 */

/** @param {string} text */
const bytes = (text) => new TextEncoder().encode(text).length;

/** @param {string} lang @returns {ReportCase[]} */
export function reportCases(lang) {
  const text = "one\ntwo\nthree: zażółć ☃ 𝄞\nno newline at the end";
  const long = "0123456789abcdef☃\n".repeat(2500);
  return [
    {
      title: "no arguments, no variable",
      args: [],
      env: {},
      files: {},
      stdout: "args: \nGREETING unset\n",
      stderr: `${lang}: status 0\n`,
      status: 0,
      written: {},
    },
    {
      title: "a file and a variable",
      args: ["/data/in.txt"],
      env: { GREETING: "hé ☃" },
      files: { "in.txt": text },
      stdout: `args: /data/in.txt\nGREETING=hé ☃\n/data/in.txt: ${bytes(text)} bytes, 3 lines\n`,
      stderr: `${lang}: status 0\n`,
      status: 0,
      written: {},
    },
    {
      title: "a long file copied, and a failing status",
      args: ["/data/in.txt", "/data/copy.txt", "3"],
      env: { GREETING: "a=b" },
      files: { "in.txt": long },
      stdout: `args: /data/in.txt|/data/copy.txt|3\nGREETING=a=b\n/data/in.txt: ${bytes(long)} bytes, 2500 lines\n`,
      stderr: `${lang}: status 3\n`,
      status: 1,
      written: { "copy.txt": `${lang}:${long}` },
    },
    {
      title: "standard input over an existing file",
      args: ["-", "/data/copy.txt", "0"],
      env: {},
      stdin: text,
      files: {
        "copy.txt": "this is longer than what is going to be written, ".repeat(
          9,
        ),
      },
      stdout: `args: -|/data/copy.txt|0\nGREETING unset\n-: ${bytes(text)} bytes, 3 lines\n`,
      stderr: `${lang}: status 0\n`,
      status: 0,
      written: { "copy.txt": `${lang}:${text}` },
    },
    {
      title: "arguments beyond ASCII, empty ones too",
      args: ["-", "", "0", "𝄞", "", "zażółć gęślą"],
      env: { GREETING: "x" },
      stdin: "",
      files: {},
      stdout: "args: -||0|𝄞||zażółć gęślą\nGREETING=x\n-: 0 bytes, 0 lines\n",
      stderr: `${lang}: status 0\n`,
      status: 0,
      written: {},
    },
    {
      title: "a file that is not there",
      args: ["/data/missing.txt"],
      env: { GREETING: "x" },
      files: {},
      stdout: "args: /data/missing.txt\nGREETING=x\n",
      stderr: `${lang}: cannot open /data/missing.txt\n`,
      status: 1,
      written: {},
    },
    {
      title: "a file outside of what was granted",
      args: ["/etc/passwd"],
      env: {},
      files: {},
      stdout: "args: /etc/passwd\nGREETING unset\n",
      stderr: `${lang}: cannot open /etc/passwd\n`,
      status: 1,
      written: {},
    },
    {
      title: "a way out of the granted folder",
      args: ["/data/../etc/passwd"],
      env: {},
      files: {},
      stdout: "args: /data/../etc/passwd\nGREETING unset\n",
      stderr: `${lang}: cannot open /data/../etc/passwd\n`,
      status: 1,
      written: {},
    },
  ];
}
