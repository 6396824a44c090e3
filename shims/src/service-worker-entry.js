/**
 * @module A service worker in one line: `import "@slipway/wasi/service-worker-entry"`.
 * Which paths it routes stands in its own address: `/sw.js?prefix=/app/`; without
 * that, all below `served/` in its folder.
 */
import { route } from "./service-worker.js";

const { href } = /** @type {any} */ (globalThis).location;
const prefix = new URL(href).searchParams.get("prefix");
route({ prefix: prefix ?? new URL("served/", href).pathname });
