//! Values of one core type: how each is loaded and stored, and what lifting and lowering does to it in between.

use super::module::{Fun, SideId};
use super::transfer::Loc;
use super::{AdapterImportKind, TrapCode};
use crate::types::abi::{discriminant_size, flags_size, FlatType};
use crate::types::{ResourceId, Type};
use wasm_encoder::ValType;

#[derive(Clone, Copy)]
pub(super) enum Scalar {
    Bool,
    /// Bytes in memory, whether the sign extends, and which bits exist.
    Int {
        bytes: u32,
        signed: bool,
        mask: u32,
    },
    Char,
    I64,
    F32,
    F64,
    Own(ResourceId),
    Borrow(ResourceId),
    /// A discriminant without payloads: its bytes and the number of cases.
    Enum {
        bytes: u32,
        cases: u32,
    },
}

impl Scalar {
    pub fn of(ty: &Type) -> Option<Scalar> {
        let int = |bytes, signed, mask| Scalar::Int {
            bytes,
            signed,
            mask,
        };
        Some(match ty {
            Type::Bool => Scalar::Bool,
            Type::S8 => int(1, true, 0xff),
            Type::U8 => int(1, false, 0xff),
            Type::S16 => int(2, true, 0xffff),
            Type::U16 => int(2, false, 0xffff),
            Type::S32 | Type::U32 => int(4, false, u32::MAX),
            Type::S64 | Type::U64 => Scalar::I64,
            Type::F32 => Scalar::F32,
            Type::F64 => Scalar::F64,
            Type::Char => Scalar::Char,
            Type::Flags(labels) => {
                let unused = 32u32.saturating_sub(labels.len() as u32);
                int(
                    flags_size(labels.len()),
                    false,
                    u32::MAX.checked_shr(unused).unwrap_or(0),
                )
            }
            Type::Enum(labels) => Scalar::Enum {
                bytes: discriminant_size(labels.len()),
                cases: labels.len() as u32,
            },
            Type::Own(r) => Scalar::Own(*r),
            Type::Borrow(r) => Scalar::Borrow(*r),
            _ => return None,
        })
    }

    pub fn flat(self) -> FlatType {
        match self {
            Scalar::I64 => FlatType::I64,
            Scalar::F32 => FlatType::F32,
            Scalar::F64 => FlatType::F64,
            _ => FlatType::I32,
        }
    }

    pub fn bytes(self) -> u32 {
        match self {
            Scalar::Bool => 1,
            Scalar::Int { bytes, .. } | Scalar::Enum { bytes, .. } => bytes,
            Scalar::I64 | Scalar::F64 => 8,
            _ => 4,
        }
    }
}

impl Fun<'_, '_> {
    /// Pushes one core value, lifted and lowered. Bits that the store to memory drops are not masked before it.
    pub fn push_scalar(
        &mut self,
        scalar: Scalar,
        src: SideId,
        from: Loc<'_>,
        dst: SideId,
        to_memory: bool,
    ) {
        let signed = matches!(scalar, Scalar::Int { signed: true, .. });
        self.push_core(scalar.flat(), scalar.bytes(), signed, src, from);
        let narrow = matches!(from, Loc::Flat(_)) && !to_memory;
        match scalar {
            Scalar::Bool => {
                self.b.ins().i32_const(0).i32_ne();
            }
            Scalar::Int {
                bytes,
                signed,
                mask,
            } => self.mask(bytes, signed, mask, narrow),
            Scalar::Char => self.check_char(),
            Scalar::Enum { cases, .. } => {
                let d = self.check_discriminant(cases);
                self.b.ins().local_get(d);
                self.b.release(d);
            }
            Scalar::Own(resource) => self.transfer(
                |from, to| AdapterImportKind::TransferOwn { resource, from, to },
                src,
                dst,
            ),
            Scalar::Borrow(resource) => {
                self.transfer(
                    |from, to| AdapterImportKind::TransferBorrow { resource, from, to },
                    src,
                    dst,
                );
            }
            Scalar::I64 | Scalar::F32 | Scalar::F64 => {}
        }
    }

