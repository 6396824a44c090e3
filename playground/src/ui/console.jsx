/**
 * What a component wrote, as it comes. Follows the end unless the reader has gone up.
 * @module
 */
import { Component } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** @import { Chunk } from '../console.js' */

/**
 * @param {object} props
 * @param {ReturnType<typeof import('../console.js').createConsole>} props.output
 * @param {string} props.label
 * @param {string} [props.empty] what stands where there is nothing
 */
export function Console({ output, label, empty }) {
  const box = useRef(/** @type {HTMLPreElement | null} */ (null));
  const follows = useRef(true);
  const chunks = output.chunks.value;
  useLayoutEffect(() => {
    const element = box.current;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  }, [chunks]);
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
      {chunks.length === 0 && empty && (
        <span class="console-note">{empty}</span>
      )}
      {chunks.map((chunk) => (
        <Lines key={chunk.key} chunk={chunk} />
      ))}
    </pre>
  );
}

/** A chunk that has not changed is not drawn anew. */
class Lines extends Component {
  /**
   * @param {{ chunk: Chunk }} next
   * @override
   */
  shouldComponentUpdate(next) {
    return next.chunk !== this.props.chunk;
  }

  /**
   * @param {{ chunk: Chunk }} props
   * @override
   */
  render({ chunk }) {
    return (
      <div>
        {chunk.pieces.map(({ stream, text }, i) => (
          <span key={i} class={`console-${stream}`}>
            {text}
          </span>
        ))}
      </div>
    );
  }
}
