/**
 * Command-line arguments to values, by a table of options. Knows no command, and prints nothing.
 * @module
 */

/**
 * @typedef {object} Option
 * @property {string} help
 * @property {string} [short] one letter
 * @property {string} [value] what its value is called in the help; without it the option is a switch
 * @property {string[]} [choices] the values it takes; the first is meant where none is given
 * @property {boolean} [many] may be repeated; values are collected, and split at commas where `split`
 * @property {boolean} [split]
 * @property {boolean} [optional] the value may be left off (else after a `=` only)
 *
 * @typedef {Record<string, Option>} OptionTable by long name; `no-x` is written out
 * @typedef {Record<string, any>} Values by long name
 */

/** The command was not given as it has to be: exit status 2. */
export class UsageError extends Error {}

/**
 * @param {string[]} args
 * @param {OptionTable} table
 * @param {{ stopAtFirst?: boolean }} [how] `stopAtFirst`: all after the first positional belongs to someone else
 * @returns {{ values: Values, positionals: string[] }}
 */
export function parseOptions(args, table, { stopAtFirst = false } = {}) {
  /** @type {Values} */
  const values = {};
  /** @type {string[]} */
  const positionals = [];
  const rest = [...args];
  while (rest.length) {
    const arg = /** @type {string} */ (rest.shift());
    if (arg === "--") {
      positionals.push(...rest);
      break;
    }
    if (arg === "-" || !arg.startsWith("-")) {
      positionals.push(arg);
      if (!stopAtFirst) continue;
      positionals.push(...rest);
      break;
    }
    const { name, given } = nameOf(arg, table, rest);
    const value = valueOf(name, table[name], given, rest);
    if (table[name].many)
      values[name] = [...(values[name] ?? []), ...[value].flat()];
    else if (name in values) throw new UsageError(`--${name} is given twice`);
    else values[name] = value;
  }
  return { values, positionals };
}

/**
 * The option that an argument names, and the value that is part of the argument. Short switches in one (`-ab`) go back to
 * `rest` one by one.
 * @param {string} arg
 * @param {OptionTable} table
 * @param {string[]} rest
 * @returns {{ name: string, given: string | undefined }}
 */
function nameOf(arg, table, rest) {
  if (arg.startsWith("--")) {
    const [, name, given] = /** @type {RegExpExecArray} */ (
      /^--([^=]*)(?:=([^]*))?$/.exec(arg)
    );
    if (Object.hasOwn(table, name)) return { name, given };
    const near = nearest(name, Object.keys(table));
    throw new UsageError(
      `unknown option --${name}${near ? `; did you mean --${near}?` : ""}`,
    );
  }
  const entry = Object.entries(table).find(([, { short }]) => short === arg[1]);
  if (!entry) throw new UsageError(`unknown option ${arg.slice(0, 2)}`);
  const [name, option] = entry;
  const more = arg.slice(2).replace(/^=/, "");
  if (option.value) return { name, given: more || undefined };
  if (more) rest.unshift(`-${more}`);
  return { name, given: undefined };
}

/**
 * @param {string} name
 * @param {Option} option
 * @param {string | undefined} given
 * @param {string[]} rest
 * @returns {string | string[] | true}
 */
function valueOf(name, option, given, rest) {
  if (!option.value) {
    if (given !== undefined) throw new UsageError(`--${name} takes no value`);
    return true;
  }
  let value = given;
  if (value === undefined) {
    if (option.choices) {
      // A word that is none of them is the next argument.
      if (option.choices.includes(rest[0])) value = rest.shift();
      else if (option.optional) return option.choices[0];
      else
        throw new UsageError(
          `--${name} needs one of: ${option.choices.join(", ")}`,
        );
    } else if (option.optional) {
      return true;
    } else if (
      rest.length === 0 ||
      (rest[0].startsWith("-") && rest[0] !== "-")
    ) {
      throw new UsageError(
        `--${name} needs a value: --${name} ${option.value}`,
      );
    } else {
      value = rest.shift();
    }
  }
  const text = /** @type {string} */ (value);
  if (option.choices && !option.choices.includes(text))
    throw new UsageError(
      `--${name} ${text}: want one of ${option.choices.join(", ")}`,
    );
  return option.split ? text.split(",").filter(Boolean) : text;
}

/**
 * The known name that a mistyped one is nearest to, if near.
 * @param {string} name
 * @param {string[]} known
 * @returns {string | undefined}
 */
export function nearest(name, known) {
  const distances = known.map((candidate) => ({
    candidate,
    distance: editDistance(name, candidate),
  }));
  distances.sort((a, b) => a.distance - b.distance);
  const best = distances[0];
  return best && best.distance <= Math.max(1, name.length / 3)
    ? best.candidate
    : undefined;
}

/**
 * @param {string} a
 * @param {string} b
 */
function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        next[j - 1] + 1,
        row[j] + 1,
        row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[b.length];
}
