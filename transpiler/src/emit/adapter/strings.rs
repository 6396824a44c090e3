//! Strings: `load_string_from_range` fused with `store_string_into_range`, for every pair of encodings.
//!
//! Functions bear the names of `CanonicalABI.md` (`store_utf16_to_utf8`, …) and call realloc as it says, in the same
//! order with the same sizes. A string is validated where it is copied and decoded where it changes its encoding, so its
//! content may be found wrong after the first realloc; the call traps either way.

use super::asm::ptr_type;
use super::cursor::Cursor;
use super::module::{Builder, Fun, Helper, SideId, Sig};
use super::transfer::MAX_BYTE_LENGTH;
use super::TrapCode;
use crate::plan::StringEncoding;
use crate::types::abi::PtrSize;
use wasm_encoder::{BlockType, Function, MemArg, ValType};

pub(super) const I32: ValType = ValType::I32;
pub(super) const EMPTY: BlockType = BlockType::Empty;

/// What the source bytes are, once the tag of `latin1+utf16` is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Utf8,
    Utf16,
    Latin1,
}

impl Source {
    /// Bytes of a code unit.
    pub fn unit(self) -> u32 {
        match self {
            Source::Utf16 => 2,
            _ => 1,
        }
    }
}

/// See [`Helper::String`].
pub(super) fn string(m: &mut Builder<'_>, src: SideId, dst: SideId) -> (Sig, Function) {
    let (sp, dp) = (m.ptr(src), m.ptr(dst));
    let encodings = (m.side(src).encoding, m.side(dst).encoding);
    let mut f = Fun::new(m, vec![ptr_type(sp); 2], vec![ptr_type(dp); 2]);
    let begin = f.b.local(ptr_type(dp));
    let count = f.b.local(I32);
    let mut t = Transcoder {
        f,
        src,
        dst,
        sp,
        dp,
        count,
        begin,
    };
    match encodings.0 {
        StringEncoding::Utf8 => t.string(Source::Utf8, encodings.1),
        StringEncoding::Utf16 => t.string(Source::Utf16, encodings.1),
        StringEncoding::CompactUtf16 => {
            t.f.b.ins().local_get(LENGTH);
            t.push_tag(sp);
            t.ptr_and(sp);
            t.ptr_is_not_zero(sp);
            t.f.b.ins().if_(EMPTY).local_get(LENGTH);
            t.push_tag(sp);
            t.ptr_xor(sp);
            t.f.b.ins().local_set(LENGTH);
            match encodings.1 {
                StringEncoding::CompactUtf16 => t.probably_utf16(),
                other => t.string(Source::Utf16, other),
            }
            t.f.b.ins().return_().end();
            t.string(Source::Latin1, encodings.1);
        }
    }
    t.f.finish()
}

/// Parameters of a string's function.
pub(super) const PTR: u32 = 0;
const LENGTH: u32 = 1;

pub(super) struct Transcoder<'m, 'a> {
    pub f: Fun<'m, 'a>,
    pub src: SideId,
    pub dst: SideId,
    pub sp: PtrSize,
    pub dp: PtrSize,
    /// Code units of the source.
    pub count: u32,
    /// Address of the destination's allocation.
    pub begin: u32,
}

impl Transcoder<'_, '_> {
    /// `load_string_from_range`, then `store_string_into_range`; leaves pointer and tagged code units.
    fn string(&mut self, source: Source, to: StringEncoding) {
        self.check(source);
        match (source, to) {
            (Source::Utf8, StringEncoding::Utf8) => self.store_string_copy(source, 1),
            (Source::Utf16, StringEncoding::Utf16) => self.store_string_copy(source, 2),
            (Source::Latin1, StringEncoding::CompactUtf16) => self.store_string_copy(source, 2),
            (Source::Utf16, StringEncoding::Utf8) => self.store_string_to_utf8(source, 3),
            (Source::Latin1, StringEncoding::Utf8) => self.store_string_to_utf8(source, 2),
            (_, StringEncoding::Utf16) => self.store_to_utf16(source),
            (_, StringEncoding::CompactUtf16) => self.store_string_to_latin1_or_utf16(source),
        }
    }

