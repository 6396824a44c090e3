//! Slipway's tools: what starts from WIT text or the text format, makes components, plugs them together and reads or writes
//! their metadata. The second Wasm of the package, loaded when one of these commands is first used.
//!
//! Every tool is a function from bytes and options to bytes or text. Nothing here reads a file, prints, or knows how its
//! answer is shown; nothing here knows the transpiler, which declares the same types from a component's bytes
//! (`tests/agree.rs` holds the two together).

pub mod componentize;
pub mod compose;
pub mod error;
pub mod input;
pub mod metadata;
pub mod text;
pub mod types;
pub mod wit;

/// What `names` needs of the transpiler's room of that name.
mod map {
    pub type Set<K> = std::collections::HashSet<K>;
}
/// JavaScript names of WIT names: one set of rules for both crates.
#[allow(dead_code)]
#[path = "../../src/emit/names.rs"]
mod names;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use error::Error;
