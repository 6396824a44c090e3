//! Slipway's transpiler: bytes of a WebAssembly component in; core modules, JavaScript glue and TypeScript declarations out.
//!
//! The passes, in order, each a function from one data type to the next:
//!
//! 1. [`decode`]: bytes, pushed in any chunks, to a [`graph::ComponentGraph`] plus byte ranges of the core modules;
//! 2. [`link`]: symbolic instantiation of the root, to a [`plan::Plan`];
//! 3. [`emit`]: the plan to files.
//!
//! [`transpile`] runs all three over bytes that are at hand; `wasm.rs` drives the same three for JavaScript.

pub mod decode;
pub mod emit;
pub mod error;
pub mod graph;
pub mod link;
mod map;
pub mod options;
pub mod plan;
mod text;
pub mod types;
#[cfg(target_arch = "wasm32")]
mod wasm;
pub mod world;

pub use error::{Error, ErrorCode};
pub use options::Options;

/// Transpiles a component that is in memory as a whole.
pub fn transpile(bytes: &[u8], options: &Options) -> Result<emit::Output, Error> {
    let graph = decode::decode(bytes, options)?;
    let plan = link::link(&graph, options)?;
    emit::emit(&plan, options)
}
