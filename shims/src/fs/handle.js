/** @module placeholder until the volume is there */
/** @import { Volume } from "./volume.js" */
/**
 * @param {any} handle
 * @returns {Promise<Volume>}
 */
export async function directoryHandle(handle) {
  throw new Error(`no OPFS volume yet: ${handle}`);
}
