/**
 * One request of the HTTP suite, and what came of it as plain data. It runs in a
 * Node and, sent there as text, in a page: it stands on nothing but `fetch`.
 * @module
 */

/**
 * @typedef {object} Question
 * @property {string} [method]
 * @property {Record<string, string>} [headers]
 * @property {string} [text] the body
 * @property {number} [bytes] or so many, byte i being i mod 251
 * @property {boolean} [streamed] the bytes one chunk after the other
 * @property {boolean} [first] only the first chunk is wanted; then it goes away
 *
 * @typedef {object} Answer
 * @property {number} status
 * @property {Array<[string, string]>} headers
 * @property {number} length of the body
 * @property {number} sum of its bytes, modulo 2³²
 * @property {number} wrong how many are not what their place says, modulo 251
 * @property {string} text the first 4096 bytes of it
 * @property {boolean} cut whether the body broke off
 */

/**
 * @param {[url: string, question?: Question]} what
 * @returns {Promise<Answer>}
 */
export async function ask([url, question = {}]) {
  const { method, headers, text, bytes, streamed, first } = question;
  const chunkOf = (/** @type {number} */ at, /** @type {number} */ length) =>
    Uint8Array.from({ length }, (_, i) => (at + i) % 251);
  const controller = new AbortController();
  /** @type {any} */
  const init = { method, headers, signal: controller.signal, body: text };
  // 251 times 256: every chunk is the same.
  const size = 64256;
  const pattern = bytes === undefined ? undefined : chunkOf(0, size);
  if (bytes !== undefined && pattern) {
    const parts = function* () {
      for (let at = 0; at < bytes; at += size)
        yield pattern.subarray(0, Math.min(size, bytes - at));
    };
    if (streamed) {
      const iterator = parts();
      init.duplex = "half";
      init.body = new ReadableStream(
        {
          pull(to) {
            const { done, value } = iterator.next();
            if (done) to.close();
            else to.enqueue(value.slice());
          },
        },
        { highWaterMark: 0 },
      );
    } else {
      init.body = new Blob([...parts()]);
    }
  }
  const response = await fetch(url, init);
  const answer = {
    status: response.status,
    headers: /** @type {Array<[string, string]>} */ ([...response.headers]),
    length: 0,
    sum: 0,
    wrong: 0,
    text: "",
    cut: false,
  };
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  try {
    while (reader) {
      const { done, value } = await reader.read();
      if (done) break;
      if (answer.length < 4096)
        answer.text += decoder.decode(value, { stream: true });
      let expected = answer.length % 251;
      for (let i = 0; i < value.length; i++) {
        answer.sum = (answer.sum + value[i]) >>> 0;
        if (value[i] !== expected) answer.wrong++;
        expected = expected === 250 ? 0 : expected + 1;
      }
      answer.length += value.length;
      if (first) break;
    }
  } catch {
    answer.cut = true;
  }
  if (first) controller.abort();
  answer.text = answer.text.slice(0, 4096);
  return answer;
}
