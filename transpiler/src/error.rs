//! The transpiler's one error: a stable code, where in the bytes, where among the names, and what to do.

use std::fmt;

/// What kind of thing went wrong. The names (kebab-case in JavaScript) are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// Not WebAssembly at all.
    BadMagic,
    /// A core module where a component is needed.
    CoreModule,
    /// A component of another binary version.
    BadVersion,
    /// The input ends too early.
    Truncated,
    /// Bytes that the binary format does not allow.
    Malformed,
    /// Well-formed, and refused by validation.
    Invalid,
    /// Valid, and not supported (or only behind a feature): the message names it.
    Unsupported,
    /// Too large or too deep.
    TooLarge,
    /// The options make no sense.
    BadOptions,
}

impl ErrorCode {
    pub fn name(self) -> &'static str {
        match self {
            ErrorCode::BadMagic => "bad-magic",
            ErrorCode::CoreModule => "core-module",
            ErrorCode::BadVersion => "bad-version",
            ErrorCode::Truncated => "truncated",
            ErrorCode::Malformed => "malformed",
            ErrorCode::Invalid => "invalid",
            ErrorCode::Unsupported => "unsupported",
            ErrorCode::TooLarge => "too-large",
            ErrorCode::BadOptions => "bad-options",
        }
    }
}

/// One word wide, because every pass returns it.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    code: ErrorCode,
    message: String,
    offset: Option<u64>,
    path: Vec<String>,
}

impl Error {
    #[cold]
    pub fn new(code: ErrorCode, message: impl Into<String>, offset: Option<u64>) -> Error {
        Error(Box::new(Inner {
            code,
            message: message.into(),
            offset,
            path: Vec::new(),
        }))
    }

    #[cold]
    pub fn unsupported(what: impl fmt::Display, offset: Option<u64>) -> Error {
        Error::new(
            ErrorCode::Unsupported,
            format!("{what} is not supported"),
            offset,
        )
    }

    /// The same error, one step further out: `path` reads from the outside in.
    #[must_use]
    pub fn within(mut self, name: impl Into<String>) -> Error {
        self.0.path.insert(0, name.into());
        self
    }

    pub fn code(&self) -> ErrorCode {
        self.0.code
    }
    pub fn message(&self) -> &str {
        &self.0.message
    }
    /// Byte offset in the input.
    pub fn offset(&self) -> Option<u64> {
        self.0.offset
    }
    /// Names from the outside in: `component 1`, `import "wasi:io/streams"`.
    pub fn path(&self) -> &[String] {
        &self.0.path
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.0.code.name(), self.0.message)?;
        if !self.0.path.is_empty() {
            write!(f, "\n  in {}", self.0.path.join(" > "))?;
        }
        if let Some(offset) = self.0.offset {
            write!(f, "\n  at byte {offset} (0x{offset:x})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
