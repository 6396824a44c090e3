//! The loop over a string's code points: where it reads, where it writes, and one step of either in each encoding.
//!
//! Knows the locals of a string's function; which loop makes which string is for `strings.rs`.

use super::asm::ptr_type;
use super::module::Helper;
use super::strings::{Source, Transcoder, EMPTY, I32, PTR};

/// The locals that a loop over code points works with.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    /// Where the next code unit is read.
    pub src: u32,
    /// Code units left.
    pub left: u32,
    /// Where the next byte is written.
    pub dst: u32,
    /// The code point read, and how many units it took.
    pub cp: u32,
    pub used: u32,
}

impl Transcoder<'_, '_> {
    /// Runs `body` as long as units are left, in a block and a loop: label 0 goes on, label 1 leaves.
    pub fn while_left(&mut self, at: Cursor, body: impl FnOnce(&mut Self)) {
        self.f
            .b
            .ins()
            .block(EMPTY)
            .loop_(EMPTY)
            .local_get(at.left)
            .i32_eqz()
            .br_if(1);
        body(self);
        self.f.b.ins().br(0).end().end();
    }

    pub fn for_each_code_point(&mut self, source: Source, at: Cursor, put: impl FnOnce(&mut Self)) {
        self.while_left(at, |t| {
            t.read_code_point(source, at);
            put(t);
            t.advance(source, at);
        });
    }

    /// Reads the code point at the cursor into `cp`, and into `used` how many units it has.
    pub fn read_code_point(&mut self, source: Source, at: Cursor) {
        self.load_unit(source, at.src);
        let (helper, mask, mark) = match source {
            Source::Latin1 => {
                self.f
                    .b
                    .ins()
                    .local_set(at.cp)
                    .i32_const(1)
                    .local_set(at.used);
                return;
            }
            Source::Utf8 => (Helper::NextUtf8(self.src), 0x80, 0x80),
            Source::Utf16 => (Helper::NextUtf16(self.src), 0xf800, 0xd800),
        };
        self.f
            .b
            .ins()
            .local_tee(at.cp)
            .i32_const(mask)
            .i32_and()
            .i32_const(mark)
            .i32_eq();
        self.f
            .b
            .ins()
            .if_(EMPTY)
            .local_get(at.src)
            .local_get(at.left);
        self.f.call_helper(helper);
        self.f.b.ins().local_set(at.used).local_set(at.cp);
        self.f.b.ins().else_().i32_const(1).local_set(at.used).end();
    }

    /// Writes `cp` as UTF-8 and moves `dst` on.
    pub fn put_utf8(&mut self, at: Cursor) {
        self.f
            .b
            .ins()
            .local_get(at.cp)
            .i32_const(0x80)
            .i32_lt_u()
            .if_(EMPTY);
        self.store_byte(at);
        self.f.b.bump(at.dst, self.dp, 1);
        self.f
            .b
            .ins()
            .else_()
            .local_get(at.dst)
            .local_get(at.dst)
            .local_get(at.cp);
        self.f.call_helper(Helper::PutUtf8(self.dst));
        self.f.b.ptr_from_i32(self.dp);
        self.f.b.ptr_add(self.dp);
        self.f.b.ins().local_set(at.dst).end();
    }

    /// Writes `cp` as UTF-16 and moves `dst` on.
    pub fn put_utf16(&mut self, at: Cursor) {
        let (first, second) = (self.dst_arg16(0), self.dst_arg16(2));
        let mut ins = self.f.b.ins();
        ins.local_get(at.cp)
            .i32_const(0x1_0000)
            .i32_lt_u()
            .if_(EMPTY);
        ins.local_get(at.dst).local_get(at.cp).i32_store16(first);
        self.f.b.bump(at.dst, self.dp, 2);
        let mut ins = self.f.b.ins();
        ins.else_();
        // 0xd7c0 is 0xd800 less the 0x10000 that the pair leaves out.
        ins.local_get(at.dst)
            .local_get(at.cp)
            .i32_const(10)
            .i32_shr_u();
        ins.i32_const(0xd7c0).i32_add().i32_store16(first);
        ins.local_get(at.dst)
            .local_get(at.cp)
            .i32_const(0x3ff)
            .i32_and();
        ins.i32_const(0xdc00).i32_or().i32_store16(second);
        self.f.b.bump(at.dst, self.dp, 4);
        self.f.b.ins().end();
    }

    /// Moves the source on by the code point read.
    pub fn advance(&mut self, source: Source, at: Cursor) {
        let mut ins = self.f.b.ins();
        ins.local_get(at.src).local_get(at.used);
        if source == Source::Utf16 {
            ins.i32_const(1).i32_shl();
        }
        self.f.b.ptr_from_i32(self.sp);
        self.f.b.ptr_add(self.sp);
        let mut ins = self.f.b.ins();
        ins.local_set(at.src);
        ins.local_get(at.left)
            .local_get(at.used)
            .i32_sub()
            .local_set(at.left);
    }

    /// Moves the source on by one unit and the destination by `bytes`.
    pub fn step(&mut self, at: Cursor, unit: u32, bytes: u32) {
        self.step_by(at, unit, bytes, 1);
    }

    pub fn step_by(&mut self, at: Cursor, src: u32, dst: u32, units: i32) {
        self.f.b.bump(at.src, self.sp, src);
        self.f.b.bump(at.dst, self.dp, dst);
        self.f.b.add(at.left, -units);
    }

    pub fn store_byte(&mut self, at: Cursor) {
        let arg = self.dst_arg(0);
        self.f
            .b
            .ins()
            .local_get(at.dst)
            .local_get(at.cp)
            .i32_store8(arg);
    }

    /// Pushes the code unit at an address.
    pub fn load_unit(&mut self, source: Source, local: u32) {
        let arg = self.f.m.mem_arg(self.src, 0, source.unit() / 2);
        let mut ins = self.f.b.ins();
        match source {
            Source::Utf16 => ins.local_get(local).i32_load16_u(arg),
            _ => ins.local_get(local).i32_load8_u(arg),
        };
    }

    /// A cursor at the source's start, writing at `dst`.
    pub fn cursor(&mut self, dst: u32) -> Cursor {
        let at = Cursor {
            src: self.f.b.local(ptr_type(self.sp)),
            left: self.f.b.local(I32),
            dst: self.f.b.local(ptr_type(self.dp)),
            cp: self.f.b.local(I32),
            used: self.f.b.local(I32),
        };
        let mut ins = self.f.b.ins();
        ins.local_get(PTR).local_set(at.src);
        ins.local_get(self.count).local_set(at.left);
        ins.local_get(dst).local_set(at.dst);
        at
    }
}
