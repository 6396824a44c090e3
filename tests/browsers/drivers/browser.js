/**
 * What the drivers have in common: a browser opens pages, a page evaluates functions. And what more than one of them needs
 * to start a program. Knows no browser.
 * @module
 */
import { once } from "node:events";
import net from "node:net";

/** @import { ChildProcess } from 'node:child_process' */

/**
 * @typedef {object} Page
 * @property {(act: (argument: any) => unknown, argument?: any) => Promise<any>} evaluate
 *   A function without a closure; its argument and what it gives go as JSON.
 * @property {() => Promise<void>} reload
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Browser
 * @property {string} version
 * @property {(url: string) => Promise<Page>} open
 * @property {() => Promise<void>} close
 */

/** A browser that dies while it starts is started so often in all. */
const STARTS = 3;

/**
 * Starts a browser, again if it dies on the way: now and then one crashes before it does anything, and what is tested has no
 * part in that. Says so each time. What happens to a browser that has started is the test's business.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} start leaves nothing behind when it fails
 * @returns {Promise<T>}
 */
export async function started(name, start) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === STARTS) throw error;
      const [why] = String(/** @type {any} */ (error)?.message).split("\n");
      process.stderr.write(
        `${name} did not start (${why}); start ${attempt + 1} of ${STARTS}\n`,
      );
    }
  }
}

/** @returns {Promise<number>} a port that nobody listens on */
export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Ends a program, and waits for its end.
 * @param {ChildProcess} child
 */
export async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill();
  const id = setTimeout(() => child.kill("SIGKILL"), 3000);
  await gone;
  clearTimeout(id);
}
