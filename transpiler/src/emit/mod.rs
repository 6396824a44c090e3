//! Plan → [`Output`]: fixes all names, then prints. Owns no knowledge of components beyond the plan.

pub mod adapter;
mod dts;
pub mod js;
pub mod names;
pub mod printer;

use crate::{plan::Plan, Error, Options};
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
pub fn emit(plan: &Plan, options: &Options) -> Result<Output, Error> {
    let mut files = Vec::new();
    let js::Module {
        text,
        wanted,
        adapters,
    } = js::Js::new(plan, options).print();
    files.push(File {
        path: printer::concat(&[&options.name, ".js"]),
        contents: Contents::Text(text),
    });
    if options.typescript {
        for (path, text) in dts::declarations(plan, options, &wanted) {
            files.push(File {
                path,
                contents: Contents::Text(text),
            });
        }
    }
    for (i, module) in plan.modules.iter().enumerate() {
        files.push(File {
            path: core_file(options, i),
            contents: Contents::Range(module.range.clone()),
        });
    }
    for (i, bytes) in adapters.into_iter().enumerate() {
        files.push(File {
            path: core_file(options, plan.modules.len() + i),
            contents: Contents::Bytes(bytes),
        });
    }
    Ok(Output { files })
}

/// `name.core.wasm`, `name.core2.wasm`, …
pub(crate) fn core_file(options: &Options, i: usize) -> String {
    let number = if i == 0 {
        String::new()
    } else {
        (i + 1).to_string()
    };
    printer::concat(&[&options.name, ".core", &number, ".wasm"])
}
