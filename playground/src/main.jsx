/**
 * Puts the page on the screen. The library and its Wasm load meanwhile.
 * @module
 */
import { render } from "preact";
import { App } from "./ui/app.jsx";
import { createApp } from "./state.js";
import "./style.css";

const loading = import("./library.js");
// Whoever needs it hears of a failure; the first one asks again.
loading.catch(() => {});

const app = createApp({
  load: () => loading.catch(() => import("./library.js")),
});
app.start();
render(
  <App app={app} />,
  /** @type {HTMLElement} */ (document.querySelector("#app")),
);
