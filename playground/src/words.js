/**
 * A command line as a shell would cut it: words between spaces, quotes around what has some. Text to words and back.
 * @module
 */

/**
 * @param {string} text
 * @returns {string[]}
 */
export function splitWords(text) {
  const words = [];
  let word = "";
  let open = false;
  const pattern =
    /'([^']*)'?|"((?:\\.|[^"\\])*)"?|\\(.)|(\s+)|([^\s'"\\]+|\\$)/gsu;
  for (const [, single, double, escaped, space, plain] of text.matchAll(
    pattern,
  )) {
    if (space !== undefined) {
      if (open) words.push(word);
      word = "";
      open = false;
      continue;
    }
    open = true;
    word +=
      single ?? double?.replace(/\\(["\\])/g, "$1") ?? escaped ?? plain ?? "";
  }
  if (open) words.push(word);
  return words;
}

/**
 * @param {string[]} words
 * @returns {string}
 */
export function joinWords(words) {
  return words
    .map((word) =>
      /^[\w@%+=:,./-]+$/.test(word)
        ? word
        : `'${word.replaceAll("'", `'"'"'`)}'`,
    )
    .join(" ");
}
