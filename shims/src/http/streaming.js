/**
 * @module Whether this place is a page, and whether its requests stream: what no
 * single name tells.
 */

/** Servers' runtimes have borrowed browsers' names, and say who they are. */
export function isServer() {
  const { navigator } = globalThis;
  return /^(?:Bun|Cloudflare|Deno|Node)\b/.test(navigator?.userAgent ?? "");
}

/**
 * Whether fetch streams request bodies here. One sign is not enough: WebKit looks
 * at `duplex` never and at the body's type rightly.
 * @returns {boolean}
 */
export function probeStreaming() {
  // They all stream, and some never look.
  if (isServer()) return true;
  let looked = false;
  try {
    const options = {
      method: "POST",
      body: new ReadableStream(),
      get duplex() {
        looked = true;
        return "half";
      },
    };
    const { headers } = new Request("http://localhost/", options);
    return looked && !headers.has("content-type");
  } catch {
    return false;
  }
}
