/**
 * The whole page: its head, and what there is to show below. A file may be dropped anywhere.
 * @module
 */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { bytes } from "../format.js";
import { Failure } from "./failure.jsx";
import { FileButton } from "./file-button.jsx";
import { Start } from "./start.jsx";
import { Workspace } from "./workspace.jsx";

/** @import { App as AppState } from '../state.js' */

/** @param {{ app: AppState }} props */
export function App({ app }) {
  const dragging = useDrop((file) => void app.openFile(file));
  const status = app.status.value;
  return (
    <>
      <header class="head">
        <button
          type="button"
          class="brand"
          aria-label="Slipway playground: start"
          onClick={() => app.close()}
        >
          <Mark />
          <span>
            Slipway <span class="brand-rest">playground</span>
          </span>
        </button>
        {status.kind !== "empty" && (
          <FileButton onFile={(file) => void app.openFile(file)}>
            Open another…
          </FileButton>
        )}
      </header>
      <main>
        <Body app={app} />
      </main>
      {dragging && (
        <div class="drop-veil" aria-hidden="true">
          <p>Drop the component here</p>
        </div>
      )}
    </>
  );
}

/** @param {{ app: AppState }} props */
function Body({ app }) {
  const status = app.status.value;
  switch (status.kind) {
    case "empty":
      return <Start app={app} />;
    case "loading":
      return (
        <div class="waiting" role="status">
          <p>
            Reading <b>{status.name}</b>…{" "}
            {status.received > 0 &&
              (status.total
                ? `${bytes(status.received)} of ${bytes(status.total)}`
                : bytes(status.received))}
          </p>
          {status.total && (
            <progress max={status.total} value={status.received} />
          )}
        </div>
      );
    case "failed":
      return (
        <div class="narrow">
          <Failure
            title={`${status.name} could not be opened`}
            error={status.error}
          />
          <Start app={app} again />
        </div>
      );
    case "open":
      return <Workspace app={app} opened={status.opened} key={status.opened} />;
  }
}

const Mark = () => (
  <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
    <rect width="32" height="32" rx="7" class="mark-back" />
    <path d="M6 20 26 12v6a6 6 0 0 1-6 6H10z" class="mark-hull" />
  </svg>
);

/**
 * Files dropped anywhere on the page.
 * @param {(file: File) => void} onFile
 * @returns {boolean} whether one is over the page
 */
function useDrop(onFile) {
  const dragging = useSignal(false);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const hasFiles = (/** @type {DragEvent} */ event) =>
      event.dataTransfer?.types.includes("Files") ?? false;
    addEventListener("dragover", over, { signal });
    addEventListener("dragleave", leave, { signal });
    addEventListener("drop", drop, { signal });
    return () => controller.abort();

    /** @param {DragEvent} event */
    function over(event) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      dragging.value = true;
    }
    /** @param {DragEvent} event */
    function leave(event) {
      // Leaving an element for another one inside is not leaving the page.
      if (event.relatedTarget === null) dragging.value = false;
    }
    /** @param {DragEvent} event */
    function drop(event) {
      if (!hasFiles(event)) return;
      dragging.value = false;
      // A drop on an element that wants files itself (the program's) has been taken.
      if (event.defaultPrevented) return;
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) onFile(file);
    }
  }, []);
  return dragging.value;
}
