/**
 * What a component wrote, as it comes. Follows the end unless the reader has gone up.
 * @module
 */
import { useLayoutEffect, useRef } from "preact/hooks";

/**
 * @param {object} props
 * @param {ReturnType<typeof import('../console.js').createConsole>} props.output
 * @param {string} props.label
 * @param {string} [props.empty] what stands where there is nothing
 */
export function Console({ output, label, empty }) {
  const box = useRef(/** @type {HTMLPreElement | null} */ (null));
  const follows = useRef(true);
  const pieces = output.pieces.value;
  useLayoutEffect(() => {
    const element = box.current;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  }, [pieces]);
  return (
    <pre
      ref={box}
      class="console"
      tabIndex={0}
      role="log"
      aria-label={label}
      onScroll={({
        currentTarget: { scrollTop, scrollHeight, clientHeight },
      }) => (follows.current = scrollTop + clientHeight > scrollHeight - 8)}
    >
      {pieces.length === 0 && empty && (
        <span class="console-note">{empty}</span>
      )}
      {pieces.map(({ key, stream, text }) => (
        <span key={key} class={`console-${stream}`}>
          {text}
        </span>
      ))}
    </pre>
  );
}
