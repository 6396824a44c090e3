//! Components whose core code means no good: results, arguments to the host, memory and what `realloc` returns are random.
//! There is nothing to compare with; whoever runs them expects a value of the declared type or a trap, soon.

use crate::abi::Core;
use crate::core::{Func, Sig};
use crate::rng::Rng;
use crate::types::Types;
use crate::wat::Case;
use std::fmt::Write;

const PAGES: usize = 1;

pub fn text(rng: &mut Rng, case: &Case) -> String {
    let types = &case.types;
    let encoding = *rng.pick(&["utf8", "utf16", "latin1+utf16"]);
    let options = format!(
        "string-encoding={encoding} (memory (core memory $libc \"mem\")) (realloc (core func $libc \"realloc\"))"
    );
    let mut text = format!("(component\n{}", case.type_defs(!case.host.is_empty()));
    for i in &case.host {
        writeln!(
            text,
            "(import \"h{i}\" (func $h{i} {}))",
            case.signature(*i)
        )
        .expect("a String takes all");
    }
    text += &libc(rng);
    for i in &case.host {
        writeln!(
            text,
            "(core func $l{i} (canon lower (func $h{i}) {options}))"
        )
        .expect("a String takes all");
    }
    text += "(core module $Main\n(import \"libc\" \"mem\" (memory 1))\n";
    for i in &case.host {
        let sig = Sig::of(types, &case.funcs[*i]);
        writeln!(
            text,
            "(import \"imports\" \"f{i}\" (func $i{i} {}))",
            sig.lowered()
        )
        .expect("a String takes all");
    }
    text += "(func (export \"post-i32\") (param i32))\n";
    for (i, func) in case.funcs.iter().enumerate() {
        text += &core_func(rng, types, i, func, case.host.contains(&i));
    }
    let exports: String = case
        .host
        .iter()
        .map(|i| format!(" (export \"f{i}\" (func $l{i}))"))
        .collect();
    writeln!(
        text,
        ")\n(core instance $m (instantiate $Main (with \"libc\" (instance $libc)) (with \"imports\" (instance{exports}))))"
    )
    .expect("a String takes all");
    for i in 0..case.funcs.len() {
        let signature = case.signature(i);
        writeln!(
            text,
            "(func $e{i} {signature} (canon lift (core func $m \"f{i}\") {options}))\n(export \"f{i}\" (func $e{i}))"
        )
        .expect("a String takes all");
    }
    text + ")"
}

fn core_func(rng: &mut Rng, types: &Types, i: usize, func: &Func, host: bool) -> String {
    let sig = Sig::of(types, func);
    let mut body = String::new();
    if host {
        let mut args: Vec<String> = sig.params.iter().map(|c| constant(rng, *c)).collect();
        if sig.indirect {
            args.push(constant(rng, Core::I32));
        }
        let call = format!("(call $i{i} {})", args.join(" "));
        body += &match (sig.indirect, sig.result) {
            (false, Some(_)) => format!("(drop {call})\n"),
            _ => call + "\n",
        };
    }
    for _ in 0..rng.below(6) {
        let at = rng.below(PAGES * 65536 - 8);
        writeln!(
            body,
            "(i32.store (i32.const {at}) {})",
            constant(rng, Core::I32)
        )
        .expect("a String takes all");
    }
    if let Some(core) = sig.result {
        body += &constant(rng, core);
    }
    let params: String = sig
        .params
        .iter()
        .map(|c| format!(" (param {})", c.name()))
        .collect();
    let result = sig
        .result
        .map_or(String::new(), |c| format!(" (result {})", c.name()));
    format!("(func (export \"f{i}\"){params}{result}\n{body})\n")
}

fn constant(rng: &mut Rng, core: Core) -> String {
    let bits = rng.next();
    match core {
        Core::I32 => format!("(i32.const {})", number(rng) as i32),
        Core::I64 if rng.one_in(2) => format!("(i64.const {})", i64::from(number(rng))),
        Core::I64 => format!("(i64.const {})", bits as i64),
        Core::F32 => format!("(f32.reinterpret_i32 (i32.const {}))", bits as i32),
        Core::F64 => format!("(f64.reinterpret_i64 (i64.const {}))", bits as i64),
    }
}

/// A discriminant, a pointer, a length, or anything.
fn number(rng: &mut Rng) -> u32 {
    match rng.below(8) {
        0 | 1 => rng.below(8) as u32,
        2 => rng.below(300) as u32,
        3 | 4 => (rng.below(PAGES * 65536) / 8 * 8) as u32,
        5 => (PAGES * 65536 - rng.below(40)) as u32,
        6 => *rng.pick(&[u32::MAX, 0x8000_0000, 0x7fff_ffff, 0xffff_fff8, 0x8000_0003]),
        _ => rng.next() as u32,
    }
}

fn libc(rng: &mut Rng) -> String {
    // Many small words: they read as discriminants, lengths and near pointers.
    let data: String = (0..1024)
        .flat_map(|_| number(rng).to_le_bytes())
        .map(|b| format!("\\{b:02x}"))
        .collect();
    let realloc = match rng.below(3) {
        0 => format!("{}\n", constant(rng, Core::I32)),
        _ => "(local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
  (global.set $next (i32.add (local.get $at) (local.get $size)))
  (local.get $at)"
            .to_string(),
    };
    format!(
        "(core module $Libc
(memory (export \"mem\") {PAGES} {PAGES})
(data (i32.const 0) \"{data}\")
(data (i32.const 32768) \"{data}\")
(global $next (mut i32) (i32.const 8192))
(func (export \"realloc\") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
  (local $at i32)
  {realloc}))
(core instance $libc (instantiate $Libc))\n"
    )
}
