/**
 * Links, command lines and colours: text in, data out, and back.
 * @module
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultGlue, formatLink, parseLink } from "./hash.js";
import { tokens } from "./highlight.js";
import { joinWords, splitWords } from "./words.js";

test("a link comes back as it went", () => {
  /** @type {import('./hash.js').Link} */
  const link = {
    url: "https://example.org/a b.wasm?x=1&y=#z",
    tab: "run",
    glue: { form: "sync", minify: true, strict: true, runtime: "import" },
    call: 'greet("Ünï & co")',
    args: ["", "two words", "--a=b"],
    env: [
      ["A", "1=2"],
      ["B", ""],
    ],
    stdin: "a\nb",
    files: [["dir/a.txt", "x=y\n"]],
  };
  assert.deepEqual(parseLink(`#${formatLink(link)}`), link);
});

test("what is not said is the default", () => {
  assert.deepEqual(parseLink(""), { glue: defaultGlue });
  assert.equal(
    formatLink({ example: "greet", glue: defaultGlue }),
    "example=greet",
  );
});

test("a query names the component where the hash does not", () => {
  assert.equal(parseLink("", "?url=x.wasm").url, "x.wasm");
  assert.equal(parseLink("#tab=plan", "?url=x.wasm").url, "x.wasm");
  const both = parseLink("#example=greet", "?url=x.wasm");
  assert.deepEqual([both.url, both.example], [undefined, "greet"]);
});

test("words are cut as a shell cuts them", () => {
  const cases = /** @type {Array<[string, string[]]>} */ ([
    ["", []],
    ["  a  b\tc\n", ["a", "b", "c"]],
    ['\'two words\' "and \\"two\\" more"', ["two words", 'and "two" more']],
    ["a'b'\"c\"\\ d", ["abc d"]],
    ["'' \"\"", ["", ""]],
    ["it\\'s", ["it's"]],
    ["'open", ["open"]],
    ["back\\", ["back\\"]],
  ]);
  for (const [text, words] of cases) assert.deepEqual(splitWords(text), words);
});

test("words that were joined are cut into the same words", () => {
  const words = ["", "a", "b c", "it's", '"', "\\", "a\nb", "ünï"];
  assert.deepEqual(splitWords(joinWords(words)), words);
});

test("coloured text is the text", () => {
  const text =
    'import { a } from "b"; // const x = `1`\nconst n = 0x1fn; /* "open */';
  const found = tokens(text, "js");
  assert.equal(found.map((token) => token.text).join(""), text);
  const kinds = found.filter(({ kind }) => kind !== "plain");
  assert.deepEqual(
    kinds.map(({ kind, text: piece }) => [kind, piece]),
    [
      ["keyword", "import"],
      ["keyword", "from"],
      ["string", '"b"'],
      ["comment", "// const x = `1`"],
      ["keyword", "const"],
      ["number", "0x1fn"],
      ["comment", '/* "open */'],
    ],
  );
});