    /// Length, alignment and bounds; sets `count`.
    fn check(&mut self, source: Source) {
        let count = self
            .f
            .lift_length(LENGTH, self.sp, source.unit(), TrapCode::StringTooLong);
        self.f.b.ins().local_get(count).local_set(self.count);
        if self.f.m.side(self.src).encoding != StringEncoding::Utf8 {
            self.f.check_aligned(PTR, self.sp, 2);
        }
        self.f.b.ins().local_get(PTR);
        self.push_size(source.unit());
        self.f.check_range(self.src, TrapCode::StringOutOfBounds);
    }

    /// `store_string_copy` where the bytes are the same on both sides.
    fn store_string_copy(&mut self, source: Source, align: u32) {
        self.validate(source);
        self.allocate(align, source.unit());
        self.copy(source.unit());
        self.f.b.ins().local_get(self.begin);
        self.push_units(self.count);
    }

    /// `store_utf16_to_utf8` and `store_latin1_to_utf8`; `worst` is the most bytes that a code unit becomes.
    fn store_string_to_utf8(&mut self, source: Source, worst: u32) {
        self.allocate(1, 1);
        let at = self.cursor(self.begin);
        self.f.b.ins().block(EMPTY).loop_(EMPTY);
        {
            // All ASCII: as many bytes as units.
            self.f.b.ins().local_get(at.left).i32_eqz().if_(EMPTY);
            self.f.b.ins().local_get(self.begin);
            self.push_units(self.count);
            self.f.b.ins().return_().end();
            self.skip_ascii(source, at);
            self.load_unit(source, at.src);
            self.f
                .b
                .ins()
                .local_tee(at.cp)
                .i32_const(0x80)
                .i32_ge_u()
                .br_if(1);
            self.store_byte(at);
            self.step(at, source.unit(), 1);
            self.f.b.ins().br(0);
        }
        self.f.b.ins().end().end();
        self.reallocate(1, |t| t.push_size(1), |t| t.push_size(worst));
        self.f.b.ins().local_get(self.begin);
        self.f
            .b
            .ins()
            .local_get(self.count)
            .local_get(at.left)
            .i32_sub();
        self.f.b.ptr_from_i32(self.dp);
        self.f.b.ptr_add(self.dp);
        self.f.b.ins().local_set(at.dst);
        self.for_each_code_point(source, at, |t| t.put_utf8(at));
        self.shrink(1, worst, at);
        self.f.b.ins().local_get(self.begin).local_get(at.used);
        self.f.b.ptr_from_i32(self.dp);
    }

    /// `store_utf8_to_utf16`, and Latin-1 widened by `store_string_copy`, which never has anything to shrink.
    fn store_to_utf16(&mut self, source: Source) {
        self.allocate(2, 2);
        let at = self.cursor(self.begin);
        self.for_each_code_point(source, at, |t| t.put_utf16(at));
        self.shrink(2, 2, at);
        self.f.b.ins().local_get(self.begin);
        self.f.b.ins().local_get(at.used).i32_const(1).i32_shr_u();
        self.f.b.ptr_from_i32(self.dp);
    }

