//! Conformance of WASI Preview 1, which the adapter makes of 0.2: each case makes the calls themselves (or std's, in `std`),
//! with arguments good and bad, and prints what came back, one line a call. As in ../conformance, a host is right when it
//! prints what wasmtime prints, and nothing is printed that may differ between two right hosts.
//!
//! `conformance CASE` runs one; without a case it lists them. Descriptor 3 is an empty directory.

mod call;
mod descriptors;
mod library;
mod paths;
#[path = "../../realloc/mod.rs"]
mod realloc;
mod system;

type Case = (&'static str, fn());

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let cases: Vec<Case> = [
        &paths::CASES[..],
        &descriptors::CASES,
        &system::CASES,
        &library::CASES,
    ]
    .concat();
    match cases.iter().find(|(case, _)| *case == name) {
        Some((_, case)) => case(),
        None => {
            for (case, _) in cases {
                println!("{case}");
            }
            std::process::exit(1);
        }
    }
}
