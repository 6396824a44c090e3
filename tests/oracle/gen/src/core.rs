//! The core functions of a case: an echo that stores what it was given, or a call onwards; and the damage done to a result on
//! its way, which both runtimes have to take the same way.

use crate::abi::{disc_size, flags_size, Core, Shape, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS};
use crate::rng::Rng;
use crate::types::{Prim, Ty, Types};
use std::fmt::Write;

/// Bytes of fixed random data at the start of each memory: damaged pointers lead there, so that what they find does not
/// depend on how a runtime allocates.
pub const DATA: usize = 1024;
/// The memories do not grow: their end is a fixed place too.
pub const MEMORY: usize = 4 * 65536;

/// Which part of its parameters a function returns.
#[derive(Clone, Copy, Debug)]
pub enum Select {
    Nothing,
    Param(usize),
    /// A tuple of all.
    All,
}

pub struct Func {
    pub params: Vec<Ty>,
    pub select: Select,
}

impl Func {
    pub fn result(&self) -> Option<Ty> {
        match self.select {
            Select::Nothing => None,
            Select::Param(i) => Some(self.params[i].clone()),
            Select::All => Some(Ty::Tuple(self.params.clone())),
        }
    }
}

/// A function's core signatures.
pub struct Sig {
    pub params: Vec<Core>,
    pub spilled: bool,
    pub result: Option<Core>,
    /// The result is in memory.
    pub indirect: bool,
}

impl Sig {
    pub fn of(types: &Types, func: &Func) -> Sig {
        let flat: Vec<Core> = func.params.iter().flat_map(|t| types.flat(t)).collect();
        let spilled = flat.len() > MAX_FLAT_PARAMS;
        let results = func.result().map_or(Vec::new(), |t| types.flat(&t));
        let indirect = results.len() > MAX_FLAT_RESULTS;
        Sig {
            params: if spilled { vec![Core::I32] } else { flat },
            spilled,
            result: if indirect {
                Some(Core::I32)
            } else {
                results.first().copied()
            },
            indirect,
        }
    }

    fn params_text(&self) -> String {
        self.params
            .iter()
            .enumerate()
            .map(|(i, c)| format!(" (param $p{i} {})", c.name()))
            .collect()
    }

    fn result_text(&self) -> String {
        self.result
            .map_or(String::new(), |c| format!(" (result {})", c.name()))
    }

    /// As the core type of the lowered function.
    pub fn lowered(&self) -> String {
        let mut params: Vec<&str> = self.params.iter().map(|c| c.name()).collect();
        if self.indirect {
            params.push("i32");
        }
        let result = if self.indirect {
            String::new()
        } else {
            self.result_text()
        };
        format!("(param {}){result}", params.join(" "))
    }
}

pub struct Emit<'a> {
    pub types: &'a Types,
    pub rng: &'a mut Rng,
}

