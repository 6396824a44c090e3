//! Which component instances have to keep `may_leave` and `may_enter`: those where a look at the flag can find it off.
//!
//! `CanonicalABI.md` keeps both for every instance and looks at them at every call. Most instances cannot be caught: nothing
//! leads from their realloc back out, and nothing that they call leads back in.

use super::blocking::{reach, Target};
use crate::plan::{
    CanonOptions, CoreFunc, CoreItem, ExportItem, InstanceId, LiftId, Plan, ResourceOrigin,
};
use crate::types::FuncTypeId;
use std::collections::{BTreeMap, BTreeSet};

/// Instances times calls that the search for cycles may look at; beyond, every instance keeps `may_enter`.
const MAX_SEARCH: usize = 20_000_000;

/// Fills `Instance::checks_may_leave` and `checks_may_enter`, and leaves in each `enters` the instances that keep the latter.
pub fn analyse(plan: &mut Plan) {
    for (at, leaves) in may_leave(plan).into_iter().enumerate() {
        plan.instances[at].checks_may_leave = leaves;
    }
    for (at, enters) in may_enter(plan).into_iter().enumerate() {
        plan.instances[at].checks_may_enter = enters;
    }
    let Plan {
        core_funcs,
        instances,
        ..
    } = plan;
    for func in core_funcs {
        match func {
            CoreFunc::Adapter(adapter) => &mut adapter.enters,
            CoreFunc::ResourceDrop { enters, .. } => enters,
            _ => continue,
        }
        .retain(|i| instances[i.index()].checks_may_enter);
    }
}

/// Whether a realloc or post-return of an instance can come to a function that looks at its `may_leave`.
fn may_leave(plan: &Plan) -> Vec<bool> {
    let leaving = reach(plan, &|item| match item {
        CoreItem::Export(id, _) => Target::Instance(*id),
        CoreItem::Func(id) => match plan.core_func(*id) {
            CoreFunc::ResourceRep { .. } | CoreFunc::AlwaysTrap { .. } => Target::Nothing,
            _ => Target::Hit,
        },
    });
    let mut checks = vec![false; plan.instances.len()];
    for (options, ty) in plan
        .lifts
        .iter()
        .map(|lift| (&lift.options, Some(lift.ty)))
        .chain(plan.core_funcs.iter().filter_map(|f| lowering(plan, f)))
    {
        let closed = closed_functions(plan, options, ty);
        checks[options.instance.index()] |= closed.into_iter().flatten().any(|item| match item {
            CoreItem::Export(id, _) => leaving[id.index()],
            CoreItem::Func(_) => true,
        });
    }
    checks
}

/// The functions that run with `may_leave` off. A realloc is only called where a value needs one.
fn closed_functions<'a>(
    plan: &Plan,
    options: &'a CanonOptions,
    ty: Option<FuncTypeId>,
) -> [Option<&'a CoreItem>; 2] {
    let allocates = ty.is_none_or(|ty| {
        let ty = plan.types.func(ty);
        let mut values = ty.params.iter().map(|(_, t)| *t).chain(ty.result);
        let params = ty.params.iter().map(|(_, t)| *t);
        values.any(|t| plan.types.abi(t).has_pointer)
            || plan.types.flatten_types(params, options.ptr).is_none()
    });
    [
        options.realloc.as_ref().filter(|_| allocates),
        options.post_return.as_ref(),
    ]
}

/// The options of a core function that lowers, and its type if that says when it allocates.
fn lowering<'a>(plan: &Plan, func: &'a CoreFunc) -> Option<(&'a CanonOptions, Option<FuncTypeId>)> {
    match func {
        CoreFunc::Adapter(adapter) => Some((&adapter.lower, Some(adapter.ty))),
        CoreFunc::Lower { import, options } => Some((options, Some(plan.import_func(*import).ty))),
        CoreFunc::ErrorContext { options, .. } => options.as_ref().map(|o| (o, None)),
        _ => None,
    }
}

/// One instance calling another, however often.
type Edges = BTreeSet<(InstanceId, InstanceId)>;

/// Whether an instance can be entered while it runs: some call enters it, and whoever makes that call can be reached from
/// where the instance was entered before.
///
/// A call from outside needs no look: it enters the root, which the glue keeps as a whole.
fn may_enter(plan: &Plan) -> Vec<bool> {
    let mut edges = Edges::new();
    // The calls that enter each instance.
    let mut entered: BTreeMap<InstanceId, Edges> = BTreeMap::new();
    for func in &plan.core_funcs {
        let (edge, enters) = match func {
            CoreFunc::Adapter(adapter) => {
                let callee = plan.lift(adapter.lift).options.instance;
                ((adapter.lower.instance, callee), &adapter.enters)
            }
            CoreFunc::ResourceDrop {
                resource,
                instance,
                enters,
            } => match plan.resource(*resource).origin {
                ResourceOrigin::Defined { instance: home, .. } => ((*instance, home), enters),
                ResourceOrigin::Imported { .. } => continue,
            },
            _ => continue,
        };
        edges.insert(edge);
        for instance in enters {
            entered.entry(*instance).or_default().insert(edge);
        }
    }
    let from_host = entered_by_host(plan);
    let cost = entered.len().saturating_mul(edges.len());
    let mut checks = vec![false; plan.instances.len()];
    for (instance, calls) in &entered {
        let starts = calls.iter().map(|(_, callee)| *callee);
        let hosts = from_host
            .iter()
            .copied()
            .filter(|i| is_within(plan, *i, *instance));
        checks[instance.index()] =
            cost > MAX_SEARCH || comes_back(&edges, calls, starts.chain(hosts).collect());
    }
    checks
}

