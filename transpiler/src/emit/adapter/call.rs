//! The call itself: `canon_lower` around `canon_lift` without the values, and the checked calls of core functions.
//!
//! Effects come in the order of `CanonicalABI.md#canon-lower` and `#canon-lift`. Values are passed one at a time, so that a
//! later argument may still be unchecked when an earlier one is lowered; between two instances nobody can tell,
//! because either way the call traps and takes the instances with it (see `link/fuse.rs` for one instance calling itself).

use super::asm::ptr_type;
use super::block::val_type;
use super::module::{val_types, Builder, Fun, SideId, Sig};
use super::transfer::Loc;
use super::{AdapterImportKind, TrapCode, FLAG_MAY_LEAVE};
use crate::plan::{Adapter, CoreFunc, CoreFuncId, InstanceId, Lift, Plan};
use crate::types::abi::{Context, FlatFunc, FlatType, PtrSize};
use crate::types::{FuncType, TypeId};
use wasm_encoder::{BlockType, Catch, Function, ValType};

pub(super) fn parts(plan: &Plan, func: CoreFuncId) -> (&Adapter, &Lift) {
    let CoreFunc::Adapter(adapter) = plan.core_func(func) else {
        panic!("{func} is not an adapter");
    };
    (adapter, plan.lift(adapter.lift))
}

/// One adapter under way.
struct Call<'a> {
    ty: &'a FuncType,
    caller: SideId,
    callee: SideId,
    lower: FlatFunc,
    lift: FlatFunc,
}

pub(super) fn adapter(m: &mut Builder<'_>, func: CoreFuncId) -> (Sig, Function) {
    let plan = m.plan;
    let (adapter, lift) = parts(plan, func);
    let ty = plan.types.func(adapter.ty);
    let call = Call {
        ty,
        caller: m.intern_side(&adapter.lower),
        callee: m.intern_side(&lift.options),
        lower: plan
            .types
            .flatten_functype(ty, adapter.lower.ptr, Context::Lower),
        lift: plan
            .types
            .flatten_functype(ty, lift.options.ptr, Context::Lift),
    };
    let (caller, callee) = (adapter.lower.instance, lift.options.instance);
    let lift_sig = (val_types(&call.lift.params), val_types(&call.lift.results));
    let core = m.core_func(callee, &lift.core, lift_sig);
    let borrows = ty.params.iter().any(|(_, t)| plan.types.abi(*t).has_borrow);

    let mut f = Fun::new(
        m,
        val_types(&call.lower.params),
        val_types(&call.lower.results),
    );
    f.check_may_leave(caller);
    if borrows {
        f.call_scope(AdapterImportKind::EnterCall);
    }
    f.params(&call);
    f.b.ins().call(core);
    let raw = call.lift.results.first().map(|t| f.b.pop(val_type(*t)));
    if borrows {
        f.call_scope(AdapterImportKind::ExitCall);
    }
    if let (Some(result), Some(raw)) = (ty.result, raw) {
        f.result(&call, result, raw);
    }
    if let Some(item) = &lift.options.post_return {
        let post =
            f.m.core_func(callee, item, (val_types(&call.lift.results), vec![]));
        f.without_leaving(callee, |f| {
            if let Some(raw) = raw {
                f.b.ins().local_get(raw);
            }
            f.b.ins().call(post);
        });
    }
    f.finish()
}

impl Fun<'_, '_> {
    fn check_may_leave(&mut self, caller: InstanceId) {
        if self.m.plan.instance(caller).checks_may_leave {
            let flags = self.m.flags(caller);
            self.b
                .ins()
                .global_get(flags)
                .i32_const(FLAG_MAY_LEAVE)
                .i32_and()
                .i32_eqz();
            self.trap_if(TrapCode::MayNotLeave);
        }
    }

    fn set_flag(&mut self, flags: u32, bit: i32, on: bool) {
        let mut ins = self.b.ins();
        ins.global_get(flags);
        match on {
            true => ins.i32_const(bit).i32_or(),
            false => ins.i32_const(!bit).i32_and(),
        };
        ins.global_set(flags);
    }

    /// What `body` calls runs with `may_leave` off, where anything would notice.
    fn without_leaving(&mut self, instance: InstanceId, body: impl FnOnce(&mut Self)) {
        let checks = self.m.plan.instance(instance).checks_may_leave;
        let flags = checks.then(|| self.m.flags(instance));
        if let Some(flags) = flags {
            self.set_flag(flags, FLAG_MAY_LEAVE, false);
        }
        body(self);
        if let Some(flags) = flags {
            self.set_flag(flags, FLAG_MAY_LEAVE, true);
        }
    }

    fn call_scope(&mut self, what: AdapterImportKind) {
        let f = self.m.import_func(what, (vec![], vec![]));
        self.b.ins().call(f);
    }

    /// Pushes the callee's arguments: `lift_flat_values` of the caller's, `lower_flat_values` for the callee.
    fn params(&mut self, call: &Call<'_>) {
        let types = call.ty.param_types();
        if !call.lower.params_spill {
            let slots: Vec<_> = (0u32..).zip(call.lower.params.iter().copied()).collect();
            let mut at = 0;
            for t in types {
                let n = self.m.flat(t, call.caller).len();
                self.push(t, call.caller, Loc::Flat(&slots[at..at + n]), call.callee);
                at += n;
            }
            return;
        }
        let layout = |ptr| self.m.types().record_layout(&types, ptr);
        let (src_offsets, src_size, src_align) = layout(self.m.ptr(call.caller));
        let (dst_offsets, dst_size, dst_align) = layout(self.m.ptr(call.callee));
        self.check_pointer(call.caller, 0, src_align, src_size);
        self.allocate(call.callee, dst_align, |b| {
            b.ins().i32_const(dst_size as i32);
        });
        let dst = self.b.pop(ptr_type(self.m.ptr(call.callee)));
        for (t, (from, to)) in types
            .into_iter()
            .zip(src_offsets.into_iter().zip(dst_offsets))
        {
            self.store(t, call.caller, Loc::Mem(0, from), call.callee, (dst, to));
        }
        self.b.ins().local_get(dst);
    }