impl Emit<'_> {
    /// `(func (export "NAME") …)`: an echo, or a call of `$CALLEE`.
    pub fn func(&mut self, name: &str, func: &Func, callee: Option<&str>, damage: bool) -> String {
        let sig = Sig::of(self.types, func);
        let mut body = String::new();
        if let (true, Some(ty)) = (sig.indirect, func.result()) {
            let (size, align) = (self.types.size(&ty), self.types.align(&ty));
            let echo_in_place = callee.is_none() && sig.spilled;
            if !echo_in_place {
                // Padding and unused payload bytes must not matter.
                write!(
                    body,
                    "(local.set $r (call $realloc (i32.const 0) (i32.const 0) (i32.const {align}) (i32.const {size})))\n\
                     (memory.fill (local.get $r) (i32.const 0xaa) (i32.const {size}))\n"
                )
                .expect("a String takes everything");
            }
        }
        body += &match callee {
            Some(callee) => self.call(callee, &sig),
            None => self.echo(func, &sig),
        };
        if let Some(ty) = func.result() {
            if sig.indirect {
                if damage {
                    body += &self.damage(&ty);
                }
                body += "(local.get $r)";
            } else {
                body += "(local.get $v)";
                if damage && sig.result == Some(Core::I32) {
                    body += &format!("(i32.or (i32.const {}))", self.junk(&ty));
                }
            }
        }
        let value = match (sig.indirect, sig.result) {
            (true, _) => " (local $r i32)".to_string(),
            (false, Some(core)) => format!(" (local $v {})", core.name()),
            (false, None) => String::new(),
        };
        format!(
            "(func (export \"{name}\"){}{}{value}\n{body})\n",
            sig.params_text(),
            sig.result_text()
        )
    }

    fn call(&self, callee: &str, sig: &Sig) -> String {
        let mut args: Vec<String> = (0..sig.params.len())
            .map(|i| format!("(local.get $p{i})"))
            .collect();
        if sig.indirect {
            args.push("(local.get $r)".into());
        }
        let call = format!("(call ${callee} {})", args.join(" "));
        match (sig.indirect, sig.result) {
            (false, Some(_)) => format!("(local.set $v {call})\n"),
            _ => call + "\n",
        }
    }

    fn echo(&self, func: &Func, sig: &Sig) -> String {
        let Some(ty) = func.result() else {
            return String::new();
        };
        if sig.spilled {
            let at = match func.select {
                Select::Param(i) => self.types.offsets(&func.params).0[i],
                _ => 0,
            };
            return match sig.indirect {
                true => format!("(local.set $r (i32.add (local.get $p0) (i32.const {at})))\n"),
                false => format!("(local.set $v {})\n", self.load_flat(&ty, at)),
            };
        }
        let flats: Vec<String> = (0..sig.params.len())
            .map(|i| format!("(local.get $p{i})"))
            .collect();
        let range = match func.select {
            Select::Param(i) => {
                let start: usize = func.params[..i]
                    .iter()
                    .map(|t| self.types.flat(t).len())
                    .sum();
                start..start + self.types.flat(&func.params[i]).len()
            }
            _ => 0..flats.len(),
        };
        match sig.indirect {
            true => self.store(&ty, 0, &flats[range]),
            false => format!("(local.set $v {})\n", flats[range.start]),
        }
    }

    /// Stores flat values as `ty` at `$r + at`.
    fn store(&self, ty: &Ty, at: usize, flats: &[String]) -> String {
        let put = |op: &str, at: usize, value: &str| {
            format!("({op} offset={at} (local.get $r) {value})\n")
        };
        match self.types.shape(ty) {
            Shape::Prim(Prim::String) | Shape::List(_) => {
                put("i32.store", at, &flats[0]) + &put("i32.store", at + 4, &flats[1])
            }
            Shape::Prim(Prim::F32) => put("f32.store", at, &flats[0]),
            Shape::Prim(Prim::F64) => put("f64.store", at, &flats[0]),
            Shape::Prim(Prim::S64 | Prim::U64) => put("i64.store", at, &flats[0]),
            Shape::Prim(_) => put(store_op(self.types.size(ty)), at, &flats[0]),
            Shape::Flags(n) => put(store_op(flags_size(n)), at, &flats[0]),
            Shape::Fields(ts) => {
                let mut used = 0;
                let offsets = self.types.offsets(&ts).0;
                let mut text = String::new();
                for (t, offset) in ts.iter().zip(offsets) {
                    let n = self.types.flat(t).len();
                    text += &self.store(t, at + offset, &flats[used..used + n]);
                    used += n;
                }
                text
            }
            Shape::Cases(cases) => {
                let joined = self.types.flat(ty);
                let payload = at + self.types.payload_offset(&cases);
                let mut text = put(store_op(disc_size(cases.len())), at, &flats[0]);
                for (i, case) in cases.iter().enumerate() {
                    let Some(t) = case else { continue };
                    let values: Vec<String> = (self.types.flat(t).into_iter().enumerate())
                        .map(|(k, want)| convert(joined[k + 1], want, &flats[k + 1]))
                        .collect();
                    text += &format!(
                        "(if (i32.eq {} (i32.const {i})) (then\n{}))\n",
                        flats[0],
                        self.store(t, payload, &values)
                    );
                }
                text
            }
        }
    }

    /// A type that is one flat value, loaded from `$p0 + at`.
    fn load_flat(&self, ty: &Ty, at: usize) -> String {
        let load = |op: &str| format!("({op} offset={at} (local.get $p0))");
        match self.types.shape(ty) {
            Shape::Prim(Prim::F32) => load("f32.load"),
            Shape::Prim(Prim::F64) => load("f64.load"),
            Shape::Prim(Prim::S64 | Prim::U64) => load("i64.load"),
            Shape::Prim(Prim::S8) => load("i32.load8_s"),
            Shape::Prim(Prim::S16) => load("i32.load16_s"),
            Shape::Fields(ts) => self.load_flat(&ts[0], at),
            Shape::Cases(cases) => load(load_op(disc_size(cases.len()))),
            Shape::Flags(n) => load(load_op(flags_size(n))),
            _ => load(load_op(self.types.size(ty))),
        }
    }

    /// Bits for an i32 result that the ABI ignores, or that make it wrong.
    fn junk(&mut self, ty: &Ty) -> u32 {
        let bits = self.rng.next() as u32;
        match self.types.shape(ty) {
            Shape::Prim(Prim::Bool) => bits,
            Shape::Prim(Prim::U8 | Prim::S8) => bits << 8,
            Shape::Prim(Prim::U16 | Prim::S16) => bits << 16,
            Shape::Flags(n) if n < 32 => bits << n,
            Shape::Flags(_) => 0,
            Shape::Prim(Prim::Char) => *self.rng.pick(&[0xd800, 0x11_0000, 0x8000_0000]),
            Shape::Cases(_) => *self.rng.pick(&[0x100, 0x8000_0000, 0x7f]),
            Shape::Fields(ts) => self.junk(&ts[0].clone()),
            _ => bits,
        }
    }

    /// Overwrites one place of the result at `$r` whose meaning is known.
    fn damage(&mut self, ty: &Ty) -> String {
        let mut places = Vec::new();
        self.places(ty, 0, &mut places);
        let (at, place) = places[self.rng.below(places.len())].clone();
        let put = |op: &str, at: usize, v: u32| {
            format!(
                "({op} offset={at} (local.get $r) (i32.const {}))\n",
                v as i32
            )
        };
        let random = self.rng.next() as u32;
        match place {
            Place::Small(size) => put(store_op(size), at, random),
            Place::Disc(size, cases, pointers) => {
                // Another case would read a pointer, which an allocator chose, as a number.
                let others = [cases as u32, u32::MAX, cases as u32 - 1, 0];
                let v = *self.rng.pick(if pointers { &others[..2] } else { &others });
                put(store_op(size), at, v)
            }
            Place::Char => {
                let v = *self.rng.pick(&[
                    0xd7ff,
                    0xd800,
                    0xdfff,
                    0xe000,
                    0x10_ffff,
                    0x11_0000,
                    u32::MAX,
                ]);
                put("i32.store", at, v)
            }
            Place::List(align, size) => {
                let (pointer, length) = self.pointer(align, size);
                put("i32.store", at, pointer) + &put("i32.store", at + 4, length)
            }
        }
    }

    /// Pointers into the fixed data, to the memory's very end, past it, misaligned; lengths likewise.
    fn pointer(&mut self, align: usize, size: usize) -> (u32, u32) {
        let inside = (self.rng.below(DATA / 2) / 8 * 8) as u32;
        let size = size as u32;
        match self.rng.below(9) {
            // What lies past the fixed data depends on the allocator.
            0..=2 => (
                inside,
                self.rng
                    .below(20)
                    .min((DATA - inside as usize) / size as usize) as u32,
            ),
            3 => (inside + if align > 1 { 1 } else { 0 }, 2),
            4 => (
                MEMORY as u32 - 4 * size.next_multiple_of(8),
                4 * size.next_multiple_of(8) / size + 1,
            ),
            5 => (MEMORY as u32, 0),
            6 => (0xffff_fff8, self.rng.below(3) as u32),
            // Tagged as UTF-16 for latin1+utf16, too long for any other.
            7 => (inside, 0x8000_0000 | self.rng.below(8) as u32),
            _ => (
                inside,
                *self.rng.pick(&[0x7fff_ffff, 0xffff_ffff, MEMORY as u32]),
            ),
        }
    }

    fn places(&mut self, ty: &Ty, at: usize, out: &mut Vec<(usize, Place)>) {
        match self.types.shape(ty) {
            Shape::Prim(Prim::Char) => out.push((at, Place::Char)),
            // Any alignment of code units that an encoding may want.
            Shape::Prim(Prim::String) => out.push((at, Place::List(2, 1))),
            Shape::List(t) => {
                out.push((at, Place::List(self.types.align(&t), self.types.size(&t))))
            }
            Shape::Prim(_) => out.push((at, Place::Small(self.types.size(ty).min(4)))),
            Shape::Flags(n) => out.push((at, Place::Small(flags_size(n)))),
            Shape::Fields(ts) => {
                let offsets = self.types.offsets(&ts).0;
                for (t, offset) in ts.iter().zip(offsets) {
                    self.places(t, at + offset, out);
                }
            }
            // A payload is not damaged: which case it belongs to is not known here.
            Shape::Cases(cases) => {
                let pointers = cases.iter().flatten().any(|t| self.types.has_pointer(t));
                out.push((
                    at,
                    Place::Disc(disc_size(cases.len()), cases.len(), pointers),
                ));
            }
        }
    }
}

#[derive(Clone)]
enum Place {
    Small(usize),
    /// Its size, the number of cases, whether a case has a pointer.
    Disc(usize, usize, bool),
    Char,
    /// Alignment and size of the elements.
    List(usize, usize),
}

fn store_op(size: usize) -> &'static str {
    match size {
        1 => "i32.store8",
        2 => "i32.store16",
        _ => "i32.store",
    }
}

fn load_op(size: usize) -> &'static str {
    match size {
        1 => "i32.load8_u",
        2 => "i32.load16_u",
        _ => "i32.load",
    }
}

/// A joined flat value as what the case has there.
fn convert(have: Core, want: Core, value: &str) -> String {
    match (have, want) {
        _ if have == want => value.into(),
        (Core::I32, Core::F32) => format!("(f32.reinterpret_i32 {value})"),
        (Core::I64, Core::I32) => format!("(i32.wrap_i64 {value})"),
        (Core::I64, Core::F32) => format!("(f32.reinterpret_i32 (i32.wrap_i64 {value}))"),
        (Core::I64, Core::F64) => format!("(f64.reinterpret_i64 {value})"),
        _ => unreachable!("join makes no {have:?} of a {want:?}"),
    }
}
