/**
 * A component's world as WIT text. Knows WIT's syntax; where names come from is `world.rs`' business.
 *
 * A component holds types by structure, so two things are guesses: a record, variant, enum or flags of the same name and
 * shape as one in an earlier interface is written as a `use` of it, and the world is called `root`.
 * @module
 */
import { interfaceName } from "./names.js";

/** @import { World, WorldExtern, WorldType } from './types.js' */
/** @typedef {Extract<WorldExtern, { kind: 'func' }>} Func */
/** @typedef {{ types: Map<number, string>, resources: Map<number, string> }} Names what a scope calls its types */

const KEYWORDS = new Set(
  "as async bool borrow char constructor enum error-context export f32 f64 flags from func future import include interface list map option own package record resource result s16 s32 s64 s8 static stream string tuple type u16 u32 u64 u8 use variant with world".split(
    " ",
  ),
);

const id = (/** @type {string} */ name) =>
  KEYWORDS.has(name) ? `%${name}` : name;

/** @param {string} text */
const indent = (text) => text.replace(/^(?=.)/gm, "  ");

/** @param {WorldType} type */
const isDefined = (type) =>
  typeof type === "object" &&
  ("record" in type || "variant" in type || "enum" in type || "flags" in type);

/** Writes one world. */
class Printer {
  /** Where a defined type or a resource was first written: `name index` → interface. */
  #home = new Map();

  /** @param {World} world */
  constructor(world) {
    this.world = world;
  }

  /**
   * A type where it is used.
   * @param {number} index
   * @param {Names} names
   * @returns {string}
   */
  type(index, names) {
    const name = names.types.get(index);
    return name === undefined ? this.structure(index, names) : id(name);
  }

  /**
   * @param {number} index
   * @param {Names} names
   * @returns {string}
   */
  structure(index, names) {
    const type = this.world.types[index];
    const of = (/** @type {number} */ i) => this.type(i, names);
    const resource = (/** @type {number} */ i) =>
      id(names.resources.get(i) ?? this.world.resources[i].name);
    const maybe = (
      /** @type {string} */ name,
      /** @type {number | null} */ i,
    ) => (i === null ? name : `${name}<${of(i)}>`);
    if (typeof type === "string") return type;
    if ("list" in type)
      return `list<${of(type.list)}${type.length === undefined ? "" : `, ${type.length}`}>`;
    if ("map" in type) return `map<${type.map.map(of).join(", ")}>`;
    if ("tuple" in type) return `tuple<${type.tuple.map(of).join(", ")}>`;
    if ("option" in type) return `option<${of(type.option)}>`;
    if ("own" in type) return resource(type.own);
    if ("borrow" in type) return `borrow<${resource(type.borrow)}>`;
    if ("stream" in type) return maybe("stream", type.stream);
    if ("future" in type) return maybe("future", type.future);
    if ("result" in type) {
      const [ok, err] = type.result;
      if (err === null) return maybe("result", ok);
      return `result<${ok === null ? "_" : of(ok)}, ${of(err)}>`;
    }
    // A type that has to have a name, and has none in this scope: no WIT says that, a component can.
    return `/* ${Object.keys(type)[0]} without a name */`;
  }

  /**
   * The definition of a named type.
   * @param {string} name
   * @param {number} index
   * @param {Names} names
   */
  definition(name, index, names) {
    const type = this.world.types[index];
    const of = (/** @type {number} */ i) => this.type(i, names);
    const block = (
      /** @type {string} */ kind,
      /** @type {string[]} */ members,
    ) =>
      `${kind} ${id(name)} {\n${members.map((member) => `  ${member},\n`).join("")}}`;
    if (typeof type === "object") {
      if ("record" in type)
        return block(
          "record",
          type.record.map(([field, t]) => `${id(field)}: ${of(t)}`),
        );
      if ("variant" in type)
        return block(
          "variant",
          type.variant.map(([tag, t]) =>
            t === null ? id(tag) : `${id(tag)}(${of(t)})`,
          ),
        );
      if ("enum" in type) return block("enum", type.enum.map(id));
      if ("flags" in type) return block("flags", type.flags.map(id));
    }
    return `type ${id(name)} = ${this.structure(index, names)};`;
  }

