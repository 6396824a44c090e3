//! One code point at a time: the parts of the encodings that are not ASCII, as functions shared by all strings of a memory.
//!
//! Knows UTF-8 and UTF-16 (Unicode 16, chapter 3.9), and nothing of strings as values.

use super::asm::ptr_type;
use super::module::{Builder, Fun, SideId, Sig};
use super::TrapCode;
use wasm_encoder::{BlockType, Function, MemArg, ValType};

const I32: ValType = ValType::I32;

/// See [`super::module::Helper::NextUtf8`]. Table 3-7 of the standard, as ranges of the code point instead of the second byte.
pub(super) fn next_utf8(m: &mut Builder<'_>, side: SideId) -> (Sig, Function) {
    let mut f = Fun::new(m, vec![ptr_type(m.ptr(side)), I32], vec![I32, I32]);
    let (lead, cp) = (f.b.local(I32), f.b.local(I32));
    let byte = |f: &mut Fun<'_, '_>, n: u32| f.m.mem_arg(side, n, 0);
    let arg = byte(&mut f, 0);
    f.b.ins().local_get(0).i32_load8_u(arg).local_set(lead);
    // 0x80..=0xc1 are continuations and forms longer than need be.
    f.b.ins().local_get(lead).i32_const(0xc2).i32_lt_u();
    f.trap_if(TrapCode::InvalidUtf8);
    for (count, limit, low) in [(2, 0xe0, 0x80), (3, 0xf0, 0x800), (4, 0xf5, 0x1_0000)] {
        f.b.ins()
            .local_get(lead)
            .i32_const(limit)
            .i32_lt_u()
            .if_(BlockType::Empty);
        f.b.ins().local_get(1).i32_const(count).i32_lt_u();
        f.trap_if(TrapCode::InvalidUtf8);
        let lead_bits = (1 << (7 - count)) - 1;
        f.b.ins()
            .local_get(lead)
            .i32_const(lead_bits)
            .i32_and()
            .local_set(cp);
        for n in 1..count as u32 {
            let arg = byte(&mut f, n);
            f.continuation(arg, cp, lead);
        }
        match count {
            3 => {
                f.b.ins()
                    .local_get(cp)
                    .i32_const(0xf800)
                    .i32_and()
                    .i32_const(0xd800)
                    .i32_eq()
            }
            _ => f.b.ins().local_get(cp).i32_const(0x11_0000).i32_ge_u(),
        };
        f.b.ins().local_get(cp).i32_const(low).i32_lt_u().i32_or();
        f.trap_if(TrapCode::InvalidUtf8);
        f.b.ins().local_get(cp).i32_const(count).return_().end();
    }
    f.trap(TrapCode::InvalidUtf8);
    f.finish()
}

impl Fun<'_, '_> {
    /// `cp = cp << 6 | (byte & 0x3f)`; traps unless the byte is a continuation. The local `byte` is used up.
    fn continuation(&mut self, arg: MemArg, cp: u32, byte: u32) {
        self.b.ins().local_get(0).i32_load8_u(arg).local_tee(byte);
        self.b
            .ins()
            .i32_const(0xc0)
            .i32_and()
            .i32_const(0x80)
            .i32_ne();
        self.trap_if(TrapCode::InvalidUtf8);
        let mut ins = self.b.ins();
        ins.local_get(cp).i32_const(6).i32_shl();
        ins.local_get(byte)
            .i32_const(0x3f)
            .i32_and()
            .i32_or()
            .local_set(cp);
    }
}

/// See [`super::module::Helper::NextUtf16`].
pub(super) fn next_utf16(m: &mut Builder<'_>, side: SideId) -> (Sig, Function) {
    let mut f = Fun::new(m, vec![ptr_type(m.ptr(side)), I32], vec![I32, I32]);
    let (high, low) = (f.b.local(I32), f.b.local(I32));
    let args = [0, 2].map(|n| f.m.mem_arg(side, n, 1));
    f.b.ins().local_get(1).i32_const(2).i32_lt_u();
    f.trap_if(TrapCode::InvalidUtf16);
    f.b.ins().local_get(0).i32_load16_u(args[0]).local_tee(high);
    f.b.ins().i32_const(0xdc00).i32_ge_u();
    f.b.ins().local_get(0).i32_load16_u(args[1]).local_tee(low);
    f.b.ins()
        .i32_const(0xfc00)
        .i32_and()
        .i32_const(0xdc00)
        .i32_ne()
        .i32_or();
    f.trap_if(TrapCode::InvalidUtf16);
    let mut ins = f.b.ins();
    ins.local_get(high)
        .i32_const(0x3ff)
        .i32_and()
        .i32_const(10)
        .i32_shl();
    ins.local_get(low).i32_const(0x3ff).i32_and().i32_or();
    ins.i32_const(0x1_0000).i32_add().i32_const(2);
    f.finish()
}

/// See [`super::module::Helper::PutUtf8`].
pub(super) fn put_utf8(m: &mut Builder<'_>, side: SideId) -> (Sig, Function) {
    let mut f = Fun::new(m, vec![ptr_type(m.ptr(side)), I32], vec![I32]);
    for (count, limit, mark) in [
        (2, Some(0x800), 0xc0),
        (3, Some(0x1_0000), 0xe0),
        (4, None, 0xf0),
    ] {
        if let Some(limit) = limit {
            f.b.ins()
                .local_get(1)
                .i32_const(limit)
                .i32_lt_u()
                .if_(BlockType::Empty);
        }
        for n in 0..count {
            let arg = f.m.mem_arg(side, n, 0);
            let shift = 6 * (count - 1 - n) as i32;
            let mut ins = f.b.ins();
            ins.local_get(0).local_get(1).i32_const(shift).i32_shr_u();
            match n {
                0 => ins.i32_const(mark).i32_or(),
                _ => ins.i32_const(0x3f).i32_and().i32_const(0x80).i32_or(),
            };
            ins.i32_store8(arg);
        }
        f.b.ins().i32_const(count as i32);
        if limit.is_some() {
            f.b.ins().return_().end();
        }
    }
    f.finish()
}
