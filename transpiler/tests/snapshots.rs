//! Snapshots: every `cases/NAME.wat` is transpiled, and what comes out is what the files beside it say: `NAME.plan`,
//! `NAME.js`, `NAME.d.ts` (all declarations, one after the other), or `NAME.stderr` for an error. `BLESS=1` rewrites them.
//!
//! Options stand in the case's first lines: `;; --instantiation async`, `;; --features error-context`, `;; --adapters js`,
//! `;; --name x`, `;; --map from=to`, `;; --minify`, `;; --strict`, `;; --esm`. Without one of the first and the last,
//! `--instantiation async` is meant; without `--runtime inline` the runtime is imported, so that a case shows what was printed
//! for it and not what was copied.

use slipway_transpiler::emit::Contents;
use slipway_transpiler::options::{Adapters, Instantiation, Runtime};
use slipway_transpiler::{decode, emit, link, Error, Options};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What a case may leave beside itself.
const KINDS: [&str; 4] = ["plan", "js", "d.ts", "stderr"];

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of cases is there")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|e| e == "wat"))
        .collect();
    cases.sort();
    cases
}

fn options(wat: &str, name: &str) -> Options {
    let mut options = Options {
        name: name.into(),
        instantiation: Some(Instantiation::Async),
        runtime: Runtime::Import,
        ..Options::default()
    };
    for line in wat.lines().map_while(|line| line.strip_prefix(";; --")) {
        let (flag, value) = line.split_once(' ').unwrap_or((line, ""));
        match (flag, value) {
            ("esm", "") => options.instantiation = None,
            ("instantiation", "async") => options.instantiation = Some(Instantiation::Async),
            ("instantiation", "sync") => options.instantiation = Some(Instantiation::Sync),
            ("adapters", "js") => options.adapters = Adapters::Js,
            ("adapters", "both") => options.adapters = Adapters::Both,
            ("features", names) => options.features = names.split(',').map(String::from).collect(),
            ("map", rule) => {
                let (from, to) = rule.split_once('=').expect("a rule is FROM=TO");
                options.map.push((from.into(), to.into()));
            }
            ("name", name) => options.name = name.into(),
            ("runtime", "inline") => options.runtime = Runtime::Inline,
            ("minify", "") => options.minify = true,
            ("strict", "") => options.strict = true,
            ("tla-compat", "") => options.tla_compat = true,
            _ => panic!("{name}: unknown option --{line}"),
        }
    }
    options
}

/// The texts that a case gives, by kind.
fn outputs(wat: &str, name: &str) -> BTreeMap<&'static str, String> {
    let bytes = wat::parse_str(wat).unwrap_or_else(|e| panic!("{name}: {e}"));
    let options = options(wat, name);
    let mut outputs = BTreeMap::new();
    let result = run(&bytes, &options, &mut outputs);
    if let Err(error) = result {
        outputs.insert("stderr", format!("{error}\n"));
    }
    outputs
}

fn run(
    bytes: &[u8],
    options: &Options,
    outputs: &mut BTreeMap<&'static str, String>,
) -> Result<(), Error> {
    let graph = decode::decode(bytes, options)?;
    let plan = link::link(&graph, options)?;
    outputs.insert("plan", plan.to_string());
    let mut declarations = String::new();
    for file in emit::emit(&plan, options)?.files {
        let Contents::Text(text) = file.contents else {
            continue;
        };
        if file.path.ends_with(".js") {
            outputs.insert("js", text);
        } else {
            declarations += &format!("// {}\n{text}", file.path);
        }
    }
    outputs.insert("d.ts", declarations);
    Ok(())
}

/// The first line in which two texts differ.
fn difference(expected: &str, actual: &str) -> String {
    let (mut a, mut b) = (expected.lines(), actual.lines());
    for line in 1.. {
        match (a.next(), b.next()) {
            (None, None) => return "the same lines, but not the same ends of lines".into(),
            (x, y) if x == y => {}
            (x, y) => {
                return format!(
                    "line {line}\n  expected {}\n  got      {}",
                    shown(x),
                    shown(y)
                )
            }
        }
    }
    unreachable!("lines end")
}

fn shown(line: Option<&str>) -> &str {
    line.unwrap_or("(the end)")
}

#[test]
fn every_case_gives_what_stands_beside_it() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(!cases.is_empty(), "there are cases");
    for case in &cases {
        let name = case
            .file_stem()
            .expect("a case has a name")
            .to_string_lossy();
        let wat = fs::read_to_string(case).expect("a case can be read");
        let outputs = outputs(&wat, &name);
        for kind in KINDS {
            let file = case.with_extension(kind);
            let expected = fs::read_to_string(&file).unwrap_or_default();
            let actual = outputs.get(kind).map_or("", String::as_str);
            if expected == actual {
                continue;
            }
            if !bless {
                wrong.push(format!("{name}.{kind}: {}", difference(&expected, actual)));
            } else if actual.is_empty() {
                fs::remove_file(&file).expect("a stale snapshot can be removed");
            } else {
                fs::write(&file, actual).expect("a snapshot can be written");
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n{} of {} cases; BLESS=1 accepts them",
        wrong.join("\n"),
        wrong.len(),
        cases.len()
    );
}

#[test]
fn no_snapshot_without_a_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    for entry in fs::read_dir(folder).expect("the folder of cases is there") {
        let name = entry
            .expect("it can be listed")
            .file_name()
            .to_string_lossy()
            .into_owned();
        let stem = name.split('.').next().unwrap_or_default().to_string();
        let case = format!("{stem}.wat");
        let known = cases()
            .iter()
            .any(|c| c.file_name().is_some_and(|n| n.to_string_lossy() == case));
        assert!(known, "{name} has no {case}");
    }
}

#[test]
fn the_same_bytes_give_the_same_output() {
    for case in cases() {
        let wat = fs::read_to_string(&case).expect("a case can be read");
        assert_eq!(outputs(&wat, "x"), outputs(&wat, "x"), "{}", case.display());
    }
}
