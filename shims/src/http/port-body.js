/**
 * @module A body over a message port: both ends, one chunk per pull, so that the
 * reader's pace is the writer's. Streams themselves cannot be transferred in every
 * engine.
 */

/**
 * One end of a body that is read here and sent over a port when it is pulled.
 * @param {MessagePort} port
 * @param {ReadableStream<Uint8Array> | null} body
 * @param {boolean} [last] whether nothing else goes over the port after it
 */
export function sendBody(port, body, last = true) {
  const reader = body?.getReader();
  return async (/** @type {any} */ message) => {
    if (message.type === "cancel") {
      await reader?.cancel().catch(() => {});
      if (last) port.close();
    }
    if (message.type !== "pull") return;
    try {
      const { done, value } = (await reader?.read()) ?? { done: true };
      port.postMessage(
        done ? { type: "end" } : { type: "chunk", chunk: value },
      );
    } catch (error) {
      port.postMessage({ type: "error", message: String(error) });
    }
  };
}

/**
 * The other end: a stream that pulls over a port.
 * @param {MessagePort} port
 * @returns {{ stream: ReadableStream<Uint8Array<ArrayBuffer>>,
 *   receive(message: any): void }}
 */
export function receiveBody(port) {
  /** @type {ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>} */
  let controller;
  let pulled = () => {};
  const stream = new ReadableStream(
    {
      start: (c) => void (controller = c),
      pull: () => {
        port.postMessage({ type: "pull" });
        return new Promise((resolve) => {
          pulled = () => resolve(undefined);
        });
      },
      cancel: () => port.postMessage({ type: "cancel" }),
    },
    { highWaterMark: 0 },
  );
  return {
    stream,
    receive(message) {
      if (message.type === "chunk") controller.enqueue(message.chunk);
      else if (message.type === "end") controller.close();
      else if (message.type === "error")
        controller.error(new TypeError(message.message));
      else return;
      pulled();
    },
  };
}
