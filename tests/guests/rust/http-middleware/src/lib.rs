//! A middleware: exports `wasi:http/incoming-handler` and imports the same, which a composition plugs with the next
//! component. In WASI 0.2 a component can make neither an incoming request nor a response-outparam, so that a
//! middleware can look, answer by itself, or hand both on; it cannot change what passes.
//!
//! | request | what happens |
//! | --- | --- |
//! | with the header `x-refuse: REASON` | 403, `x-middleware: refused`, body `refused: REASON` |
//! | path `/middleware` | 200, `x-middleware: answered`, body: how many requests it has seen |
//! | path `/middleware-trap` | a trap |
//! | others | `passed PATH` on stderr, then the next component's answer |

use std::sync::atomic::{AtomicU32, Ordering};
use wasip2::cli::stderr;
use wasip2::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

struct Middleware;
wasip2::http::proxy::export!(Middleware);

// The published bindings have no world that imports this interface; the component's type comes from wit/middleware.wit.
mod next {
    #[link(wasm_import_module = "wasi:http/incoming-handler@0.2.12")]
    extern "C" {
        /// Takes both handles over.
        pub fn handle(request: u32, out: u32);
    }
}

static SEEN: AtomicU32 = AtomicU32::new(0);

impl wasip2::exports::http::incoming_handler::Guest for Middleware {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let count = SEEN.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(reason) = request.headers().get("x-refuse").first() {
            let reason = String::from_utf8_lossy(reason);
            return answer(out, 403, "refused", &format!("refused: {reason}\n"));
        }
        let target = request.path_with_query().unwrap_or_default();
        match target.split('?').next() {
            Some("/middleware") => answer(out, 200, "answered", &format!("{count}\n")),
            Some("/middleware-trap") => panic!("as asked"),
            _ => {
                let line = format!("passed {target}\n");
                let _ = stderr::get_stderr().blocking_write_and_flush(line.as_bytes());
                unsafe { next::handle(request.take_handle(), out.take_handle()) }
            }
        }
    }
}

fn answer(out: ResponseOutparam, code: u16, what: &str, text: &str) {
    let headers = Fields::new();
    headers
        .append("x-middleware", what.as_bytes())
        .expect("well-formed");
    let response = OutgoingResponse::new(headers);
    response.set_status_code(code).expect("a status in range");
    let body = response.body().expect("asked for once");
    ResponseOutparam::set(out, Ok(response));
    if let Ok(stream) = body.write() {
        let _ = stream.blocking_write_and_flush(text.as_bytes());
    }
    let _ = OutgoingBody::finish(body, None);
}
