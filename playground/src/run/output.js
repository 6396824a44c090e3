/**
 * Passes on what a program writes, at a pace that a page can take: at once as a rule, in fewer and larger pieces from one that
 * writes without a pause, and of a flood only the beginning, some of the middle, and the end. Knows bytes and time; who
 * listens is said by `send`.
 * @module
 */

/** @typedef {'stdout' | 'stderr'} Stream */

/** Messages at once, and a millisecond's worth of more. */
const MESSAGES = 1000;
const MESSAGES_PER_MS = 0.5;
/** The same for bytes: what a page can lay out, and more than anybody reads. */
const BYTES = 1 << 19;
const BYTES_PER_MS = 100;
/** What is kept back of a flood: its end. */
const HELD = 1 << 16;
/** A program that pauses has had its say after so many milliseconds. */
const PAUSE = 30;

/**
 * @param {object} given
 * @param {(stream: Stream, bytes: Uint8Array) => void} given.send
 * @param {(bytes: number) => void} given.skip told where bytes were left out
 * @param {() => number} given.now
 */
export function createOutput({ send, skip, now }) {
  let messages = MESSAGES;
  let budget = BYTES;
  let last = now();
  /** @type {Array<{ stream: Stream, bytes: Uint8Array }>} */
  let held = [];
  let size = 0;
  let skipped = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function refill() {
    const passed = now() - last;
    last += passed;
    messages = Math.min(MESSAGES, messages + passed * MESSAGES_PER_MS);
    budget = Math.min(BYTES, budget + passed * BYTES_PER_MS);
  }

  /** Everything that is held goes out, one message a stretch of one stream. */
  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (skipped) skip(skipped);
    skipped = 0;
    for (let i = 0; i < held.length;) {
      const { stream } = held[i];
      let end = i;
      while (end < held.length && held[end].stream === stream) end += 1;
      send(stream, join(held.slice(i, end).map(({ bytes }) => bytes)));
      messages -= 1;
      i = end;
    }
    budget -= size;
    held = [];
    size = 0;
  }

  return {
    /**
     * @param {Stream} stream
     * @param {Uint8Array} bytes
     */
    write(stream, bytes) {
      refill();
      // The guest's memory is where they are.
      held.push({ stream, bytes: bytes.slice() });
      size += bytes.length;
      while (size > HELD && budget < size) {
        const [oldest] = held;
        const cut = Math.min(oldest.bytes.length, size - HELD);
        if (cut === oldest.bytes.length) held.shift();
        else oldest.bytes = oldest.bytes.subarray(cut);
        size -= cut;
        skipped += cut;
      }
      if (messages >= 1 && budget >= size) flush();
      else timer ??= setTimeout(flush, PAUSE);
    },
    flush,
  };
}

/** @param {Uint8Array[]} parts */
function join(parts) {
  if (parts.length === 1) return parts[0].slice();
  const whole = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
