/**
 * What the server answers guests that make requests: things that go on, or wait, or count. Keeps what it has seen per
 * server. Knows no engine.
 * @module
 */

/** @import { Route } from './serve.js' */

/** @returns {Record<string, Route>} */
export function httpRoutes() {
  /** Requests that ended before their answer did. @type {Set<string | null>} */
  const aborted = new Set();
  const query = (/** @type {import('node:http').IncomingMessage} */ request) =>
    new URL(request.url ?? "", "http://localhost").searchParams;
  return {
    "/http/hello": (request, response) =>
      response.end(`hello ${request.method}`),
    "/http/count": async (request, response) => {
      let count = 0;
      for await (const chunk of request) count += chunk.length;
      response.end(String(count));
    },
    "/http/big": (request, response) => {
      let left = Number(query(request).get("n"));
      const more = () => {
        while (left > 0) {
          const chunk = Buffer.alloc(Math.min(left, 1 << 16), 120);
          left -= chunk.length;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    },
    "/http/drip": (request, response) => {
      let n = 0;
      const id = setInterval(() => {
        response.write(`${n} `);
        if (++n < 5) return;
        clearInterval(id);
        response.end();
      }, 5);
    },
    "/http/stall": (request, response) => {
      // Of a type that no browser wants to see more of before it says so.
      response.setHeader("content-type", "application/octet-stream");
      response.write("begin");
      response.on("close", () => aborted.add(query(request).get("key")));
    },
    "/http/aborted": (request, response) =>
      response.end(String(aborted.has(query(request).get("key")))),
  };
}
