/**
 * Reads what is at an address, and says what went wrong in words that help. Knows `fetch`, no component.
 * @module
 */

/**
 * @param {string} address
 * @returns {Promise<Response>}
 */
async function get(address) {
  let url;
  try {
    url = new URL(address, document.baseURI);
  } catch {
    throw new Error(`“${address}” is not an address.`);
  }
  let response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new Error(
      `${url.host || "The address"} gave no answer that this page may read. Either it cannot be reached, or it does not allow other sites to read the file (CORS).`,
      { cause },
    );
  }
  if (!response.ok)
    throw new Error(
      `${url.host} answered ${response.status} ${response.statusText}`.trimEnd() +
        ".",
    );
  return response;
}

/**
 * @param {string} address
 * @param {(received: number, total?: number) => void} progress
 * @returns {Promise<Uint8Array>}
 */
export async function readBody(address, progress) {
  const response = await get(address);
  // Of an encoded body the length is that of the encoded bytes, which are not what is counted here.
  const length = response.headers.has("content-encoding")
    ? NaN
    : Number(response.headers.get("content-length") ?? NaN);
  const total = Number.isSafeInteger(length) && length > 0 ? length : undefined;
  const chunks = [];
  let received = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) break;
    chunks.push(value);
    received += value.length;
    progress(received, total);
  }
  const bytes = new Uint8Array(received);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
