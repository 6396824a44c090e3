/** @param {any} _ */
export function writeTable(_) {}
