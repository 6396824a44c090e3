/**
 * @module Cells of the memory that a request shares between `threads.js` and one of
 * its threads.
 */

/** Not 0 when nobody reads the response any more. */
export const GONE = 0;
