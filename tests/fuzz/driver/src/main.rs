//! `slipway-fuzz PACK SEED FROM SECONDS STATE OUT [COUNT]`: transpiles input after input and judges each: no panic, no input
//! that takes long, memory bounded by a multiple of the input, the same bytes give the same output. STATE holds the number
//! of the input at hand, for whoever watches this process die; OUT gets the inputs that failed. `slipway-fuzz --one FILE …`
//! judges files, `slipway-fuzz --make PACK SEED N FILE` writes input N. It knows the transpiler's public entrance and nothing behind it.

mod input;
mod meter;

use slipway_transpiler::emit::Output;
use slipway_transpiler::{Error, Options};
use std::os::unix::fs::FileExt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// What an input may cost. The machine may be busy, so time is generous; memory is exact.
const MOST_TIME: Duration = Duration::from_secs(5);
const MEMORY_FLOOR: usize = 32 << 20;
const MEMORY_PER_BYTE: usize = 2_000;
/// With `validate`, wasmparser makes room for what a core module's sections promise; only native builds validate bodies so.
const MEMORY_VALIDATING: usize = 256 << 20;
/// A browser's stack for Wasm is about this much; recursion on the input's depth has to be refused before.
const STACK: usize = 1 << 20;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let args: Vec<String> = std::env::args().skip(1).collect();
    let run = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || match args.first().map(String::as_str) {
            Some("--one") => judge_files(&args[1..]),
            Some("--make") => make(&args[1..]),
            _ => fuzz(&args),
        });
    match run.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        _ => ExitCode::FAILURE,
    }
}

fn judge_files(files: &[String]) -> ExitCode {
    let mut failed = 0;
    for file in files {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(e) => {
                eprintln!("{file}: {e}");
                return ExitCode::FAILURE;
            }
        };
        // As it is by default, and with everything read.
        for validate in [false, true] {
            let options = Options {
                validate,
                ..Options::default()
            };
            if let Err(why) = judge(&bytes, &options) {
                println!("{file}: {why}");
                failed += 1;
                break;
            }
        }
    }
    println!("{} passed, {failed} failed", files.len() - failed);
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn make(args: &[String]) -> ExitCode {
    let [pack, seed, n, file] = args else {
        return ExitCode::from(2);
    };
    let written = std::fs::read(pack).and_then(|pack| {
        let mut rng = input::Rng::new(
            seed.parse().expect("a number"),
            n.parse().expect("a number"),
        );
        std::fs::write(file, input::bytes(&mut rng, &unpack(&pack)))
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn fuzz(args: &[String]) -> ExitCode {
    let [pack, seed, from, seconds, state, out, rest @ ..] = args else {
        eprintln!("usage: slipway-fuzz PACK SEED FROM SECONDS STATE OUT [COUNT] | --one FILE …");
        return ExitCode::from(2);
    };
    let number = |text: &String| text.parse::<u64>().expect("a number");
    let corpus = match std::fs::read(pack) {
        Ok(pack) => unpack(&pack),
        Err(e) => {
            eprintln!("{pack}: {e}");
            return ExitCode::FAILURE;
        }
    };
    let state = std::fs::File::create(state).expect("STATE can be written");
    let (seed, mut n, count) = (number(seed), number(from), rest.first().map(number));
    let (first, started, seconds) = (n, Instant::now(), Duration::from_secs(number(seconds)));
    let (mut accepted, mut failed) = (0u64, 0u64);
    while count.map_or(started.elapsed() < seconds, |count| n - first < count) {
        state
            .write_all_at(&n.to_le_bytes(), 0)
            .expect("STATE can be written");
        let mut rng = input::Rng::new(seed, n);
        let bytes = input::bytes(&mut rng, &corpus);
        let options = input::options(&mut rng);
        match judge(&bytes, &options) {
            Ok(good) => accepted += u64::from(good),
            Err(why) => {
                failed += 1;
                let kept = Path::new(out).join(format!("{seed}-{n}.wasm"));
                std::fs::write(&kept, &bytes).expect("OUT can be written");
                println!(
                    "seed {seed} input {n}: {why}\n  kept as {}\n  {options:?}",
                    kept.display()
                );
                if failed == 20 {
                    n += 1;
                    break;
                }
            }
        }
        n += 1;
    }
    println!(
        "{} inputs, {accepted} of them accepted, {failed} failed",
        n - first
    );
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Whether the input was accepted; or what is wrong with how it was taken.
fn judge(bytes: &[u8], options: &Options) -> Result<bool, String> {
    let started = Instant::now();
    let (result, peak) = meter::peak(|| transpile(bytes, options));
    let took = started.elapsed();
    let first = result?;
    if took > MOST_TIME {
        return Err(format!("took {took:?} for {} bytes", bytes.len()));
    }
    let floor = if options.validate {
        MEMORY_VALIDATING
    } else {
        MEMORY_FLOOR
    };
    if peak > floor + MEMORY_PER_BYTE * bytes.len() {
        return Err(format!("held {} KiB for {} bytes", peak >> 10, bytes.len()));
    }
    let Ok(output) = first else { return Ok(false) };
    match transpile(bytes, options)? {
        Ok(again) if output.files == again.files => Ok(true),
        Ok(_) => Err("a second time gave another output".into()),
        Err(e) => Err(format!("a second time was refused: {}", e.message())),
    }
}

fn transpile(bytes: &[u8], options: &Options) -> Result<Result<Output, Error>, String> {
    catch_unwind(AssertUnwindSafe(|| {
        slipway_transpiler::transpile(bytes, options)
    }))
    .map_err(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(|s| (*s).to_string()));
        format!("panicked: {}", text.unwrap_or_default())
    })
}

/// A pack is inputs one after the other, each after its length (u32, little-endian).
fn unpack(mut pack: &[u8]) -> Vec<Vec<u8>> {
    let mut corpus = Vec::new();
    while let Some((length, rest)) = pack.split_first_chunk::<4>() {
        let (one, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
        corpus.push(one.to_vec());
        pack = rest;
    }
    corpus
}
