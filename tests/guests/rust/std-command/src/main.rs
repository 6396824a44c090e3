//! The report command (see ../../../README.md) on Rust's std: built once for wasm32-wasip1 (then wrapped with the
//! preview1 adapter) and once for wasm32-wasip2.

use std::io::{Read, Write};

#[cfg(target_env = "p2")]
const LANG: &str = "rust-wasip2";
#[cfg(not(target_env = "p2"))]
const LANG: &str = "rust-wasip1";

// A program that calls its constructors itself is one whose exports the linker does not wrap in a call of them. Debian's
// wasi-libc (2022) reads its preopens in one, and `cabi_realloc`, during which no import may be called, would be wrapped.
#[cfg(target_env = "p2")]
extern "C" {
    fn __wasm_call_ctors();
}

fn main() {
    #[cfg(target_env = "p2")]
    // SAFETY: nothing has run yet that they would undo.
    unsafe {
        __wasm_call_ctors();
    }
    let status = match report() {
        Ok(status) => {
            eprintln!("{LANG}: status {status}");
            status
        }
        Err(message) => {
            eprintln!("{LANG}: {message}");
            1
        }
    };
    std::process::exit(status);
}

fn report() -> Result<i32, String> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    println!("args: {}", args.join("|"));
    match std::env::var("GREETING") {
        Ok(value) => println!("GREETING={value}"),
        Err(_) => println!("GREETING unset"),
    }
    let Some(path) = args.first() else {
        return Ok(0);
    };
    let mut bytes = Vec::new();
    if path == "-" {
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|e| e.to_string())?;
    } else {
        bytes = std::fs::read(path).map_err(|_| format!("cannot open {path}"))?;
    }
    let lines = bytes.iter().filter(|b| **b == b'\n').count();
    println!("{path}: {} bytes, {lines} lines", bytes.len());
    if let Some(to) = args.get(1).filter(|to| !to.is_empty()) {
        let mut file = std::fs::File::create(to).map_err(|_| format!("cannot open {to}"))?;
        write!(file, "{LANG}:")
            .and_then(|()| file.write_all(&bytes))
            .map_err(|e| e.to_string())?;
    }
    args.get(2)
        .map_or(Ok(0), |s| s.parse().map_err(|_| format!("bad status {s}")))
}
