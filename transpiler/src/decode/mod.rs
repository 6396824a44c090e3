//! Bytes → [`ComponentGraph`]: a push machine that asks for exactly the bytes it needs, so that function bodies and data
//! are never read and any chunking of the input gives the same graph.
//!
//! [`Decoder::skip`] and [`Decoder::want`] say what comes next; [`Decoder::feed`] takes it. `section` frames, `module` and
//! `component` read what a section defines, `wiring` knows the modules that only connect others, `types` turns wasmparser's
//! types into ours. wasmparser stops here.

mod component;
#[cfg(any(target_arch = "wasm32", test))]
mod const_expr;
mod module;
mod section;
mod types;
mod wiring;

use crate::graph::ComponentGraph;
use crate::{Error, ErrorCode, Options};
pub use section::Decoder;
use wasmparser::WasmFeatures;

/// Decodes a component that is in memory as a whole.
pub fn decode(bytes: &[u8], options: &Options) -> Result<ComponentGraph, Error> {
    let mut decoder = Decoder::new(options)?;
    let mut pos = 0;
    loop {
        pos += decoder.skip();
        if pos >= bytes.len() as u64 {
            break;
        }
        let at = pos as usize;
        let chunk = &bytes[at..bytes.len().min(at + decoder.want() as usize)];
        decoder.feed(chunk)?;
        pos += chunk.len() as u64;
    }
    decoder.finish(bytes.len() as u64)
}

/// Features that are off unless asked for. The first ones work; the others are validated, and refused by name where a
/// component really uses them.
const GATED: [(&str, WasmFeatures); 14] = [
    ("fixed-length-lists", WasmFeatures::CM_FIXED_LENGTH_LISTS),
    ("error-context", WasmFeatures::CM_ERROR_CONTEXT),
    ("nested-names", WasmFeatures::CM_NESTED_NAMES),
    ("memory64", WasmFeatures::CM64),
    ("canon-names", WasmFeatures::CM_CANON_NAMES),
    ("values", WasmFeatures::CM_VALUES),
    ("accessors", WasmFeatures::CM_ACCESSORS),
    ("gc", WasmFeatures::CM_GC),
    ("custom-descriptors", WasmFeatures::CUSTOM_DESCRIPTORS),
    (
        "shared-everything-threads",
        WasmFeatures::SHARED_EVERYTHING_THREADS,
    ),
    ("async-stackful", WasmFeatures::CM_ASYNC_STACKFUL),
    ("more-async-builtins", WasmFeatures::CM_MORE_ASYNC_BUILTINS),
    ("threading", WasmFeatures::CM_THREADING),
    ("forward", WasmFeatures::CM_FORWARD),
];

/// wasmparser's features: what today's components use, plus what the caller asks for by name.
fn features(options: &Options) -> Result<WasmFeatures, Error> {
    let mut on =
        WasmFeatures::default() | WasmFeatures::LEGACY_EXCEPTIONS | WasmFeatures::CUSTOM_PAGE_SIZES;
    for name in &options.features {
        let Some((_, feature)) = GATED.iter().find(|(known, _)| known == name) else {
            let known: Vec<&str> = GATED.iter().map(|(known, _)| *known).collect();
            let message = ["unknown feature `", name, "`; known: ", &known.join(", ")].concat();
            return Err(Error::new(ErrorCode::BadOptions, message, None));
        };
        on |= *feature;
    }
    Ok(on)
}

/// A wasmparser error as ours. A switched-off feature is named.
#[cold]
fn invalid(e: wasmparser::Error) -> Error {
    let code = match e.missing_wasm_feature() {
        Some(_) => ErrorCode::Unsupported,
        None => ErrorCode::Invalid,
    };
    Error::new(code, e.message(), Some(e.offset()))
}

/// A framing error.
#[cold]
fn malformed(message: impl Into<String>, offset: u64) -> Error {
    Error::new(ErrorCode::Malformed, message, Some(offset))
}

/// Refuses a list that promises more items than it has bytes, before the validator makes room for them: an input may cost
/// a multiple of its length, not of a number written in it.
fn plausible_count(mut section: wasmparser::BinaryReader<'_>) -> Result<(), Error> {
    let offset = section.original_position();
    let count = section.read_var_u32().map_err(invalid)?;
    if count as usize > section.bytes_remaining() {
        return Err(malformed(
            "the section promises more items than it has bytes",
            offset,
        ));
    }
    Ok(())
}
