/**
 * @module `slipway/service-worker`: a component that serves a part of a static page's origin. It is `@slipway/wasi`'s.
 */
export { route, serve } from "@slipway/wasi/service-worker";
