//! The tools' one error: a stable code, a message of one line, and where in which text. Knows the error types of the crates
//! underneath, so that no other file has to.

use std::fmt;
use wit_parser::{ParseError, ResolveError, SourceMap, Span};

/// One word wide, as every tool returns it.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: &'static str,
    message: String,
    /// `path:line:col`, `path` or `byte 0x…`.
    place: Option<String>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// `code` is stable: `wit`, `wat`, `invalid`, `unsupported`, `options`.
    #[cold]
    pub fn new(code: &'static str, message: impl AsRef<str>) -> Error {
        Error(Box::new(Inner {
            code,
            message: one_line(message.as_ref()),
            place: None,
        }))
    }

    /// The same error with its place, where it has none yet.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Error {
        self.0.place.get_or_insert(place.into());
        self
    }

    /// What a crate underneath said, without the layers that only tell what was being done.
    #[cold]
    pub fn from_anyhow(code: &'static str, error: &anyhow::Error) -> Error {
        let layers: Vec<String> = error.chain().map(|e| e.to_string()).collect();
        let error = Error::new(code, layers.join(": "));
        match layers
            .last()
            .and_then(|text| text.rsplit_once(" (at offset 0x"))
        {
            Some((_, offset)) => error.at(format!("byte 0x{}", offset.trim_end_matches(')'))),
            None => error,
        }
    }

    /// An error of wit-parser's, with the line and column it speaks of.
    #[cold]
    pub fn from_wit(error: &anyhow::Error, sources: &SourceMap) -> Error {
        let known = error.chain().find_map(|layer| {
            let parse = layer.downcast_ref::<ParseError>();
            let resolve = layer.downcast_ref::<ResolveError>();
            parse
                .map(|e| (e.to_string(), e.kind().span()))
                .or_else(|| resolve.map(|e| (e.to_string(), e.kind().span())))
        });
        match known {
            Some((message, span)) => Error::new("wit", message).at_span(span, sources),
            None => Error::from_anyhow("wit", error),
        }
    }

    fn at_span(self, span: Span, sources: &SourceMap) -> Error {
        if span.is_known() && sources.source_names().next().is_some() {
            self.at(sources.render_location(span))
        } else {
            self
        }
    }

    pub fn code(&self) -> &'static str {
        self.0.code
    }
    pub fn message(&self) -> &str {
        &self.0.message
    }
    pub fn place(&self) -> Option<&str> {
        self.0.place.as_deref()
    }
}

/// Errors are shown on one line; what follows a colon stays behind it, other lines become a list.
fn one_line(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        if !out.is_empty() {
            out.push_str(if out.ends_with([':', ',', ';']) {
                " "
            } else {
                "; "
            });
        }
        out.push_str(line);
    }
    out
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.place {
            Some(place) => write!(f, "{place}: {}", self.0.message),
            None => f.write_str(&self.0.message),
        }
    }
}

impl std::error::Error for Error {}
