/**
 * What stands in for Node's modules in engines that are no Node: tests that call them are skipped, not failed.
 * @module
 */

/** Thrown by a test that needs what this engine lacks: it counts as skipped. */
export class NotHere extends Error {}

/**
 * A module whose functions say that it is not there, once they are called.
 * @param {string} module
 * @returns {any}
 */
export function notHere(module) {
  const refuse = () => {
    throw new NotHere(`needs ${module}`);
  };
  return new Proxy(refuse, {
    get: (_, name) =>
      typeof name === "symbol" ? undefined : notHere(`${module} (${name})`),
    construct: refuse,
  });
}
