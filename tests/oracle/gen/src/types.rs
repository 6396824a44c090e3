//! Interface types: made at random, and written as component text and as JSON for the two executors.

use crate::rng::Rng;
use serde_json::{json, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prim {
    Bool,
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    S64,
    U64,
    F32,
    F64,
    Char,
    String,
}

impl Prim {
    pub const ALL: [Prim; 13] = [
        Prim::Bool,
        Prim::S8,
        Prim::U8,
        Prim::S16,
        Prim::U16,
        Prim::S32,
        Prim::U32,
        Prim::S64,
        Prim::U64,
        Prim::F32,
        Prim::F64,
        Prim::Char,
        Prim::String,
    ];
    /// What a map's key may be.
    const KEYS: [Prim; 11] = [
        Prim::Bool,
        Prim::S8,
        Prim::U8,
        Prim::S16,
        Prim::U16,
        Prim::S32,
        Prim::U32,
        Prim::S64,
        Prim::U64,
        Prim::Char,
        Prim::String,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Prim::Bool => "bool",
            Prim::S8 => "s8",
            Prim::U8 => "u8",
            Prim::S16 => "s16",
            Prim::U16 => "u16",
            Prim::S32 => "s32",
            Prim::U32 => "u32",
            Prim::S64 => "s64",
            Prim::U64 => "u64",
            Prim::F32 => "f32",
            Prim::F64 => "f64",
            Prim::Char => "char",
            Prim::String => "string",
        }
    }
}

#[derive(Clone, Debug)]
pub enum Ty {
    Prim(Prim),
    List(Box<Ty>),
    /// A list of fixed length: in memory and flat a tuple, which it is to a runtime that lacks it.
    Fixed(Box<Ty>, usize),
    Map(Prim, Box<Ty>),
    Tuple(Vec<Ty>),
    Option(Box<Ty>),
    Result(Option<Box<Ty>>, Option<Box<Ty>>),
    /// One of the definitions that need a name.
    Named(usize),
}

#[derive(Clone, Debug)]
pub enum Def {
    Record(Vec<Ty>),
    Variant(Vec<Option<Ty>>),
    Enum(usize),
    Flags(usize),
}

/// The named types of one case. A definition refers to earlier ones only.
#[derive(Default)]
pub struct Types {
    pub defs: Vec<Def>,
    /// Text has tuples where lists of fixed length are.
    pub twin: bool,
}

impl Types {
    pub fn random(rng: &mut Rng) -> Types {
        let mut types = Types::default();
        for _ in 0..rng.below(4) {
            let def = types.random_def(rng);
            types.defs.push(def);
        }
        types
    }

    fn random_def(&self, rng: &mut Rng) -> Def {
        match rng.below(4) {
            0 => Def::Record(
                (0..1 + rng.below(5))
                    .map(|_| self.random_ty(rng, 2))
                    .collect(),
            ),
            1 => Def::Variant(
                (0..1 + rng.below(6))
                    .map(|_| (!rng.one_in(3)).then(|| self.random_ty(rng, 2)))
                    .collect(),
            ),
            2 => Def::Enum(if rng.one_in(8) { 257 } else { 1 + rng.below(5) }),
            _ => Def::Flags(*rng.pick(&[1, 7, 8, 9, 16, 17, 31, 32])),
        }
    }

    pub fn random_ty(&self, rng: &mut Rng, depth: usize) -> Ty {
        let nested = |rng: &mut Rng| Box::new(self.random_ty(rng, depth - 1));
        match rng.below(if depth == 0 { 10 } else { 20 }) {
            0..=6 => Ty::Prim(*rng.pick(&Prim::ALL)),
            7 => Ty::Prim(Prim::String),
            8 | 9 if !self.defs.is_empty() => Ty::Named(rng.below(self.defs.len())),
            10 | 11 => Ty::List(nested(rng)),
            12 => Ty::Fixed(nested(rng), 1 + rng.below(4)),
            13 => Ty::Map(*rng.pick(&Prim::KEYS), nested(rng)),
            14 | 15 => Ty::Tuple(
                (0..1 + rng.below(4))
                    .map(|_| self.random_ty(rng, depth - 1))
                    .collect(),
            ),
            16 | 17 => Ty::Option(nested(rng)),
            18 | 19 => {
                let ok = (!rng.one_in(3)).then(|| nested(rng));
                let err = (!rng.one_in(3)).then(|| nested(rng));
                Ty::Result(ok, err)
            }
            _ => Ty::Prim(*rng.pick(&Prim::ALL)),
        }
    }

