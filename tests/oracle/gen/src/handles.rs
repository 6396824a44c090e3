//! Cases about handles that cross to the host and back: a resource of the host's, which a guest makes, borrows, keeps, gives
//! back and drops; and one of a guest's, which the host does the same with. What the host does is a list of steps, which
//! each runtime's side carries out with the objects it has for handles; what the guest does is core code.

use crate::resources::{DEFINER, PASSER};
use crate::rng::Rng;
use serde_json::{json, Value};
use std::fmt::Write;

const SLOTS: usize = 4;

pub struct HandleCase {
    pub text: String,
    runs: usize,
}

impl HandleCase {
    pub fn random(rng: &mut Rng) -> HandleCase {
        let runs = 1 + rng.below(3);
        let mut scripts = String::new();
        let mut lifts = String::new();
        let mut model = Guest {
            live: [false; SLOTS],
            made: 100,
        };
        for i in 0..runs {
            let body: String = (0..2 + rng.below(8)).map(|_| model.step(rng)).collect();
            writeln!(scripts, "    (func (export \"run{i}\")\n{body})")
                .expect("a String takes all");
            writeln!(
                lifts,
                "  (func (export \"run{i}\") (canon lift (core func $m \"run{i}\")))"
            )
            .expect("a String takes all");
        }
        // Who forgets to drop what was lent may not return.
        let drop = if rng.one_in(8) {
            ""
        } else {
            "(call $drop (local.get $h))"
        };
        let user = USER
            .replace("RUNS", &scripts)
            .replace("LIFTS", &lifts)
            .replace("FORGET", drop);
        let passer = PASSER.replace("FORGET", "(call $drop (local.get $h))");
        let mut text = format!("{HEAD}{DEFINER}{passer}{user}{TAIL}");
        for i in 0..runs {
            writeln!(text, "(export \"run{i}\" (func $u \"run{i}\"))").expect("a String takes all");
        }
        text.push(')');
        HandleCase { text, runs }
    }

    /// What the host does: only what its objects allow, because a misuse there is an error of each API's own.
    pub fn describe(&self, rng: &mut Rng, n: u64) -> Value {
        let mut owned = [false; SLOTS];
        let (mut held, mut given) = (false, false);
        let mut calls: Vec<Value> = Vec::new();
        for i in 0..4 + rng.below(20) {
            let s = rng.below(SLOTS);
            let step = match rng.below(12) {
                0 | 1 => json!(["run", rng.below(self.runs)]),
                2 => {
                    let lent = json!(["lend-t", 200 + i]);
                    if rng.one_in(2) {
                        lent
                    } else {
                        given = true;
                        json!(["give-t", 300 + i])
                    }
                }
                3 if given => {
                    given = false;
                    json!(["back-t"])
                }
                4 if held && !owned[s] => {
                    (held, owned[s]) = (false, true);
                    json!(["release-r", s])
                }
                _ if !owned[s] => {
                    owned[s] = true;
                    json!(["make-r", s, i])
                }
                5 | 6 => json!(["peek-r", s]),
                7 => json!(["pass-r", s]),
                8 => {
                    owned[s] = false;
                    json!(["take-r", s])
                }
                9 => {
                    owned[s] = false;
                    json!(["drop-r", s])
                }
                10 if !held => {
                    (held, owned[s]) = (true, false);
                    json!(["hold-r", s])
                }
                _ => json!(["peek-by-r", s]),
            };
            calls.push(step);
        }
        json!({ "case": n, "handles": true, "funcs": [], "calls": calls })
    }
}

/// The guest's handles of the host's resource.
struct Guest {
    live: [bool; SLOTS],
    made: u32,
}

impl Guest {
    fn step(&mut self, rng: &mut Rng) -> String {
        let s = rng.below(SLOTS);
        let h = format!("(global.get $h{s})");
        // Once in a while what is not allowed.
        let live = if rng.one_in(40) {
            !self.live[s]
        } else {
            self.live[s]
        };
        if !live {
            self.live[s] = true;
            self.made += 1;
            return format!(
                "(global.set $h{s} (call $new (i32.const {}))) (call $log {h})\n",
                self.made
            );
        }
        match rng.below(4) {
            0 | 1 => format!("(call $log (call $peek {h}))\n"),
            2 => {
                self.live[s] = false;
                format!("(call $log (call $take {h}))\n")
            }
            _ => {
                self.live[s] = false;
                format!("(call $drop {h})\n")
            }
        }
    }
}

