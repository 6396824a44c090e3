//! Adapter modules of linked components: valid for the engine, grouped, and small. What they do is shown by
//! `tests/adapters`, which runs them.

use super::*;
use crate::plan::CoreFunc;
use crate::Options;

/// A caller and a callee with both encodings, and three functions between them.
const PAIR: &str = r#"(component
    (component $Callee
        (core module $m
            (memory (export "m") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
            (func (export "add") (param i32 i32) (result i32) (i32.const 0))
            (func (export "small") (param i32) (result i32) (i32.const 0))
            (func (export "text") (param i32 i32) (result i32) (i32.const 0)))
        (core instance $i (instantiate $m))
        (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
        (func (export "small") (param "a" u8) (result bool) (canon lift (core func $i "small")))
        (func (export "text") (param "a" string) (result (list (tuple string u8)))
            (canon lift (core func $i "text") (memory (core memory $i "m")) (realloc (core func $i "realloc")))))
    (component $Caller
        (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
        (import "small" (func $small (param "a" u8) (result bool)))
        (import "text" (func $text (param "a" string) (result (list (tuple string u8)))))
        (core module $m
            (memory (export "m") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0)))
        (core instance $i (instantiate $m))
        (core func $a (canon lower (func $add)))
        (core func $s (canon lower (func $small)))
        (core func $t (canon lower (func $text) string-encoding=utf16
            (memory (core memory $i "m")) (realloc (core func $i "realloc"))))
        (core module $n
            (import "" "a" (func (param i32 i32) (result i32)))
            (import "" "s" (func (param i32) (result i32)))
            (import "" "t" (func (param i32 i32 i32))))
        (core instance (instantiate $n (with "" (instance
            (export "a" (func $a)) (export "s" (func $s)) (export "t" (func $t)))))))
    (instance $callee (instantiate $Callee))
    (instance (instantiate $Caller
        (with "add" (func $callee "add")) (with "small" (func $callee "small")) (with "text" (func $callee "text")))))"#;

fn plan(text: &str) -> Plan {
    let options = Options::default();
    let bytes = wat::parse_str(text).expect("the text parses");
    let graph = crate::decode::decode(&bytes, &options).expect("the component is valid");
    crate::link::link(&graph, &options).expect("the component links")
}

fn adapters(plan: &Plan) -> Vec<CoreFuncId> {
    let ids = (0..plan.core_funcs.len() as u32).map(CoreFuncId);
    ids.filter(|f| matches!(plan.core_func(*f), CoreFunc::Adapter(_)))
        .collect()
}

fn validate(bytes: &[u8]) {
    wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all())
        .validate_all(bytes)
        .expect("an adapter module is valid");
}

#[test]
fn a_group_shares_what_it_imports() {
    let plan = plan(PAIR);
    let funcs = adapters(&plan);
    let module = adapter_module(&plan, &funcs);
    validate(&module.bytes);
    let names: Vec<_> = module.imports.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(
        names.len(),
        8,
        "three functions, trap, two memories, two reallocs: {names:?}"
    );
    let exported: Vec<_> = module.exports.iter().map(|(f, _)| *f).collect();
    assert_eq!(exported, funcs);
}

#[test]
fn scalars_cost_nothing_or_next_to_nothing() {
    let plan = plan(PAIR);
    let funcs = adapters(&plan);
    assert!(direct(&plan, funcs[0]).is_some());
    assert!(direct(&plan, funcs[1]).is_none() && direct(&plan, funcs[2]).is_none());
    // One import, one call, one mask and one comparison, and nothing to keep.
    let module = adapter_module(&plan, &funcs[1..2]);
    validate(&module.bytes);
    assert_eq!(module.imports.len(), 1);
    assert!(module.bytes.len() < 80, "{} bytes", module.bytes.len());
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let plan = plan(PAIR);
    let funcs = adapters(&plan);
    assert_eq!(
        adapter_module(&plan, &funcs).bytes,
        adapter_module(&plan, &funcs).bytes
    );
}
