//! The body of one core function being written: locals, instructions, and operations on pointers of either size.
//!
//! Knows Wasm and the flat types of the ABI; neither components nor what a function is for.

use super::block::val_type;
use crate::types::abi::{FlatType, PtrSize};
use wasm_encoder::{Function, InstructionSink, ValType};

/// Instructions under way. Parameters are the first locals.
pub(super) struct Body {
    params: usize,
    locals: Vec<ValType>,
    /// Locals whose value is no longer needed.
    free: Vec<u32>,
    code: Vec<u8>,
}

impl Body {
    pub fn new(params: &[ValType]) -> Body {
        Body {
            params: params.len(),
            locals: params.to_vec(),
            free: Vec::new(),
            code: Vec::new(),
        }
    }

    pub fn ins(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(&mut self.code)
    }

    /// A local that nobody else uses until it is released. Its value is unspecified.
    pub fn local(&mut self, ty: ValType) -> u32 {
        if let Some(at) = self
            .free
            .iter()
            .rposition(|l| self.locals[*l as usize] == ty)
        {
            return self.free.swap_remove(at);
        }
        self.fresh(ty)
    }

    /// A local that was never used before: it is zero.
    pub fn fresh(&mut self, ty: ValType) -> u32 {
        self.locals.push(ty);
        self.locals.len() as u32 - 1
    }

    pub fn release(&mut self, local: u32) {
        self.free.push(local);
    }

    /// Pops the operand stack into a new local.
    pub fn pop(&mut self, ty: ValType) -> u32 {
        let local = self.local(ty);
        self.ins().local_set(local);
        local
    }

    pub fn finish(mut self) -> Function {
        self.ins().end();
        let mut f = Function::new_with_locals_types(self.locals.split_off(self.params));
        f.raw(self.code);
        f
    }

    pub fn ptr_const(&mut self, ptr: PtrSize, n: u32) {
        match ptr {
            PtrSize::P32 => self.ins().i32_const(n as i32),
            PtrSize::P64 => self.ins().i64_const(i64::from(n)),
        };
    }

    pub fn ptr_add(&mut self, ptr: PtrSize) {
        match ptr {
            PtrSize::P32 => self.ins().i32_add(),
            PtrSize::P64 => self.ins().i64_add(),
        };
    }

    pub fn ptr_sub(&mut self, ptr: PtrSize) {
        match ptr {
            PtrSize::P32 => self.ins().i32_sub(),
            PtrSize::P64 => self.ins().i64_sub(),
        };
    }

    /// An unsigned `i32` becomes a pointer.
    pub fn ptr_from_i32(&mut self, ptr: PtrSize) {
        if ptr == PtrSize::P64 {
            self.ins().i64_extend_i32_u();
        }
    }

    /// A pointer-sized number that is known to be small becomes an `i32`.
    pub fn ptr_to_i32(&mut self, ptr: PtrSize) {
        if ptr == PtrSize::P64 {
            self.ins().i32_wrap_i64();
        }
    }

    /// `local += n` for a pointer.
    pub fn bump(&mut self, local: u32, ptr: PtrSize, n: u32) {
        self.ins().local_get(local);
        self.ptr_const(ptr, n);
        self.ptr_add(ptr);
        self.ins().local_set(local);
    }

    /// `local += n` for an `i32`.
    pub fn add(&mut self, local: u32, n: i32) {
        self.ins()
            .local_get(local)
            .i32_const(n)
            .i32_add()
            .local_set(local);
    }

    /// Pushes `addr + offset`.
    pub fn address(&mut self, addr: u32, ptr: PtrSize, offset: u32) {
        self.ins().local_get(addr);
        if offset != 0 {
            self.ptr_const(ptr, offset);
            self.ptr_add(ptr);
        }
    }

    /// The operand stack's top, of a slot's type, as the type that a case of a variant has there (`CoerceValueIter`).
    pub fn coerce_lift(&mut self, have: FlatType, want: FlatType) {
        use FlatType::*;
        match (have, want) {
            (I32, F32) => self.ins().f32_reinterpret_i32(),
            (I64, I32) => self.ins().i32_wrap_i64(),
            (I64, F32) => self.ins().i32_wrap_i64().f32_reinterpret_i32(),
            (I64, F64) => self.ins().f64_reinterpret_i64(),
            _ => return,
        };
    }

    /// The operand stack's top, of a case's type, as the type of the slot it goes to (`lower_flat_variant`).
    pub fn coerce_lower(&mut self, have: FlatType, want: FlatType) {
        use FlatType::*;
        match (have, want) {
            (F32, I32) => self.ins().i32_reinterpret_f32(),
            (I32, I64) => self.ins().i64_extend_i32_u(),
            (F32, I64) => self.ins().i32_reinterpret_f32().i64_extend_i32_u(),
            (F64, I64) => self.ins().i64_reinterpret_f64(),
            _ => return,
        };
    }
}

/// The pointer type as a core value type.
pub(super) fn ptr_type(ptr: PtrSize) -> ValType {
    val_type(ptr.flat())
}
