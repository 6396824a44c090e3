/**
 * Component names as JavaScript spells them. The transpiler has the same rules for what it prints; this is for tools that
 * meet names at run time.
 * @module
 */

/**
 * `get-point` → `getPoint`.
 * @param {string} kebab
 */
export function camelCase(kebab) {
  const [first, ...rest] = kebab.split("-").map((word) => word.toLowerCase());
  return (
    first +
    rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")
  );
}

/**
 * The short name of an interface: `wasi:cli/run@0.2.3` → `run`.
 * @param {string} name
 */
export function interfaceName(name) {
  return name.replace(/^.*\//, "").replace(/@.*$/, "");
}
