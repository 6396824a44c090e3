//! Values of a type as JSON, leaning to the edges. Integers of 64 bits and floats (their bits) are decimal strings; record
//! and tuple are arrays; variant, enum and result go by the case's index, flags by the indices that are set.

use crate::rng::Rng;
use crate::types::{Def, Prim, Ty, Types};
use serde_json::{json, Value};

impl Types {
    pub fn value(&self, rng: &mut Rng, ty: &Ty) -> Value {
        match ty {
            Ty::Prim(p) => prim(rng, *p),
            Ty::List(t) => {
                let n = rng.below(5);
                Value::Array((0..n).map(|_| self.value(rng, t)).collect())
            }
            Ty::Fixed(t, n) => Value::Array((0..*n).map(|_| self.value(rng, t)).collect()),
            Ty::Map(k, v) => {
                let mut entries: Vec<Value> = Vec::new();
                for _ in 0..rng.below(4) {
                    let key = prim(rng, *k);
                    if entries.iter().all(|e| e[0] != key) {
                        entries.push(json!([key, self.value(rng, v)]));
                    }
                }
                Value::Array(entries)
            }
            Ty::Tuple(ts) => Value::Array(ts.iter().map(|t| self.value(rng, t)).collect()),
            Ty::Option(t) => match rng.one_in(3) {
                true => Value::Null,
                false => json!([self.value(rng, t)]),
            },
            Ty::Result(ok, err) => {
                let (i, side) = if rng.one_in(2) { (0, ok) } else { (1, err) };
                json!([i, side.as_ref().map_or(Value::Null, |t| self.value(rng, t))])
            }
            Ty::Named(i) => match &self.defs[*i] {
                Def::Record(fields) => {
                    Value::Array(fields.iter().map(|t| self.value(rng, t)).collect())
                }
                Def::Variant(cases) => {
                    let i = rng.below(cases.len());
                    json!([
                        i,
                        cases[i]
                            .as_ref()
                            .map_or(Value::Null, |t| self.value(rng, t))
                    ])
                }
                Def::Enum(n) => json!(rng.below(*n)),
                Def::Flags(n) => json!((0..*n).filter(|_| rng.one_in(2)).collect::<Vec<_>>()),
            },
        }
    }
}

fn prim(rng: &mut Rng, p: Prim) -> Value {
    let bits = match rng.below(4) {
        0 => 0,
        1 => u64::MAX,
        2 => 1 << rng.below(64),
        _ => rng.next(),
    };
    match p {
        Prim::Bool => json!(bits & 1 == 1),
        Prim::S8 => json!(bits as i8),
        Prim::U8 => json!(bits as u8),
        Prim::S16 => json!(bits as i16),
        Prim::U16 => json!(bits as u16),
        Prim::S32 => json!(bits as i32),
        Prim::U32 => json!(bits as u32),
        Prim::S64 => json!((bits as i64).to_string()),
        Prim::U64 => json!(bits.to_string()),
        Prim::F32 => json!(canonical32(bits as u32).to_string()),
        Prim::F64 => json!(canonical64(bits).to_string()),
        Prim::Char => json!(character(rng).to_string()),
        Prim::String => json!(string(rng)),
    }
}

fn canonical32(bits: u32) -> u32 {
    if f32::from_bits(bits).is_nan() {
        0x7fc0_0000
    } else {
        bits
    }
}

fn canonical64(bits: u64) -> u64 {
    if f64::from_bits(bits).is_nan() {
        0x7ff8_0000_0000_0000
    } else {
        bits
    }
}

fn character(rng: &mut Rng) -> char {
    let edges = [
        '\0',
        'a',
        '\u{7f}',
        '\u{80}',
        '\u{ff}',
        '\u{100}',
        '\u{7ff}',
        '\u{800}',
        '\u{d7ff}',
        '\u{e000}',
        '\u{feff}',
        '\u{fffd}',
        '\u{ffff}',
        '\u{10000}',
        '\u{10ffff}',
    ];
    *rng.pick(&edges)
}

fn string(rng: &mut Rng) -> String {
    let n = *rng.pick(&[0, 1, 2, 3, 7, 20, 70]);
    // One kind of character, or a mixture: latin1+utf16 changes its mind in the middle of a string.
    match rng.below(4) {
        0 => (0..n).map(|i| (b'a' + (i % 26) as u8) as char).collect(),
        1 => (0..n)
            .map(|_| (0x80 + rng.below(0x80)) as u8 as char)
            .collect(),
        2 => (0..n).map(|_| character(rng)).collect(),
        _ => (0..n)
            .map(|i| if i + 1 == n { '\u{3042}' } else { 'é' })
            .collect(),
    }
}