    /// `store_string_to_latin1_or_utf16`
    fn store_string_to_latin1_or_utf16(&mut self, source: Source) {
        self.allocate(2, 1);
        let at = self.cursor(self.begin);
        self.f.b.ins().block(EMPTY).loop_(EMPTY);
        {
            self.f.b.ins().local_get(at.left).i32_eqz().if_(EMPTY);
            self.push_written(at);
            self.f
                .b
                .ins()
                .local_tee(at.used)
                .local_get(self.count)
                .i32_lt_u()
                .if_(EMPTY);
            let used = at.used;
            self.reallocate(2, |t| t.push_size(1), |t| t.get(used));
            self.f
                .b
                .ins()
                .end()
                .local_get(self.begin)
                .local_get(at.used);
            self.f.b.ptr_from_i32(self.dp);
            self.f.b.ins().return_().end();
            self.read_code_point(source, at);
            self.f
                .b
                .ins()
                .local_get(at.cp)
                .i32_const(0x100)
                .i32_ge_u()
                .br_if(1);
            self.store_byte(at);
            self.f.b.bump(at.dst, self.dp, 1);
            self.advance(source, at);
            self.f.b.ins().br(0);
        }
        self.f.b.ins().end().end();
        // The bytes written so far are widened in place, from the last to the first.
        self.push_written(at);
        let written = self.f.b.pop(I32);
        self.reallocate(2, |t| t.push_size(1), |t| t.push_size(2));
        self.widen(written, at);
        self.for_each_code_point(source, at, |t| t.put_utf16(at));
        self.shrink(2, 2, at);
        self.f.b.ins().local_get(self.begin);
        self.push_tagged_utf16(at.used);
    }

    /// `store_probably_utf16_to_latin1_or_utf16`
    fn probably_utf16(&mut self) {
        self.check(Source::Utf16);
        self.validate(Source::Utf16);
        self.allocate(2, 2);
        self.copy(2);
        let at = self.cursor(self.begin);
        // Any unit of 0x100 or more, a surrogate too, keeps the whole in UTF-16.
        self.f.b.ins().i32_const(0).local_set(at.cp);
        self.while_left(at, |t| {
            t.load_unit(Source::Utf16, at.src);
            t.f.b.ins().local_get(at.cp).i32_or().local_set(at.cp);
            t.f.b.bump(at.src, t.sp, 2);
            t.f.b.add(at.left, -1);
        });
        self.f
            .b
            .ins()
            .local_get(at.cp)
            .i32_const(0x100)
            .i32_ge_u()
            .if_(EMPTY);
        self.f.b.ins().local_get(self.begin);
        self.push_size(2);
        self.f.b.ins().local_set(at.used);
        self.push_tagged_utf16(at.used);
        self.f.b.ins().return_().end();
        let from = self.narrow(at);
        self.f.b.release(from);
        self.reallocate(1, |t| t.push_size(2), |t| t.push_size(1));
        self.f.b.ins().local_get(self.begin);
        self.push_units(self.count);
    }

    /// Every second byte of the destination, moved to its front.
    fn narrow(&mut self, at: Cursor) -> u32 {
        let from = self.f.b.local(ptr_type(self.dp));
        self.f
            .b
            .ins()
            .local_get(self.begin)
            .local_tee(from)
            .local_set(at.dst);
        self.f.b.ins().local_get(self.count).local_set(at.left);
        self.while_left(at, |t| {
            let (load, store) = (t.dst_arg(0), t.dst_arg(0));
            t.f.b
                .ins()
                .local_get(at.dst)
                .local_get(from)
                .i32_load8_u(load)
                .i32_store8(store);
            t.f.b.bump(from, t.dp, 2);
            t.f.b.bump(at.dst, t.dp, 1);
            t.f.b.add(at.left, -1);
        });
        from
    }

    /// `written` Latin-1 bytes at the front of the destination become UTF-16; `at.dst` is left behind them.
    fn widen(&mut self, written: u32, at: Cursor) {
        let (dp, j) = (self.dp, at.used);
        self.f
            .b
            .ins()
            .local_get(written)
            .local_tee(j)
            .if_(EMPTY)
            .loop_(EMPTY);
        self.f.b.add(j, -1);
        let indexed = |t: &mut Self, times: i32| {
            t.f.b.ins().local_get(t.begin);
            t.f.b.ins().local_get(j).i32_const(times).i32_mul();
            t.f.b.ptr_from_i32(dp);
            t.f.b.ptr_add(dp);
        };
        indexed(self, 2);
        indexed(self, 1);
        let (load, store) = (self.dst_arg(0), self.dst_arg(1));
        self.f.b.ins().i32_load8_u(load).i32_store16(store);
        self.f.b.ins().local_get(j).br_if(0).end().end();
        self.f.b.ins().local_get(self.begin);
        self.f.b.ins().local_get(written).i32_const(1).i32_shl();
        self.f.b.ptr_from_i32(dp);
        self.f.b.ptr_add(dp);
        self.f.b.ins().local_set(at.dst);
    }

