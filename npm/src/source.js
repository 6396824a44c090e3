/**
 * Turns whatever was given as a component into bytes, or into a stream of them. Knows nothing of components.
 * @module
 */

/**
 * @import { Platform, Source } from './types.js'
 * @typedef {{ bytes: Uint8Array } | { chunks: AsyncIterable<Uint8Array>, size: number | undefined }} Input
 */

/**
 * Bytes as a Uint8Array, without a copy.
 * @param {unknown} value
 * @returns {Uint8Array | undefined}
 */
function asBytes(value) {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value))
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  // By its tag, because a buffer may be of another realm (a frame, a test runner's sandbox).
  const tag = Object.prototype.toString.call(value);
  if (tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]")
    return new Uint8Array(/** @type {ArrayBuffer} */ (value));
  return undefined;
}

/**
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {AsyncGenerator<Uint8Array>}
 */
async function* read(stream) {
  const reader = stream.getReader();
  let done = false;
  try {
    for (;;) {
      const result = await reader.read();
      done = result.done;
      if (result.done) return;
      yield result.value;
    }
  } finally {
    // Left early: whoever sends need not go on.
    if (!done) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

/**
 * @param {Response} response
 * @returns {Input}
 */
function fromResponse(response) {
  if (!response.ok)
    throw new Error(
      `${response.url || "the response"}: ${response.status} ${response.statusText}`.trimEnd(),
    );
  if (response.bodyUsed)
    throw new TypeError("the response's body has been read already");
  if (!response.body) return { bytes: new Uint8Array() };
  // The length of an encoded body is not that of what arrives; it is only a first guess all the same.
  const length = Number(response.headers.get("content-length") ?? NaN);
  return {
    chunks: read(response.body),
    size: Number.isSafeInteger(length) ? length : undefined,
  };
}

/**
 * @param {Source | Promise<Source>} source
 * @param {Platform} platform
 * @returns {Promise<Input>}
 */
export async function open(source, platform) {
  const value = /** @type {any} */ (await source);
  const bytes = asBytes(value);
  if (bytes) return { bytes };
  if (value instanceof URL) return open(await platform.open(value), platform);
  // By shape, not by class: looking at the global `Response` is what loads Node's fetch, 20 ms that bytes need not pay.
  if (typeof value?.arrayBuffer === "function") {
    if ("headers" in value) return fromResponse(value);
    return { bytes: new Uint8Array(await value.arrayBuffer()) };
  }
  if (typeof value?.getReader === "function")
    return { chunks: read(value), size: undefined };
  if (typeof value?.[Symbol.asyncIterator] === "function")
    return { chunks: value, size: undefined };
  throw new TypeError(
    `cannot read a component from ${value === null ? "null" : `a ${typeof value}`}: give bytes, a Response, a ReadableStream or a URL${typeof value === "string" ? " (for a URL: new URL(…))" : ""}`,
  );
}

/** A buffer that grows as chunks come in, and is one stretch of bytes at every moment. */
export class Gathered {
  #buffer;
  #length = 0;

  /** @param {number} [size] how much is expected */
  constructor(size = 1 << 16) {
    this.#buffer = new Uint8Array(size);
  }

  /** All bytes so far. A later `push` may move them. */
  get bytes() {
    return this.#buffer.subarray(0, this.#length);
  }

  /** @param {Uint8Array} chunk */
  push(chunk) {
    const end = this.#length + chunk.length;
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(end, this.#buffer.length * 2));
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = end;
  }
}
