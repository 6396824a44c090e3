//! Binary ↔ text format: `print` and `parse`. Whether what is printed or parsed is valid is not asked.

use crate::error::{Error, Result};
use crate::input::File;
use std::borrow::Cow;
use wasmprinter::{Config, PrintFmtWrite};
use wast::parser::{self, ParseBuffer};

/// How `print` prints; all false is wasmprinter's own way.
#[derive(Clone, Debug, Default)]
pub struct PrintOptions {
    /// Byte offsets in comments.
    pub offsets: bool,
    /// No function bodies, no data.
    pub skeleton: bool,
    /// Names for what has none.
    pub name_unnamed: bool,
    /// Instructions as nested expressions.
    pub fold: bool,
}

/// The text of a core module or component.
pub fn print(file: &File, options: &PrintOptions) -> Result<String> {
    let wasm = binary(file)?;
    let mut config = Config::new();
    config
        .print_offsets(options.offsets)
        .print_skeleton(options.skeleton)
        .name_unnamed(options.name_unnamed)
        .fold_instructions(options.fold);
    let mut out = String::new();
    config
        .print(&wasm, &mut PrintFmtWrite(&mut out))
        .map_err(|e| Error::from_anyhow("invalid", &e).at(&file.path))?;
    Ok(out)
}

/// The binary of a core module or component in the text format.
pub fn parse(file: &File) -> Result<Vec<u8>> {
    let text = utf8(file)?;
    let located = |error: wast::Error| {
        let (line, column) = error.span().linecol_in(text);
        Error::new("wat", error.message()).at(format!("{}:{}:{}", file.path, line + 1, column + 1))
    };
    let buffer = ParseBuffer::new(text).map_err(located)?;
    let mut wat = parser::parse::<wast::Wat>(&buffer).map_err(located)?;
    wat.encode().map_err(located)
}

/// The bytes themselves, or, where they are text, what they mean.
pub fn binary(file: &File) -> Result<Cow<'_, [u8]>> {
    if file.bytes.starts_with(b"\0asm") {
        Ok(Cow::Borrowed(&file.bytes))
    } else if is_text_format(&file.bytes) {
        parse(file).map(Cow::Owned)
    } else {
        Err(Error::new("invalid", "this is neither WebAssembly nor its text format").at(&file.path))
    }
}

/// Whether the first token belongs to the text format: in WIT, nothing starts with a parenthesis or a semicolon.
pub fn is_text_format(bytes: &[u8]) -> bool {
    let text = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    text.starts_with(b"(") || text.starts_with(b";;")
}

pub fn utf8(file: &File) -> Result<&str> {
    let text = std::str::from_utf8(&file.bytes).map_err(|error| {
        let offset = error.valid_up_to();
        Error::new("invalid", format!("not UTF-8 at byte {offset}")).at(&file.path)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}