    /// Sets `at.used` to the bytes written; gives back what of the worst case is not needed.
    fn shrink(&mut self, align: u32, worst: u32, at: Cursor) {
        self.push_written(at);
        self.f.b.ins().local_tee(at.used);
        self.push_size(worst);
        self.f.b.ins().i32_lt_u().if_(EMPTY);
        self.reallocate(align, |t| t.push_size(worst), |t| t.get(at.used));
        self.f.b.ins().end();
    }

    /// Traps unless the source is well-formed.
    fn validate(&mut self, source: Source) {
        if source == Source::Latin1 {
            return;
        }
        let at = self.cursor(self.begin);
        self.while_left(at, |t| {
            t.skip_well_formed(source, at);
            t.read_code_point(source, at);
            t.advance(source, at);
        });
        for local in [at.src, at.left, at.dst, at.cp, at.used] {
            self.f.b.release(local);
        }
    }

    /// A fast way over what needs no decoding, eight bytes at a time: continues the loop around when it made a step.
    fn skip_well_formed(&mut self, source: Source, at: Cursor) {
        let units = 8 / source.unit();
        let arg = self.src_arg(0);
        let mut ins = self.f.b.ins();
        ins.local_get(at.left)
            .i32_const(units as i32)
            .i32_ge_u()
            .if_(EMPTY);
        ins.local_get(at.src).i64_load(arg);
        match source {
            Source::Utf16 => {
                let x = self.f.b.pop(ValType::I64);
                let mut ins = self.f.b.ins();
                // A lane that holds a surrogate is zero after this, and a zero lane borrows from its top bit.
                ins.local_get(x).i64_const(splat16(0xf800)).i64_and();
                ins.i64_const(splat16(0xd800)).i64_xor().local_tee(x);
                ins.i64_const(splat16(1)).i64_sub();
                ins.local_get(x).i64_const(-1).i64_xor().i64_and();
                ins.i64_const(splat16(0x8000)).i64_and().i64_eqz();
                self.f.b.release(x);
            }
            _ => {
                ins.i64_const(splat8(0x80)).i64_and().i64_eqz();
            }
        }
        self.f.b.ins().if_(EMPTY);
        self.f.b.bump(at.src, self.sp, 8);
        self.f.b.add(at.left, -(units as i32));
        // Out of both ifs, on with the loop of `while_left`.
        self.f.b.ins().br(2).end().end();
    }

    /// The same for ASCII that is copied as bytes, in the loop of `store_string_to_utf8`. UTF-16 goes unit by unit.
    fn skip_ascii(&mut self, source: Source, at: Cursor) {
        if source != Source::Latin1 {
            return;
        }
        let (load, store) = (self.src_arg(0), self.dst_arg(0));
        let x = self.f.b.local(ValType::I64);
        let mut ins = self.f.b.ins();
        ins.local_get(at.left).i32_const(8).i32_ge_u().if_(EMPTY);
        ins.local_get(at.src).i64_load(load).local_tee(x);
        ins.i64_const(splat8(0x80)).i64_and().i64_eqz().if_(EMPTY);
        ins.local_get(at.dst).local_get(x).i64_store(store);
        self.step_by(at, 8, 8, 8);
        self.f.b.ins().br(2).end().end();
        self.f.b.release(x);
    }

    /// `begin = allocate(align, factor * count)`
    fn allocate(&mut self, align: u32, factor: u32) {
        let count = self.count;
        self.f.allocate(self.dst, align, |b| {
            b.ins().local_get(count).i32_const(factor as i32).i32_mul();
        });
        self.f.b.ins().local_set(self.begin);
    }

