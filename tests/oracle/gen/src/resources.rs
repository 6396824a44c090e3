//! Cases about handles: one component that defines a resource type, instantiated twice; one that passes handles through; one
//! whose functions make, lend, give away, keep and drop handles in a random order, mostly as it is allowed. Every table
//! index that a handle gets, every rep that is seen and every destructor is told to the host, in order.

use crate::rng::Rng;
use serde_json::{json, Value};
use std::fmt::Write;

const SLOTS: usize = 4;

pub struct ResourceCase {
    pub text: String,
    runs: usize,
}

impl ResourceCase {
    pub fn random(rng: &mut Rng) -> ResourceCase {
        let runs = 1 + rng.below(4);
        let forgets = rng.one_in(6);
        let mut text =
            format!("(component\n(import \"log\" (func $log (param \"p0\" u32)))\n{DEFINER}");
        text += &PASSER.replace(
            "FORGET",
            if forgets {
                ""
            } else {
                "(call $drop (local.get $h))"
            },
        );
        text += &user(rng, runs);
        text += "(instance $c1 (instantiate $C (with \"log\" (func $log))))\n\
                 (instance $c2 (instantiate $C (with \"log\" (func $log))))\n\
                 (instance $p (instantiate $P (with \"c\" (instance $c1))))\n\
                 (instance $u (instantiate $U (with \"log\" (func $log)) (with \"c\" (instance $c1)) (with \"d\" (instance $c2))\n\
                 (with \"id\" (func $p \"id\")) (with \"peek-by\" (func $p \"peek\")) (with \"hold\" (func $p \"hold\"))\n\
                 (with \"release\" (func $p \"release\")) (with \"swap\" (func $p \"swap\"))))\n";
        for i in 0..runs {
            writeln!(text, "(export \"run{i}\" (func $u \"run{i}\"))").expect("a String takes all");
        }
        text.push(')');
        ResourceCase { text, runs }
    }

    pub fn describe(&self, rng: &mut Rng, n: u64) -> Value {
        let mut funcs: Vec<Value> = (0..self.runs)
            .map(|i| json!({ "name": format!("run{i}"), "host": null, "params": [], "result": null, "select": null }))
            .collect();
        funcs.push(
            json!({ "name": "", "host": "log", "params": ["u32"], "result": null, "select": null }),
        );
        let calls: Vec<Value> = (0..2 + rng.below(5))
            .map(|_| json!([rng.below(self.runs), []]))
            .collect();
        json!({ "case": n, "funcs": funcs, "calls": calls })
    }
}

