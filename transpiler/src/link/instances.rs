//! Which component instances keep handles.

use crate::plan::{CoreFunc, InstanceId, Plan};
use crate::types::FuncTypeId;

/// Fills `Instance::has_handles`.
pub fn analyse(plan: &mut Plan) {
    let count = plan.instances.len();
    let mut handles = vec![false; count];
    let mut mark = |instance: InstanceId, keeps: bool| handles[instance.index()] |= keeps;
    for lift in &plan.lifts {
        mark(lift.options.instance, has_resources(plan, lift.ty));
    }
    for func in &plan.core_funcs {
        match func {
            CoreFunc::Lower { import, options } => {
                mark(
                    options.instance,
                    has_resources(plan, plan.import_func(*import).ty),
                );
            }
            CoreFunc::Adapter(adapter) => {
                mark(adapter.lower.instance, has_resources(plan, adapter.ty));
            }
            CoreFunc::ResourceNew { instance, .. }
            | CoreFunc::ResourceRep { instance, .. }
            | CoreFunc::ResourceDrop { instance, .. }
            | CoreFunc::ErrorContext { instance, .. } => mark(*instance, true),
        }
    }
    for (instance, handles) in plan.instances.iter_mut().zip(handles) {
        instance.has_handles = handles;
    }
}

fn has_resources(plan: &Plan, ty: FuncTypeId) -> bool {
    let ty = plan.types.func(ty);
    let mut all = ty.values().into_iter();
    all.any(|t| plan.types.abi(t).has_resources || plan.types.abi(t).has_async)
}
