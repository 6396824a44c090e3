//! What the standard library looks up in Unicode's tables, as far as anybody here asks: 5 kB of the download; and what indents
//! `{:#?}`, which nobody asks for. The build (`npm/scripts/bindgen`) puts these functions in the place of the library's. Each has
//! its arguments and result as Wasm has them.
#![allow(unsafe_code)]

// SAFETY of the names: nothing else is called so, and the build takes them away.

/// Whether a character that wasmparser quotes in a message can stand there as it is: no control characters, nothing that turns
/// the direction of text, nothing of no width.
#[export_name = "may replace core::unicode::printable::is_printable"]
pub extern "C" fn is_printable(c: u32) -> bool {
    !matches!(
        c,
        0..=0x1f | 0x7f..=0xa0 | 0xad | 0x200b..=0x200f | 0x2028..=0x202f | 0x2060..=0x206f | 0xfeff..=0xffff | 0xe0000..
    )
}

/// Accents may well stand in a message.
#[export_name = "may replace core::unicode::unicode_data::grapheme_extend::lookup_slow"]
pub extern "C" fn is_accent(_: u32) -> bool {
    false
}

/// Every list and struct with a `Debug` refers to it.
#[export_name = "may replace <core::fmt::builders::PadAdapter as core::fmt::Write>::write_str"]
pub extern "C" fn indent(_: u32, _: *const u8, _: usize) -> bool {
    false
}

/// Asked of kebab names only, which are ASCII.
#[export_name = "may replace core::unicode::unicode_data::alphabetic::lookup_slow"]
pub extern "C" fn is_alphabetic(_: u32) -> bool {
    false
}

/// The same.
#[export_name = "may replace core::unicode::unicode_data::lowercase::lookup"]
pub extern "C" fn is_lowercase(_: u32) -> bool {
    false
}
