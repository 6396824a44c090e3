/**
 * A button that asks for a file of the reader's.
 * @module
 */
import { useRef } from "preact/hooks";

/**
 * @param {object} props
 * @param {(file: File) => void} props.onFile
 * @param {import('preact').ComponentChildren} props.children
 * @param {string} [props.class]
 * @param {string} [props.accept]
 * @param {boolean} [props.multiple]
 */
export function FileButton({ onFile, children, accept, multiple, ...rest }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  return (
    <>
      <button
        type="button"
        class={rest.class ?? "button"}
        onClick={() => input.current?.click()}
      >
        {children}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept ?? ".wasm,application/wasm"}
        multiple={multiple}
        onChange={(event) => {
          const { files } = event.currentTarget;
          for (const file of files ?? []) onFile(file);
          // The same file again is a change too.
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}
