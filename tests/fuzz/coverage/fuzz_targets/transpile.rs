//! Bytes through the transpiler under libFuzzer. The last byte picks the options, and is part of the input. With cargo-fuzz and a nightly compiler:
//! `cargo fuzz run --fuzz-dir tests/fuzz/coverage transpile`; on stable, without sanitizers, see ../run.sh.
#![no_main]

use libfuzzer_sys::fuzz_target;
use slipway_transpiler::options::{Adapters, Instantiation};
use slipway_transpiler::Options;

fuzz_target!(|bytes: &[u8]| {
    let Some(choice) = bytes.last() else { return };
    let bit = |i: u8| choice >> i & 1 == 1;
    let options = Options {
        instantiation: bit(0).then_some(Instantiation::Async),
        typescript: bit(1),
        minify: bit(2),
        strict: bit(3),
        plan: bit(4),
        world: bit(5),
        adapters: if bit(6) { Adapters::Js } else { Adapters::Wasm },
        validate: bit(7),
        ..Options::default()
    };
    // Only panics, hangs and memory matter here; what it says is for other tests.
    let _ = slipway_transpiler::transpile(bytes, &options);
});
