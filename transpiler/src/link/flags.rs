//! Which component instances have to keep `may_leave`: those where a look at the flag can find it off; and which may throw.
//!
//! `CanonicalABI.md` keeps it for every instance and looks at it at every call. Most instances cannot be caught: nothing
//! leads from their realloc back out. Being entered again is allowed (`Concurrency.md#reentrance`), so nothing is kept for it.

use super::blocking::{reach, Target};
use crate::plan::{CanonOptions, CoreFunc, CoreItem, ModuleSource, Plan};
use crate::types::FuncTypeId;

/// Fills `Instance::checks_may_leave` and `may_throw`.
pub fn analyse(plan: &mut Plan) {
    for core in &plan.core_instances {
        plan.instances[core.instance.index()].may_throw |= match &core.module {
            ModuleSource::Static(m) => plan.modules[m.index()].has_tags,
            ModuleSource::Imported(_) => true,
        };
    }
    for (at, leaves) in may_leave(plan).into_iter().enumerate() {
        plan.instances[at].checks_may_leave = leaves;
    }
}

/// Whether a realloc or post-return of an instance can come to a function that looks at its `may_leave`.
fn may_leave(plan: &Plan) -> Vec<bool> {
    let leaving = reach(plan, &|item| match item {
        CoreItem::Export(id, _) => Target::Instance(*id),
        CoreItem::Func(id) => match plan.core_func(*id) {
            CoreFunc::ResourceRep { .. } => Target::Nothing,
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
        let types = &plan.types;
        ty.values().iter().any(|t| types.abi(*t).has_pointer)
            || types
                .flatten_types(&ty.param_types(), options.ptr)
                .is_none()
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
        assert!(paths(&plan, |i| i.checks_may_leave).is_empty());
        assert!(plan.core_funcs.iter().all(|f| match f {
            CoreFunc::Adapter(a) => a.wasm,
            _ => true,
        }));
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
