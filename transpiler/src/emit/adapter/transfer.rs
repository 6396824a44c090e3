//! Values from one side of a call to the other: `lift_flat`/`load` fused with `lower_flat`/`store`, type by type.
//!
//! A value comes from memory or from flat locals ([`Loc`]) and goes to memory ([`Fun::store`]) or onto the operand stack
//! ([`Fun::push`]). Variants are in `variant.rs`, single core values in `scalar.rs`, strings in `strings.rs`. Types above a size are functions of their own, once per module ([`Helper::Value`]), so that the code
//! is no longer than the type as written, however often a part of it is repeated.

use super::asm::ptr_type;
use super::call::Slot;
use super::module::{val_types, Builder, Fun, Helper, SideId, Sig, Value};
use super::scalar::Scalar;
use super::TrapCode;
use crate::types::abi::PtrSize;
use crate::types::{Type, TypeId, TypeTable};
use wasm_encoder::{BlockType, Function, ValType};

/// `MAX_LIST_BYTE_LENGTH`
pub(super) const MAX_BYTE_LENGTH: u32 = (1 << 28) - 1;

/// Values of a higher cost are passed by a function of their own.
const OUTLINE_COST: u32 = 48;
/// What a call of such a function costs its caller.
const CALL_COST: u32 = 4;
/// Plain bytes of at least this size are moved by `memory.copy`.
const BULK_SIZE: u32 = 24;

/// Where a value comes from.
#[derive(Clone, Copy)]
pub(super) enum Loc<'s> {
    /// The address in a local, plus an offset.
    Mem(u32, u32),
    /// Slots, of which the value takes as many as it has flat types.
    Flat(&'s [Slot]),
}

impl Loc<'_> {
    /// The same place, for a value of `n` flat types.
    pub fn of(self, n: usize) -> Self {
        match self {
            Loc::Flat(slots) => Loc::Flat(&slots[..n.min(slots.len())]),
            mem => mem,
        }
    }
}

/// Whether the value is passed as its own bits wherever it is flat: nothing is checked, masked or moved.
pub(super) fn is_identity(types: &TypeTable, ty: TypeId) -> bool {
    match types.get(ty) {
        Type::U32 | Type::S32 | Type::U64 | Type::S64 | Type::F32 | Type::F64 => true,
        Type::Flags(labels) => labels.len() == 32,
        Type::Record(_) | Type::Tuple(_) | Type::FixedList(..) => types
            .children(ty)
            .into_iter()
            .all(|t| is_identity(types, t)),
        _ => false,
    }
}

/// Whether every byte in memory is part of a number for which all bit patterns are good. NaNs may keep their bits: the spec
/// leaves them open (`maybe_scramble_nan32`). Padding is never copied, because it is nobody's business.
fn is_plain(types: &TypeTable, ty: TypeId) -> bool {
    match types.get(ty) {
        Type::U8 | Type::S8 | Type::U16 | Type::S16 | Type::U32 | Type::S32 => true,
        Type::U64 | Type::S64 | Type::F32 | Type::F64 => true,
        Type::Flags(labels) => matches!(labels.len(), 8 | 16 | 32),
        Type::FixedList(t, _) => is_plain(types, *t),
        Type::Record(_) | Type::Tuple(_) => are_plain(types, &types.children(ty)),
        _ => false,
    }
}

/// [`is_plain`] for a record of `parts`.
fn are_plain(types: &TypeTable, parts: &[TypeId]) -> bool {
    let (_, size, _) = types.record_layout(parts, PtrSize::P32);
    let sum: u32 = parts
        .iter()
        .map(|t| types.elem_size(*t, PtrSize::P32))
        .sum();
    sum == size && parts.iter().all(|t| is_plain(types, *t))
}

/// What an element of a list or map is made of: itself, or key and value.
fn element_parts(types: &TypeTable, list: TypeId) -> Vec<TypeId> {
    match types.get(list) {
        Type::Map(k, v) => vec![*k, *v],
        _ => types.children(list),
    }
}