    /// `begin = reallocate(begin, old, align, new)`
    fn reallocate(&mut self, align: u32, old: impl FnOnce(&mut Self), new: impl FnOnce(&mut Self)) {
        self.f.b.ins().local_get(self.begin);
        old(self);
        self.f.b.ins().i32_const(align as i32);
        new(self);
        self.f.call_helper(Helper::Reallocate(self.dst));
        self.f.b.ins().local_set(self.begin);
    }

    /// Copies the source's `unit * count` bytes to `begin`.
    fn copy(&mut self, unit: u32) {
        let (to, from) = (self.f.m.memory(self.dst), self.f.m.memory(self.src));
        self.f.b.ins().local_get(self.begin).local_get(PTR);
        self.push_size(unit);
        self.f.copy_length(self.sp, self.dp);
        self.f.b.ins().memory_copy(to, from);
    }

    fn get(&mut self, local: u32) {
        self.f.b.ins().local_get(local);
    }

    /// Pushes `factor * count`.
    fn push_size(&mut self, factor: u32) {
        self.f.b.ins().local_get(self.count);
        if factor != 1 {
            self.f.b.ins().i32_const(factor as i32).i32_mul();
        }
    }

    /// Pushes the bytes written so far.
    fn push_written(&mut self, at: Cursor) {
        self.f.b.ins().local_get(at.dst).local_get(self.begin);
        self.f.b.ptr_sub(self.dp);
        self.f.b.ptr_to_i32(self.dp);
    }

    /// Pushes an `i32` local as the destination's length.
    fn push_units(&mut self, local: u32) {
        self.f.b.ins().local_get(local);
        self.f.b.ptr_from_i32(self.dp);
    }

    /// Pushes the tagged length of UTF-16 in `latin1+utf16`, from its bytes.
    fn push_tagged_utf16(&mut self, bytes: u32) {
        self.f.b.ins().local_get(bytes).i32_const(1).i32_shr_u();
        self.f.b.ptr_from_i32(self.dp);
        self.push_tag(self.dp);
        self.ptr_xor(self.dp);
    }

    /// `utf16_tag`
    fn push_tag(&mut self, ptr: PtrSize) {
        match ptr {
            PtrSize::P32 => self.f.b.ins().i32_const(i32::MIN),
            PtrSize::P64 => self.f.b.ins().i64_const(i64::MIN),
        };
    }

    fn ptr_and(&mut self, ptr: PtrSize) {
        match ptr {
            PtrSize::P32 => self.f.b.ins().i32_and(),
            PtrSize::P64 => self.f.b.ins().i64_and(),
        };
    }

    fn ptr_xor(&mut self, ptr: PtrSize) {
        match ptr {
            PtrSize::P32 => self.f.b.ins().i32_xor(),
            PtrSize::P64 => self.f.b.ins().i64_xor(),
        };
    }

    fn ptr_is_not_zero(&mut self, ptr: PtrSize) {
        if ptr == PtrSize::P64 {
            self.f.b.ins().i64_const(0).i64_ne();
        }
    }

    pub fn src_arg(&mut self, align: u32) -> MemArg {
        self.f.m.mem_arg(self.src, 0, align)
    }

    pub fn dst_arg(&mut self, align: u32) -> MemArg {
        self.f.m.mem_arg(self.dst, 0, align)
    }

    pub fn dst_arg16(&mut self, offset: u32) -> MemArg {
        self.f.m.mem_arg(self.dst, offset, 1)
    }
}

fn splat8(byte: u8) -> i64 {
    i64::from_le_bytes([byte; 8])
}

fn splat16(unit: u16) -> i64 {
    let [a, b] = unit.to_le_bytes();
    i64::from_le_bytes([a, b, a, b, a, b, a, b])
}

/// The limits leave room for the worst case of every change of encoding in an `i32`.
const _: () = assert!(MAX_BYTE_LENGTH as u64 * 3 < u32::MAX as u64);