  /**
   * `func(a: u8) -> string`
   * @param {Func} func
   * @param {Names} names
   * @param {number} [skip] leading parameters that the syntax implies
   */
  signature(func, names, skip = 0) {
    const params = func.params
      .slice(skip)
      .map(([name, t]) => `${id(name)}: ${this.type(t, names)}`);
    const result =
      func.result === null ? "" : ` -> ${this.type(func.result, names)}`;
    return { params: `(${params.join(", ")})`, result };
  }

  /**
   * A resource with its constructor, methods and static functions.
   * @param {string} name
   * @param {Func[]} funcs of the scope
   * @param {Names} names
   */
  resource(name, funcs, names) {
    const members = [];
    for (const func of funcs) {
      const [, kind, of, method] =
        /^\[(constructor|method|static)\]([^.]+)(?:\.(.*))?$/.exec(func.name) ??
        [];
      if (of !== name) continue;
      const { params, result } = this.signature(
        func,
        names,
        kind === "method" ? 1 : 0,
      );
      const fallible = result.startsWith(" -> result<") ? result : "";
      const type = `${func.async ? "async " : ""}func${params}${result};`;
      members.push(
        kind === "constructor"
          ? `constructor${params}${fallible};`
          : `${id(method)}: ${kind === "static" ? "static " : ""}${type}`,
      );
    }
    return members.length
      ? `resource ${id(name)} {\n${members.map((member) => `  ${member}\n`).join("")}}`
      : `resource ${id(name)};`;
  }

