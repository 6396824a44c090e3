//! A command that fetches: `fetch URL…` GETs each (`http://HOST/PATH`), and prints `STATUS URL` and the body; where there is
//! no response, `URL: ErrorCode::…` on stderr, and the command fails in the end.

use wasip2::cli::{environment, stderr, stdout};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{ErrorCode, Fields, IncomingBody, OutgoingRequest, Scheme};
use wasip2::io::streams::{OutputStream, StreamError};

struct Fetch;
wasip2::cli::command::export!(Fetch);

impl wasip2::exports::cli::run::Guest for Fetch {
    fn run() -> Result<(), ()> {
        let (out, err) = (stdout::get_stdout(), stderr::get_stderr());
        let mut outcome = Ok(());
        for url in environment::get_arguments().into_iter().skip(1) {
            if let Err(code) = fetch(&url, &out) {
                say(&err, format!("{url}: {code:?}\n").as_bytes());
                outcome = Err(());
            }
        }
        outcome
    }
}

fn fetch(url: &str, out: &OutputStream) -> Result<(), ErrorCode> {
    let rest = url.strip_prefix("http://").expect("http:// only");
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let request = OutgoingRequest::new(Fields::new());
    let refused = |()| ErrorCode::HttpRequestUriInvalid;
    request.set_scheme(Some(&Scheme::Http)).map_err(refused)?;
    request.set_authority(Some(authority)).map_err(refused)?;
    request.set_path_with_query(Some(path)).map_err(refused)?;
    let future = outgoing_handler::handle(request, None)?;
    future.subscribe().block();
    let response = future.get().expect("ready").expect("taken once")?;
    say(out, format!("{} {url}\n", response.status()).as_bytes());
    let body: IncomingBody = response.consume().expect("asked for once");
    let stream = body.stream().expect("asked for once");
    loop {
        match stream.blocking_read(1 << 16) {
            Ok(bytes) => say(out, &bytes),
            Err(StreamError::Closed) => return Ok(()),
            Err(StreamError::LastOperationFailed(error)) => {
                let unknown = ErrorCode::InternalError(Some(error.to_debug_string()));
                return Err(wasip2::http::types::http_error_code(&error).unwrap_or(unknown));
            }
        }
    }
}

fn say(stream: &OutputStream, bytes: &[u8]) {
    for chunk in bytes.chunks(4096) {
        // A closed standard stream is not this program's business.
        let _ = stream.blocking_write_and_flush(chunk);
    }
}
