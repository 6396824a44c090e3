/**
 * @module The package's front door: `wasi(options)` with every face, the memory
 * volume and what users hold in their hands. Who wants fewer faces in a bundle
 * takes `host` and the faces from their own entries.
 */
import { cli } from "./cli.js";
import { clocks } from "./clocks.js";
import { filesystem } from "./filesystem.js";
import { host } from "./host.js";
import { http } from "./http.js";
import { io } from "./io.js";
import { random } from "./random.js";
import { sockets } from "./sockets.js";

/** @import { Host, Options } from "./host.js" */

export { ComponentExit } from "./core/exit.js";
export { files } from "./fs/files.js";
export { layered, memory, symlink } from "./fs/memory.js";
export { readonly } from "./fs/volume.js";
export { detectBlocking } from "./wait.js";

/**
 * A host with every interface of WASI 0.2, granting what the options grant.
 * @param {Options} [options]
 * @returns {Host}
 */
export function wasi(options = {}) {
  return host(options, [io, cli, clocks, random, filesystem, sockets, http]);
}