impl Builder<'_> {
    /// How much code the passage of a value takes, roughly in instructions' worth of a scalar.
    fn cost(&mut self, ty: TypeId) -> u32 {
        match self.costs.get(ty.index()) {
            None => self.costs.resize(ty.index() + 1, 0),
            Some(0) => {}
            Some(cost) => return *cost,
        }
        let types = self.types();
        let own = |m: &mut Self, t: TypeId| m.cost_inline(t);
        let cost = match types.get(ty) {
            Type::String | Type::List(_) | Type::Map(..) => 3,
            Type::FixedList(t, n) => own(self, *t).saturating_mul((*n).min(16)),
            _ => types
                .children(ty)
                .into_iter()
                .fold(2u32, |sum, t| sum.saturating_add(own(self, t))),
        };
        self.costs[ty.index()] = cost;
        cost
    }

    fn cost_inline(&mut self, ty: TypeId) -> u32 {
        match self.cost(ty) {
            cost if cost > OUTLINE_COST => CALL_COST,
            cost => cost,
        }
    }
}

/// The function of a large type.
pub(super) fn value(m: &mut Builder<'_>, v: Value) -> (Sig, Function) {
    let flats = |m: &Builder<'_>, side, flat| match flat {
        true => m.flat(v.ty, side).to_vec(),
        false => vec![m.ptr(side).flat()],
    };
    let (src, dst) = (flats(m, v.src, v.src_flat), flats(m, v.dst, v.dst_flat));
    let slots: Vec<Slot> = (0u32..).zip(src.iter().copied()).collect();
    let from = if v.src_flat {
        Loc::Flat(&slots)
    } else {
        Loc::Mem(0, 0)
    };
    let mut params = val_types(&src);
    if v.dst_flat {
        let mut f = Fun::new(m, params, val_types(&dst));
        f.push_inline(v.ty, v.src, from, v.dst);
        return f.finish();
    }
    let addr = params.len() as u32;
    params.extend(val_types(&dst));
    let mut f = Fun::new(m, params, vec![]);
    f.store_inline(v.ty, v.src, from, v.dst, (addr, 0));
    f.finish()
}

/// `load_list_from_range` into `store_list_into_range`, for a list or map type.
pub(super) fn list(m: &mut Builder<'_>, list: TypeId, src: SideId, dst: SideId) -> (Sig, Function) {
    let (sp, dp, types) = (m.ptr(src), m.ptr(dst), m.types());
    let parts = element_parts(types, list);
    let layout = |ptr| types.record_layout(&parts, ptr);
    let ((_, from_size, from_align), (_, to_size, to_align)) = (layout(sp), layout(dp));
    let mut f = Fun::new(m, vec![ptr_type(sp); 2], vec![ptr_type(dp); 2]);
    let (ptr, length) = (0, 1);
    let count = f.lift_length(length, sp, from_size, TrapCode::ListTooLong);
    f.check_aligned(ptr, sp, from_align);
    f.b.ins().local_get(ptr).local_get(count);
    f.b.ins().i32_const(from_size as i32).i32_mul();
    f.check_range(src, TrapCode::ListOutOfBounds);
    f.allocate(dst, to_align, |b| {
        b.ins().local_get(count).i32_const(to_size as i32).i32_mul();
    });
    let out = f.b.pop(ptr_type(dp));
    if are_plain(types, &parts) {
        let (to, from) = (f.m.memory(dst), f.m.memory(src));
        f.b.ins().local_get(out).local_get(ptr).local_get(count);
        f.b.ins().i32_const(from_size as i32).i32_mul();
        f.copy_length(sp, dp);
        f.b.ins().memory_copy(to, from);
    } else {
        let (at, left) = (f.b.local(ptr_type(dp)), f.b.local(ValType::I32));
        f.b.ins().local_get(out).local_set(at);
        f.b.ins().local_get(count).local_tee(left);
        f.elements(&parts, (src, ptr), (dst, at), left);
    }
    f.b.ins().local_get(out).local_get(count);
    f.b.ptr_from_i32(dp);
    f.finish()
}

impl Fun<'_, '_> {
    /// The number of units in `length` as an `i32` local; traps when they have more than `MAX_BYTE_LENGTH` bytes.
    pub fn lift_length(&mut self, length: u32, ptr: PtrSize, unit: u32, code: TrapCode) -> u32 {
        self.b.ins().local_get(length);
        self.b.ptr_const(ptr, MAX_BYTE_LENGTH / unit);
        match ptr {
            PtrSize::P32 => self.b.ins().i32_gt_u(),
            PtrSize::P64 => self.b.ins().i64_gt_u(),
        };
        self.trap_if(code);
        self.b.ins().local_get(length);
        self.b.ptr_to_i32(ptr);
        self.b.pop(ValType::I32)
    }

    /// The length on the stack as `memory.copy` between these memories takes it.
    pub fn copy_length(&mut self, a: PtrSize, b: PtrSize) {
        self.b.ptr_from_i32(a.min(b));
    }

