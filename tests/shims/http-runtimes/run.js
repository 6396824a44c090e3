/**
 * The HTTP suite on the runtimes and in the browsers that are installed; with
 * SLIPWAY_RUNTIME, on the one of that name.
 * @module
 */
import { after, before } from "node:test";
import { ask } from "./ask.js";
import { BROWSERS, startBrowser } from "./browsers.js";
import { RUNTIMES, guestFiles } from "./runtimes.js";
import { httpSuite } from "./suite.js";

/** @type {Awaited<ReturnType<typeof guestFiles>>} */
let guest;
before(async () => {
  guest = await guestFiles();
});
after(() => guest?.remove());

const only = process.env.SLIPWAY_RUNTIME;
const wanted = (/** @type {string} */ name) => !only || name === only;

for (const [name, runtime] of Object.entries(RUNTIMES)) {
  if (!wanted(name)) continue;
  const skip = !runtime.program && `${name} is not installed`;
  httpSuite(name, skip, runtime.traits, async () => {
    const server = await runtime.start(guest);
    return { server, ask, stop: server.stop };
  });
}

for (const [name, { missing, traits }] of Object.entries(BROWSERS))
  if (wanted(name)) httpSuite(name, missing, traits, () => startBrowser(name));