/// Defines the type: `make`, `peek`, `take`; its destructor logs the rep and 1000.
pub const DEFINER: &str = r#"(component $C
  (import "log" (func $log (param "p0" u32)))
  (core func $log' (canon lower (func $log)))
  (core module $Dtor
    (import "" "log" (func $log (param i32)))
    (func (export "dtor") (param i32) (call $log (i32.add (local.get 0) (i32.const 1000)))))
  (core instance $dtor (instantiate $Dtor (with "" (instance (export "log" (func $log'))))))
  (type $R' (resource (rep i32) (dtor (core func $dtor "dtor"))))
  (export $R "r" (type $R'))
  (core func $new (canon resource.new $R'))
  (core func $rep (canon resource.rep $R'))
  (core func $drop (canon resource.drop $R'))
  (core module $M
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "rep" (func $rep (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "peek") (param i32) (result i32) (local.get 0))
    (func (export "take") (param $h i32) (result i32) (local $rep i32)
      (local.set $rep (call $rep (local.get $h)))
      (call $drop (local.get $h))
      (local.get $rep)))
  (core instance $m (instantiate $M (with "" (instance
    (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
  (func (export "make") (param "n" u32) (result (own $R)) (canon lift (core func $m "make")))
  (func (export "peek") (param "r" (borrow $R)) (result u32) (canon lift (core func $m "peek")))
  (func (export "take") (param "r" (own $R)) (result u32) (canon lift (core func $m "take"))))
"#;

/// Passes handles through: `id`, `peek` (lends on what it borrowed), `hold` and `release`, `swap` (gives back the one before).
pub const PASSER: &str = r#"(component $P
  (import "c" (instance $c
    (export "r" (type $R (sub resource)))
    (export "peek" (func (param "r" (borrow $R)) (result u32)))))
  (alias export $c "r" (type $R))
  (core func $peek' (canon lower (func $c "peek")))
  (core func $drop (canon resource.drop $R))
  (core module $M
    (import "" "peek" (func $peek (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (global $held (mut i32) (i32.const 0))
    (func (export "id") (param i32) (result i32) (local.get 0))
    (func (export "peek") (param $h i32) (result i32) (local $rep i32)
      (local.set $rep (call $peek (local.get $h)))
      FORGET
      (local.get $rep))
    (func (export "hold") (param i32) (global.set $held (local.get 0)))
    (func (export "release") (result i32) (global.get $held) (global.set $held (i32.const 0)))
    (func (export "swap") (param i32) (result i32) (global.get $held) (global.set $held (local.get 0))))
  (core instance $m (instantiate $M (with "" (instance (export "peek" (func $peek')) (export "drop" (func $drop))))))
  (func (export "id") (param "r" (own $R)) (result (own $R)) (canon lift (core func $m "id")))
  (func (export "peek") (param "r" (borrow $R)) (result u32) (canon lift (core func $m "peek")))
  (func (export "hold") (param "r" (own $R)) (canon lift (core func $m "hold")))
  (func (export "release") (result (own $R)) (canon lift (core func $m "release")))
  (func (export "swap") (param "r" (own $R)) (result (own $R)) (canon lift (core func $m "swap"))))
"#;

const USER: &str = r#"(component $U
  (import "log" (func $log (param "p0" u32)))
  (import "c" (instance $c
    (export "r" (type $R (sub resource)))
    (export "make" (func (param "n" u32) (result (own $R))))
    (export "peek" (func (param "r" (borrow $R)) (result u32)))
    (export "take" (func (param "r" (own $R)) (result u32)))))
  (import "d" (instance $d
    (export "r" (type $R (sub resource)))
    (export "make" (func (param "n" u32) (result (own $R))))
    (export "peek" (func (param "r" (borrow $R)) (result u32)))
    (export "take" (func (param "r" (own $R)) (result u32)))))
  (alias export $c "r" (type $R))
  (alias export $d "r" (type $D))
  (import "id" (func $id (param "r" (own $R)) (result (own $R))))
  (import "peek-by" (func $peek-by (param "r" (borrow $R)) (result u32)))
  (import "hold" (func $hold (param "r" (own $R))))
  (import "release" (func $release (result (own $R))))
  (import "swap" (func $swap (param "r" (own $R)) (result (own $R))))
  (core func $log' (canon lower (func $log)))
  (core func $make-c (canon lower (func $c "make")))
  (core func $peek-c (canon lower (func $c "peek")))
  (core func $take-c (canon lower (func $c "take")))
  (core func $make-d (canon lower (func $d "make")))
  (core func $peek-d (canon lower (func $d "peek")))
  (core func $take-d (canon lower (func $d "take")))
  (core func $id' (canon lower (func $id)))
  (core func $peek-by' (canon lower (func $peek-by)))
  (core func $hold' (canon lower (func $hold)))
  (core func $release' (canon lower (func $release)))
  (core func $swap' (canon lower (func $swap)))
  (core func $drop-c (canon resource.drop $R))
  (core func $drop-d (canon resource.drop $D))
  (core module $M
    (import "" "log" (func $log (param i32)))
    (import "" "make-c" (func $make-c (param i32) (result i32)))
    (import "" "peek-c" (func $peek-c (param i32) (result i32)))
    (import "" "take-c" (func $take-c (param i32) (result i32)))
    (import "" "make-d" (func $make-d (param i32) (result i32)))
    (import "" "peek-d" (func $peek-d (param i32) (result i32)))
    (import "" "take-d" (func $take-d (param i32) (result i32)))
    (import "" "id" (func $id (param i32) (result i32)))
    (import "" "peek-by" (func $peek-by (param i32) (result i32)))
    (import "" "hold" (func $hold (param i32)))
    (import "" "release" (func $release (result i32)))
    (import "" "swap" (func $swap (param i32) (result i32)))
    (import "" "drop-c" (func $drop-c (param i32)))
    (import "" "drop-d" (func $drop-d (param i32)))
    (global $h0 (mut i32) (i32.const 0))
    (global $h1 (mut i32) (i32.const 0))
    (global $h2 (mut i32) (i32.const 0))
    (global $h3 (mut i32) (i32.const 0))
RUNS)
  (core instance $m (instantiate $M (with "" (instance
    (export "log" (func $log')) (export "make-c" (func $make-c)) (export "peek-c" (func $peek-c))
    (export "take-c" (func $take-c)) (export "make-d" (func $make-d)) (export "peek-d" (func $peek-d))
    (export "take-d" (func $take-d)) (export "id" (func $id')) (export "peek-by" (func $peek-by'))
    (export "hold" (func $hold')) (export "release" (func $release')) (export "swap" (func $swap'))
    (export "drop-c" (func $drop-c)) (export "drop-d" (func $drop-d))))))
LIFTS)
"#;

fn user(rng: &mut Rng, runs: usize) -> String {
    let mut slots = Slots {
        live: [None; SLOTS],
        held: false,
        made: 0,
    };
    let mut bodies = String::new();
    let mut lifts = String::new();
    for i in 0..runs {
        let body: String = (0..3 + rng.below(12)).map(|_| slots.step(rng)).collect();
        writeln!(bodies, "    (func (export \"run{i}\")\n{body})").expect("a String takes all");
        writeln!(
            lifts,
            "  (func (export \"run{i}\") (canon lift (core func $m \"run{i}\")))"
        )
        .expect("a String takes all");
    }
    USER.replace("RUNS", &bodies).replace("LIFTS", &lifts)
}

/// What each global holds when the functions run once, in order. They may run in another order: then there is a trap, or
/// a handle is made over one that was live, and both runtimes have to agree on that too.
struct Slots {
    live: [Option<char>; SLOTS],
    held: bool,
    made: u32,
}

impl Slots {
    fn step(&mut self, rng: &mut Rng) -> String {
        let s = rng.below(SLOTS);
        let h = format!("(global.get $h{s})");
        let keep = |call: String| format!("(global.set $h{s} {call}) (call $log {h})\n");
        let log = |call: String| format!("(call $log {call})\n");
        // Once in a while what is not allowed.
        let kind = if rng.one_in(40) {
            *rng.pick(&[None, Some('c'), Some('d')])
        } else {
            self.live[s]
        };
        match kind {
            None if self.held && rng.one_in(3) => {
                self.held = false;
                self.live[s] = Some('c');
                keep("(call $release)".into())
            }
            None => {
                let of = if rng.one_in(4) { 'd' } else { 'c' };
                self.live[s] = Some(of);
                self.made += 1;
                keep(format!("(call $make-{of} (i32.const {}))", self.made))
            }
            Some(of) => match rng.below(if of == 'c' { 9 } else { 4 }) {
                0 => log(format!("(call $peek-{of} {h})")),
                1 => {
                    self.live[s] = None;
                    log(format!("(call $take-{of} {h})"))
                }
                2 => {
                    self.live[s] = None;
                    format!("(call $drop-{of} {h})\n")
                }
                3 => log(format!("(call $peek-{of} {h})")),
                4 => log(format!("(call $peek-by {h})")),
                5 | 6 => keep(format!("(call $id {h})")),
                7 if self.held => keep(format!("(call $swap {h})")),
                _ => {
                    self.held = true;
                    self.live[s] = None;
                    format!("(call $hold {h})\n")
                }
            },
        }
    }
}