    /// Pushes one core value as it is: from memory, or from a slot and its type.
    pub fn push_core(
        &mut self,
        flat: FlatType,
        bytes: u32,
        signed: bool,
        src: SideId,
        from: Loc<'_>,
    ) {
        match from {
            Loc::Mem(addr, offset) => self.load(flat, bytes, signed, src, (addr, offset)),
            Loc::Flat(slots) => {
                let (local, have) = slots[0];
                self.b.ins().local_get(local);
                self.b.coerce_lift(have, flat);
            }
        }
    }

    fn mask(&mut self, bytes: u32, signed: bool, mask: u32, narrow: bool) {
        let full = u32::MAX >> (32 - 8 * bytes);
        let mut ins = self.b.ins();
        match (narrow && mask != u32::MAX, signed, bytes) {
            (true, true, 1) => ins.i32_extend8_s(),
            (true, true, _) => ins.i32_extend16_s(),
            (true, false, _) => ins.i32_const(mask as i32).i32_and(),
            (false, ..) if mask != full => ins.i32_const(mask as i32).i32_and(),
            _ => return,
        };
    }

    /// `convert_i32_to_char`. The two forbidden ranges become one by moving the surrogates to the bottom and off it.
    fn check_char(&mut self) {
        let c = self.b.local(ValType::I32);
        let mut ins = self.b.ins();
        ins.local_tee(c).i32_const(0xd800).i32_xor();
        ins.i32_const(0x800)
            .i32_sub()
            .i32_const(0x10_f800)
            .i32_ge_u();
        self.trap_if(TrapCode::InvalidChar);
        self.b.ins().local_get(c);
        self.b.release(c);
    }

    /// Pops a discriminant into a new local; traps when there is no such case.
    pub fn check_discriminant(&mut self, cases: u32) -> u32 {
        let d = self.b.local(ValType::I32);
        self.b.ins().local_tee(d).i32_const(cases as i32).i32_ge_u();
        self.trap_if(TrapCode::InvalidDiscriminant);
        d
    }

    fn transfer(
        &mut self,
        what: impl FnOnce(crate::plan::InstanceId, crate::plan::InstanceId) -> AdapterImportKind,
        src: SideId,
        dst: SideId,
    ) {
        let what = what(self.m.instance(src), self.m.instance(dst));
        let f = self
            .m
            .import_func(what, (vec![ValType::I32], vec![ValType::I32]));
        self.b.ins().call(f);
    }

    /// Pushes a core value from memory.
    pub fn load(&mut self, flat: FlatType, bytes: u32, signed: bool, src: SideId, at: (u32, u32)) {
        let arg = self.m.mem_arg(src, at.1, bytes.trailing_zeros());
        let mut ins = self.b.ins();
        ins.local_get(at.0);
        match (flat, bytes, signed) {
            (FlatType::I32, 1, false) => ins.i32_load8_u(arg),
            (FlatType::I32, 1, true) => ins.i32_load8_s(arg),
            (FlatType::I32, 2, false) => ins.i32_load16_u(arg),
            (FlatType::I32, 2, true) => ins.i32_load16_s(arg),
            (FlatType::I32, ..) => ins.i32_load(arg),
            (FlatType::I64, ..) => ins.i64_load(arg),
            (FlatType::F32, ..) => ins.f32_load(arg),
            (FlatType::F64, ..) => ins.f64_load(arg),
        };
    }

    /// Pops a core value and below it an address, and stores.
    pub fn store_core(&mut self, flat: FlatType, bytes: u32, dst: SideId, offset: u32) {
        let arg = self.m.mem_arg(dst, offset, bytes.trailing_zeros());
        let mut ins = self.b.ins();
        match (flat, bytes) {
            (FlatType::I32, 1) => ins.i32_store8(arg),
            (FlatType::I32, 2) => ins.i32_store16(arg),
            (FlatType::I32, _) => ins.i32_store(arg),
            (FlatType::I64, _) => ins.i64_store(arg),
            (FlatType::F32, _) => ins.f32_store(arg),
            (FlatType::F64, _) => ins.f64_store(arg),
        };
    }
}