    /// Pops a count and passes that many elements; the locals of both addresses and of the count are used up.
    fn elements(&mut self, parts: &[TypeId], src: (SideId, u32), dst: (SideId, u32), left: u32) {
        let (sp, dp) = (self.m.ptr(src.0), self.m.ptr(dst.0));
        let layout = |ptr| self.m.types().record_layout(parts, ptr);
        let ((from, from_size, _), (to, to_size, _)) = (layout(sp), layout(dp));
        self.b.ins().if_(BlockType::Empty).loop_(BlockType::Empty);
        for (t, (from, to)) in parts.iter().zip(from.into_iter().zip(to)) {
            self.store(*t, src.0, Loc::Mem(src.1, from), dst.0, (dst.1, to));
        }
        self.b.bump(src.1, sp, from_size);
        self.b.bump(dst.1, dp, to_size);
        let mut ins = self.b.ins();
        ins.local_get(left).i32_const(1).i32_sub().local_tee(left);
        ins.br_if(0).end().end();
    }

    /// Pushes the value, flat, as `dst` has it.
    pub fn push(&mut self, ty: TypeId, src: SideId, from: Loc<'_>, dst: SideId) {
        if self.m.cost(ty) <= OUTLINE_COST {
            return self.push_inline(ty, src, from, dst);
        }
        let src_flat = self.push_args(ty, src, from);
        self.call_helper(Helper::Value(Value {
            ty,
            src,
            dst,
            src_flat,
            dst_flat: true,
        }));
    }

    /// Stores the value in `dst`'s memory at the address in a local plus an offset.
    pub fn store(&mut self, ty: TypeId, src: SideId, from: Loc<'_>, dst: SideId, to: (u32, u32)) {
        if self.m.cost(ty) <= OUTLINE_COST {
            return self.store_inline(ty, src, from, dst, to);
        }
        let src_flat = self.push_args(ty, src, from);
        let ptr = self.m.ptr(dst);
        self.b.address(to.0, ptr, to.1);
        self.call_helper(Helper::Value(Value {
            ty,
            src,
            dst,
            src_flat,
            dst_flat: false,
        }));
    }

    /// Pushes the source of a value as arguments for its function; says whether it is flat.
    fn push_args(&mut self, ty: TypeId, src: SideId, from: Loc<'_>) -> bool {
        match from {
            Loc::Mem(addr, offset) => {
                let ptr = self.m.ptr(src);
                self.b.address(addr, ptr, offset);
                false
            }
            Loc::Flat(slots) => {
                for ((local, have), want) in slots.iter().zip(self.m.flat(ty, src)) {
                    self.b.ins().local_get(*local);
                    self.b.coerce_lift(*have, *want);
                }
                true
            }
        }
    }

    fn push_inline(&mut self, ty: TypeId, src: SideId, from: Loc<'_>, dst: SideId) {
        let types = self.m.types();
        let def = types.get(ty);
        if let Some(scalar) = Scalar::of(def) {
            return self.push_scalar(scalar, src, from, dst, false);
        }
        if let Some(cases) = super::variant::cases(def) {
            return self.push_variant(ty, &cases, src, from, dst);
        }
        match def {
            Type::String | Type::List(_) | Type::Map(..) => self.push_pair(ty, src, from, dst),
            _ => {
                for (t, part) in self.parts(ty, src, from) {
                    self.push(t, src, part, dst);
                }
            }
        }
    }

    fn store_inline(
        &mut self,
        ty: TypeId,
        src: SideId,
        from: Loc<'_>,
        dst: SideId,
        to: (u32, u32),
    ) {
        let types = self.m.types();
        let def = types.get(ty);
        if let Some(scalar) = Scalar::of(def) {
            self.b.ins().local_get(to.0);
            self.push_scalar(scalar, src, from, dst, true);
            return self.store_core(scalar.flat(), scalar.bytes(), dst, to.1);
        }
        if let Some(cases) = super::variant::cases(def) {
            return self.store_variant(&cases, src, from, dst, to);
        }
        match def {
            Type::String | Type::List(_) | Type::Map(..) => {
                let ptr = self.m.ptr(dst);
                self.push_pair(ty, src, from, dst);
                let (len, begin) = (self.b.pop(ptr_type(ptr)), self.b.pop(ptr_type(ptr)));
                for (local, offset) in [(begin, to.1), (len, to.1 + ptr.bytes())] {
                    self.b.ins().local_get(to.0).local_get(local);
                    self.store_core(ptr.flat(), ptr.bytes(), dst, offset);
                    self.b.release(local);
                }
            }
            _ => self.store_parts(ty, src, from, dst, to),
        }
    }