    /// As component text, where named types are `$n0`, `$n1`, ….
    pub fn text(&self, ty: &Ty) -> String {
        match ty {
            Ty::Prim(p) => p.name().into(),
            Ty::List(t) => format!("(list {})", self.text(t)),
            Ty::Fixed(t, n) if self.twin => {
                format!("(tuple{})", format!(" {}", self.text(t)).repeat(*n))
            }
            Ty::Fixed(t, n) => format!("(list {} {n})", self.text(t)),
            Ty::Map(k, v) => format!("(map {} {})", k.name(), self.text(v)),
            Ty::Tuple(ts) => {
                format!(
                    "(tuple {})",
                    ts.iter()
                        .map(|t| self.text(t))
                        .collect::<Vec<_>>()
                        .join(" ")
                )
            }
            Ty::Option(t) => format!("(option {})", self.text(t)),
            Ty::Result(ok, err) => {
                let ok = ok
                    .as_ref()
                    .map_or(String::new(), |t| format!(" {}", self.text(t)));
                let err = err
                    .as_ref()
                    .map_or(String::new(), |t| format!(" (error {})", self.text(t)));
                format!("(result{ok}{err})")
            }
            Ty::Named(i) => format!("$n{i}"),
        }
    }

    pub fn def_text(&self, def: &Def) -> String {
        match def {
            Def::Record(fields) => {
                let fields: Vec<_> = (fields.iter().enumerate())
                    .map(|(i, t)| format!("(field \"{}\" {})", field(i), self.text(t)))
                    .collect();
                format!("(record {})", fields.join(" "))
            }
            Def::Variant(cases) => {
                let cases: Vec<_> = (cases.iter().enumerate())
                    .map(|(i, t)| match t {
                        Some(t) => format!("(case \"{}\" {})", case(i), self.text(t)),
                        None => format!("(case \"{}\")", case(i)),
                    })
                    .collect();
                format!("(variant {})", cases.join(" "))
            }
            Def::Enum(n) => format!("(enum {})", quoted(*n, case)),
            Def::Flags(n) => format!("(flags {})", quoted(*n, field)),
        }
    }

    /// For the executors, with every name resolved.
    pub fn json(&self, ty: &Ty) -> Value {
        match ty {
            Ty::Prim(p) => json!(p.name()),
            Ty::List(t) => json!({ "list": self.json(t) }),
            Ty::Fixed(t, n) => json!({ "fixed": [self.json(t), n] }),
            Ty::Map(k, v) => json!({ "map": [k.name(), self.json(v)] }),
            Ty::Tuple(ts) => {
                json!({ "tuple": ts.iter().map(|t| self.json(t)).collect::<Vec<_>>() })
            }
            Ty::Option(t) => json!({ "option": self.json(t) }),
            Ty::Result(ok, err) => {
                let side = |t: &Option<Box<Ty>>| t.as_ref().map_or(Value::Null, |t| self.json(t));
                json!({ "result": [side(ok), side(err)] })
            }
            Ty::Named(i) => match &self.defs[*i] {
                Def::Record(fields) => json!({ "record": fields.iter().enumerate()
                    .map(|(i, t)| json!([field(i), self.json(t)])).collect::<Vec<_>>() }),
                Def::Variant(cases) => json!({ "variant": cases.iter().enumerate()
                    .map(|(i, t)| json!([case(i), t.as_ref().map_or(Value::Null, |t| self.json(t))]))
                    .collect::<Vec<_>>() }),
                Def::Enum(n) => json!({ "enum": (0..*n).map(case).collect::<Vec<_>>() }),
                Def::Flags(n) => json!({ "flags": (0..*n).map(field).collect::<Vec<_>>() }),
            },
        }
    }
}

fn quoted(n: usize, name: fn(usize) -> String) -> String {
    (0..n)
        .map(|i| format!("\"{}\"", name(i)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Names that are easy to get wrong in JavaScript: keywords, `constructor`, capitals, digits.
fn field(i: usize) -> String {
    match i {
        0 => "a-b".into(),
        1 => "constructor".into(),
        2 => "class".into(),
        3 => "f2-x".into(),
        _ => format!("g{i}"),
    }
}

fn case(i: usize) -> String {
    match i {
        0 => "none".into(),
        1 => "to-string".into(),
        2 => "new".into(),
        _ => format!("c{i}"),
    }
}
