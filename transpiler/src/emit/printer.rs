//! Lines of JavaScript or TypeScript with indentation. Knows tokens, not components.

/// A template with its holes filled.
pub fn fill(template: &str, parts: &[&str]) -> String {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = String::with_capacity(template.len() + length);
    let mut parts = parts.iter();
    for (i, text) in template.split('\0').enumerate() {
        if i > 0 {
            out.push_str(parts.next().copied().unwrap_or_default());
        }
        out.push_str(text);
    }
    out
}

/// Joins literals and what derefs to `str`: what `format!` does, without its machinery, which the download would carry. The
/// literals become one template, whose holes are NUL: less code than a list of all pieces.
macro_rules! cat {
    (@ [$($text:expr),*] [$($part:expr),*] $next:literal $(, $($rest:tt)*)?) => {
        $crate::emit::printer::cat!(@ [$($text,)* $next] [$($part),*] $($($rest)*)?)
    };
    (@ [$($text:expr),*] [$($part:expr),*] $next:expr $(, $($rest:tt)*)?) => {
        $crate::emit::printer::cat!(@ [$($text,)* "\0"] [$($part,)* $next] $($($rest)*)?)
    };
    (@ [$($text:expr),*] [$($part:expr),*]) => {
        $crate::emit::printer::fill(concat!($($text),*), &[$(&$part),*])
    };
    ($($all:tt)*) => { $crate::emit::printer::cat!(@ [] [] $($all)*) };
}
pub(crate) use cat;

/// A buffer of lines.
#[derive(Default)]
pub struct Printer {
    pub out: String,
    indent: usize,
    minify: bool,
}

impl Printer {
    pub fn new(indent: usize, minify: bool) -> Printer {
        Printer {
            out: String::new(),
            indent,
            minify,
        }
    }

    pub fn line(&mut self, text: &str) {
        if !self.minify {
            for _ in 0..self.indent {
                self.out.push_str("  ");
            }
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A comment of its own line; nothing when minifying.
    pub fn comment(&mut self, text: &str) {
        if !self.minify {
            self.line(&cat!("// ", text));
        }
    }

    pub fn blank(&mut self) {
        if !self.minify && !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    /// A line that opens a block.
    pub fn open(&mut self, text: &str) {
        self.line(text);
        self.indent += 1;
    }

    /// Closes the block and opens the next: `} else {`.
    pub fn reopen(&mut self, text: &str) {
        self.indent -= 1;
        self.open(text);
    }

    pub fn close(&mut self, text: &str) {
        self.indent -= 1;
        self.line(text);
    }

    /// The last line of a block that no brace closes: a `case`.
    pub fn close_with(&mut self, text: &str) {
        self.line(text);
        self.indent -= 1;
    }

    /// Appends lines that were printed at their own indentation.
    pub fn append(&mut self, other: &str) {
        self.out.push_str(other);
    }
}
