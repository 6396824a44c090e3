/**
 * What the page shows before there is a component: the ways to get one.
 * @module
 */
import { useSignal } from "@preact/signals";
import { examples } from "../examples.js";
import { FileButton } from "./file-button.jsx";

/** @import { App } from '../state.js' */

/** @param {{ app: App, again?: boolean }} props */
export function Start({ app, again = false }) {
  return (
    <div class={again ? "start" : "start narrow"}>
      {!again && (
        <div class="hero">
          <h1>Open a WebAssembly component</h1>
          <p>
            See its world, run it, call its functions, and take the JavaScript
            that makes it a module. All of it happens in this page: nothing is
            sent anywhere.
          </p>
        </div>
      )}
      <div class="dropzone">
        <p class="dropzone-words">
          Drop a .wasm file anywhere on this page, or
        </p>
        <FileButton
          class="button primary"
          onFile={(file) => void app.openFile(file)}
        >
          Choose a file…
        </FileButton>
      </div>
      <AddressForm onOpen={(url) => void app.openUrl(url)} />
      <h2 id="examples">Or try an example</h2>
      <ul class="cards" aria-labelledby="examples">
        {examples.map(({ id, title, about }) => (
          <li key={id}>
            <a class="card" href={`#example=${id}`}>
              <b>{title}</b>
              <span>{about}</span>
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** @param {{ onOpen: (url: string) => void }} props */
function AddressForm({ onOpen }) {
  const url = useSignal("");
  return (
    <form
      class="address"
      onSubmit={(event) => {
        event.preventDefault();
        onOpen(url.value.trim());
      }}
    >
      <label for="address">From an address</label>
      <div class="joined">
        <input
          id="address"
          type="url"
          inputMode="url"
          required
          autocomplete="off"
          placeholder="https://example.org/component.wasm"
          value={url.value}
          onInput={(event) => (url.value = event.currentTarget.value)}
        />
        <button type="submit" class="button">
          Open
        </button>
      </div>
    </form>
  );
}
