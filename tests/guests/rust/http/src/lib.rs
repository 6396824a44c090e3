//! An HTTP server (`wasi:http/proxy`) with a path for each thing a host can get wrong. Lines end in `\n`.
//!
//! | path | answer |
//! | --- | --- |
//! | `/` | 200, `Hello from Rust` |
//! | `/request` | method, path, scheme, authority and every header of the request, one a line |
//! | `/status?code=N` | that status, an empty body; 500 and `bad status` where the host refuses it |
//! | `/cookies` | two `set-cookie` fields, and `x-latin1` with the bytes 63 61 66 e9 |
//! | `/count` | how many requests this instance has seen, this one included |
//! | `/log` | `to stdout` and `to stderr` on those; 200, `logged` |
//! | `/env?name=K` | the variable K; 404 without it |
//! | `/file?path=P` | the first 64 KiB of P; 404 where no folder that was granted has it |
//! | `/echo` | the request's body, streamed as it comes, with its `content-type` and its trailers |
//! | `/upload` | reads the body: `N bytes, sum S`, where S adds the bytes modulo 2^32 |
//! | `/download?bytes=N` | N bytes, byte i being i mod 251; `&chunked` leaves `content-length` out |
//! | `/slow?chunks=N&ms=M` | `chunk I` N times, flushed, a pause of M ms before each but the first |
//! | `/trailers` | `body`, then the trailers `x-sum: 4` and `x-two: a`, `x-two: b` |
//! | `/fetch?url=URL` | sends method and body on to URL, its response streamed back with `x-via: rust-http`, its trailers too; |
//! | | `&connect=`, `&first=`, `&between=` are timeouts in ms; 502 and `ErrorCode::…` where it fails |
//! | `/fetch-drop?url=URL` | sends a GET and drops the future before the response: 200, `dropped` |
//! | `/fetch-head?url=URL` | sends a GET and drops the body unread: 200, `status N` |
//! | `/error` | the response is the error `internal-error("as asked")` |
//! | `/none` | returns without a response |
//! | `/never` | waits a day before its response |
//! | `/spin` | computes for ever |
//! | `/trap` | traps before the response |
//! | `/trap-late` | 200, `begun`, then traps |
//! | `/short`, `/long` | `content-length: 10` with 5 and with 15 bytes; what `finish` or `write` say is on stderr |
//! | `/unfinished` | 200, `begun`, then drops the body without `finish` |
//! | others | 404, `no path PATH` |

use std::sync::atomic::{AtomicU32, Ordering};
use wasip2::cli::{environment::get_environment, stderr, stdout};
use wasip2::clocks::monotonic_clock;
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureTrailers, IncomingBody, IncomingRequest, IncomingResponse, Method,
    OutgoingBody, OutgoingRequest, OutgoingResponse, RequestOptions, ResponseOutparam, Scheme,
};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

struct Server;
wasip2::http::proxy::export!(Server);

static SEEN: AtomicU32 = AtomicU32::new(0);
const DAY: u64 = 86_400_000_000_000;
const CHUNK: usize = 64 * 1024;

