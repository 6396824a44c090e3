/**
 * Resources between the page and the worker: a resource cannot cross, so its number in the worker's table does. Knows where
 * in a value the resources are.
 * @module
 */
import { camelCase } from "../../../npm/src/names.js";
import { isHandle, mentions } from "../model.js";

/** @import { World, WorldType } from '../../../npm/src/types.js' */

/**
 * A value with every resource in it replaced. A value without any is given back as it is.
 * @param {World} world
 * @param {number} index the value's type
 * @param {any} value
 * @param {(handle: any, type: { own: number } | { borrow: number }) => unknown} replace
 * @returns {any}
 */
export function mapHandles(world, index, value, replace) {
  if (!mentions(world, index, isHandle)) return value;
  const type = /** @type {Exclude<WorldType, string>} */ (world.types[index]);
  const of = (/** @type {number} */ t, /** @type {any} */ v) =>
    mapHandles(world, t, v, replace);
  if ("own" in type || "borrow" in type) return replace(value, type);
  if ("list" in type)
    return Array.from(value, (/** @type {any} */ v) => of(type.list, v));
  if ("map" in type)
    return Array.from(value, ([k, v]) => [
      of(type.map[0], k),
      of(type.map[1], v),
    ]);
  if ("tuple" in type) return type.tuple.map((t, i) => of(t, value[i]));
  if ("record" in type)
    return Object.fromEntries(
      type.record.map(([name, t]) => {
        const key = camelCase(name);
        return [key, of(t, value[key])];
      }),
    );
  if ("option" in type) {
    if (value === undefined || value === null) return value;
    const inner = world.types[type.option];
    const tagged = typeof inner === "object" && "option" in inner;
    if (!tagged) return of(type.option, value);
    return value.tag === "none"
      ? value
      : { tag: "some", val: of(type.option, value.val) };
  }
  const payload =
    "result" in type
      ? type.result[value.tag === "ok" ? 0 : 1]
      : "variant" in type
        ? (type.variant.find(([name]) => name === value.tag)?.[1] ?? null)
        : null;
  return payload === null
    ? value
    : { tag: value.tag, val: of(payload, value.val) };
}
