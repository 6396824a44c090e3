//! Cases for the native oracle: `slipway-oracle-gen SEED FIRST COUNT OUT [hostile]` writes `OUT/cases.json`, an array of components with
//! the calls to make, and `OUT/N.wasm` and `OUT/N.wat` per case, and `OUT/N.twin.wasm` for a runtime without lists of fixed length. Case N of a seed is the same however many are made. It
//! owns what is tried; it refuses to know either runtime.

mod abi;
mod core;
mod handles;
mod hostile;
mod resources;
mod rng;
mod types;
mod value;
mod wat;

use crate::core::Select;
use handles::HandleCase;
use resources::ResourceCase;
use rng::Rng;
use serde_json::{json, Value};
use std::path::Path;
use std::process::ExitCode;
use wat::Case;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| args.get(i).and_then(|a| a.parse::<u64>().ok());
    let (Some(seed), Some(first), Some(count), Some(out)) =
        (number(0), number(1), number(2), args.get(3))
    else {
        eprintln!("usage: slipway-oracle-gen SEED FIRST COUNT OUT [hostile]");
        return ExitCode::from(2);
    };
    let hostile = args.get(4).is_some_and(|a| a == "hostile");
    match generate(seed, first..first + count, Path::new(out), hostile) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn generate(
    seed: u64,
    range: std::ops::Range<u64>,
    out: &Path,
    hostile: bool,
) -> Result<(), String> {
    let io = |e: std::io::Error| format!("{}: {e}", out.display());
    std::fs::create_dir_all(out).map_err(io)?;
    let mut cases = Vec::new();
    for n in range {
        let mut rng = Rng::new(seed.wrapping_mul(1_000_003) ^ n);
        let mut twin = None;
        let (text, case) = if !hostile && rng.one_in(6) {
            let case = HandleCase::random(&mut rng);
            let description = case.describe(&mut rng, n);
            (case.text, description)
        } else if !hostile && rng.one_in(5) {
            let case = ResourceCase::random(&mut rng);
            let description = case.describe(&mut rng, n);
            (case.text, description)
        } else {
            let mut case = Case::random(&mut rng);
            if hostile {
                case.text = hostile::text(&mut rng, &case);
            }
            let description = describe(&mut rng, n, &case);
            twin = (case.twin != case.text).then_some(case.twin);
            (case.text, description)
        };
        std::fs::write(out.join(format!("{n}.wat")), &text).map_err(io)?;
        let wasm = encode(&text).map_err(|e| format!("case {n} of seed {seed}: {e}"))?;
        std::fs::write(out.join(format!("{n}.wasm")), wasm).map_err(io)?;
        if let (Some(twin), false) = (twin, hostile) {
            let wasm =
                encode(&twin).map_err(|e| format!("twin of case {n} of seed {seed}: {e}"))?;
            std::fs::write(out.join(format!("{n}.twin.wasm")), wasm).map_err(io)?;
        }
        cases.push(case);
    }
    std::fs::write(out.join("cases.json"), Value::Array(cases).to_string()).map_err(io)
}

fn encode(text: &str) -> Result<Vec<u8>, String> {
    let parse = || -> Result<Vec<u8>, wast::Error> {
        let buffer = wast::parser::ParseBuffer::new(text)?;
        wast::parser::parse::<wast::Wat<'_>>(&buffer)?.encode()
    };
    parse().map_err(|mut e| {
        e.set_text(text);
        e.to_string()
    })
}

fn describe(rng: &mut Rng, n: u64, case: &Case) -> Value {
    let types = &case.types;
    let funcs: Vec<Value> = (case.funcs.iter().enumerate())
        .map(|(i, f)| {
            json!({
                "name": format!("f{i}"),
                "host": case.host.contains(&i).then(|| format!("h{i}")),
                "params": f.params.iter().map(|t| types.json(t)).collect::<Vec<_>>(),
                "result": f.result().map_or(Value::Null, |t| types.json(&t)),
                // What the host's function of that name returns of its parameters.
                "select": match f.select {
                    Select::Nothing => Value::Null,
                    Select::Param(i) => json!(i),
                    Select::All => json!("all"),
                },
            })
        })
        .collect();
    let calls: Vec<Value> = (0..2 + rng.below(6))
        .map(|_| {
            let i = rng.below(case.funcs.len());
            let args: Vec<Value> = case.funcs[i]
                .params
                .iter()
                .map(|t| types.value(rng, t))
                .collect();
            json!([i, args])
        })
        .collect();
    json!({ "case": n, "funcs": funcs, "calls": calls })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_depends_on_its_seed_and_number_alone() {
        let text = |seed: u64| Case::random(&mut Rng::new(seed)).text;
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
    }

    #[test]
    fn every_case_is_a_component() {
        for seed in 0..100 {
            let case = Case::random(&mut Rng::new(seed));
            if let Err(e) = encode(&case.text) {
                panic!("seed {seed}: {e}\n{}", case.text);
            }
            let handles = ResourceCase::random(&mut Rng::new(seed)).text;
            if let Err(e) = encode(&handles) {
                panic!("handles of seed {seed}: {e}\n{handles}");
            }
            let handles = HandleCase::random(&mut Rng::new(seed)).text;
            if let Err(e) = encode(&handles) {
                panic!("handles at the host of seed {seed}: {e}\n{handles}");
            }
            if let Err(e) = encode(&case.twin) {
                panic!("twin of seed {seed}: {e}\n{}", case.twin);
            }
            let text = hostile::text(&mut Rng::new(seed), &case);
            if let Err(e) = encode(&text) {
                panic!("hostile seed {seed}: {e}\n{text}");
            }
        }
    }
}
