#!/bin/sh
# Builds the coverage-guided target with stable Rust and runs it: tests/fuzz/coverage/run.sh [libFuzzer options].
# The flags are cargo-fuzz's own without its sanitizer; the C++ part needs a C++ compiler.
set -eu
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-../../../target}/coverage
host=$(rustc -vV | sed -n 's/^host: //p')
export RUSTFLAGS="--cfg fuzzing -Cdebug-assertions -Cpasses=sancov-module -Ccodegen-units=1 \
-Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
cargo build --quiet --locked --release --target "$host" --target-dir "$target"
seeds=$target/../fuzz/corpus # written by ../run.js
mkdir -p "$target/corpus" "$target/failed" "$seeds"
exec "$target/$host/release/transpile" "$target/corpus" ../regressions "$seeds" \
  -artifact_prefix="$target/failed/" -rss_limit_mb=1024 -timeout=10 -max_len=65536 "$@"
