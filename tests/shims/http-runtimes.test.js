/**
 * The HTTP suite on the runtimes that are installed; with SLIPWAY_RUNTIME, on the
 * one of that name.
 * @module
 */
import { after, before } from "node:test";
import { ask } from "./http-runtimes/ask.js";
import { RUNTIMES, guestFiles } from "./http-runtimes/runtimes.js";
import { httpSuite } from "./http-runtimes/suite.js";

/** @type {Awaited<ReturnType<typeof guestFiles>>} */
let guest;
before(async () => {
  guest = await guestFiles();
});
after(() => guest?.remove());

const only = process.env.SLIPWAY_RUNTIME;
for (const [name, runtime] of Object.entries(RUNTIMES)) {
  if (only && name !== only) continue;
  const skip = !runtime.program && `${name} is not installed`;
  httpSuite(name, skip, runtime.traits, async () => {
    const server = await runtime.start(guest);
    return { server, ask, stop: server.stop };
  });
}
