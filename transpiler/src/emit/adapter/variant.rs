//! Variants, options and results: a discriminant, then what the case carries (`load_variant`, `lift_flat_variant`, …).

use super::call::Slot;
use super::module::{Fun, SideId};
use super::transfer::Loc;
use crate::types::abi::{discriminant_size, FlatType};
use crate::types::{Type, TypeId};
use wasm_encoder::BlockType;

/// The payload of each case, for a type that has cases with payloads.
pub(super) fn cases(ty: &Type) -> Option<Vec<Option<TypeId>>> {
    match ty {
        Type::Variant(cases) => Some(cases.iter().map(|(_, t)| *t).collect()),
        Type::Option(t) => Some(vec![None, Some(*t)]),
        Type::Result { ok, err } => Some(vec![*ok, *err]),
        _ => None,
    }
}

/// The distinct payload types, in order of first use, and for each case which of them it has.
struct Arms {
    types: Vec<TypeId>,
    of_case: Vec<Option<usize>>,
}

impl Arms {
    fn new(cases: &[Option<TypeId>]) -> Arms {
        let mut arms = Arms {
            types: Vec::new(),
            of_case: Vec::new(),
        };
        for case in cases {
            let arm = case.map(|t| {
                let known = arms.types.iter().position(|u| *u == t);
                known.unwrap_or_else(|| {
                    arms.types.push(t);
                    arms.types.len() - 1
                })
            });
            arms.of_case.push(arm);
        }
        arms
    }
}

impl Fun<'_, '_> {
    pub fn push_variant(
        &mut self,
        ty: TypeId,
        cases: &[Option<TypeId>],
        src: SideId,
        from: Loc<'_>,
        dst: SideId,
    ) {
        let d = self.discriminant(cases.len(), src, from);
        let payload_from = self.payload_loc(cases, src, from);
        // Fresh locals are zero, which is what slots that the case does not fill have to be.
        let mut slots: Vec<Slot> = Vec::new();
        for t in &self.m.flat(ty, dst)[1..] {
            slots.push((self.b.fresh(super::block::val_type(*t)), *t));
        }
        self.switch(d, cases, &mut |f, t| {
            let from = payload_from.of(f.m.flat_len(t, src));
            f.push(t, src, from, dst);
            for ((local, want), have) in slots.iter().zip(f.m.flat(t, dst)).rev() {
                f.b.coerce_lower(*have, *want);
                f.b.ins().local_set(*local);
            }
        });
        self.b.ins().local_get(d);
        for (local, _) in &slots {
            self.b.ins().local_get(*local);
        }
        self.b.release(d);
    }

    pub fn store_variant(
        &mut self,
        cases: &[Option<TypeId>],
        src: SideId,
        from: Loc<'_>,
        dst: SideId,
        to: (u32, u32),
    ) {
        let d = self.discriminant(cases.len(), src, from);
        self.b.ins().local_get(to.0).local_get(d);
        self.store_core(FlatType::I32, discriminant_size(cases.len()), dst, to.1);
        let payload_from = self.payload_loc(cases, src, from);
        let offset = to.1 + self.payload_offset(cases, dst);
        self.switch(d, cases, &mut |f, t| {
            let from = payload_from.of(f.m.flat_len(t, src));
            f.store(t, src, from, dst, (to.0, offset));
        });
        self.b.release(d);
    }

    /// Reads and checks the discriminant, into a new local.
    fn discriminant(&mut self, cases: usize, src: SideId, from: Loc<'_>) -> u32 {
        self.push_core(FlatType::I32, discriminant_size(cases), false, src, from);
        self.check_discriminant(cases as u32)
    }

    fn payload_offset(&self, cases: &[Option<TypeId>], side: SideId) -> u32 {
        let payloads: Vec<TypeId> = cases.iter().copied().flatten().collect();
        let types = self.m.types();
        types.payload_offset(cases.len(), &payloads, self.m.ptr(side))
    }

    /// Where payloads begin.
    fn payload_loc<'s>(&self, cases: &[Option<TypeId>], src: SideId, from: Loc<'s>) -> Loc<'s> {
        match from {
            Loc::Mem(addr, offset) => Loc::Mem(addr, offset + self.payload_offset(cases, src)),
            Loc::Flat(slots) => Loc::Flat(&slots[1..]),
        }
    }

    /// Runs the code that `arm` writes for the payload type of the case in the local `d`; each type's code stands once.
    fn switch(&mut self, d: u32, cases: &[Option<TypeId>], arm: &mut dyn FnMut(&mut Self, TypeId)) {
        let arms = Arms::new(cases);
        match (arms.types.as_slice(), arms.of_case.as_slice()) {
            ([], _) => {}
            ([only], of_case) if of_case.iter().all(Option::is_some) => arm(self, *only),
            (_, [first, second]) => {
                let arm_of = |case: &Option<usize>| case.map(|at| arms.types[at]);
                self.b.ins().local_get(d);
                if let (Some(first), second) = (arm_of(first), arm_of(second)) {
                    self.b.ins().i32_eqz().if_(BlockType::Empty);
                    arm(self, first);
                    if let Some(second) = second {
                        self.b.ins().else_();
                        arm(self, second);
                    }
                } else if let Some(second) = arm_of(second) {
                    self.b.ins().if_(BlockType::Empty);
                    arm(self, second);
                }
                self.b.ins().end();
            }
            _ => self.jump_table(d, &arms, arm),
        }
    }

    /// One block around another for each arm; the innermost jumps to the end of the right one.
    fn jump_table(&mut self, d: u32, arms: &Arms, arm: &mut dyn FnMut(&mut Self, TypeId)) {
        let count = arms.types.len() as u32;
        for _ in 0..=count {
            self.b.ins().block(BlockType::Empty);
        }
        let targets: Vec<u32> = arms
            .of_case
            .iter()
            .map(|a| a.map_or(count, |a| a as u32))
            .collect();
        self.b.ins().local_get(d).br_table(targets, count).end();
        for (at, ty) in (1..).zip(&arms.types) {
            arm(self, *ty);
            if at < count {
                self.b.ins().br(count - at);
            }
            self.b.ins().end();
        }
    }
}
