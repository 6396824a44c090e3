/** @module placeholder until the volume is there */
/** @import { Volume } from "./fs/volume.js" */
/**
 * @param {string} name
 * @returns {Promise<Volume>}
 */
export async function opfs(name) {
  throw new Error(`no OPFS volume yet: ${name}`);
}
