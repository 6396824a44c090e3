//! Plan → [`Output`]: fixes all names, then prints. Owns no knowledge of components beyond the plan.

pub mod adapter;
mod docs;
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
#[derive(PartialEq)]
pub struct File {
    pub path: String,
    pub contents: Contents,
}

#[derive(PartialEq)]
pub enum Contents {
    Text(String),
    Bytes(Vec<u8>),
    /// A range of the input: a core module, never copied.
    Range(Range<u64>),
    /// Text in which small core modules stand as base64 (`base64_cutoff`).
    Parts(Vec<Part>),
}

/// A part of a text file.
#[derive(PartialEq)]
pub enum Part {
    Text(String),
    /// A range of the input as base64. Whoever has the input encodes it.
    Base64(Range<u64>),
    /// A module of our making as base64, encoded in the same place.
    Made(Vec<u8>),
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
        path: printer::cat!(options.name, ".js"),
        contents: with_modules(text, plan, &adapters),
    });
    if options.typescript {
        for (path, text) in dts::declarations(plan, options, &wanted) {
            files.push(File {
                path,
                contents: Contents::Text(text),
            });
        }
    }
    let own = plan.modules.iter().enumerate();
    for (i, module) in own.filter(|(_, m)| !is_inline(options, m.range.end - m.range.start)) {
        files.push(File {
            path: core_file(options, i),
            contents: Contents::Range(module.range.clone()),
        });
    }
    let made = adapters.into_iter().enumerate();
    for (i, bytes) in made.filter(|(_, bytes)| !is_inline(options, bytes.len() as u64)) {
        files.push(File {
            path: core_file(options, plan.modules.len() + i),
            contents: Contents::Bytes(bytes),
        });
    }
    Ok(Output { files })
}

/// Whether printing takes what not everyone downloads: declarations, and adapters in Wasm. Together with the plan's text they make
/// up a Wasm module of their own (`secondary` in `npm/scripts/build.js`).
pub fn needs_secondary(plan: &Plan, options: &Options) -> bool {
    options.typescript || js::adapters::has_wasm_adapters(plan, options)
}

/// Whether a core module of so many bytes stands in the JavaScript.
pub(crate) fn is_inline(options: &Options, length: u64) -> bool {
    length <= u64::from(options.base64_cutoff)
}

/// What stands where a core module's base64 goes: no printed text holds this character.
pub(crate) const HOLE: char = '\0';

/// Splits text at its holes, each of which holds the index of a core module.
fn with_modules(text: String, plan: &Plan, made: &[Vec<u8>]) -> Contents {
    if !text.contains(HOLE) {
        return Contents::Text(text);
    }
    let own = plan.modules.len();
    let mut parts = Vec::new();
    for (i, part) in text.split(HOLE).enumerate() {
        let Some(module) = part.parse::<usize>().ok().filter(|_| i % 2 == 1) else {
            parts.push(Part::Text(part.into()));
            continue;
        };
        parts.push(match plan.modules.get(module) {
            Some(module) => Part::Base64(module.range.clone()),
            None => Part::Made(made[module - own].clone()),
        });
    }
    Contents::Parts(parts)
}

/// `name.core.wasm`, `name.core2.wasm`, …
pub(crate) fn core_file(options: &Options, i: usize) -> String {
    let number = if i == 0 {
        String::new()
    } else {
        (i + 1).to_string()
    };
    printer::cat!(options.name, ".core", number, ".wasm")
}
