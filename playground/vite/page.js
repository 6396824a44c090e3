/**
 * What the built page's head has that the source's has not: the Content-Security-Policy, and preloads, so that the
 * transpiler's Wasm comes in beside the JavaScript and not after it.
 * @module
 */

/**
 * Nothing inline, nothing evaluated. Generated JavaScript is imported by the worker alone, which has a policy of its own
 * (README.md). Components may be opened from anywhere.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "worker-src 'self'",
  "connect-src 'self' https: http: data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/**
 * The chunks that a chunk needs, itself first, and those that it imports when it starts.
 * @param {import('vite').Rolldown.OutputBundle[string] | undefined} first
 * @param {import('vite').Rolldown.OutputBundle} bundle
 * @returns {string[]}
 */
function closure(first, bundle) {
  /** @type {Set<string>} */
  const found = new Set();
  const work = first ? [first] : [];
  for (let next = work.pop(); next; next = work.pop()) {
    // What the page's own script brings is there already.
    if (next.type !== "chunk" || next.isEntry || found.has(next.fileName))
      continue;
    found.add(next.fileName);
    const needs = [...next.imports, ...next.dynamicImports];
    work.push(...needs.map((name) => bundle[name]));
  }
  return [...found];
}

/** @returns {import('vite').Plugin} */
export function page() {
  return {
    name: "slipway-page",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle }) {
        const files = Object.values(bundle ?? {});
        const wasm = files.find(({ fileName }) =>
          /transpiler.*\.wasm$/.test(fileName),
        );
        const library = files.find(
          (file) => file.type === "chunk" && file.name === "library",
        );
        return [
          {
            tag: "meta",
            attrs: { "http-equiv": "Content-Security-Policy", content: POLICY },
            injectTo: "head-prepend",
          },
          ...(wasm
            ? [
                {
                  tag: "link",
                  attrs: {
                    rel: "preload",
                    as: "fetch",
                    type: "application/wasm",
                    crossorigin: true,
                    href: `./${wasm.fileName}`,
                  },
                  injectTo: /** @type {const} */ ("head"),
                },
              ]
            : []),
          ...closure(library, bundle ?? {}).map((fileName) => ({
            tag: "link",
            attrs: { rel: "modulepreload", href: `./${fileName}` },
            injectTo: /** @type {const} */ ("head"),
          })),
        ];
      },
    },
  };
}
