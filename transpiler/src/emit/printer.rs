//! Lines of JavaScript or TypeScript with indentation. Knows tokens, not components.

/// A template with its holes filled.
pub fn fill(template: &str, parts: &[&str]) -> String {
    let mut out = String::new();
    append(&mut out, template, parts);
    out
}

fn append(out: &mut String, template: &str, parts: &[&str]) {
    let mut parts = parts.iter();
    for (i, text) in template.split('\0').enumerate() {
        if i > 0 {
            out.push_str(parts.next().copied().unwrap_or_default());
        }
        out.push_str(text);
    }
}

/// Calls a function with literals and what derefs to `str`: the literals become one template, whose holes are NUL. That is less
/// code than a list of all pieces.
macro_rules! with_template {
    ([$($f:tt)*] [$($text:expr),*] [$($part:expr),*] $next:literal $(, $($rest:tt)*)?) => {
        $crate::emit::printer::with_template!([$($f)*] [$($text,)* $next] [$($part),*] $($($rest)*)?)
    };
    ([$($f:tt)*] [$($text:expr),*] [$($part:expr),*] $next:expr $(, $($rest:tt)*)?) => {
        $crate::emit::printer::with_template!([$($f)*] [$($text,)* "\0"] [$($part,)* $next] $($($rest)*)?)
    };
    ([$($f:tt)*] [$($text:expr),*] [$($part:expr),*]) => {
        $($f)*(concat!($($text),*), &[$(&$part),*])
    };
}
pub(crate) use with_template;

/// Joins literals and what derefs to `str`: what `format!` does, without its machinery, which the download would carry.
macro_rules! cat {
    ($($all:tt)*) => {
        $crate::emit::printer::with_template!([$crate::emit::printer::fill] [] [] $($all)*)
    };
}
pub(crate) use cat;

/// Prints a line: `out.line(&cat!(…))` without a string in between.
macro_rules! line {
    ($out:expr, $($all:tt)*) => {
        $crate::emit::printer::with_template!([$out.line_of] [] [] $($all)*)
    };
}
pub(crate) use line;

/// Prints a line that opens a block.
macro_rules! open {
    ($out:expr, $($all:tt)*) => {
        $crate::emit::printer::with_template!([$out.open_of] [] [] $($all)*)
    };
}
pub(crate) use open;

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
        self.begin();
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// For `line!`.
    pub fn line_of(&mut self, template: &str, parts: &[&str]) {
        self.begin();
        append(&mut self.out, template, parts);
        self.out.push('\n');
    }

    fn begin(&mut self) {
        if !self.minify {
            for _ in 0..self.indent {
                self.out.push_str("  ");
            }
        }
    }

    /// A comment of its own line; nothing when minifying.
    pub fn comment(&mut self, text: &str) {
        if !self.minify {
            line!(self, "// ", text);
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

    /// For `open!`.
    pub fn open_of(&mut self, template: &str, parts: &[&str]) {
        self.line_of(template, parts);
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
