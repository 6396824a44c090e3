//! Lines of JavaScript or TypeScript with indentation. Knows tokens, not components.

/// Joins pieces of text: what `format!` does, without its machinery, which the download would carry.
pub fn concat(parts: &[&str]) -> String {
    parts.concat()
}

/// [`cat`] over anything that derefs to `str`.
macro_rules! cat {
    ($($part:expr),* $(,)?) => { $crate::emit::printer::concat(&[$(&$part),*]) };
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
