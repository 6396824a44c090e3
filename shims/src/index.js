/**
 * @module The package's front door: `wasi(options)` with every face, the memory
 * volume and what users hold in their hands. Who wants fewer faces in a bundle,
 * as generated modules do, takes `host` and the faces by name: whatever is not
 * named stays out.
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

export { cli, clocks, filesystem, host, http, io, random, sockets };
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