const HEAD: &str = r#"(component
(import "log" (func $log (param "p0" u32)))
(import "thing" (type $T (sub resource)))
(import "[constructor]thing" (func $new (param "n" u32) (result (own $T))))
(import "[method]thing.peek" (func $peek (param "self" (borrow $T)) (result u32)))
(import "take-thing" (func $take (param "t" (own $T)) (result u32)))
"#;

/// `give` keeps a thing of the host's, `back` gives it back (an empty handle traps), `lend` looks at one.
const USER: &str = r#"(component $U
  (import "log" (func $log (param "p0" u32)))
  (import "thing" (type $T (sub resource)))
  (import "new" (func $new (param "n" u32) (result (own $T))))
  (import "peek" (func $peek (param "self" (borrow $T)) (result u32)))
  (import "take" (func $take (param "t" (own $T)) (result u32)))
  (core func $log' (canon lower (func $log)))
  (core func $new' (canon lower (func $new)))
  (core func $peek' (canon lower (func $peek)))
  (core func $take' (canon lower (func $take)))
  (core func $drop' (canon resource.drop $T))
  (core module $M
    (import "" "log" (func $log (param i32)))
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "peek" (func $peek (param i32) (result i32)))
    (import "" "take" (func $take (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (global $h0 (mut i32) (i32.const 0))
    (global $h1 (mut i32) (i32.const 0))
    (global $h2 (mut i32) (i32.const 0))
    (global $h3 (mut i32) (i32.const 0))
    (global $given (mut i32) (i32.const 0))
    (func (export "give") (param i32)
      (if (global.get $given) (then (call $drop (global.get $given))))
      (global.set $given (local.get 0))
      (call $log (local.get 0)))
    (func (export "back") (result i32) (global.get $given) (global.set $given (i32.const 0)))
    (func (export "lend") (param $h i32) (result i32) (local $n i32)
      (call $log (local.get $h))
      (local.set $n (call $peek (local.get $h)))
      FORGET
      (local.get $n))
RUNS)
  (core instance $m (instantiate $M (with "" (instance
    (export "log" (func $log')) (export "new" (func $new')) (export "peek" (func $peek'))
    (export "take" (func $take')) (export "drop" (func $drop'))))))
  (func (export "give") (param "t" (own $T)) (canon lift (core func $m "give")))
  (func (export "back") (result (own $T)) (canon lift (core func $m "back")))
  (func (export "lend") (param "t" (borrow $T)) (result u32) (canon lift (core func $m "lend")))
LIFTS)
"#;

const TAIL: &str = r#"(instance $c (instantiate $C (with "log" (func $log))))
(instance $p (instantiate $P (with "c" (instance $c))))
(instance $u (instantiate $U (with "log" (func $log)) (with "thing" (type $T)) (with "new" (func $new))
  (with "peek" (func $peek)) (with "take" (func $take))))
(alias export $c "r" (type $R'))
(export $R "r" (type $R'))
(export "make-r" (func $c "make") (func (param "n" u32) (result (own $R))))
(export "peek-r" (func $c "peek") (func (param "r" (borrow $R)) (result u32)))
(export "take-r" (func $c "take") (func (param "r" (own $R)) (result u32)))
(export "pass-r" (func $p "id") (func (param "r" (own $R)) (result (own $R))))
(export "peek-by-r" (func $p "peek") (func (param "r" (borrow $R)) (result u32)))
(export "hold-r" (func $p "hold") (func (param "r" (own $R))))
(export "release-r" (func $p "release") (func (result (own $R))))
(export "give-t" (func $u "give"))
(export "back-t" (func $u "back"))
(export "lend-t" (func $u "lend"))
"#;
