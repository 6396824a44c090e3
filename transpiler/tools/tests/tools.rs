//! Each tool on small inputs made here, what it refuses, and the round trips between them.

mod support;

use slipway_tools::componentize::{self, NewOptions};
use slipway_tools::compose::{compose, Options};
use slipway_tools::input::{self, File};
use slipway_tools::metadata::{self, Changes};
use slipway_tools::text::{self, PrintOptions};
use slipway_tools::wit;
use support::*;

fn validate(wasm: &[u8]) {
    let mut validator = wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all());
    validator.validate_all(wasm).expect("it is valid");
}

fn print_wit(wasm: &[u8]) -> String {
    let input = input::WitInput {
        files: vec![File::new("x.wasm", wasm)],
        ..Default::default()
    };
    wit::print(&input::read(&input).expect("it has WIT"), true).expect("it prints")
}

#[test]
fn text_and_binary() {
    let source = "(module\n  (func (export \"f\") (result i32)\n    i32.const 7\n  )\n)";
    let wasm = text::parse(&File::new("f.wat", source)).expect("it parses");
    let printed = text::print(&File::new("f.wasm", wasm.clone()), &PrintOptions::default())
        .expect("it prints");
    assert!(printed.contains("i32.const 7"), "{printed}");
    let again = text::parse(&File::new("f.wat", printed)).expect("what is printed parses");
    assert_eq!(again, wasm);
    let skeleton = PrintOptions {
        skeleton: true,
        ..PrintOptions::default()
    };
    let printed = text::print(&File::new("f.wasm", wasm), &skeleton).expect("it prints");
    assert!(!printed.contains("i32.const"), "{printed}");
}

#[test]
fn text_errors_have_a_place() {
    let wat = |text: &str| failure(text::parse(&File::new("dir/x.wat", text)));
    assert!(wat("(module\n  (func $f (result i33)))")
        .starts_with("[wat] dir/x.wat:2:20: unexpected token, expected one of: "));
    assert_eq!(
        wat("(module (func call $nope))"),
        "[wat] dir/x.wat:1:20: unknown func: failed to find name `$nope`"
    );
    assert_eq!(wat("(module"), "[wat] dir/x.wat:1:8: expected `)`");
    let noise = failure(text::print(
        &File::new("x.bin", "hello"),
        &PrintOptions::default(),
    ));
    assert_eq!(
        noise,
        "[invalid] x.bin: this is neither WebAssembly nor its text format"
    );
    let cut = failure(text::print(
        &File::new("x.wasm", "\0asm\x01\0\0\0\x01"),
        &PrintOptions::default(),
    ));
    assert!(
        cut.starts_with("[invalid] byte 0x9: ") && !cut.contains('\n'),
        "{cut}"
    );
}

#[test]
fn wit_errors_have_a_place() {
    let file = |text: &str| failure(input::read(&wit_file(text)));
    assert_eq!(
        file("package a:b;\n\ninterface i {\n  f: fnc();\n}\n"),
        "[wit] world.wit:4:6: expected keyword `func`, found an identifier"
    );
    assert!(file("package a:b;\nworld w { import x:y/z; }")
        .starts_with("[wit] world.wit:2:18: package 'x:y' not found"));
    let missing = input::read(&wit_directory(&[
        ("a.wit", "package a:b;\nworld w { import c:d/e; }"),
        ("deps/c/e.wit", "package c:d;"),
    ]));
    assert_eq!(
        failure(missing),
        "[wit] wit/a.wit:2:22: interface 'e' not found in package 'c:d'"
    );
    let empty = failure(input::read(&wit_directory(&[("readme.md", "")])));
    assert_eq!(empty, "[wit] wit: no .wit file in this directory");
    let core = input::WitInput {
        files: vec![File::new("core.wat", "(module)")],
        ..Default::default()
    };
    assert!(failure(input::read(&core))
        .starts_with("[invalid] core.wat: this core module has no WIT embedded"));
}

