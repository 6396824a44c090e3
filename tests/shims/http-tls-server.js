/**
 * Servers over TLS for the HTTP tests, in a thread of their own like `http-server.js`: one
 * that speaks HTTP/2 and 1.1, one of HTTP/1.1 alone, and some that are no good. Posts
 * their ports.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { constants, createSecureServer } from "node:http2";
import { createServer as createHttps } from "node:https";
import net from "node:net";
import tls from "node:tls";
import { parentPort } from "node:worker_threads";

const file = (name) => readFileSync(new URL(`tls/${name}`, import.meta.url));
const identity = { key: file("key.pem"), cert: file("cert.pem") };

const seen = {};
const count = (what) => (seen[what] = (seen[what] ?? 0) + 1);

/** A session's own does not let itself be destroyed. */
const sockets = new WeakMap();

const streams = {
  "/hello": (stream, headers) => {
    const fields = { ":status": 200, "x-twice": ["a", "b"] };
    stream.respond({ ...fields, "x-latin1": "caf\xe9" });
    stream.end(`hello ${headers[":method"]} over HTTP/2`);
  },
  "/headers": (stream, headers, raw) => {
    stream.respond({ ":status": 200 });
    stream.end(JSON.stringify(raw));
  },
  "/echo": (stream) => {
    stream.respond({ ":status": 201 });
    stream.pipe(stream);
  },
  "/count": (stream) => {
    let n = 0;
    stream.on("data", (chunk) => (n += chunk.length));
    stream.on("end", () => {
      stream.respond({ ":status": 200 });
      stream.end(String(n));
    });
  },
  "/big": (stream, headers) => {
    const url = new URL(headers[":path"], "https://x");
    let left = Number(url.searchParams.get("n"));
    const chunk = Buffer.alloc(65536, 7);
    stream.respond({ ":status": 200 });
    const push = () => {
      while (left > 0) {
        const part = chunk.subarray(0, Math.min(left, chunk.length));
        left -= part.length;
        if (!stream.write(part)) return stream.once("drain", push);
      }
      stream.end();
    };
    push();
  },
  "/trailers": (stream) => {
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "42" }));
    stream.end("body");
  },
  "/trailers-in": (stream) => {
    let raw = [];
    stream.on("trailers", (...[, , list]) => (raw = list));
    stream.resume();
    stream.on("end", () => {
      stream.respond({ ":status": 200 });
      stream.end(JSON.stringify(raw));
    });
  },
  "/early": (stream) => {
    stream.additionalHeaders({ ":status": 103, link: "</a.css>" });
    stream.additionalHeaders({ ":status": 102 });
    stream.respond({ ":status": 200 });
    stream.end("after");
  },
  "/none": (stream) => stream.respond({ ":status": 204 }, { endStream: true }),
  "/length": (stream) => {
    stream.respond({ ":status": 200, "content-length": "9" });
    stream.end("short");
  },
  // Refused once: it may go again.
  "/refused": (stream) => {
    if (count("refused") === 1)
      return stream.close(constants.NGHTTP2_REFUSED_STREAM);
    stream.respond({ ":status": 200 });
    stream.end("the second time");
  },
  "/reset": (stream, headers) => {
    const [, code] = headers[":path"].split("?");
    stream.close(Number(code));
  },
  "/break": (stream) => {
    stream.respond({ ":status": 200 });
    stream.write("only this", () => stream.destroy(new Error("broken")));
  },
  "/cut": (stream) => sockets.get(stream.session).destroy(),
  "/cut-late": (stream) => {
    stream.respond({ ":status": 200 });
    stream.write("only this", () => sockets.get(stream.session).destroy());
  },
  "/leave": (stream) => {
    // Done with this connection; what is under way is finished.
    stream.session.goaway(constants.NGHTTP2_NO_ERROR);
    stream.respond({ ":status": 200 });
    stream.end("goodbye");
  },
  "/old": (stream) => stream.close(constants.NGHTTP2_HTTP_1_1_REQUIRED),
  "/stall": (stream) => {
    stream.respond({ ":status": 200 });
    stream.write("begin");
    stream.on("close", () => count("aborted"));
  },
  "/silent": (stream) => {
    count("silent");
    stream.on("close", () => count("aborted"));
  },
  "/seen": (stream) => {
    stream.respond({ ":status": 200 });
    stream.end(JSON.stringify(seen));
  },
};

/** Servers of streams, and of what speaks HTTP/1.1: which of them is asked, ALPN tells. */
const two = createSecureServer(identity);
two.on("session", (session) => {
  count("sessions");
  session.on("error", () => {});
});
two.on("stream", (stream, headers, _flags, raw) => {
  stream.on("error", () => {});
  const [path] = headers[":path"].split("?");
  const route = streams[path];
  if (route) return route(stream, headers, raw);
  stream.respond({ ":status": 404 });
  stream.end();
});
const one = createServer((request, response) =>
  response.end(`HTTP/1.1 ${request.url}`),
);
const ALPNProtocols = ["h2", "http/1.1"];
const both = tls.createServer({ ...identity, ALPNProtocols }, (socket) => {
  socket.on("error", () => {});
  if (socket.alpnProtocol !== "h2") return one.emit("connection", socket);
  two.once("session", (session) => sockets.set(session, socket));
  two.emit("secureConnection", socket);
});

const old = createHttps(identity, (request, response) => {
  count("old requests");
  response.end(`hello ${request.method} over HTTP/${request.httpVersion}`);
});
old.on("secureConnection", () => count("old connections"));

/** Wants a certificate of its clients, and says so once they have begun. */
const wants = createHttps({ ...identity, requestCert: true, ca: [] });
/** Speaks a version that nobody may speak any more… to a client that speaks but that. */
const newest = tls.createServer({ ...identity, minVersion: "TLSv1.3" });
/** Answers with an alert, or with something else than TLS. */
const alert = (number) =>
  net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(Buffer.of(21, 3, 3, 0, 2, 2, number)));
  });
const noise = net.createServer((socket) => {
  socket.on("error", () => {});
  socket.end("not TLS\r\n\r\n");
});
const mute = net.createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", () => socket.end());
});

const servers = { both, old, wants, newest, noise, mute };
for (const number of [40, 80, 112]) servers[`alert${number}`] = alert(number);
const ports = {};
for (const [name, server] of Object.entries(servers)) {
  server.on("tlsClientError", () => {});
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  ports[name] = server.address().port;
}
parentPort.postMessage(ports);
