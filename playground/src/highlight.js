/**
 * Text in coloured pieces, for the few languages that the page shows. Knows tokens, not grammars.
 * @module
 */

/** @typedef {{ kind: 'comment' | 'string' | 'keyword' | 'number' | 'plain', text: string }} Token */

/** Beyond this colouring costs more than it tells. */
const MAX = 120_000;

const JS =
  "as async await break case catch class const continue default delete do else export extends false finally for from function if import in instanceof interface let new null of return static super switch this throw true try type typeof undefined var void while yield";
const WIT =
  "as async bool borrow char constructor enum error-context export f32 f64 flags from func future import include interface list map option own package record resource result s16 s32 s64 s8 static stream string tuple type u16 u32 u64 u8 use variant with world";
const PLAN = `${WIT} module lower lift instantiate instance in adapt core flat size align utf8 utf16 memory realloc post-return defined imported dtor`;

/** @param {string} words @param {string} comment */
const language = (words, comment) =>
  new RegExp(
    `(?<comment>${comment})|(?<string>"(?:\\\\.|[^"\\\\\\n])*"|'(?:\\\\.|[^'\\\\\\n])*'|\`(?:\\\\.|[^\`\\\\])*\`)|(?<keyword>(?<![\\w$.-])(?:${words.replaceAll(" ", "|")})(?![\\w$-]))|(?<number>(?<![\\w$])(?:0x[\\da-f_]+n?|\\d[\\d_.]*n?)(?![\\w]))`,
    "gs",
  );

const C_COMMENT = "//[^\\n]*|/\\*.*?\\*/";

/** @param {'js' | 'wit' | 'plan'} lang */
function patternOf(lang) {
  if (lang === "js") return language(JS, C_COMMENT);
  if (lang === "wit") return language(WIT, C_COMMENT);
  return language(PLAN, ";;[^\\n]*");
}

/**
 * @param {string} text
 * @param {'js' | 'wit' | 'plan'} lang
 * @returns {Token[]}
 */
export function tokens(text, lang) {
  if (text.length > MAX) return [{ kind: "plain", text }];
  /** @type {Token[]} */
  const found = [];
  let at = 0;
  for (const match of text.matchAll(patternOf(lang))) {
    if (match.index > at)
      found.push({ kind: "plain", text: text.slice(at, match.index) });
    const kind = Object.entries(match.groups ?? {}).find(
      ([, t]) => t !== undefined,
    )?.[0];
    found.push({ kind: /** @type {Token['kind']} */ (kind), text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ kind: "plain", text: text.slice(at) });
  return found;
}
