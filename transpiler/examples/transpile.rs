//! The whole transpiler without JavaScript: `cargo run --example transpile -- FILE -o DIR [--KEY VALUE]…`, where FILE is a
//! component in binary or text form and KEY an option of `Options` (`--instantiation async`, `--adapters js`, …).

use slipway_transpiler::emit::{Contents, Part};
use slipway_transpiler::options::{Adapters, Instantiation, Options, Runtime};
use std::path::PathBuf;

fn main() {
    let mut args = std::env::args().skip(1);
    let (mut file, mut dir) = (None, PathBuf::from("."));
    let mut options = Options::default();
    while let Some(arg) = args.next() {
        let mut value = || args.next().expect("a value");
        match arg.as_str() {
            "-o" => dir = value().into(),
            "--name" => options.name = value(),
            "--instantiation" => {
                options.instantiation = Some(match value().as_str() {
                    "sync" => Instantiation::Sync,
                    _ => Instantiation::Async,
                });
            }
            "--adapters" => {
                options.adapters = match value().as_str() {
                    "js" => Adapters::Js,
                    "both" => Adapters::Both,
                    _ => Adapters::Wasm,
                };
            }
            "--runtime" if value() == "import" => options.runtime = Runtime::Import,
            "--base64-cutoff" => options.base64_cutoff = value().parse().expect("a number"),
            "--features" => options.features.push(value()),
            "--async-imports" => options.async_imports.push(value()),
            "--map" => {
                let rule = value();
                let (from, to) = rule.split_once('=').expect("from=to");
                options.map.push((from.into(), to.into()));
            }
            "--minify" => options.minify = true,
            "--validate" => options.validate = true,
            "--strict" => options.strict = true,
            "--tla-compat" => options.tla_compat = true,
            "--trace" => options.trace = true,
            _ => file = Some(arg),
        }
    }
    let file = file.expect("usage: transpile FILE -o DIR");
    let bytes = wat::parse_file(&file).expect("a component in binary or text form");
    let output = slipway_transpiler::transpile(&bytes, &options).unwrap_or_else(|error| {
        eprintln!("{error}");
        std::process::exit(1);
    });
    for file in output.files {
        let path = dir.join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        let contents = match file.contents {
            Contents::Text(text) => text.into_bytes(),
            Contents::Bytes(bytes) => bytes,
            Contents::Parts(parts) => join(parts, &bytes).into_bytes(),
            Contents::Range(r) => bytes[r.start as usize..r.end as usize].to_vec(),
        };
        std::fs::write(path, contents).expect("writable");
    }
}

/// A text with base64 in it.
fn join(parts: Vec<Part>, input: &[u8]) -> String {
    let encode = |bytes: &[u8]| {
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for chunk in bytes.chunks(3) {
            let word =
                chunk.iter().fold(0, |w, b| w << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
            for i in 0..4 {
                let digit = digits[(word >> (18 - 6 * i) & 63) as usize] as char;
                out.push(if i <= chunk.len() { digit } else { '=' });
            }
        }
        out
    };
    let text = parts.into_iter().map(|part| match part {
        Part::Text(text) => text,
        Part::Base64(r) => encode(&input[r.start as usize..r.end as usize]),
        Part::Made(bytes) => encode(&bytes),
    });
    text.collect()
}
