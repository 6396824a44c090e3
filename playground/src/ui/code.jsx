/**
 * Text as it is written, in colours, to read and to copy.
 * @module
 */
import { useComputed, useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { tokens } from "../highlight.js";
import { canCopy, copy } from "../save.js";

/** @param {{ text: string, lang: 'js' | 'wit' | 'plan', label: string }} props */
export function Code({ text, lang, label }) {
  const pieces = useMemo(() => tokens(text, lang), [text, lang]);
  return (
    // A region that scrolls must be reachable for the keyboard.
    <pre class="code" tabIndex={0} role="region" aria-label={label}>
      <code>
        {pieces.map(({ kind, text: piece }, i) =>
          kind === "plain" ? (
            piece
          ) : (
            <span key={i} class={`token-${kind}`}>
              {piece}
            </span>
          ),
        )}
      </code>
    </pre>
  );
}

/** @param {{ text: () => string, children: string, class?: string }} props */
export function CopyButton({ text, children, ...rest }) {
  const state = useSignal("");
  const shown = useComputed(() => state.value || children);
  if (!canCopy()) return null;
  const onClick = async () => {
    try {
      await copy(text());
      state.value = "Copied";
    } catch {
      state.value = "The browser said no";
    }
    setTimeout(() => (state.value = ""), 1500);
  };
  return (
    <button
      type="button"
      class={rest.class ?? "button small"}
      onClick={onClick}
    >
      <span aria-live="polite">{shown}</span>
    </button>
  );
}
