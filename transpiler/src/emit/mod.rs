//! Plan → [`Output`]: fixes all names, then prints. Owns no knowledge of components beyond the plan.

pub mod adapter;

use crate::{Error, Options, plan::Plan};
use std::ops::Range;

/// The files of one transpilation, in a fixed order.
#[derive(Default)]
pub struct Output {
    pub files: Vec<File>,
}

/// One output file; the path is relative and uses `/`.
pub struct File {
    pub path: String,
    pub contents: Contents,
}

pub enum Contents {
    Text(String),
    Bytes(Vec<u8>),
    /// A range of the input: a core module, never copied.
    Range(Range<u64>),
}

/// Prints a plan.
pub fn emit(_plan: &Plan, _options: &Options) -> Result<Output, Error> {
    Ok(Output::default())
}
