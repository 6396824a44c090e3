/**
 * Out of the page: to the clipboard, to a file, to a zip of files.
 * @module
 */

/** @param {string} text */
export async function copy(text) {
  await navigator.clipboard.writeText(text);
}

/** A page that is not served over https (or from this machine) has no clipboard. */
export const canCopy = () =>
  typeof navigator.clipboard?.writeText === "function";

/**
 * @param {string} name
 * @param {string | Uint8Array} contents
 */
export function download(name, contents) {
  const type =
    typeof contents === "string" ? "text/plain" : "application/octet-stream";
  const blob = new Blob([/** @type {BlobPart} */ (contents)], { type });
  const url = URL.createObjectURL(blob);
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name.replace(/^.*\//, "");
  anchor.click();
  // The download has taken hold of the blob by the next turn in every engine but one, which takes a little longer.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Wasm of this size is stored as it is: pressing it would hold the page up for longer than it saves in a download. */
const STORE_FROM = 1 << 20;

/**
 * @param {string} name
 * @param {Record<string, string | Uint8Array>} files
 */
export async function downloadZip(name, files) {
  const { strToU8, zipSync } = await import("fflate");
  const entries = Object.entries(files).map(([path, contents]) => {
    const bytes = typeof contents === "string" ? strToU8(contents) : contents;
    const level = /** @type {0 | 6} */ (bytes.length > STORE_FROM ? 0 : 6);
    return [path, [bytes, { level }]];
  });
  download(name, zipSync(Object.fromEntries(entries)));
}

/**
 * How large something is when gzip has been at it.
 * @param {string | Uint8Array} contents
 * @returns {Promise<number>}
 */
export async function gzipSize(contents) {
  const stream = new Blob([/** @type {BlobPart} */ (contents)])
    .stream()
    .pipeThrough(new CompressionStream("gzip"));
  const reader = stream.getReader();
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return size;
    size += value.length;
  }
}
