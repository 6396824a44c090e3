//! What `types` declares for a world, and what the transpiler declares for a component of that world, are the same text: for
//! every world in tests/worlds, in every form of the module. Docs are left out: a component has none.

mod support;

use slipway_tools::types::{generate, Instantiation, TypesOptions};
use slipway_transpiler::{emit::Contents, options, transpile, Options};
use std::collections::BTreeMap;
use std::path::PathBuf;
use support::*;

fn worlds() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/worlds");
    let mut worlds: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it lists").path())
        .map(|path| {
            let name = path
                .file_stem()
                .expect("a file has a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read_to_string(path).expect("it reads"))
        })
        .collect();
    worlds.sort();
    assert!(worlds.len() >= 3);
    worlds
}

/// The declarations of a file, sorted: a component holds types in the order in which others need them.
fn declarations(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in plain(text).lines() {
        if line.starts_with([' ', '}', ')']) {
            let last = all
                .last_mut()
                .expect("a file does not start inside of something");
            last.push_str(&format!("\n{line}"));
        } else if !line.is_empty() {
            all.push(line.into());
        }
    }
    all.sort();
    all
}

/// Without comments, but for the line that names the interface.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut comment = false;
    for line in text.lines() {
        let trimmed = line.trim();
        let module = trimmed
            .find("@module Interface")
            .map(|at| trimmed[at..].trim_end_matches(" */"));
        let starts = trimmed.starts_with("/**");
        if let Some(module) = module {
            out.push_str(&format!("{module}\n"));
        } else if !starts && !comment {
            out.push_str(&format!("{line}\n"));
        }
        comment = (starts || comment) && !trimmed.ends_with("*/");
    }
    out
}

fn from_wit(
    text: &str,
    instantiation: Option<Instantiation>,
    waits: &[String],
) -> BTreeMap<String, Vec<String>> {
    let options = TypesOptions {
        name: Some("it".into()),
        instantiation,
        async_imports: waits.to_vec(),
        ..TypesOptions::default()
    };
    let files = generate(wit(text), &options).expect("the world has declarations");
    files
        .into_iter()
        .map(|(path, text)| (path, declarations(&text)))
        .collect()
}

fn from_component(
    text: &str,
    instantiation: Option<options::Instantiation>,
    waits: &[String],
) -> BTreeMap<String, Vec<String>> {
    let options = Options {
        name: "it".into(),
        instantiation,
        async_imports: waits.to_vec(),
        ..Options::default()
    };
    let output = transpile(&dummy(text), &options).expect("the dummy transpiles");
    let files = output
        .files
        .into_iter()
        .filter(|file| file.path.ends_with(".d.ts"));
    files
        .map(|file| match file.contents {
            Contents::Text(text) => (file.path, declarations(&text)),
            _ => panic!("declarations are text"),
        })
        .collect()
}

#[test]
fn the_same_text() {
    for (name, text) in worlds() {
        let waits: [&[String]; 2] = [&[], &["*log".into(), "t:*#open".into(), "take".into()]];
        for (ours, theirs, waits) in [
            (None, None, waits[0]),
            (
                Some(Instantiation::Async),
                Some(options::Instantiation::Async),
                waits[0],
            ),
            (
                Some(Instantiation::Sync),
                Some(options::Instantiation::Sync),
                waits[0],
            ),
            (
                Some(Instantiation::Async),
                Some(options::Instantiation::Async),
                waits[1],
            ),
        ] {
            let (ours, theirs) = (
                from_wit(&text, ours, waits),
                from_component(&text, theirs, waits),
            );
            let paths =
                |files: &BTreeMap<String, Vec<String>>| files.keys().cloned().collect::<Vec<_>>();
            assert_eq!(paths(&ours), paths(&theirs), "{name}");
            for (path, text) in ours {
                assert_eq!(text, theirs[&path], "{name}: {path}");
            }
        }
    }
}

#[test]
fn docs_are_kept() {
    let (_, text) = worlds()
        .into_iter()
        .find(|(name, _)| name == "values")
        .expect("it is there");
    let files = generate(wit(&text), &TypesOptions::default()).expect("the world has declarations");
    let (_, shapes) = files
        .iter()
        .find(|(path, _)| path == "interfaces/t-values-shapes.d.ts")
        .expect("it is there");
    for part in [
        "/**\n * Every value type, in parameters and results.\n * @module Interface t:values/shapes@1.2.0\n */\n",
        "/** A point of the plane. */\nexport interface Point {\n  /** To the right. */\n  x: number;\n",
        "/**\n * Three of them.\n * - `red`: Like blood.\n */\nexport type Colour = 'red' | 'green' | 'light-blue';\n",
        "  /** Nothing at all. */\n  | { tag: 'none' }\n",
    ] {
        assert!(shapes.contains(part), "{part} in\n{shapes}");
    }
    let hostile = "package a:b;\n/** ends *\\/ early? */\ninterface i { /// x */ alert(1) /*\n f: func(); }\nworld w { import i; }";
    let files =
        generate(wit(hostile), &TypesOptions::default()).expect("the world has declarations");
    assert!(
        files[0].1.contains("/** x *\\/ alert(1) /* */"),
        "{}",
        files[0].1
    );
}

#[test]
fn the_world_has_to_be_chosen() {
    let two = "package a:b;\nworld w { export f: func(); }\nworld v { export g: func(); }";
    let none = failure(generate(wit(two), &TypesOptions::default()));
    assert!(
        none.starts_with(
            "[options] There are multiple worlds in `a:b`; one must be explicitly chosen: a:b/w"
        ),
        "{none}"
    );
    let of = |world: &str| TypesOptions {
        world: Some(world.into()),
        ..TypesOptions::default()
    };
    let files = generate(wit(two), &of("v")).expect("it is there");
    assert_eq!(
        files,
        [(
            "v.d.ts".to_string(),
            "export function g(): void;\nexport {};\n".to_string()
        )]
    );
    assert!(failure(generate(wit(two), &of("x"))).contains("World `x` not found"));
    let getter = "package a:b;\ninterface empty {}\nworld w { import empty; }";
    let files =
        generate(wit(getter), &TypesOptions::default()).expect("an empty interface is fine");
    assert!(
        files.iter().any(|(_, text)| text.ends_with("export {};\n")),
        "{files:?}"
    );
}
