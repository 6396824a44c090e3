/**
 * Volumes that could not be mounted again at once. WebKitGTK may keep a transaction of a worker that was killed, and nobody
 * gets at the database before its window is closed: a mount says so, and in the next window everything has to be there.
 * @module
 */
import { ground } from "./ground.js";

/** Whether this engine is known to do so. */
export const KEEPS = ground.engine === "WebKitGTK";

const PREFIX = "slipway-crash:";

/**
 * @param {string} name of a volume
 * @param {string[]} states that it may be in, from the first commit that might be the last
 */
export function keepForLater(name, states) {
  localStorage.setItem(PREFIX + name, JSON.stringify(states));
}

/** @returns {Array<{ name: string, states: string[] }>} what an earlier page has kept, once */
export function kept() {
  const keys = Object.keys(localStorage).filter((key) =>
    key.startsWith(PREFIX),
  );
  return keys.map((key) => {
    const states = JSON.parse(localStorage.getItem(key) ?? "[]");
    localStorage.removeItem(key);
    return { name: key.slice(PREFIX.length), states };
  });
}
