/**
 * @module A host: one configured set of WASI interfaces. It owns the options and
 * what all faces share (the waiter), and refuses to know any interface: faces are
 * given to it, so that a bundler drops those that nobody gives.
 */
import { Waiter, detectBlocking } from "./wait.js";

/** @import { Blocking, Mailbox } from "./wait.js" */
/** @import { Input, Output } from "./core/stream.js" */
/** @import { Volume } from "./fs/volume.js" */
/** @import { ClockOptions } from "./clocks.js" */
/** @import { HttpOptions } from "./http.js" */

/**
 * What a host grants. Everything left out is denied: no arguments, no variables,
 * no directories, no network; stdin is closed; stdout and stderr go to the
 * console, which is the only thing that is there unasked.
 * @typedef {object} Options
 * @property {readonly string[]} [args] the first is the program's name
 * @property {Readonly<Record<string, string>> | Iterable<[string, string]>} [env]
 * @property {string} [cwd] what `initial-cwd` answers
 * @property {Input} [stdin]
 * @property {Output} [stdout]
 * @property {Output} [stderr]
 * @property {{ stdin?: boolean, stdout?: boolean, stderr?: boolean }} [terminal]
 *   which of them the guest should take for a terminal
 * @property {Record<string, Volume>} [fs] guest path to volume
 * @property {typeof globalThis.fetch | HttpOptions | boolean} [fetch]
 *   grants outgoing HTTP: true for all of it, a function, or an object that
 *   narrows it
 * @property {{ getRandomValues(bytes: Uint8Array): unknown }} [random]
 * @property {ClockOptions} [clocks]
 * @property {unknown} [sockets]
 * @property {Blocking} [blocking] instead of the probed one
 * @property {Int32Array} [bell] rung by the threads that feed this host
 * @property {Mailbox} [mailbox] for a host that waits by synchronous requests
 */

/**
 * What a face is made from.
 * @typedef {object} Context
 * @property {Options} options
 * @property {Waiter} waiter
 * @property {(close: () => void) => void} onClose for what goes on without the guest
 */

/** @typedef {(context: Context) => Record<string, object>} Face */

/**
 * @typedef {object} Host
 * @property {Record<string, any>} imports every interface, keyed by full name
 * @property {Blocking} blocking how a blocking call waits here
 * @property {() => void} interrupt ends the guest where it next waits (Ctrl-C)
 * @property {() => void} close
 *   The guest is gone: ends what it has left running, such as its requests
 * @property {Waiter} waiter for those who make resources of this host themselves
 */

/**
 * A host of the faces it is given, granting what the options grant. `wasi` is this
 * with all faces; naming them keeps the others out of a bundle.
 * @param {Options} options
 * @param {readonly Face[]} faces
 * @returns {Host}
 */
export function host(options, faces) {
  const blocking = options.blocking ?? detectBlocking();
  const waiter = new Waiter(blocking, options.bell, options.mailbox);
  /** @type {Record<string, object>} */
  const imports = {};
  /** @type {Array<() => void>} */
  const closers = [];
  const onClose = (/** @type {() => void} */ close) => void closers.push(close);
  for (const face of faces)
    Object.assign(imports, face({ options, waiter, onClose }));
  return {
    imports,
    blocking,
    waiter,
    interrupt: () => waiter.interrupt(),
    close: () => closers.forEach((close) => close()),
  };
}