  /**
   * Collects what a scope calls its resources and its defined types: the first name of each. An alias (`type size = u64`)
   * names a structure, and which of its uses meant the alias a component does not say.
   * @param {WorldExtern[]} items
   * @param {Names} names
   */
  #name(items, names) {
    for (const item of items) {
      if (item.kind === "resource" && !names.resources.has(item.resource))
        names.resources.set(item.resource, item.name);
      if (
        item.kind === "type" &&
        isDefined(this.world.types[item.type]) &&
        !names.types.has(item.type)
      )
        names.types.set(item.type, item.name);
    }
  }

  /**
   * The contents of an interface, or the types and free functions of a world.
   * @param {WorldExtern[]} items
   * @param {string} scope the interface's full name, or empty
   * @param {Names} names to which the scope's are added
   * @returns {{ uses: string[], types: string[], funcs: Array<[name: string, type: string]> }}
   */
  scope(items, scope, names) {
    /** @type {Map<string, string[]>} */
    const uses = new Map();
    /** @type {string[]} */
    const types = [];
    const funcs = /** @type {Func[]} */ (
      items.filter(({ kind }) => kind === "func")
    );
    const useOrDefine = (
      /** @type {string} */ key,
      /** @type {string} */ name,
      /** @type {() => string} */ define,
    ) => {
      const home = this.#home.get(key);
      if (!home || home.scope === scope) {
        if (scope) this.#home.set(key, { scope, name });
        types.push(define());
      } else {
        const used =
          home.name === name ? id(name) : `${id(home.name)} as ${id(name)}`;
        uses.set(home.scope, [...(uses.get(home.scope) ?? []), used]);
      }
    };
    this.#name(items, names);
    for (const item of items) {
      const { name } = item;
      const alias = (/** @type {string | undefined} */ first) =>
        first !== undefined && first !== name
          ? types.push(`type ${id(name)} = ${id(first)};`)
          : 0;
      if (item.kind === "resource") {
        if (!alias(names.resources.get(item.resource)))
          useOrDefine(`resource ${item.resource}`, name, () =>
            this.resource(name, funcs, names),
          );
      } else if (item.kind === "type") {
        if (alias(names.types.get(item.type))) continue;
        const define = () => this.definition(name, item.type, names);
        if (isDefined(this.world.types[item.type]))
          useOrDefine(`${name} ${item.type}`, name, define);
        else types.push(define());
      }
    }
    return {
      uses: [...uses].map(
        ([from, used]) => `use ${from}.{${used.join(", ")}};`,
      ),
      types,
      funcs: funcs
        .filter(({ name }) => !name.startsWith("["))
        .map((func) => {
          const { params, result } = this.signature(func, names);
          return [
            func.name,
            `${func.async ? "async " : ""}func${params}${result};`,
          ];
        }),
    };
  }

  /**
   * The members of an interface, as text.
   * @param {WorldExtern & { kind: 'instance' }} instance
   * @param {string} scope
   */
  interface({ items }, scope) {
    const { uses, types, funcs } = this.scope(items, scope, {
      types: new Map(),
      resources: new Map(),
    });
    const parts = [
      uses.join("\n"),
      ...types,
      funcs.map(([name, type]) => `${id(name)}: ${type}`).join("\n"),
    ];
    return parts.filter(Boolean).join("\n\n");
  }

  /**
   * @param {(name: string) => boolean} shows which interfaces to write out
   * @returns {string}
   */
  print(shows) {
    const { imports, exports } = this.world;
    /** @type {Map<string, Map<string, string>>} package → interface → text */
    const packages = new Map();
    /** @type {Names} */
    const names = { types: new Map(), resources: new Map() };
    const line = (
      /** @type {'import' | 'export'} */ direction,
      /** @type {WorldExtern} */ item,
    ) => {
      if (item.kind === "instance") {
        const [, pkg, version] = /^(.+:.+)\/[^@]*(@.*)?$/.exec(item.name) ?? [];
        if (pkg === undefined)
          return `${direction} ${id(item.name)}: interface {\n${indent(this.interface(item, ""))}\n}`;
        const text = this.interface(item, item.name);
        if (!shows(item.name)) return `${direction} ${item.name};`;
        const interfaces = packages.get(pkg + (version ?? "")) ?? new Map();
        packages.set(pkg + (version ?? ""), interfaces);
        const name = interfaceName(item.name);
        if (!interfaces.has(name)) interfaces.set(name, text);
        return `${direction} ${item.name};`;
      }
      if (item.kind === "func") return undefined;
      if (item.kind === "type" || item.kind === "resource") return undefined;
      return `/* ${direction} ${JSON.stringify(item.name)}: a ${item.kind}, for which WIT has no words */`;
    };
    const body = [];
    for (const [direction, items] of /** @type {const} */ ([
      ["import", imports],
      ["export", exports],
    ])) {
      const lines = items.map((item) => line(direction, item));
      const { uses, types, funcs } = this.scope(items, "", names);
      body.push(
        ...uses,
        ...types,
        ...lines.filter((text) => text !== undefined),
        ...funcs.map(([name, type]) => `${direction} ${id(name)}: ${type}`),
      );
    }
    const world = `package root:component;\n\nworld root {${body.length ? `\n${indent(body.join("\n"))}\n` : ""}}\n`;
    const rest = [...packages].map(([name, interfaces]) => {
      const parts = [...interfaces].map(
        ([short, text]) =>
          `interface ${id(short)} {${text ? `\n${indent(text)}\n` : ""}}`,
      );
      return `package ${name} {\n${indent(parts.join("\n\n"))}\n}\n`;
    });
    return [world, ...rest].join("\n");
  }
}

/**
 * The world, and the interfaces it names.
 * @param {World} world
 * @param {(name: string) => boolean} [shows] which interfaces to write out; all by default
 * @returns {string}
 */
export function printWit(world, shows = () => true) {
  return new Printer(world).print(shows);
}
