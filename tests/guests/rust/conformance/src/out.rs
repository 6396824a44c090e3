//! The transcript: lines, gathered and written to stdout in pieces. Knows no case.

use std::cell::RefCell;
use wasip2::cli::stdout;
use wasip2::filesystem::types::ErrorCode;
use wasip2::io::streams::StreamError;

thread_local! {
    static LINES: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A line of the transcript.
#[macro_export]
macro_rules! say {
    ($($arg:tt)*) => { $crate::out::line(format!($($arg)*)) };
}

pub fn line(text: String) {
    let full = LINES.with_borrow_mut(|lines| {
        lines.push_str(&text);
        lines.push('\n');
        lines.len() > 1 << 14
    });
    if full {
        flush();
    }
}

/// Before anything that may trap: what was said is then out.
pub fn flush() {
    let text = LINES.take();
    let stream = stdout::get_stdout();
    for chunk in text.as_bytes().chunks(4096) {
        stream
            .blocking_write_and_flush(chunk)
            .expect("stdout takes the transcript");
    }
}

/// How results are printed: `ok`, `ok VALUE`, or the name of the error.
pub trait Shown {
    fn shown(self) -> String;
}

impl Shown for Result<(), ErrorCode> {
    fn shown(self) -> String {
        self.map_or_else(|code| code.name().into(), |()| "ok".into())
    }
}

impl Shown for Result<String, ErrorCode> {
    fn shown(self) -> String {
        self.map_or_else(|code| code.name().into(), |value| format!("ok {value}"))
    }
}

impl Shown for Result<(), StreamError> {
    fn shown(self) -> String {
        self.map_or_else(|error| stream_error(&error), |()| "ok".into())
    }
}

impl Shown for Result<String, StreamError> {
    fn shown(self) -> String {
        self.map_or_else(|error| stream_error(&error), |value| format!("ok {value}"))
    }
}

/// `closed`, or the code behind `last-operation-failed`.
pub fn stream_error(error: &StreamError) -> String {
    match error {
        StreamError::Closed => "closed".into(),
        StreamError::LastOperationFailed(error) => {
            let code = wasip2::filesystem::types::filesystem_error_code(error);
            // The text is the host's own: that there is one is all that can be asked.
            let text = if error.to_debug_string().is_empty() {
                ", no text"
            } else {
                ""
            };
            format!("failed: {}{text}", code.map_or("other", |code| code.name()))
        }
    }
}