/// Whether a caller in `calls` can be reached from `work`.
fn comes_back(edges: &Edges, calls: &Edges, mut work: Vec<InstanceId>) -> bool {
    let callers: BTreeSet<InstanceId> = calls.iter().map(|(caller, _)| *caller).collect();
    let mut seen: BTreeSet<InstanceId> = work.iter().copied().collect();
    while let Some(at) = work.pop() {
        if callers.contains(&at) {
            return true;
        }
        let next = edges.range((at, InstanceId(0))..=(at, InstanceId(u32::MAX)));
        work.extend(next.map(|(_, to)| *to).filter(|to| seen.insert(*to)));
    }
    false
}

fn is_within(plan: &Plan, instance: InstanceId, outer: InstanceId) -> bool {
    std::iter::successors(Some(instance), |i| plan.instance(*i).parent).any(|i| i == outer)
}

/// The instances whose functions or destructors the host can call.
fn entered_by_host(plan: &Plan) -> BTreeSet<InstanceId> {
    let mut lifts = Vec::new();
    for export in &plan.exports {
        exported_lifts(&export.item, &mut lifts);
    }
    let homes = plan.resources.iter().filter_map(|r| match r.origin {
        ResourceOrigin::Defined { instance, .. } => Some(instance),
        ResourceOrigin::Imported { .. } => None,
    });
    let callees = lifts.iter().map(|l| plan.lift(*l).options.instance);
    callees.chain(homes).collect()
}

fn exported_lifts(item: &ExportItem, lifts: &mut Vec<LiftId>) {
    match item {
        ExportItem::Lift(lift) => lifts.push(*lift),
        ExportItem::Instance(items) => {
            for (_, item) in items {
                exported_lifts(item, lifts);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The plan of a component in text.
    fn plan(text: &str) -> Plan {
        let options = crate::Options::default();
        let bytes = wat::parse_str(text).expect("the text parses");
        let graph = crate::decode::decode(&bytes, &options).expect("the component is valid");
        crate::link::link(&graph, &options).expect("the component links")
    }

    /// Paths of the instances for which `of` holds.
    fn paths(plan: &Plan, of: fn(&crate::plan::Instance) -> bool) -> Vec<&str> {
        let kept = plan.instances.iter().filter(|i| of(i));
        kept.map(|i| i.path.as_str()).collect()
    }

    #[test]
    fn siblings_keep_nothing() {
        let plan = plan(
            r#"(component
                (component $A
                    (core module $m (func (export "f") (param i32)))
                    (core instance $i (instantiate $m))
                    (func (export "f") (param "x" u32) (canon lift (core func $i "f"))))
                (component $B
                    (import "f" (func $f (param "x" u32)))
                    (core func $g (canon lower (func $f)))
                    (core module $m
                        (import "" "f" (func $f (param i32)))
                        (func (export "g") (call $f (i32.const 1))))
                    (core instance $i (instantiate $m (with "" (instance (export "f" (func $g))))))
                    (func (export "g") (canon lift (core func $i "g"))))
                (instance $a (instantiate $A))
                (instance $b (instantiate $B (with "f" (func $a "f"))))
                (export "g" (func $b "g")))"#,
        );
        assert!(paths(&plan, |i| i.checks_may_enter).is_empty());
        assert!(paths(&plan, |i| i.checks_may_leave).is_empty());
        assert!(plan.core_funcs.iter().all(|f| match f {
            CoreFunc::Adapter(a) => a.wasm && a.enters.is_empty(),
            _ => true,
        }));
    }

    #[test]
    fn a_parent_that_calls_back_makes_its_child_keep_may_enter() {
        // The child calls its parent, whose function comes back through a table.
        let plan = plan(
            r#"(component
                (core module $shim
                    (table (export "t") 1 funcref)
                    (func (export "f") (call_indirect (i32.const 0))))
                (core instance $shim (instantiate $shim))
                (func $f (canon lift (core func $shim "f")))
                (component $C
                    (import "f" (func $f))
                    (core func $g (canon lower (func $f)))
                    (core module $m
                        (import "" "f" (func $f))
                        (func (export "g") (call $f)))
                    (core instance $i (instantiate $m (with "" (instance (export "f" (func $g))))))
                    (func (export "g") (canon lift (core func $i "g"))))
                (instance $c (instantiate $C (with "f" (func $f))))
                (core func $g (canon lower (func $c "g")))
                (core module $fix
                    (import "" "t" (table 1 funcref))
                    (import "" "g" (func $g))
                    (elem (i32.const 0) $g))
                (core instance (instantiate $fix (with "" (instance
                    (export "t" (table $shim "t")) (export "g" (func $g))))))
                (export "f" (func $f)))"#,
        );
        assert_eq!(paths(&plan, |i| i.checks_may_enter), ["root.0"]);
    }

    #[test]
    fn realloc_that_can_call_out_makes_its_instance_keep_may_leave() {
        let component = |imports: &str, args: &str| {
            format!(
                r#"(component
                    (import "log" (func $log))
                    (core func $log (canon lower (func $log)))
                    (core module $m
                        {imports}
                        (memory (export "m") 1)
                        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
                        (func (export "f") (param i32 i32)))
                    (core instance $i (instantiate $m {args}))
                    (func (export "f") (param "s" string) (canon lift (core func $i "f")
                        (memory (core memory $i "m")) (realloc (core func $i "realloc")))))"#
            )
        };
        let alone = plan(&component("", ""));
        assert!(paths(&alone, |i| i.checks_may_leave).is_empty());
        let calling = plan(&component(
            r#"(import "" "log" (func))"#,
            r#"(with "" (instance (export "log" (func $log))))"#,
        ));
        assert_eq!(paths(&calling, |i| i.checks_may_leave), ["root"]);
    }
}
