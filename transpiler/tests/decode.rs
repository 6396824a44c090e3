//! Bad bytes: every one a clear error, none a panic. And good bytes in odd shapes.

use slipway_transpiler::{decode, link, Error, ErrorCode, Options};

fn plan(bytes: &[u8]) -> Result<String, Error> {
    let options = Options::default();
    let graph = decode::decode(bytes, &options)?;
    link::link(&graph, &options).map(|plan| plan.to_string())
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's text is valid")
}

/// Modules, nested components, imports, resources, an adapter: one of each thing that `decode` and `link` meet.
const SAMPLE: &str = r#"(component
  (import "host:a/b@1.0.0" (instance $host
    (export "r" (type $r (sub resource)))
    (export "make" (func (result (own $r))))
    (export "[method]r.poke" (func (param "self" (borrow $r)) (param "s" string)))))
  (component $inner
    (core module $m
      (memory (export "memory") 1)
      (func (export "f") (param i32 i32) (result i32) local.get 0)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 8))
    (core instance $i (instantiate $m))
    (func (export "f") (param "s" string) (result u32)
      (canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
  (instance $one (instantiate $inner))
  (instance $two (instantiate $inner))
  (core module $mem (memory (export "memory") 1))
  (core instance $mem (instantiate $mem))
  (core func $f (canon lower (func $one "f") (memory (core memory $mem "memory"))))
  (core func $make (canon lower (func $host "make")))
  (alias export $host "r" (type $r))
  (core func $drop (canon resource.drop $r))
  (core module $main
    (import "x" "f" (func (param i32 i32) (result i32)))
    (import "x" "make" (func (result i32)))
    (import "x" "drop" (func (param i32)))
    (func (export "run") (result i32) i32.const 0 i32.const 0 call 0))
  (core instance $main (instantiate $main
    (with "x" (instance (export "f" (func $f)) (export "make" (func $make)) (export "drop" (func $drop))))))
  (func (export "run") (result u32) (canon lift (core func $main "run")))
  (export "two" (instance $two)))"#;

#[test]
fn the_sample_links() {
    let plan = plan(&wat(SAMPLE)).expect("the sample is a good component");
    assert!(plan.contains("adapt lift"), "{plan}");
    assert!(plan.contains("resource.drop r0 in inst0"), "{plan}");
}

#[test]
fn truncation_is_named_at_every_byte() {
    let bytes = wat(SAMPLE);
    for len in 0..bytes.len() {
        let Err(error) = plan(&bytes[..len]) else {
            // A component may end after any section of its root; then it is another component.
            continue;
        };
        assert!(
            matches!(error.code(), ErrorCode::Truncated | ErrorCode::BadMagic),
            "{len} bytes: {error}"
        );
        assert_eq!(error.offset(), Some(len as u64), "{error}");
    }
}

#[test]
fn what_is_not_a_component_is_told_apart() {
    let code = |bytes: &[u8]| plan(bytes).expect_err("not a component").code();
    assert_eq!(code(b"#!/bin/sh\n"), ErrorCode::BadMagic);
    assert_eq!(code(&wat("(module)")), ErrorCode::CoreModule);
    assert_eq!(code(b"\0asm\x0a\0\x01\0"), ErrorCode::BadVersion);
    assert_eq!(code(b"\0asm\x0d\0\x01\0\x3f\x01\0"), ErrorCode::Invalid);
    assert_eq!(code(&vec![0xa5; 10 << 20]), ErrorCode::BadMagic);
}

#[test]
fn errors_say_where() {
    let mut bytes = wat("(component (component (component (core module (func (export \"a\"))))))");
    // In the middle of the export section; bodies that are skipped are not looked into.
    let at = bytes.iter().rposition(|b| *b == b'a').expect("an export");
    bytes.truncate(at);
    let error = plan(&bytes).expect_err("truncated");
    assert_eq!(
        error.path(),
        ["component 1", "component 2", "core module 0"]
    );
}

#[test]
fn mutations_never_panic() {
    let bytes = wat(SAMPLE);
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    for _ in 0..20_000 {
        let mut bytes = bytes.clone();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(3) {
                0 => bytes[at] = random(256) as u8,
                1 => {
                    bytes.remove(at);
                }
                _ => bytes.insert(at, random(256) as u8),
            }
        }
        let _ = plan(&bytes);
    }
}

#[test]
fn a_bomb_of_instances_of_the_hosts_is_refused() {
    let exports: String = (0..300)
        .map(|i| format!("(export \"f{i}\" (type (sub resource)))"))
        .collect();
    let instances = "(instance (instantiate $c))".repeat(900);
    let text = format!("(component (import \"c\" (component $c {exports})) {instances})");
    let error = plan(&wat(&text)).expect_err("a quarter of a million resources");
    assert_eq!(error.code(), ErrorCode::TooLarge);
}

#[test]
fn a_bomb_of_instances_is_refused() {
    let mut text = String::from("(component (component $c0)");
    for i in 1..20 {
        let below = i - 1;
        text += &format!(
            "(component $c{i} (alias outer 1 {below} (component $c)) (instance (instantiate $c)) (instance (instantiate $c)))"
        );
    }
    text += "(instance (instantiate $c19)))";
    let error = plan(&wat(&text)).expect_err("half a million instances");
    assert_eq!(error.code(), ErrorCode::TooLarge);
}

#[test]
fn async_is_refused_by_name() {
    let text = "(component (core func (canon waitable-set.new)))";
    let error = plan(&wat(text)).expect_err("async");
    assert_eq!(error.code(), ErrorCode::Unsupported);
    assert!(error.message().contains("waitable-set.new"), "{error}");
}

#[test]
fn simd_constants_are_taken() {
    let text = r#"(component (core module $m
      (global i32 (i32.const 1))
      (global (export "g") v128 (v128.const i32x4 1 2 3 4))
      (global (mut v128) (v128.const i32x4 5 6 7 253))
      (global (export "h") i64 (i64.const 2)))
      (core instance (instantiate $m)))"#;
    plan(&wat(text)).expect("v128 globals are valid");
}
