/**
 * @module Clocks of the platform, in the core's units: nanoseconds as bigint on
 * the monotonic scale, seconds and nanoseconds on the wall.
 */

/**
 * An instant of the wall clock. Seconds are whole and may be negative;
 * nanoseconds are below 1e9. Numbers, because files keep three of these each.
 * @typedef {object} Time
 * @property {number} seconds
 * @property {number} nanoseconds
 */

/**
 * The wall clock with all the digits the platform has. `Date.now` is right but
 * coarse, `performance` is fine but does not follow when the clock is set.
 * @returns {Time}
 */
export function wallNow() {
  const coarse = Date.now();
  const fine = performance.timeOrigin + performance.now();
  return timeOfMs(Math.abs(fine - coarse) < 5 ? fine : coarse);
}

/**
 * A clock for the times of files: as fine as those of an operating system, whose ticks are
 * milliseconds as well, and cheap, because it is asked at every write. What comes later within
 * a tick is later by a nanosecond, so that every change shows.
 * @returns {() => Time}
 */
export function fileClock() {
  let tick = 0;
  let within = 0;
  let seconds = 0;
  let nanoseconds = 0;
  return () => {
    const ms = Date.now();
    if (ms !== tick) {
      tick = ms;
      within = 0;
      ({ seconds, nanoseconds } = timeOfMs(ms));
    }
    return { seconds, nanoseconds: nanoseconds + within++ };
  };
}

/**
 * @param {number} ms since 1970
 * @returns {Time}
 */
export function timeOfMs(ms) {
  const seconds = Math.floor(ms / 1000);
  // Round down: 999,999,999.7 must not become a full second.
  return { seconds, nanoseconds: Math.floor((ms - seconds * 1000) * 1e6) };
}

/** @returns {bigint} */
export function monotonicNow() {
  return BigInt(Math.round(performance.now() * 1e6));
}

/**
 * The step of `performance.now()`, found by watching it: engines coarsen it by
 * rules of their own (5 µs to 1 ms; 100 ms where fingerprinting is resisted).
 * @returns {bigint} nanoseconds, at least 1
 */
export function measureResolution() {
  let least = Infinity;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    let now = start;
    while (now === start) now = performance.now();
    least = Math.min(least, now - start);
    // A step as long as this is no accident, and a second look is dear.
    if (least > 0.9) break;
  }
  return BigInt(Math.max(1, Math.round(least * 1e6)));
}