    /// Leaves the caller's core result on the stack, or stores it through the out pointer.
    fn result(&mut self, call: &Call<'_>, ty: TypeId, raw: u32) {
        if !call.lift.result_spills {
            let slot = [(raw, call.lift.results[0])];
            self.push(ty, call.callee, Loc::Flat(&slot), call.caller);
            return;
        }
        let out = call.lower.params.len() as u32 - 1;
        for (side, local) in [(call.callee, raw), (call.caller, out)] {
            let layout = self.m.types().abi(ty).layout(self.m.ptr(side));
            self.check_pointer(side, local, layout.align, layout.size);
        }
        self.store(ty, call.callee, Loc::Mem(raw, 0), call.caller, (out, 0));
    }

    /// A pointer to spilled values must be aligned and in bounds.
    fn check_pointer(&mut self, side: SideId, local: u32, align: u32, size: u32) {
        self.check_aligned(local, self.m.ptr(side), align);
        self.b.ins().local_get(local).i32_const(size as i32);
        self.check_range(side, TrapCode::OutOfBounds);
    }
}

/// A wrapper that turns a core exception into a trap (`call_and_trap_on_throw`).
pub(super) fn guarded(m: &mut Builder<'_>, func: u32, ty: u32) -> (Sig, Function) {
    let (params, results) = m.sig(ty);
    let result = results
        .first()
        .map_or(BlockType::Empty, |t| BlockType::Result(*t));
    let mut f = Fun::new(m, params.clone(), results);
    f.b.ins()
        .block(BlockType::Empty)
        .try_table(result, [Catch::All { label: 0 }]);
    (0..params.len() as u32).for_each(|p| {
        f.b.ins().local_get(p);
    });
    f.b.ins().call(func).end().return_().end();
    f.trap(TrapCode::Exception);
    f.finish()
}

/// `LiftLowerContext.reallocate`, and the checks that follow each use of it.
pub(super) fn reallocate(m: &mut Builder<'_>, side: SideId) -> (Sig, Function) {
    let (instance, ptr) = (m.instance(side), m.ptr(side));
    let p = ptr_type(ptr);
    let realloc = m.realloc(side);
    let mut f = Fun::new(
        m,
        vec![p, ValType::I32, ValType::I32, ValType::I32],
        vec![p],
    );
    let (old, old_size, align, new_size) = (0, 1, 2, 3);
    f.without_leaving(instance, |f| {
        f.b.ins().local_get(old);
        for n in [old_size, align, new_size] {
            f.b.ins().local_get(n);
            f.b.ptr_from_i32(ptr);
        }
        f.b.ins().call(realloc);
    });
    f.b.ins().local_tee(old);
    f.b.ptr_to_i32(ptr);
    f.b.ins().local_get(align).i32_const(1).i32_sub().i32_and();
    f.trap_if(TrapCode::ReallocUnaligned);
    f.b.ins().local_get(old).local_get(new_size);
    f.check_range(side, TrapCode::ReallocOutOfBounds);
    f.b.ins().local_get(old);
    f.finish()
}

/// Traps with the code in the third parameter unless `ptr + len <= len(memory)`, without wrapping.
pub(super) fn check_range(m: &mut Builder<'_>, side: SideId) -> (Sig, Function) {
    let (ptr, memory) = (m.ptr(side), m.memory(side));
    let params = vec![ptr_type(ptr), ValType::I32, ValType::I32];
    let mut f = Fun::new(m, params, vec![]);
    let trap =
        f.m.import_func(AdapterImportKind::Trap, (vec![ValType::I32], vec![]));
    let end = f.b.local(ValType::I64);
    f.b.ins().local_get(0);
    if ptr == PtrSize::P32 {
        f.b.ins().i64_extend_i32_u();
    }
    f.b.ins()
        .local_get(1)
        .i64_extend_i32_u()
        .i64_add()
        .local_tee(end);
    f.b.ins().memory_size(memory);
    if ptr == PtrSize::P32 {
        f.b.ins().i64_extend_i32_u();
    }
    f.b.ins().i64_const(16).i64_shl().i64_gt_u();
    if ptr == PtrSize::P64 {
        f.b.ins().local_get(end).local_get(0).i64_lt_u().i32_or();
    }
    f.b.ins()
        .if_(BlockType::Empty)
        .local_get(2)
        .call(trap)
        .unreachable()
        .end();
    f.finish()
}

/// See [`super::direct`].
pub(super) fn is_direct(plan: &Plan, func: CoreFuncId) -> bool {
    let (adapter, lift) = parts(plan, func);
    let ty = plan.types.func(adapter.ty);
    let flat = |context| plan.types.flatten_functype(ty, adapter.lower.ptr, context);
    let (lower, lifted) = (flat(Context::Lower), flat(Context::Lift));
    let mut values = ty.values().into_iter();
    lift.options.post_return.is_none()
        && !plan.instance(adapter.lower.instance).checks_may_leave
        && !plan.instance(lift.options.instance).may_throw
        && !lower.params_spill
        && lower == lifted
        && !lower.result_spills
        && values.all(|t| super::transfer::is_identity(&plan.types, t))
}

/// A slot of a flattened value: the local it is in and the local's type.
pub(super) type Slot = (u32, FlatType);
