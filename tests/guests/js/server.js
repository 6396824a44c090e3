// An HTTP server in a fetch event: says what it was asked, and streams what it was sent back.
addEventListener("fetch", (event) =>
  event.respondWith(
    (async () => {
      const { method, url, body } = event.request;
      const { pathname } = new URL(url);
      if (pathname === "/echo") return new Response(body);
      if (pathname === "/throw") throw new Error("as asked");
      return new Response(`${method} ${pathname}\n`, {
        headers: { "content-type": "text/plain", "x-guest": "js" },
      });
    })(),
  ),
);
