"""An HTTP server in Python for componentize-py: asyncio on the event loop that it brings, which waits in `wasi:io/poll`.

/                        200, `Hello from Python`
/request                 method, path and every header of the request, one a line
/echo                    the request's body, streamed as it comes
/slow?chunks=N&ms=M      `chunk I` N times, a pause of M ms before each but the first
/fetch?url=URL           GETs URL and streams its response back with `x-via: python-http`; 502 where it fails
/gather?url=URL&url=…    GETs all at once; a line `URL: status, N bytes, sha256` each, in the order of the query
/raise                   raises, before there is a response
others                   404, `no path PATH`
"""

import asyncio
import hashlib
from urllib.parse import parse_qs, urlsplit

import poll_loop
from componentize_py_types import Err, Ok
from poll_loop import PollLoop, Sink, Stream
from wit_world import exports
from wit_world.imports import monotonic_clock
from wit_world.imports.types import (
    Fields,
    IncomingRequest,
    Method_Other,
    OutgoingRequest,
    OutgoingResponse,
    ResponseOutparam,
    Scheme_Http,
    Scheme_Https,
)


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        loop = PollLoop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve(request, response_out))


async def serve(request: IncomingRequest, out: ResponseOutparam) -> None:
    target = urlsplit(request.path_with_query() or "/")
    query = parse_qs(target.query)
    if target.path == "/":
        await answer(out, 200, "Hello from Python\n")
    elif target.path == "/request":
        await answer(out, 200, describe(request))
    elif target.path == "/echo":
        await copy(Stream(request.consume()), begin(out, 200, []))
    elif target.path == "/slow":
        await slow(out, int(query.get("chunks", ["3"])[0]), int(query.get("ms", ["100"])[0]))
    elif target.path == "/fetch":
        await fetch(out, query["url"][0])
    elif target.path == "/gather":
        lines = await asyncio.gather(*(digest(url) for url in query["url"]))
        await answer(out, 200, "".join(lines))
    elif target.path == "/raise":
        raise RuntimeError("as asked")
    else:
        await answer(out, 404, f"no path {target.path}\n")


def begin(out: ResponseOutparam, status: int, headers: list[tuple[str, bytes]]) -> Sink:
    response = OutgoingResponse(Fields.from_list(headers))
    response.set_status_code(status)
    body = response.body()
    ResponseOutparam.set(out, Ok(response))
    return Sink(body)


async def answer(out: ResponseOutparam, status: int, text: str) -> None:
    sink = begin(out, status, [("content-type", b"text/plain")])
    await sink.send(text.encode())
    sink.close()


async def copy(stream: Stream, sink: Sink) -> None:
    while (chunk := await stream.next()) is not None:
        await sink.send(chunk)
    sink.close()


def describe(request: IncomingRequest) -> str:
    method = request.method()
    name = method.value if isinstance(method, Method_Other) else type(method).__name__.removeprefix("Method_").upper()
    headers = request.headers().entries()
    lines = [f"method {name}", f"path {request.path_with_query()}"]
    lines += [f"{key}: {value.decode('latin1')}" for key, value in headers]
    return "".join(f"{line}\n" for line in lines)


async def slow(out: ResponseOutparam, chunks: int, ms: int) -> None:
    sink = begin(out, 200, [("content-type", b"text/plain")])
    for i in range(chunks):
        if i > 0:
            pause = monotonic_clock.subscribe_duration(ms * 1_000_000)
            await poll_loop.register(asyncio.get_event_loop(), pause)
        await sink.send(f"chunk {i}\n".encode())
    sink.close()


async def get(url: str):
    parts = urlsplit(url)
    request = OutgoingRequest(Fields.from_list([]))
    request.set_scheme(Scheme_Https() if parts.scheme == "https" else Scheme_Http())
    request.set_authority(parts.netloc)
    request.set_path_with_query(parts.path + (f"?{parts.query}" if parts.query else ""))
    return await poll_loop.send(request)


async def fetch(out: ResponseOutparam, url: str) -> None:
    try:
        response = await get(url)
    except Err as error:
        await answer(out, 502, f"{type(error.value).__name__}\n")
        return
    sink = begin(out, response.status(), [("x-via", b"python-http")])
    await copy(Stream(response.consume()), sink)


async def digest(url: str) -> str:
    try:
        response = await get(url)
    except Err as error:
        return f"{url}: {type(error.value).__name__}\n"
    status, size, sha = response.status(), 0, hashlib.sha256()
    stream = Stream(response.consume())
    while (chunk := await stream.next()) is not None:
        size += len(chunk)
        sha.update(chunk)
    return f"{url}: {status}, {size} bytes, {sha.hexdigest()}\n"
