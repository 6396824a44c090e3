/**
 * A component's world, as the page asks about it: what can be called, what can be run, what it needs that a page cannot give.
 * Pure functions of the world's data; knows no signal and no element.
 * @module
 */

/**
 * @import { World, WorldExtern, WorldType } from '../../npm/src/types.js'
 * @typedef {Extract<WorldExtern, { kind: 'func' }>} Func
 */

/**
 * A function of the component's, wherever in its world it stands.
 * @typedef {object} Callable
 * @property {string} key unique in the world, as `--invoke` spells it: `ns:pkg/api#name`, or `name`
 * @property {string | null} scope the interface's full name; null at the root
 * @property {string} name as written, `[method]counter.value` included
 * @property {string} label for lists: `counter.value`
 * @property {'function' | 'constructor' | 'method' | 'static'} kind
 * @property {string | null} resource the name of the resource whose function it is
 * @property {Array<[name: string, type: number]>} params
 * @property {number | null} result
 * @property {string} signature its type, in WIT's words
 * @property {Map<number, string>} names of the types where it stands
 * @property {boolean} usesHandles whether resources are among its arguments
 * @property {string | null} obstacle why no form can be made for it
 */

/**
 * How a resource's functions are spelled: `[constructor]counter`, `[method]counter.value`, `[static]counter.larger`.
 * @param {string} name
 * @returns {{ kind: Callable['kind'], resource: string | null, label: string }}
 */
export function functionName(name) {
  const [, kind, resource, member] =
    /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/.exec(name) ?? [];
  if (!kind) return { kind: "function", resource: null, label: name };
  return {
    kind: /** @type {Callable['kind']} */ (kind),
    resource,
    label: member ? `${resource}.${member}` : `new ${resource}`,
  };
}

/**
 * Which types have a name in a list of externs.
 * @param {WorldExtern[]} items
 */
function namesOf(items) {
  /** @type {Map<number, string>} */
  const names = new Map();
  for (const item of items)
    if (item.kind === "type" && !names.has(item.type))
      names.set(item.type, item.name);
  return names;
}

/**
 * A type in WIT's words, by its name where it has one.
 * @param {World} world
 * @param {number} index
 * @param {Map<number, string>} [names]
 * @returns {string}
 */
export function typeText(world, index, names = new Map()) {
  const type = world.types[index];
  if (typeof type === "string") return type;
  const name = names.get(index);
  if (name) return name;
  const of = (/** @type {number | null} */ i) =>
    i === null ? "_" : typeText(world, i, names);
  if ("list" in type)
    return type.length === undefined
      ? `list<${of(type.list)}>`
      : `list<${of(type.list)}, ${type.length}>`;
  if ("map" in type) return `map<${type.map.map(of).join(", ")}>`;
  if ("tuple" in type) return `tuple<${type.tuple.map(of).join(", ")}>`;
  if ("option" in type) return `option<${of(type.option)}>`;
  if ("result" in type) {
    const [ok, err] = type.result;
    if (ok === null && err === null) return "result";
    return err === null ? `result<${of(ok)}>` : `result<${of(ok)}, ${of(err)}>`;
  }
  if ("own" in type) return world.resources[type.own].name;
  if ("borrow" in type) return `borrow<${world.resources[type.borrow].name}>`;
  if ("stream" in type) return `stream<${of(type.stream)}>`;
  if ("future" in type) return `future<${of(type.future)}>`;
  return Object.keys(type)[0];
}

/**
 * The types that a type is made of.
 * @param {WorldType} type
 * @returns {number[]}
 */
export function partsOf(type) {
  if (typeof type === "string") return [];
  if ("list" in type) return [type.list];
  if ("map" in type) return [...type.map];
  if ("record" in type) return type.record.map(([, t]) => t);
  if ("tuple" in type) return type.tuple;
  if ("option" in type) return [type.option];
  if ("variant" in type)
    return type.variant.flatMap(([, t]) => (t === null ? [] : [t]));
  if ("result" in type) return type.result.filter((t) => t !== null);
  return [];
}

/**
 * Whether any type that `index` is made of passes a test.
 * @param {World} world
 * @param {number} index
 * @param {(type: WorldType) => boolean} test
 * @returns {boolean}
 */
export function mentions(world, index, test) {
  const seen = new Set();
  const work = [index];
  for (let t = work.pop(); t !== undefined; t = work.pop()) {
    if (seen.has(t)) continue;
    seen.add(t);
    if (test(world.types[t])) return true;
    work.push(...partsOf(world.types[t]));
  }
  return false;
}

/** @param {WorldType} type */
export const isHandle = (type) =>
  typeof type === "object" && ("own" in type || "borrow" in type);

/** @param {WorldType} type */
const isAsync = (type) =>
  type === "error-context" ||
  (typeof type === "object" && ("stream" in type || "future" in type));

/**
 * Every function that the component exports.
 * @param {World} world
 * @returns {Callable[]}
 */
export function callables(world) {
  /** @type {Callable[]} */
  const found = [];
  const rootNames = namesOf([...world.imports, ...world.exports]);
  /**
   * @param {Func} func
   * @param {string | null} scope
   * @param {Map<number, string>} names
   */
  const add = (func, scope, names) => {
    const shown = functionName(func.name);
    const params = func.params
      .slice(shown.kind === "method" ? 1 : 0)
      .map(([name, type]) => `${name}: ${typeText(world, type, names)}`);
    const result =
      func.result === null ? "" : ` -> ${typeText(world, func.result, names)}`;
    const types = func.params.map(([, type]) => type);
    if (func.result !== null) types.push(func.result);
    const blocked = types.some((type) => mentions(world, type, isAsync));
    found.push({
      key: scope === null ? func.name : `${scope}#${func.name}`,
      scope,
      name: func.name,
      ...shown,
      params: func.params,
      result: func.result,
      names,
      signature: `${func.async ? "async " : ""}func(${params.join(", ")})${result}`,
      usesHandles: func.params.some(([, type]) =>
        mentions(world, type, isHandle),
      ),
      obstacle: blocked
        ? "Streams, futures and error contexts have no form here."
        : null,
    });
  };
  for (const item of world.exports) {
    if (item.kind === "func") add(item, null, rootNames);
    if (item.kind !== "instance" || isCommand(item)) continue;
    const names = namesOf(item.items);
    for (const inner of item.items)
      if (inner.kind === "func") add(inner, item.name, names);
  }
  return found;
}

/** @param {WorldExtern} item */
const isCommand = (item) =>
  item.kind === "instance" && /^wasi:cli\/run@0\.2\.\d+/.test(item.name);

/**
 * The interface by which a component is a program: `wasi:cli/run`.
 * @param {World} world
 * @returns {string | undefined}
 */
export const commandOf = (world) => world.exports.find(isCommand)?.name;

/** The packages that `@slipway/wasi` has. */
const GIVEN =
  /^wasi:(?:io|cli|clocks|random|filesystem|sockets|http)\/.*@0\.2\./;

/**
 * Imports that the page has nothing for. An interface of types alone asks for nothing.
 * @param {World} world
 * @returns {string[]}
 */
export function unmetImports(world) {
  return world.imports
    .filter((item) => {
      if (item.kind === "instance")
        return (
          !GIVEN.test(item.name) &&
          item.items.some(({ kind }) => kind === "func" || kind === "resource")
        );
      return item.kind !== "type" && item.kind !== "other";
    })
    .map(({ name }) => name);
}