impl wasip2::exports::http::incoming_handler::Guest for Server {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let count = SEEN.fetch_add(1, Ordering::Relaxed) + 1;
        let target = request.path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let query = Query(query);
        match path {
            "/" => answer(out, 200, "Hello from Rust\n"),
            "/request" => answer(out, 200, &describe(&request)),
            "/status" => status(out, query.number("code", 200) as u16),
            "/cookies" => cookies(out),
            "/count" => answer(out, 200, &format!("{count}\n")),
            "/log" => log(out),
            "/env" => found(out, environment(&query)),
            "/file" => found(out, file(&query)),
            "/echo" => echo(&request, out),
            "/upload" => upload(&request, out),
            "/download" => download(out, query),
            "/slow" => slow(out, query),
            "/trailers" => trailers(out),
            "/fetch" => fetch(&request, out, query),
            "/fetch-drop" => fetch_drop(out, query),
            "/fetch-head" => fetch_head(out, query),
            "/error" => {
                let error = ErrorCode::InternalError(Some("as asked".into()));
                ResponseOutparam::set(out, Err(error));
            }
            "/none" => drop(out),
            "/never" => {
                monotonic_clock::subscribe_duration(DAY).block();
                answer(out, 200, "a day later\n");
            }
            "/spin" => loop {
                SEEN.fetch_add(1, Ordering::Relaxed);
            },
            "/trap" => panic!("as asked"),
            "/trap-late" => {
                let mut body = begin(out, 200, Fields::new());
                body.say("begun\n");
                panic!("as asked");
            }
            "/short" => length(out, b"short"),
            "/long" => length(out, b"longer than ten"),
            "/unfinished" => {
                let mut body = begin(out, 200, Fields::new());
                body.say("begun\n");
            }
            _ => answer(out, 404, &format!("no path {path}\n")),
        }
    }
}

/// The body of a response on its way: the stream has to go before the body does.
struct Body {
    stream: Option<OutputStream>,
    body: Option<OutgoingBody>,
}

impl Drop for Body {
    fn drop(&mut self) {
        self.stream.take();
    }
}

impl Body {
    fn stream(&self) -> &OutputStream {
        self.stream.as_ref().expect("open until finish")
    }

    /// Writes all, no faster than the host takes it.
    fn write(&mut self, mut bytes: &[u8]) -> Result<(), StreamError> {
        let stream = self.stream();
        while !bytes.is_empty() {
            let room = stream.check_write()? as usize;
            if room == 0 {
                stream.subscribe().block();
                continue;
            }
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            stream.write(now)?;
            bytes = later;
        }
        Ok(())
    }

    /// Writes and flushes a text; a client that is gone is no concern of these paths.
    fn say(&mut self, text: &str) {
        let _ = self.write(text.as_bytes());
        let _ = self.stream().blocking_flush();
    }

    fn finish(mut self, trailers: Option<Fields>) -> Result<(), ErrorCode> {
        self.stream.take();
        OutgoingBody::finish(self.body.take().expect("finished once"), trailers)
    }