#[test]
fn a_directory_with_dependencies() {
    let encoded = {
        let package = wit("package e:f@1.0.0; interface g { type t = u8; }");
        let input::Wit::Package(resolve, id) = package else {
            panic!("WIT text is a package")
        };
        wit_component::encode(&resolve, id, false).expect("it encodes")
    };
    let mut input = wit_directory(&[
        (
            "world.wit",
            "package a:b;\nworld w { import i; import c:d/x; }",
        ),
        (
            "types.wit",
            "package a:b;\ninterface i { use c:d/x.{r}; use e:f/g@1.0.0.{t}; f: func(a: r) -> t; }",
        ),
        (
            "deps/c.wit",
            "package c:d;\n\n/// It is documented.\ninterface x { record r { a: u32 } }",
        ),
        ("deps/README", "not WIT"),
        ("other/ignored.wit", "package z:z;"),
    ]);
    input.files.push(File::new("wit/deps/e.wasm", encoded));
    let text = wit::print(&input::read(&input).expect("it resolves"), true).expect("it prints");
    for part in [
        "package a:b;",
        "use c:d/x.{r};",
        "package c:d {",
        "package e:f@1.0.0 {",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert_eq!(text.matches("/// It is documented.").count(), 1, "{text}");
    // What is printed is one file that means the same.
    let again = wit::print(&wit(&text), true).expect("it prints");
    assert_eq!(again, text);
}

#[test]
fn features_gate() {
    let text = "package a:b@1.0.0;\nworld w { @unstable(feature = x) import f: func(); }";
    let shown =
        |input| wit::print(&input::read(&input).expect("it resolves"), true).expect("it prints");
    assert!(!shown(wit_file(text)).contains("import f"));
    let mut named = wit_file(text);
    named.features.push("x".into());
    assert!(shown(named).contains("import f"));
    let mut all = wit_file(text);
    all.all_features = true;
    assert!(shown(all).contains("import f"));
}

const GREETER: &str = r#"
package greet:app@1.0.0;

/// Says hello.
interface greeter {
  /// To whom.
  record who { name: string }
  greet: func(who: who) -> string;
}

world app {
  import log: func(line: string);
  export greeter;
}
"#;

#[test]
fn embed_new_wit() {
    let wasm = dummy(GREETER);
    validate(&wasm);
    let text = print_wit(&wasm);
    for part in [
        "import log: func(line: string);",
        "export greet:app/greeter@1.0.0;",
        "greet: func(who: who) -> string;",
        "record who {",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn new_refuses() {
    let new = |text: &str| {
        failure(componentize::new(
            &File::new("m.wat", text),
            &[],
            &NewOptions::default(),
        ))
    };
    let preview1 = new(
        r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (memory (export "memory") 1) (func (export "_start")))"#,
    );
    assert!(
        preview1.contains("pass --wasi command, reactor or proxy"),
        "{preview1}"
    );
    assert!(new("(component)").contains("this is a component already"));
}

#[test]
fn new_with_the_bundled_adapter() {
    let module = File::new(
        "m.wat",
        r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (memory (export "memory") 1) (func (export "_start")))"#,
    );
    let options = NewOptions {
        wasi: Some("command".into()),
        ..NewOptions::default()
    };
    let wasm = componentize::new(&module, &[], &options).expect("the adapter fits");
    validate(&wasm);
    let text = print_wit(&wasm);
    assert!(text.contains("export wasi:cli/run@0.2."), "{text}");
    let unknown = NewOptions {
        wasi: Some("cmd".into()),
        ..NewOptions::default()
    };
    assert!(failure(componentize::new(&module, &[], &unknown)).contains("no adapter is called cmd"));
}

/// An interface with a resource, records and a type of another interface.
const STORE: &str = r#"
interface types { record item { id: u32, label: string } }
interface store {
  use types.{item};
  resource shelf { constructor(); put: func(item: item); items: func() -> list<item>; }
  open: func(name: string) -> result<shelf, string>;
}
interface clock { now: func() -> u64; }
"#;

fn store(world: &str) -> Vec<u8> {
    dummy(&format!(
        "package t:s@0.1.0;\n{STORE}\nworld w {{ {world} }}"
    ))
}

fn composed(socket: Vec<u8>, plugs: &[Vec<u8>]) -> Result<Vec<u8>, slipway_tools::Error> {
    let plugs: Vec<File> = plugs
        .iter()
        .enumerate()
        .map(|(i, wasm)| File::new(format!("plug{i}.wasm"), wasm.clone()))
        .collect();
    compose(
        &File::new("socket.wasm", socket),
        &plugs,
        Options::default(),
    )
}

#[test]
fn compose_two() {
    let app = store("import store; import clock; export run: func() -> u32;");
    let library = store("import clock; import log: func(line: string); export store;");
    let wasm = composed(app, &[library]).expect("they fit");
    let text = print_wit(&wasm);
    assert!(!text.contains("import t:s/store"), "{text}");
    for part in [
        "import t:s/clock@0.1.0;",
        "import log: func(line: string);",
        "export run: func() -> u32;",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn compose_a_chain() {
    let app = store("import store; export run: func();");
    let library = store("import clock; export store;");
    let clock = dummy(&format!(
        "package t:s@0.1.3;\n{STORE}\nworld w {{ export clock; }}"
    ));
    // Either order, and a compatible version.
    for plugs in [[library.clone(), clock.clone()], [clock, library]] {
        let text = print_wit(&composed(app.clone(), &plugs).expect("they fit"));
        assert!(
            !text.contains("clock") && !text.contains("t:s/store"),
            "{text}"
        );
    }
}

#[test]
fn compose_sees_two_versions_as_one() {
    let of = |version: &str, extra: &str, world: &str| {
        dummy(&format!(
            "package t:v@{version};\ninterface host {{ resource r; make: func() -> r; {extra} }}\n\
             interface user {{ use host.{{r}}; take: func(r: borrow<r>); }}\nworld w {{ {world} }}"
        ))
    };
    let app = of("1.0.0", "", "import host; import user; export run: func();");
    let library = of("1.2.0", "more: func();", "import host; export user;");
    let text = print_wit(&composed(app, &[library]).expect("they fit"));
    assert!(
        text.contains("import t:v/host@1.2.0;") && !text.contains("@1.0.0"),
        "{text}"
    );
}

#[test]
fn compose_refuses() {
    let app = store("import store; export run: func();");
    let clock = store("export clock;");
    assert_eq!(
        failure(composed(app.clone(), &[clock])),
        "[options] plug0.wasm: nothing imports what this component exports"
    );
    assert!(failure(composed(app.clone(), &[])).contains("nothing to plug in"));
    let core = text::parse(&File::new("x", "(module)")).expect("it parses");
    assert!(failure(composed(app, &[core])).contains("plug0.wasm: this is a core module"));
    let a = dummy("package a:a; interface x { f: func(); } interface y { f: func(); } world w { import y; export x; }");
    let b = dummy("package a:a; interface x { f: func(); } interface y { f: func(); } world w { import x; export y; }");
    let app =
        dummy("package a:a; interface x { f: func(); } world w { import x; export run: func(); }");
    assert!(failure(composed(app.clone(), &[a, b])).contains("in a circle"));
    let other = dummy("package a:a; interface x { f: func(a: u32); } world w { export x; }");
    let misfit = failure(composed(app, &[other]));
    assert!(
        misfit.starts_with("[invalid]") && !misfit.contains('\n'),
        "{misfit}"
    );
}

#[test]
fn metadata_round_trip() {
    let component = File::new(
        "x.wat",
        r#"(component $c (core module $m (@producers (language "Rust" "1.90"))))"#,
    );
    let changes = Changes {
        name: Some("app".into()),
        language: vec![("JavaScript".into(), String::new())],
        annotations: vec![
            ("authors".into(), Some("Ada".into())),
            ("homepage".into(), Some("https://a.example".into())),
        ],
        ..Changes::default()
    };
    let changed = File::new(
        "x.wasm",
        metadata::add(&component, &changes).expect("it takes them"),
    );
    validate(&changed.bytes);
    let json = metadata::show(&changed, true).expect("it shows");
    for part in [
        r#""name":"app""#,
        r#""authors":"Ada""#,
        r#""producers":[["language",{"JavaScript":""}]]"#,
        r#"{"module":{"#,
        r#"{"Rust":"1.90"}"#,
    ] {
        assert!(json.contains(part), "{part} in {json}");
    }
    let text = metadata::show(&changed, false).expect("it shows");
    assert!(text.starts_with("component app: "), "{text}");
    assert!(
        text.contains("\n  authors: Ada\n") && text.contains("\n    language: Rust 1.90\n"),
        "{text}"
    );
    // A second time replaces, and nothing removes.
    let changes = Changes {
        annotations: vec![
            ("authors".into(), Some("Bea".into())),
            ("homepage".into(), None),
        ],
        ..Changes::default()
    };
    let changed = File::new(
        "x.wasm",
        metadata::add(&changed, &changes).expect("it takes them"),
    );
    validate(&changed.bytes);
    let json = metadata::show(&changed, true).expect("it shows");
    assert!(
        json.contains(r#""authors":"Bea""#)
            && json.contains(r#""homepage":null"#)
            && json.contains(r#""name":"app""#),
        "{json}"
    );
    let unknown = Changes {
        annotations: vec![("author".into(), None)],
        ..Changes::default()
    };
    assert_eq!(
        failure(metadata::add(&changed, &unknown)),
        "[options] no annotation is called author"
    );
    let noise = failure(metadata::show(
        &File::new("x", *b"\0asm\r\0\x01\0\x01\xff"),
        true,
    ));
    assert!(
        noise.starts_with("[invalid]") && !noise.contains('\n'),
        "{noise}"
    );
}
