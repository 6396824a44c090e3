//! The components of a case as text: one to three in a row, each with its own memory and string encoding; every function of
//! a component echoes, calls the same function of an earlier component, or of the host.

use crate::core::{Emit, Func, Select, Sig, DATA, MEMORY};
use crate::rng::Rng;
use crate::types::{Ty, Types};
use std::fmt::Write;

/// Where a component's function gets its result from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Echo,
    Component(usize),
    Host,
}

pub struct Case {
    pub types: Types,
    pub funcs: Vec<Func>,
    /// The functions that the host is asked for.
    pub host: Vec<usize>,
    pub text: String,
    /// The same with tuples in place of lists of fixed length.
    pub twin: String,
}

impl Case {
    pub fn random(rng: &mut Rng) -> Case {
        let types = Types::random(rng);
        let funcs: Vec<Func> = (0..1 + rng.below(3))
            .map(|_| random_func(&types, rng))
            .collect();
        let components = 1 + rng.below(3);
        let sources: Vec<Vec<Source>> = (0..components)
            .map(|k| {
                funcs
                    .iter()
                    .map(|_| match rng.below(8) {
                        0 => Source::Host,
                        1..=6 if k > 0 => Source::Component(rng.below(k)),
                        _ => Source::Echo,
                    })
                    .collect()
            })
            .collect();
        let host: Vec<usize> = (0..funcs.len())
            .filter(|i| sources.iter().any(|s| s[*i] == Source::Host))
            .collect();
        let mut case = Case {
            types,
            funcs,
            host,
            text: String::new(),
            twin: String::new(),
        };
        case.types.twin = true;
        case.twin = case.root(&mut rng.clone(), &sources);
        case.types.twin = false;
        case.text = case.root(rng, &sources);
        case
    }

    fn root(&self, rng: &mut Rng, sources: &[Vec<Source>]) -> String {
        let mut text = "(component\n".to_string();
        text += &self.type_defs(!self.host.is_empty());
        for i in &self.host {
            writeln!(
                text,
                "(import \"h{i}\" (func $h{i} {}))",
                self.signature(*i)
            )
            .expect("a String takes all");
        }
        for (k, sources) in sources.iter().enumerate() {
            let from = |i: usize| match sources[i] {
                Source::Echo => None,
                Source::Component(j) => Some(format!("(func $c{j} \"f{i}\")")),
                Source::Host => Some(format!("(func $h{i})")),
            };
            text += &self.component(rng, k, sources);
            write!(text, "(instance $c{k} (instantiate $C{k}").expect("a String takes all");
            if sources.iter().any(|s| *s != Source::Echo) {
                for t in 0..self.types.defs.len() {
                    write!(text, " (with \"t{t}\" (type $n{t}))").expect("a String takes all");
                }
            }
            for i in 0..self.funcs.len() {
                if let Some(from) = from(i) {
                    write!(text, " (with \"f{i}\" {from})").expect("a String takes all");
                }
            }
            text += "))\n";
        }
        let last = sources.len() - 1;
        for i in 0..self.funcs.len() {
            writeln!(
                text,
                "(export \"f{i}\" (func $c{last} \"f{i}\") (func {}))",
                self.signature(i)
            )
            .expect("a String takes all");
        }
        text + ")"
    }

    fn component(&self, rng: &mut Rng, k: usize, sources: &[Source]) -> String {
        let encoding = *rng.pick(&["utf8", "utf16", "latin1+utf16"]);
        let options = format!(
            "string-encoding={encoding} (memory (core memory $libc \"mem\")) (realloc (core func $libc \"realloc\"))"
        );
        let post_return = rng.one_in(2);
        let imports: Vec<usize> = (0..sources.len())
            .filter(|i| sources[*i] != Source::Echo)
            .collect();
        let mut text = format!("(component $C{k}\n");
        text += &self.type_defs(!imports.is_empty());
        for i in &imports {
            writeln!(
                text,
                "(import \"f{i}\" (func $f{i} {}))",
                self.signature(*i)
            )
            .expect("a String takes all");
        }
        text += &libc(rng);
        for i in &imports {
            writeln!(
                text,
                "(core func $l{i} (canon lower (func $f{i}) {options}))"
            )
            .expect("a String takes all");
        }
        text += &self.main(rng, sources, &imports);
        text += "(core instance $m (instantiate $Main (with \"libc\" (instance $libc))";
        if !imports.is_empty() {
            let exports: String = imports
                .iter()
                .map(|i| format!(" (export \"f{i}\" (func $l{i}))"))
                .collect();
            write!(text, " (with \"imports\" (instance{exports}))").expect("a String takes all");
        }
        text += "))\n";
        for (i, func) in self.funcs.iter().enumerate() {
            let post = match post_return {
                true if Sig::of(&self.types, func).indirect => {
                    " (post-return (core func $m \"free-i32\"))"
                }
                _ => "",
            };
            writeln!(
                text,
                "(func $e{i} {} (canon lift (core func $m \"f{i}\") {options}{post}))\n\
                 (export \"f{i}\" (func $e{i}))",
                self.signature(i)
            )
            .expect("a String takes all");
        }
        text + ")\n"
    }