    /// All that `from` has, as it comes, by the host's `splice`: not a byte passes through this memory.
    fn pass(&mut self, from: &InputStream) -> Result<(), StreamError> {
        loop {
            match self.stream().blocking_splice(from, CHUNK as u64) {
                Ok(_) => {}
                Err(StreamError::Closed) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

fn begin(out: ResponseOutparam, code: u16, headers: Fields) -> Body {
    let response = OutgoingResponse::new(headers);
    response.set_status_code(code).expect("a status in range");
    let body = response.body().expect("asked for once");
    let stream = body.write().expect("asked for once");
    ResponseOutparam::set(out, Ok(response));
    Body {
        stream: Some(stream),
        body: Some(body),
    }
}

fn fields(entries: &[(&str, &str)]) -> Fields {
    let list: Vec<(String, Vec<u8>)> = entries
        .iter()
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect();
    Fields::from_list(&list).expect("well-formed fields")
}

fn answer(out: ResponseOutparam, code: u16, text: &str) {
    let length = text.len().to_string();
    let headers = [("content-type", "text/plain"), ("content-length", &length)];
    let mut body = begin(out, code, fields(&headers));
    body.say(text);
    let _ = body.finish(None);
}

fn describe(request: &IncomingRequest) -> String {
    let mut text = format!(
        "method {}\npath {}\nscheme {}\nauthority {}\n",
        method_name(&request.method()),
        request.path_with_query().unwrap_or("none".into()),
        match request.scheme() {
            Some(Scheme::Http) => "http".into(),
            Some(Scheme::Https) => "https".into(),
            Some(Scheme::Other(other)) => other,
            None => "none".into(),
        },
        request.authority().unwrap_or("none".into()),
    );
    for (name, value) in request.headers().entries() {
        text += &format!("{name}: {}\n", String::from_utf8_lossy(&value));
    }
    text
}

fn method_name(method: &Method) -> String {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(other) => other,
    }
    .to_string()
}

fn status(out: ResponseOutparam, code: u16) {
    let response = OutgoingResponse::new(Fields::new());
    if response.set_status_code(code).is_err() {
        return answer(out, 500, "bad status\n");
    }
    let body = response.body().expect("asked for once");
    ResponseOutparam::set(out, Ok(response));
    let _ = OutgoingBody::finish(body, None);
}

fn cookies(out: ResponseOutparam) {
    let headers = fields(&[("set-cookie", "a=1; Path=/"), ("set-cookie", "b=2")]);
    headers
        .append("x-latin1", b"caf\xe9")
        .expect("field values are bytes");
    let _ = begin(out, 200, headers).finish(None);
}

fn log(out: ResponseOutparam) {
    let _ = stdout::get_stdout().blocking_write_and_flush(b"to stdout\n");
    say_stderr("to stderr");
    answer(out, 200, "logged\n");
}

fn say_stderr(line: &str) {
    let _ = stderr::get_stderr().blocking_write_and_flush(format!("{line}\n").as_bytes());
}

fn found(out: ResponseOutparam, value: Option<String>) {
    match value {
        Some(text) => answer(out, 200, &text),
        None => answer(out, 404, "not there\n"),
    }
}

fn environment(query: &Query) -> Option<String> {
    let name = query.get("name")?;
    let (_, value) = get_environment().into_iter().find(|(k, _)| *k == name)?;
    Some(value)
}

fn file(query: &Query) -> Option<String> {
    let path = query.get("path")?;
    let (folder, rest) = get_directories().into_iter().find_map(|(folder, name)| {
        let rest = path.strip_prefix(name.as_str())?.strip_prefix('/')?;
        Some((folder, rest.to_string()))
    })?;
    let (follow, read) = (PathFlags::SYMLINK_FOLLOW, DescriptorFlags::READ);
    let file = folder
        .open_at(follow, &rest, OpenFlags::empty(), read)
        .ok()?;
    let (bytes, _) = file.read(CHUNK as u64, 0).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn echo(request: &IncomingRequest, out: ResponseOutparam) {
    let headers = Fields::new();
    for value in request.headers().get("content-type") {
        headers.append("content-type", &value).expect("as received");
    }
    let incoming = request.consume().expect("asked for once");
    let stream = incoming.stream().expect("asked for once");
    let mut body = begin(out, 200, headers);
    if let Err(error) = body.pass(&stream) {
        return say_stderr(&format!("echo: {}", reason(&error)));
    }
    drop(stream);
    let _ = body.finish(trailers_of(incoming));
}

fn reason(error: &StreamError) -> String {
    match error {
        StreamError::Closed => "closed".into(),
        StreamError::LastOperationFailed(error) => {
            match wasip2::http::types::http_error_code(error) {
                Some(code) => format!("{code:?}"),
                None => error.to_debug_string(),
            }
        }
    }
}

/// What came after a body that has been read to its end.
fn trailers_of(body: IncomingBody) -> Option<Fields> {
    let future: FutureTrailers = IncomingBody::finish(body);
    loop {
        match future.get() {
            Some(Ok(Ok(trailers))) => return trailers,
            Some(_) => return None,
            None => future.subscribe().block(),
        }
    }
}

fn upload(request: &IncomingRequest, out: ResponseOutparam) {
    let incoming = request.consume().expect("asked for once");
    let stream = incoming.stream().expect("asked for once");
    let (mut bytes, mut sum) = (0u64, 0u32);
    loop {
        match stream.blocking_read(CHUNK as u64) {
            Ok(chunk) => {
                bytes += chunk.len() as u64;
                for byte in chunk {
                    sum = sum.wrapping_add(byte.into());
                }
            }
            Err(StreamError::Closed) => break,
            Err(error) => return answer(out, 400, &format!("{}\n", reason(&error))),
        }
    }
    answer(out, 200, &format!("{bytes} bytes, sum {sum}\n"));
}

fn download(out: ResponseOutparam, query: Query) {
    let bytes = query.number("bytes", 0);
    let headers = fields(&[("content-type", "application/octet-stream")]);
    if query.get("chunked").is_none() {
        let value = bytes.to_string().into_bytes();
        headers.set("content-length", &[value]).expect("a number");
    }
    let mut body = begin(out, 200, headers);
    // 251 is prime, so that a chunk repeated or lost shows.
    let pattern: Vec<u8> = (0..251 * 256).map(|i| (i % 251) as u8).collect();
    let mut left = bytes;
    while left > 0 {
        let now = left.min(pattern.len() as u64);
        if let Err(error) = body.write(&pattern[..now as usize]) {
            return say_stderr(&format!("download: {}", reason(&error)));
        }
        left -= now;
    }
    let _ = body.stream().blocking_flush();
    let _ = body.finish(None);
}

fn slow(out: ResponseOutparam, query: Query) {
    let (chunks, pause) = (query.number("chunks", 3), query.number("ms", 100));
    let mut body = begin(out, 200, fields(&[("content-type", "text/plain")]));
    for i in 0..chunks {
        if i > 0 {
            monotonic_clock::subscribe_duration(pause * 1_000_000).block();
        }
        body.say(&format!("chunk {i}\n"));
    }
    let _ = body.finish(None);
}

fn trailers(out: ResponseOutparam) {
    let mut body = begin(out, 200, fields(&[("trailer", "x-sum, x-two")]));
    body.say("body");
    let trailers = fields(&[("x-sum", "4"), ("x-two", "a"), ("x-two", "b")]);
    if let Err(error) = body.finish(Some(trailers)) {
        say_stderr(&format!("trailers: {error:?}"));
    }
}

/// `content-length: 10`, whatever the body's length is.
fn length(out: ResponseOutparam, bytes: &[u8]) {
    let mut body = begin(out, 200, fields(&[("content-length", "10")]));
    if let Err(error) = body.write(bytes) {
        say_stderr(&format!("write: {}", reason(&error)));
    }
    if let Err(error) = body.finish(None) {
        say_stderr(&format!("finish: {error:?}"));
    }
}

/// A request for `url` that has not been sent.
fn request_to(url: &str, method: &Method, headers: Fields) -> Result<OutgoingRequest, String> {
    let (scheme, rest) = match url.split_once("://") {
        Some(("http", rest)) => (Scheme::Http, rest),
        Some(("https", rest)) => (Scheme::Https, rest),
        Some((other, rest)) => (Scheme::Other(other.into()), rest),
        None => return Err(format!("no URL: {url}")),
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let request = OutgoingRequest::new(headers);
    let refused = |what: &str| format!("the host refuses the {what} of {url}");
    request.set_method(method).map_err(|()| refused("method"))?;
    request
        .set_scheme(Some(&scheme))
        .map_err(|()| refused("scheme"))?;
    request
        .set_authority(Some(authority))
        .map_err(|()| refused("authority"))?;
    request
        .set_path_with_query(Some(path))
        .map_err(|()| refused("path"))?;
    Ok(request)
}

fn timeouts(query: Query) -> Option<RequestOptions> {
    let duration = |name| query.get(name).map(|_| query.number(name, 0) * 1_000_000);
    let options = RequestOptions::new();
    let set = [
        options.set_connect_timeout(duration("connect")),
        options.set_first_byte_timeout(duration("first")),
        options.set_between_bytes_timeout(duration("between")),
    ];
    if set.iter().any(Result::is_err) {
        say_stderr("fetch: the host knows not all timeouts");
    }
    Some(options)
}

fn wait_for(
    future: &wasip2::http::types::FutureIncomingResponse,
) -> Result<IncomingResponse, String> {
    loop {
        match future.get() {
            Some(Ok(Ok(response))) => return Ok(response),
            Some(Ok(Err(error))) => return Err(format!("{error:?}")),
            Some(Err(())) => unreachable!("taken once"),
            None => future.subscribe().block(),
        }
    }
}

fn fetch(request: &IncomingRequest, out: ResponseOutparam, query: Query) {
    match fetched(request, query) {
        Ok(response) => relay(response, out),
        Err(text) => answer(out, 502, &format!("{text}\n")),
    }
}

/// Sends the request on, its body streamed, and waits for the head of the response.
fn fetched(request: &IncomingRequest, query: Query) -> Result<IncomingResponse, String> {
    let url = query.get("url").unwrap_or_default();
    let method = request.method();
    let headers = Fields::new();
    for value in request.headers().get("content-type") {
        headers.append("content-type", &value).expect("as received");
    }
    let outgoing = request_to(&url, &method, headers)?;
    let sends = !matches!(method, Method::Get | Method::Head);
    let body = sends.then(|| outgoing.body().expect("asked for once"));
    let stream = body
        .as_ref()
        .map(|body| body.write().expect("asked for once"));
    let future =
        outgoing_handler::handle(outgoing, timeouts(query)).map_err(|e| format!("{e:?}"))?;
    if let (Some(body), Some(stream)) = (body, stream) {
        let mut to = Body {
            stream: Some(stream),
            body: Some(body),
        };
        let incoming = request.consume().expect("asked for once");
        let from = incoming.stream().expect("asked for once");
        // The server may have answered without reading all: what it says is in the future.
        if to.pass(&from).is_ok() {
            drop(from);
            let _ = to.finish(trailers_of(incoming));
        }
    }
    wait_for(&future)
}

fn relay(response: IncomingResponse, out: ResponseOutparam) {
    let headers = fields(&[("x-via", "rust-http")]);
    for (name, value) in response.headers().entries() {
        // Fields of the connection are refused, as they should be.
        let _ = headers.append(&name, &value);
    }
    let incoming = response.consume().expect("asked for once");
    let from = incoming.stream().expect("asked for once");
    let mut body = begin(out, response.status(), headers);
    if let Err(error) = body.pass(&from) {
        return say_stderr(&format!("fetch: {}", reason(&error)));
    }
    drop(from);
    let _ = body.finish(trailers_of(incoming));
}

fn get(query: Query) -> Result<wasip2::http::types::FutureIncomingResponse, String> {
    let url = query.get("url").unwrap_or_default();
    let request = request_to(&url, &Method::Get, Fields::new())?;
    outgoing_handler::handle(request, None).map_err(|e| format!("{e:?}"))
}

fn fetch_drop(out: ResponseOutparam, query: Query) {
    match get(query) {
        Ok(future) => {
            drop(future);
            answer(out, 200, "dropped\n");
        }
        Err(text) => answer(out, 502, &format!("{text}\n")),
    }
}

fn fetch_head(out: ResponseOutparam, query: Query) {
    match get(query).and_then(|future| wait_for(&future)) {
        Ok(response) => {
            let status = response.status();
            drop(response.consume().expect("asked for once"));
            answer(out, 200, &format!("status {status}\n"));
        }
        Err(text) => answer(out, 502, &format!("{text}\n")),
    }
}

#[derive(Clone, Copy)]
struct Query<'a>(&'a str);

impl Query<'_> {
    fn get(&self, name: &str) -> Option<String> {
        self.0.split('&').find_map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (key == name).then(|| percent_decoded(value))
        })
    }

    fn number(&self, name: &str, default: u64) -> u64 {
        let value = self.get(name).and_then(|value| value.parse().ok());
        value.unwrap_or(default)
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|two| {
            let two = std::str::from_utf8(two).ok()?;
            u8::from_str_radix(two, 16).ok()
        });
        match (first, hex) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
