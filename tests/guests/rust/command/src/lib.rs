//! The report command (see ../../../README.md) on wit-bindgen's bindings alone: no WASI libc, no adapter, built for
//! wasm32-unknown-unknown.

use wasip2::cli::{environment, stderr, stdin, stdout};
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

const LANG: &str = "rust-plain";

struct Report;
wasip2::cli::command::export!(Report);

impl wasip2::exports::cli::run::Guest for Report {
    fn run() -> Result<(), ()> {
        let err = stderr::get_stderr();
        match report() {
            Ok(0) => {
                say(&err, &format!("{LANG}: status 0\n"));
                Ok(())
            }
            Ok(status) => {
                say(&err, &format!("{LANG}: status {status}\n"));
                Err(())
            }
            Err(message) => {
                say(&err, &format!("{LANG}: {message}\n"));
                Err(())
            }
        }
    }
}

fn report() -> Result<u32, String> {
    let args: Vec<String> = environment::get_arguments().into_iter().skip(1).collect();
    let out = stdout::get_stdout();
    say(&out, &format!("args: {}\n", args.join("|")));
    let greeting = environment::get_environment()
        .into_iter()
        .find(|(k, _)| k == "GREETING");
    match greeting {
        Some((_, value)) => say(&out, &format!("GREETING={value}\n")),
        None => say(&out, "GREETING unset\n"),
    }
    let Some(path) = args.first() else {
        return Ok(0);
    };
    let bytes = if path == "-" {
        drain(&stdin::get_stdin())?
    } else {
        read(path)?
    };
    let lines = bytes.iter().filter(|b| **b == b'\n').count();
    say(
        &out,
        &format!("{path}: {} bytes, {lines} lines\n", bytes.len()),
    );
    if let Some(to) = args.get(1).filter(|to| !to.is_empty()) {
        write(to, &[format!("{LANG}:").as_bytes(), &bytes].concat())?;
    }
    args.get(2)
        .map_or(Ok(0), |s| s.parse().map_err(|_| format!("bad status {s}")))
}

/// The preopened directory that holds `path`, the longest one winning, and the rest of the path.
fn locate(path: &str) -> Result<(Descriptor, String), String> {
    get_directories()
        .into_iter()
        .filter_map(|(dir, name)| {
            let rest = path.strip_prefix(name.as_str())?;
            let rest = rest
                .strip_prefix('/')
                .or(name.ends_with('/').then_some(rest))?;
            Some((name.len(), dir, rest.to_string()))
        })
        .max_by_key(|(len, ..)| *len)
        .map(|(_, dir, rest)| (dir, rest))
        .ok_or(format!("cannot open {path}"))
}

fn open(path: &str, open: OpenFlags, flags: DescriptorFlags) -> Result<Descriptor, String> {
    let (dir, rest) = locate(path)?;
    dir.open_at(PathFlags::SYMLINK_FOLLOW, &rest, open, flags)
        .map_err(|_| format!("cannot open {path}"))
}

fn read(path: &str) -> Result<Vec<u8>, String> {
    let file = open(path, OpenFlags::empty(), DescriptorFlags::READ)?;
    let stream = file.read_via_stream(0).map_err(|e| format!("{e:?}"))?;
    drain(&stream)
}

fn drain(stream: &InputStream) -> Result<Vec<u8>, String> {
    let mut all = Vec::new();
    loop {
        match stream.blocking_read(4096) {
            Ok(bytes) => all.extend(bytes),
            Err(StreamError::Closed) => return Ok(all),
            Err(StreamError::LastOperationFailed(e)) => return Err(e.to_debug_string()),
        }
    }
}

fn write(path: &str, bytes: &[u8]) -> Result<(), String> {
    let file = open(
        path,
        OpenFlags::CREATE | OpenFlags::TRUNCATE,
        DescriptorFlags::WRITE,
    )?;
    let stream = file.write_via_stream(0).map_err(|e| format!("{e:?}"))?;
    for chunk in bytes.chunks(4096) {
        stream
            .blocking_write_and_flush(chunk)
            .map_err(|e| format!("{e:?}"))?;
    }
    Ok(())
}

fn say(stream: &OutputStream, text: &str) {
    for chunk in text.as_bytes().chunks(4096) {
        // A closed standard stream is not this program's business.
        let _ = stream.blocking_write_and_flush(chunk);
    }
}
