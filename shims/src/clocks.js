/**
 * @module `wasi:clocks@0.2`: monotonic clock, wall clock and time zone. A face
 * over the core's clocks, each of which the user may replace.
 */
import { measureResolution, monotonicNow, wallNow } from "./core/clock.js";
import { Pollable } from "./io.js";
import { timer } from "./wait.js";

/** @import { Context } from "./host.js" */
/** @import { Event } from "./wait.js" */

/** @typedef {{ seconds: bigint, nanoseconds: number }} Datetime */

/**
 * Clocks to use instead of the platform's.
 * @typedef {object} ClockOptions
 * @property {{ now(): bigint, resolution?(): bigint,
 *   until?(instant: bigint): Event }} [monotonic]
 *   `until` makes the event of an instant; without it the clock is taken to run
 *   as fast as the real one.
 * @property {{ now(): Datetime, resolution?(): Datetime }} [wall]
 * @property {string} [timezone] an IANA name; UTC unless given
 */

/** Beyond this many nanoseconds (292 years) a timer is as good as none. */
const NEVER = 1n << 63n;

/**
 * The face of `wasi:clocks`: monotonic clock, wall clock, time zone.
 * @param {Context} context
 * @returns the interfaces, by full name
 */
export function clocks({ options, waiter }) {
  const { monotonic, wall, timezone } = options.clocks ?? {};
  const now = monotonic ? () => monotonic.now() : monotonicNow;
  /** @type {bigint | undefined} */
  let step;
  const measured = () => (step ??= measureResolution());
  const after = (/** @type {bigint} */ ns) =>
    timer(ns >= NEVER ? Infinity : performance.now() + Number(ns) / 1e6);
  const until = (/** @type {bigint} */ instant) => {
    if (monotonic?.until) return monotonic.until(instant);
    const ns = instant - now();
    return after(ns > 0n ? ns : 0n);
  };
  return {
    "wasi:clocks/monotonic-clock@0.2.12": {
      now,
      resolution: () => monotonic?.resolution?.() ?? measured(),
      subscribeInstant: (/** @type {bigint} */ instant) =>
        new Pollable(until(instant), waiter),
      subscribeDuration: (/** @type {bigint} */ ns) =>
        new Pollable(
          monotonic?.until ? until(monotonic.now() + ns) : after(ns),
          waiter,
        ),
    },
    "wasi:clocks/wall-clock@0.2.12": {
      now: () => (wall ? wall.now() : platformNow()),
      resolution: () =>
        wall?.resolution?.() ?? {
          seconds: 0n,
          nanoseconds: Number(measured()),
        },
    },
    "wasi:clocks/timezone@0.2.12": zone(timezone),
  };
}

/** @returns {Datetime} */
function platformNow() {
  const { seconds, nanoseconds } = wallNow();
  return { seconds: BigInt(seconds), nanoseconds };
}

/** @param {string | undefined} timeZone */
function zone(timeZone) {
  const utc = { utcOffset: 0, name: "UTC", inDaylightSavingTime: false };
  /** @param {Datetime} when */
  const display = (when) => {
    if (!timeZone) return utc;
    // What Date cannot hold (beyond the year 275760) has no known offset.
    const date = new Date(Number(when.seconds) * 1000);
    if (Number.isNaN(date.getTime())) return utc;
    const utcOffset = offsetAt(timeZone, date);
    return {
      utcOffset,
      name: nameAt(timeZone, date),
      inDaylightSavingTime: utcOffset !== standardOffset(timeZone, date),
    };
  };
  return {
    display,
    utcOffset: (/** @type {Datetime} */ when) => display(when).utcOffset,
  };
}

/**
 * @param {string} timeZone
 * @param {Date} date
 * @returns {number} seconds east of UTC
 */
function offsetAt(timeZone, date) {
  const name = partOf(timeZone, date, "longOffset");
  const match = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name);
  if (!match) return 0;
  const [, sign, h, m, s = "0"] = match;
  return (sign === "-" ? -1 : 1) * (+h * 3600 + +m * 60 + +s);
}

/**
 * Standard time is the lesser offset of January and July, on both hemispheres.
 * @param {string} timeZone
 * @param {Date} date
 */
function standardOffset(timeZone, date) {
  const year = date.getUTCFullYear();
  return Math.min(
    offsetAt(timeZone, new Date(Date.UTC(year, 0, 1))),
    offsetAt(timeZone, new Date(Date.UTC(year, 6, 1))),
  );
}

/**
 * @param {string} timeZone
 * @param {Date} date
 */
function nameAt(timeZone, date) {
  return partOf(timeZone, date, "short");
}

/**
 * @param {string} timeZone
 * @param {Date} date
 * @param {"short" | "longOffset"} timeZoneName
 * @returns {string}
 */
function partOf(timeZone, date, timeZoneName) {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName });
  const part = format
    .formatToParts(date)
    .find(({ type }) => type === "timeZoneName");
  return part?.value ?? "UTC";
}