    fn store_parts(&mut self, ty: TypeId, src: SideId, from: Loc<'_>, dst: SideId, to: (u32, u32)) {
        let types = self.m.types();
        let size = types.elem_size(ty, self.m.ptr(dst));
        if let (Loc::Mem(addr, offset), true) = (from, size >= BULK_SIZE && is_plain(types, ty)) {
            return self.copy_bytes(size, (src, addr, offset), (dst, to.0, to.1));
        }
        if let (Loc::Mem(addr, offset), Type::FixedList(elem, n)) = (from, types.get(ty)) {
            if *n > 4 {
                return self.store_fixed(*elem, *n, (src, addr, offset), (dst, to.0, to.1));
            }
        }
        let (offsets, _, _) = types.record_layout(&self.part_types(ty), self.m.ptr(dst));
        for ((t, part), offset) in self.parts(ty, src, from).into_iter().zip(offsets) {
            self.store(t, src, part, dst, (to.0, to.1 + offset));
        }
    }

    fn copy_bytes(&mut self, size: u32, src: (SideId, u32, u32), dst: (SideId, u32, u32)) {
        let (sp, dp) = (self.m.ptr(src.0), self.m.ptr(dst.0));
        let (to, from) = (self.m.memory(dst.0), self.m.memory(src.0));
        self.b.address(dst.1, dp, dst.2);
        self.b.address(src.1, sp, src.2);
        self.b.ins().i32_const(size as i32);
        self.copy_length(sp, dp);
        self.b.ins().memory_copy(to, from);
    }

    /// A fixed-length list between memories, as a loop.
    fn store_fixed(
        &mut self,
        elem: TypeId,
        n: u32,
        src: (SideId, u32, u32),
        dst: (SideId, u32, u32),
    ) {
        let (sp, dp) = (self.m.ptr(src.0), self.m.ptr(dst.0));
        self.b.address(src.1, sp, src.2);
        let from = self.b.pop(ptr_type(sp));
        self.b.address(dst.1, dp, dst.2);
        let to = self.b.pop(ptr_type(dp));
        let left = self.b.local(ValType::I32);
        self.b.ins().i32_const(n as i32).local_tee(left);
        self.elements(&[elem], (src.0, from), (dst.0, to), left);
        for local in [from, to, left] {
            self.b.release(local);
        }
    }

    /// The types of the parts of a record, tuple or fixed-length list.
    fn part_types(&self, ty: TypeId) -> Vec<TypeId> {
        let types = self.m.types();
        match types.get(ty) {
            Type::FixedList(t, n) => vec![*t; *n as usize],
            _ => types.children(ty),
        }
    }

    /// The parts of a record, tuple or fixed-length list, and where each is.
    fn parts<'s>(&self, ty: TypeId, src: SideId, from: Loc<'s>) -> Vec<(TypeId, Loc<'s>)> {
        let types = self.part_types(ty);
        let mut parts = Vec::new();
        match from {
            Loc::Mem(addr, offset) => {
                let (offsets, _, _) = self.m.types().record_layout(&types, self.m.ptr(src));
                for (t, at) in types.into_iter().zip(offsets) {
                    parts.push((t, Loc::Mem(addr, offset + at)));
                }
            }
            Loc::Flat(mut slots) => {
                for t in types {
                    let (head, tail) = slots.split_at(self.m.flat(t, src).len());
                    slots = tail;
                    parts.push((t, Loc::Flat(head)));
                }
            }
        }
        parts
    }

    /// Pushes pointer and length of a string, list or map, lowered for `dst`.
    fn push_pair(&mut self, ty: TypeId, src: SideId, from: Loc<'_>, dst: SideId) {
        let ptr = self.m.ptr(src);
        match from {
            Loc::Mem(addr, offset) => {
                for offset in [offset, offset + ptr.bytes()] {
                    self.load(ptr.flat(), ptr.bytes(), false, src, (addr, offset));
                }
            }
            Loc::Flat(slots) => {
                for (local, have) in slots {
                    self.b.ins().local_get(*local);
                    self.b.coerce_lift(*have, ptr.flat());
                }
            }
        }
        let helper = match self.m.types().get(ty) {
            Type::String => Helper::String(src, dst),
            _ => Helper::List(ty, src, dst),
        };
        self.call_helper(helper);
    }
}
