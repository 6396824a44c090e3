/**
 * @module Cells of the memory that a request shares between `threads.js` and one of
 * its threads.
 */

/** Bytes of the response that have been passed on. */
export const ACKED = 0;
/** Not 0 when nobody reads the response any more. */
export const GONE = 1;
