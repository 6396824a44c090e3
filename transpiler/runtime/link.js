/**
 * @module Finding imports: by exact name, by compatible version, without version; and one error that names all that are missing.
 */

/** Imports are missing or of the wrong shape. */
export class LinkError extends Error {
  /** @override */
  get name() {
    return "LinkError";
  }
}

/**
 * The part of a version that has to agree: the major, below 1.0 the minor too, below 0.1 all; a pre-release only itself.
 * @param {string} version
 * @returns {string}
 */
export function compatible(version) {
  return /^[^+]*-/.test(version)
    ? version
    : (/^(0\.0\.\d+|0\.\d+|\d+)/.exec(version)?.[0] ?? version);
}

/**
 * @param {any} imports
 * @param {string} name
 * @returns {any}
 */
export function find(imports, name) {
  if (Object.hasOwn(imports, name)) return imports[name];
  const [base, version] = name.split("@");
  if (!version) return undefined;
  const [best = base] = Object.keys(imports)
    .filter((key) => {
      // Few begin so: a server asks for each request.
      if (!key.startsWith(`${base}@`)) return false;
      const v = key.slice(base.length + 1);
      return v && compatible(v) === compatible(version);
    })
    .sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  return Object.hasOwn(imports, best) ? imports[best] : undefined;
}

/**
 * A member of an import, if it is there. A server asks for a hundred of them for each request, so few strings are taken apart.
 * @param {any} value
 * @param {string} member
 * @returns {any}
 */
export function memberOf(value, member) {
  if (!member.includes(".")) return value?.[member];
  return member.split(".").reduce((o, key) => o?.[key], value);
}

/**
 * Finds what the component imports: per import its name, alone for a function, or with the members it has to have
 * (`f`, `Class`, `Class.static`, `nested.f`, and `[Class, method, …]`).
 * @param {any} imports
 * @param {(string | [string, ...(string | string[])[]])[]} wanted
 * @returns {any[]}
 */
export function link(imports, wanted) {
  /** @type {string[]} */
  const missing = [];
  const found = wanted.map((want) => {
    const [name, ...members] = typeof want === "string" ? [want] : want;
    const value = find(imports ?? {}, name);
    if (typeof want === "string") {
      const f = typeof value === "function" ? value : value?.default;
      if (typeof f !== "function") missing.push(`${name} (a function)`);
      return f;
    }
    if (
      value === null ||
      (typeof value !== "object" && typeof value !== "function")
    ) {
      missing.push(name);
      return value;
    }
    for (const member of members) {
      if (typeof member !== "string") {
        const [resource, ...methods] = member;
        const prototype = memberOf(value, resource)?.prototype;
        for (const method of methods)
          if (typeof prototype?.[method] !== "function")
            missing.push(`${name} ${resource}#${method}`);
      } else if (typeof memberOf(value, member) !== "function")
        missing.push(`${name} ${member}`);
    }
    return value;
  });
  if (missing.length)
    throw new LinkError(`imports are missing: ${missing.join(", ")}`);
  return found;
}

/**
 * Finds an imported core module.
 * @param {any} imports
 * @param {string[]} path
 * @returns {WebAssembly.Module}
 */
export function linkModule(imports, [name, ...path]) {
  const module = path.reduce((o, key) => o?.[key], find(imports ?? {}, name));
  if (!(module instanceof WebAssembly.Module)) {
    throw new LinkError(
      `imports are missing: ${[name, ...path].join(" ")} (a WebAssembly.Module)`,
    );
  }
  return module;
}

/**
 * Where calls of imports are reported to, with `trace`.
 * @param {any} imports
 * @returns {(name: string, args: unknown[]) => void}
 */
export function tracer(imports) {
  return typeof imports?.trace === "function" ? imports.trace : console.debug;
}
