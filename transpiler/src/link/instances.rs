//! What each component instance has to keep: handles, `may_leave`, `may_enter`.

use crate::plan::{CanonOptions, CoreFunc, InstanceId, Plan};
use crate::types::FuncTypeId;

/// Fills `Instance::has_handles` and narrows `Instance::checks_may_leave`.
pub fn analyse(plan: &mut Plan) {
    let count = plan.instances.len();
    let mut handles = vec![false; count];
    let mut leaves = vec![false; count];
    let mut allocates = vec![false; count];
    let mut seen = |options: &CanonOptions, ty: Option<FuncTypeId>| {
        let at = options.instance.index();
        allocates[at] |= options.realloc.is_some() || options.post_return.is_some();
        handles[at] |= ty.is_none_or(|ty| has_resources(plan, ty));
    };
    let mut mark = |instance: InstanceId, keeps: bool, handles: &mut Vec<bool>| {
        leaves[instance.index()] = true;
        handles[instance.index()] |= keeps;
    };
    let mut keeps = vec![false; count];
    for lift in &plan.lifts {
        seen(&lift.options, Some(lift.ty));
    }
    for func in &plan.core_funcs {
        match func {
            CoreFunc::Lower { import, options } => {
                seen(options, Some(plan.import_func(*import).ty));
                mark(options.instance, false, &mut keeps);
            }
            CoreFunc::Adapter(adapter) => {
                seen(&adapter.lower, Some(adapter.ty));
                mark(adapter.lower.instance, false, &mut keeps);
            }
            CoreFunc::ResourceNew { instance, .. }
            | CoreFunc::ResourceRep { instance, .. }
            | CoreFunc::ResourceDrop { instance, .. }
            | CoreFunc::ErrorContext { instance, .. } => mark(*instance, true, &mut keeps),
            CoreFunc::AlwaysTrap { .. } => {}
        }
    }
    for at in 0..count {
        plan.instances[at].has_handles = handles[at] || keeps[at];
        plan.instances[at].checks_may_leave = leaves[at] && allocates[at];
    }
}

fn has_resources(plan: &Plan, ty: FuncTypeId) -> bool {
    let ty = plan.types.func(ty);
    let mut all = ty.params.iter().map(|(_, t)| *t).chain(ty.result);
    all.any(|t| plan.types.abi(t).has_resources || plan.types.abi(t).has_async)
}
