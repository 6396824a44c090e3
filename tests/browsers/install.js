export function installEngines() {}
