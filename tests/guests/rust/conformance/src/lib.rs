//! Conformance of WASI 0.2, interface by interface: each case calls what there is to call, with arguments good and bad,
//! and prints what came back, one line a call. A host is right when it prints what wasmtime prints
//! (tests/e2e/wasmtime.test.js): so nothing is printed that may differ between two right hosts, such as a time, how much
//! a stream takes at once, or the order of a directory.
//!
//! `conformance CASE` runs one; the table is in `cases`. A case whose name starts with `trap-` is to end in a trap; all
//! but `args` and `exit-*` want a directory as first preopen, empty unless the case says otherwise.

mod cli;
mod files;
mod metadata;
mod out;
mod pairs;
mod paths;
mod place;
mod poll;
mod rights;
mod streams;
mod system;

struct Conformance;
wasip2::cli::command::export!(Conformance);

type Case = fn() -> Result<(), ()>;

fn cases() -> Vec<(&'static str, Case)> {
    let mut all: Vec<(&'static str, Case)> = Vec::new();
    all.extend(paths::CASES);
    all.extend(pairs::CASES);
    all.extend(files::CASES);
    all.extend(metadata::CASES);
    all.extend(rights::CASES);
    all.extend(streams::CASES);
    all.extend(poll::CASES);
    all.extend(system::CASES);
    all.extend(cli::CASES);
    all
}

impl wasip2::exports::cli::run::Guest for Conformance {
    fn run() -> Result<(), ()> {
        let args = wasip2::cli::environment::get_arguments();
        let name = args.get(1).map_or("", String::as_str);
        let result = match cases().into_iter().find(|(case, _)| *case == name) {
            Some((_, case)) => case(),
            None => {
                for (case, _) in cases() {
                    say!("{case}");
                }
                Err(())
            }
        };
        out::flush();
        result
    }
}
