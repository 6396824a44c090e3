/**
 * What the page needs of Slipway, in one chunk that loads beside the page's own. Knows where in the workspace the parts are
 * that the package does not export by name.
 * @module
 */
export { transpile } from "slipway";
export { printWit } from "../../npm/src/wit.js";
export { parseArguments, splitCall } from "../../npm/src/wave.js";
export { printWave } from "../../npm/src/wave-print.js";
