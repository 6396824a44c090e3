/**
 * A server for the HTTP tests, in a thread of its own, so that a guest may put the
 * test's thread to sleep. Posts its port.
 * @module
 */
import { createServer } from "node:http";
import net from "node:net";
import { parentPort } from "node:worker_threads";

/** What has come to pass, counted under the request's query. */
const seen = {};
const count = (what, request) => {
  const [, query = ""] = request.url.split("?");
  const key = `${what} ${query}`;
  seen[key] = (seen[key] ?? 0) + 1;
};

const routes = {
  "/hello": (request, response) => {
    response.setHeader("x-twice", ["a", "b"]);
    response.setHeader("content-type", "text/plain");
    response.end(`hello ${request.method}`);
  },
  "/echo": (request, response) => {
    response.statusCode = 201;
    const type = request.headers["content-type"];
    if (type) response.setHeader("content-type", type);
    request.pipe(response);
  },
  "/headers": (request, response) =>
    response.end(JSON.stringify(request.rawHeaders)),
  "/slow": (request, response) => {
    count("slow", request);
    const id = setTimeout(() => response.end("late"), 10000);
    response.on("close", () => {
      if (!response.writableEnded) count("aborted", request);
      clearTimeout(id);
    });
  },
  "/late": (request, response) => {
    const ms = Number(new URL(request.url, "http://x").searchParams.get("ms"));
    setTimeout(() => response.end("late"), ms);
  },
  "/short": (request, response) => {
    // Ended as if that were all.
    response.setHeader("content-length", "100");
    response.write("only this", () => response.socket.end());
  },
  "/stall": (request, response) => {
    response.write("begin");
    response.on("close", () => count("aborted", request));
  },
  "/drip": (request, response) => {
    let n = 0;
    const id = setInterval(() => {
      response.write(`${n} `);
      if (++n < 5) return;
      clearInterval(id);
      response.end();
    }, 5);
  },
  "/break": (request, response) => {
    response.setHeader("content-length", "100");
    response.write("only this");
    setTimeout(() => response.destroy(), 20);
  },
  "/trailers": (request, response) => {
    response.setHeader("trailer", "x-sum");
    response.write("body");
    response.addTrailers({ "x-sum": "42" });
    response.end();
  },
  "/trailers-in": (request, response) => {
    request.resume();
    request.on("end", () => response.end(JSON.stringify(request.rawTrailers)));
  },
  "/early": (request, response) => {
    if (request.url.endsWith("?100")) response.writeContinue();
    response.writeProcessing();
    response.writeEarlyHints({ link: "</a.css>; rel=preload" }, () =>
      response.end("after"),
    );
  },
  // Once per connection; who comes again finds it closed.
  "/once": (request, response) => {
    const { socket } = request;
    if (socket.served) return socket.destroy();
    socket.served = true;
    response.end("once");
  },
  "/redirect": (request, response) => {
    response.writeHead(302, { location: "/hello" });
    response.end();
  },
  "/big": (request, response) => {
    const size = Number(new URL(request.url, "http://x").searchParams.get("n"));
    const chunk = Buffer.alloc(65536, 7);
    let left = size;
    const push = () => {
      while (left > 0) {
        const part = chunk.subarray(0, Math.min(left, chunk.length));
        left -= part.length;
        if (!response.write(part)) return response.once("drain", push);
      }
      response.end();
    };
    push();
  },
  "/count": (request, response) => {
    let n = 0;
    request.on("data", (chunk) => (n += chunk.length));
    request.on("end", () => response.end(String(n)));
  },
  "/seen": (request, response) => response.end(JSON.stringify(seen)),
};

/** Pages of other origins too. */
function letIn(response) {
  for (const what of ["origin", "headers", "methods"])
    response.setHeader(`access-control-allow-${what}`, "*");
  response.setHeader("access-control-expose-headers", "*");
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://x");
  if (pathname !== "/no-cors") letIn(response);
  if (request.method === "OPTIONS") return response.end();
  const route = routes[pathname];
  if (route) return route(request, response);
  response.statusCode = 404;
  response.end("nothing here");
});
const garbage = net.createServer((socket) => socket.end("not http\r\n\r\n"));
const upgrade = net.createServer((socket) =>
  socket.once("data", () =>
    socket.end(
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    ),
  ),
);
const nobody = net.createServer();
const ports = {};
for (const [name, one] of Object.entries({
  port: server,
  garbage,
  upgrade,
  closed: nobody,
})) {
  await new Promise((resolve) => one.listen(0, "127.0.0.1", resolve));
  ports[name] = one.address().port;
}
nobody.close(() => parentPort.postMessage(ports));
