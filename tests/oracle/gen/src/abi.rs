//! The canonical ABI's layout, written from the specification and apart from the transpiler's, which it is to check:
//! alignment, element size, flattening (CanonicalABI.md#alignment, #element-size, #flattening).

use crate::types::{Def, Prim, Ty, Types};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Core {
    I32,
    I64,
    F32,
    F64,
}

impl Core {
    pub fn name(self) -> &'static str {
        match self {
            Core::I32 => "i32",
            Core::I64 => "i64",
            Core::F32 => "f32",
            Core::F64 => "f64",
        }
    }
}

pub const MAX_FLAT_PARAMS: usize = 16;
pub const MAX_FLAT_RESULTS: usize = 1;

/// A type taken apart to what the ABI tells apart.
pub enum Shape {
    Prim(Prim),
    /// Pointer and length, of elements of the type.
    List(Ty),
    Fields(Vec<Ty>),
    Cases(Vec<Option<Ty>>),
    Flags(usize),
}

impl Types {
    pub fn shape(&self, ty: &Ty) -> Shape {
        match ty {
            Ty::Prim(p) => Shape::Prim(*p),
            Ty::List(t) => Shape::List((**t).clone()),
            Ty::Fixed(t, n) => Shape::Fields(vec![(**t).clone(); *n]),
            Ty::Map(k, v) => Shape::List(Ty::Tuple(vec![Ty::Prim(*k), (**v).clone()])),
            Ty::Tuple(ts) => Shape::Fields(ts.clone()),
            Ty::Option(t) => Shape::Cases(vec![None, Some((**t).clone())]),
            Ty::Result(ok, err) => {
                Shape::Cases([ok, err].map(|t| t.as_ref().map(|t| (**t).clone())).into())
            }
            Ty::Named(i) => match &self.defs[*i] {
                Def::Record(fields) => Shape::Fields(fields.clone()),
                Def::Variant(cases) => Shape::Cases(cases.clone()),
                Def::Enum(n) => Shape::Cases(vec![None; *n]),
                Def::Flags(n) => Shape::Flags(*n),
            },
        }
    }

    pub fn align(&self, ty: &Ty) -> usize {
        match self.shape(ty) {
            Shape::Prim(p) => prim_size(p).min(if p == Prim::String { 4 } else { 8 }),
            Shape::List(_) => 4,
            Shape::Fields(ts) => ts.iter().map(|t| self.align(t)).max().unwrap_or(1),
            Shape::Cases(cases) => self.payload_align(&cases).max(disc_size(cases.len())),
            Shape::Flags(n) => flags_size(n),
        }
    }

    pub fn size(&self, ty: &Ty) -> usize {
        match self.shape(ty) {
            Shape::Prim(p) => prim_size(p),
            Shape::List(_) => 8,
            Shape::Fields(ts) => align_to(self.offsets(&ts).1, self.align(ty)),
            Shape::Cases(cases) => {
                let payload = cases
                    .iter()
                    .flatten()
                    .map(|t| self.size(t))
                    .max()
                    .unwrap_or(0);
                align_to(self.payload_offset(&cases) + payload, self.align(ty))
            }
            Shape::Flags(n) => flags_size(n),
        }
    }

    /// Where each field lies, and where the last one ends.
    pub fn offsets(&self, fields: &[Ty]) -> (Vec<usize>, usize) {
        let mut at = 0;
        let mut offsets = Vec::new();
        for t in fields {
            at = align_to(at, self.align(t));
            offsets.push(at);
            at += self.size(t);
        }
        (offsets, at)
    }

    fn payload_align(&self, cases: &[Option<Ty>]) -> usize {
        cases
            .iter()
            .flatten()
            .map(|t| self.align(t))
            .max()
            .unwrap_or(1)
    }

    pub fn payload_offset(&self, cases: &[Option<Ty>]) -> usize {
        align_to(disc_size(cases.len()), self.payload_align(cases))
    }

    pub fn has_pointer(&self, ty: &Ty) -> bool {
        match self.shape(ty) {
            Shape::Prim(p) => p == Prim::String,
            Shape::List(_) => true,
            Shape::Fields(ts) => ts.iter().any(|t| self.has_pointer(t)),
            Shape::Cases(cases) => cases.iter().flatten().any(|t| self.has_pointer(t)),
            Shape::Flags(_) => false,
        }
    }

    pub fn flat(&self, ty: &Ty) -> Vec<Core> {
        match self.shape(ty) {
            Shape::Prim(Prim::S64 | Prim::U64) => vec![Core::I64],
            Shape::Prim(Prim::F32) => vec![Core::F32],
            Shape::Prim(Prim::F64) => vec![Core::F64],
            Shape::Prim(Prim::String) | Shape::List(_) => vec![Core::I32, Core::I32],
            Shape::Prim(_) | Shape::Flags(_) => vec![Core::I32],
            Shape::Fields(ts) => ts.iter().flat_map(|t| self.flat(t)).collect(),
            Shape::Cases(cases) => {
                let mut joined = vec![Core::I32];
                for t in cases.iter().flatten() {
                    for (i, core) in self.flat(t).into_iter().enumerate() {
                        match joined.get_mut(i + 1) {
                            Some(slot) => *slot = join(*slot, core),
                            None => joined.push(core),
                        }
                    }
                }
                joined
            }
        }
    }
}

fn join(a: Core, b: Core) -> Core {
    match (a, b) {
        _ if a == b => a,
        (Core::I32, Core::F32) | (Core::F32, Core::I32) => Core::I32,
        _ => Core::I64,
    }
}

fn prim_size(p: Prim) -> usize {
    match p {
        Prim::Bool | Prim::S8 | Prim::U8 => 1,
        Prim::S16 | Prim::U16 => 2,
        Prim::S32 | Prim::U32 | Prim::F32 | Prim::Char => 4,
        Prim::S64 | Prim::U64 | Prim::F64 | Prim::String => 8,
    }
}

pub fn flags_size(n: usize) -> usize {
    match n {
        0..=8 => 1,
        9..=16 => 2,
        _ => 4,
    }
}

pub fn disc_size(n: usize) -> usize {
    match n {
        0..=256 => 1,
        257..=65536 => 2,
        _ => 4,
    }
}

pub fn align_to(at: usize, align: usize) -> usize {
    at.div_ceil(align) * align
}