    fn main(&self, rng: &mut Rng, sources: &[Source], imports: &[usize]) -> String {
        let mut text = format!(
            "(core module $Main\n(import \"libc\" \"mem\" (memory {pages} {pages}))\n\
             (import \"libc\" \"reset\" (func $reset))\n\
             (import \"libc\" \"realloc\" (func $realloc (param i32 i32 i32 i32) (result i32)))\n",
            pages = MEMORY / 65536
        );
        for i in imports {
            let sig = Sig::of(&self.types, &self.funcs[*i]);
            writeln!(
                text,
                "(import \"imports\" \"f{i}\" (func $i{i} {}))",
                sig.lowered()
            )
            .expect("a String takes all");
        }
        text += "(func (export \"free-i32\") (param i32) (call $reset))\n";
        for (i, func) in self.funcs.iter().enumerate() {
            let callee = (sources[i] != Source::Echo).then(|| format!("i{i}"));
            let damage = rng.one_in(5);
            text += &Emit {
                types: &self.types,
                rng,
            }
            .func(&format!("f{i}"), func, callee.as_deref(), damage);
        }
        text + ")\n"
    }

    pub fn type_defs(&self, import: bool) -> String {
        let mut text = String::new();
        for (i, def) in self.types.defs.iter().enumerate() {
            let def = self.types.def_text(def);
            let named = match import {
                true => format!("(import \"t{i}\" (type $n{i} (eq $b{i})))"),
                false => format!("(export $n{i} \"t{i}\" (type $b{i}))"),
            };
            writeln!(text, "(type $b{i} {def})\n{named}").expect("a String takes all");
        }
        text
    }

    pub fn signature(&self, i: usize) -> String {
        let func = &self.funcs[i];
        let mut text: Vec<String> = (func.params.iter().enumerate())
            .map(|(k, t)| format!("(param \"p{k}\" {})", self.types.text(t)))
            .collect();
        if let Some(t) = func.result() {
            text.push(format!("(result {})", self.types.text(&t)));
        }
        text.join(" ")
    }
}

fn random_func(types: &Types, rng: &mut Rng) -> Func {
    let n = if rng.one_in(6) {
        3 + rng.below(8)
    } else {
        rng.below(4)
    };
    let params: Vec<Ty> = (0..n).map(|_| types.random_ty(rng, 3)).collect();
    let select = match rng.below(10) {
        _ if n == 0 => Select::Nothing,
        0 => Select::Nothing,
        1..=3 => Select::All,
        _ => Select::Param(rng.below(n)),
    };
    Func { params, select }
}

/// A memory with fixed data at its start and an allocator that never gives anything back but all at once.
fn libc(rng: &mut Rng) -> String {
    let data: String = (0..DATA)
        .map(|i| match i % 64 {
            // Stretches of plain text among the noise, so that some damaged strings are whole.
            0..=31 => format!("\\{:02x}", 0x20 + rng.below(0x5f)),
            _ => format!("\\{:02x}", rng.below(256)),
        })
        .collect();
    format!(
        "(core module $Libc
(memory (export \"mem\") {pages} {pages})
(data (i32.const 0) \"{data}\")
(global $next (mut i32) (i32.const {DATA}))
(func (export \"reset\") (global.set $next (i32.const {DATA})))
(func (export \"realloc\") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
  (local $at i32)
  (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
    (i32.sub (i32.const 0) (local.get $align))))
  (global.set $next (i32.add (local.get $at) (local.get $size)))
  (if (i32.gt_u (global.get $next) (i32.const {MEMORY})) (then unreachable))
  (if (local.get $had) (then (memory.copy (local.get $at) (local.get $old)
    (select (local.get $had) (local.get $size) (i32.lt_u (local.get $had) (local.get $size))))))
  (local.get $at)))
(core instance $libc (instantiate $Libc))\n",
        pages = MEMORY / 65536
    )
}
