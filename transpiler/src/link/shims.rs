//! Goes around shims. A core module whose imports need its own memory cannot get them before it is there; toolchains hand it
//! functions of a shim instead, and a fix-up puts the real ones into the shim's table (`decode/wiring.rs`). What the glue
//! makes can be handed over at once, because it looks for the memory when it is called. Then nothing is left of most pairs:
//! two modules less to get, to compile and to instantiate, and no detour at every call.
//!
//! A core function of a module made later (an adapter's) does need the detour, and keeps it. Destructors do not: the glue calls
//! them, and looks for them when it does.

use crate::map::Map;
use crate::plan::{
    CanonOptions, CoreFunc, CoreFuncId, CoreInstanceId, CoreItem, Module, ModuleSource, Plan,
    ResourceOrigin, Step, Wiring,
};

/// What stands behind a shim: the only core instance whose module puts something into its table.
struct FixUp {
    instance: CoreInstanceId,
    /// Functions of the glue's and of other modules, by the name of the shim's export that leads to them.
    targets: Map<String, CoreItem>,
    /// Something still needs an export of the shim.
    needed: bool,
}

/// Hands over functions of the glue instead of the shims' that call them, and drops shims that nobody needs any more.
/// `modules`: what the plan's module ids number at this point.
pub fn bypass(plan: &mut Plan, modules: &[Module]) {
    let mut fix_ups = fix_ups(plan, modules);
    let mut early = vec![None; plan.core_funcs.len()];
    each_item(plan, &mut |place, item| {
        let CoreItem::Export(shim, name) = &*item else {
            return;
        };
        let Some(fix_up) = &mut fix_ups[shim.index()] else {
            return;
        };
        match fix_up.targets.get(name) {
            Some(target @ CoreItem::Func(id)) => {
                let first = early[id.index()].get_or_insert(*shim);
                *first = (*first).min(*shim);
                *item = target.clone();
            }
            Some(target) if place == Place::Destructor => *item = target.clone(),
            _ => fix_up.needed |= place != Place::Argument(fix_up.instance),
        }
    });
    let mut dropped = vec![false; plan.core_instances.len()];
    for (shim, fix_up) in fix_ups.iter().enumerate() {
        if let Some(fix_up) = fix_up.as_ref().filter(|f| !f.needed) {
            dropped[shim] = true;
            dropped[fix_up.instance.index()] = true;
        }
    }
    reorder(plan, &early, &dropped);
    drop_instances(plan, &dropped);
}

/// By the shim's instance: its fix-up, if that alone can reach the table, and no code runs between the two, so that no call
/// can come too early.
fn fix_ups(plan: &mut Plan, modules: &[Module]) -> Vec<Option<FixUp>> {
    let (mut wiring, mut all) = (Vec::new(), Vec::new());
    for instance in &plan.core_instances {
        wiring.push(match &instance.module {
            ModuleSource::Static(m) => modules[m.index()].wiring.as_ref(),
            ModuleSource::Imported(_) => None,
        });
        all.push(None);
    }
    // How often something names the table of a shim.
    let mut table_uses = vec![0u32; wiring.len()];
    each_item(plan, &mut |_, item| {
        if let CoreItem::Export(id, name) = item {
            let of = wiring[id.index()];
            table_uses[id.index()] +=
                u32::from(matches!(of, Some(Wiring::Shim { table, .. }) if table == name));
        }
    });
    let runs = runs(plan, modules);
    for (i, instance) in plan.core_instances.iter().enumerate() {
        let Some(Wiring::FixUp { table, puts }) = wiring[i] else {
            continue;
        };
        let CoreItem::Export(shim, name) = &instance.args[*table].2 else {
            continue;
        };
        let Some(Wiring::Shim { table, size, calls }) = wiring[shim.index()] else {
            continue;
        };
        let alone = table == name && table_uses[shim.index()] == 1;
        let quiet = runs[shim.index()] == runs[i];
        if !alone || !quiet || puts.len() as u64 > *size {
            continue;
        }
        let mut targets = Map::new();
        for call in calls {
            let Some(put) = puts.get(call.slot as usize) else {
                continue;
            };
            let target = &instance.args[put.import].2;
            if put.signature == call.signature && !is_adapter(plan, target) {
                targets.insert(call.name.clone(), target.clone());
            }
        }
        all[shim.index()] = Some(FixUp {
            instance: CoreInstanceId(i as u32),
            targets,
            needed: false,
        });
    }
    all
}

/// For each core instance, a number that is the same for two only if no code of a guest runs from the first to the second, and
/// no other component gets an instance, to which the functions in question could be handed on.
fn runs(plan: &Plan, modules: &[Module]) -> Vec<u32> {
    let mut runs = vec![0u32; plan.core_instances.len()];
    let (mut so_far, mut component) = (0, None);
    for step in &plan.steps {
        match step {
            Step::Instantiate(id) => {
                let instance = &plan.core_instances[id.index()];
                let may_run = match &instance.module {
                    ModuleSource::Static(m) => modules[m.index()].has_start,
                    ModuleSource::Imported(_) => true,
                };
                let other = component.replace(instance.instance) != Some(instance.instance);
                so_far += u32::from(may_run || other);
                runs[id.index()] = so_far;
            }
            Step::Start(_) | Step::HostInstantiate(_) => so_far += 1,
            Step::Resource(_) | Step::Func(_) | Step::Lift(_) | Step::Value(_) => {}
        }
    }
    runs
}

/// Whether it is a function of an adapter module, which is made when its memories are there. Other functions that the plan
/// makes look for what they need when they are called.
fn is_adapter(plan: &Plan, item: &CoreItem) -> bool {
    match item {
        CoreItem::Func(id) => {
            matches!(plan.core_func(*id), CoreFunc::Adapter(adapter) if adapter.wasm)
        }
        CoreItem::Export(..) => false,
    }
}

/// What a core item is used as.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Argument(CoreInstanceId),
    Destructor,
    Other,
}

/// Visits every core item that the plan names.
fn each_item(plan: &mut Plan, visit: &mut dyn FnMut(Place, &mut CoreItem)) {
    for (i, instance) in plan.core_instances.iter_mut().enumerate() {
        for (_, _, item) in &mut instance.args {
            visit(Place::Argument(CoreInstanceId(i as u32)), item);
        }
    }
    for resource in &mut plan.resources {
        if let ResourceOrigin::Defined {
            dtor: Some(dtor), ..
        } = &mut resource.origin
        {
            visit(Place::Destructor, dtor);
        }
    }
    let mut visit = |item: &mut CoreItem| visit(Place::Other, item);
    for func in &mut plan.core_funcs {
        match func {
            CoreFunc::Lower { options, .. }
            | CoreFunc::ErrorContext {
                options: Some(options),
                ..
            } => each_option(options, &mut visit),
            CoreFunc::Adapter(adapter) => each_option(&mut adapter.lower, &mut visit),
            _ => {}
        }
    }
    for lift in &mut plan.lifts {
        visit(&mut lift.core);
        each_option(&mut lift.options, &mut visit);
    }
}

fn each_option(options: &mut CanonOptions, visit: &mut dyn FnMut(&mut CoreItem)) {
    for item in [
        &mut options.memory,
        &mut options.realloc,
        &mut options.post_return,
        &mut options.callback,
    ] {
        item.iter_mut().for_each(&mut *visit);
    }
}

/// Without the steps of what is dropped. A function that came to be after a shim does so right before it now.
fn reorder(plan: &mut Plan, early: &[Option<CoreInstanceId>], dropped: &[bool]) {
    let mut moved = vec![Vec::new(); dropped.len()];
    for (i, shim) in early.iter().enumerate() {
        if let Some(shim) = shim {
            moved[shim.index()].push(CoreFuncId(i as u32));
        }
    }
    let mut made = vec![false; early.len()];
    for step in std::mem::take(&mut plan.steps) {
        let mut push = |step| match step {
            Step::Func(id) if std::mem::replace(&mut made[id.index()], true) => {}
            Step::Instantiate(id) if dropped[id.index()] => {}
            _ => plan.steps.push(step),
        };
        if let Step::Instantiate(id) = step {
            for func in &moved[id.index()] {
                push(Step::Func(*func));
            }
        }
        push(step);
    }
}

/// Forgets core instances that nothing names, and numbers the others anew.
fn drop_instances(plan: &mut Plan, dropped: &[bool]) {
    let mut numbers = Vec::new();
    for (i, instance) in std::mem::take(&mut plan.core_instances)
        .into_iter()
        .enumerate()
    {
        numbers.push(CoreInstanceId(plan.core_instances.len() as u32));
        if !dropped[i] {
            plan.core_instances.push(instance);
        }
    }
    each_item(plan, &mut |_, item| {
        if let CoreItem::Export(id, _) = item {
            *id = numbers[id.index()];
        }
    });
    for step in &mut plan.steps {
        if let Step::Instantiate(id) = step {
            *id = numbers[id.index()];
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::{CoreItem, Plan};

    /// The plan of a component whose main module imports `f` from a shim, with changes to the pieces.
    fn plan(changes: &[(&str, &str)]) -> Plan {
        let mut text = String::from(
            r#"(component
                (import "log" (func $log (param "text" string)))
                (core module $shim
                    (table (export "t") 1 funcref)
                    (func (export "f") (param i32 i32)
                        (call_indirect (param i32 i32) (local.get 0) (local.get 1) (i32.const 0))))
                (core module $main
                    (import "" "f" (func $f (param i32 i32)))
                    (;main;)
                    (memory (export "memory") 1)
                    (func $run (export "run")))
                (core module $fix-up
                    (import "" "f" (func $f (param i32 i32)))
                    (import "" "t" (table 1 funcref))
                    (elem (i32.const 0) func $f))
                (core instance $s (instantiate $shim))
                (core instance $m (instantiate $main (with "" (instance (export "f" (func $s "f"))))))
                (core func $log (canon lower (func $log) (memory (core memory $m "memory"))))
                (core instance $fixed (instantiate $fix-up (with "" (instance
                    (export "f" (func $log))
                    (export "t" (table $s "t"))))))
                (;after;)
                (func (export "run") (canon lift (core func $m "run"))))"#,
        );
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        let options = crate::Options::default();
        let bytes = wat::parse_str(&text).expect("the text parses");
        let graph = crate::decode::decode(&bytes, &options).expect("the component is valid");
        crate::link::link(&graph, &options).expect("the component links")
    }

    /// Whether the main module gets the glue's function itself.
    fn is_direct(plan: &Plan) -> bool {
        let main = plan.core_instances.iter().find(|i| i.args.len() == 1);
        let main = main.expect("the main module has one import");
        matches!(main.args[0].2, CoreItem::Func(_))
    }

    #[test]
    fn a_shim_goes_with_its_fix_up() {
        let plan = plan(&[]);
        assert!(is_direct(&plan));
        assert_eq!((plan.core_instances.len(), plan.modules.len()), (1, 1));
    }

    #[test]
    fn a_shim_that_something_else_needs_stays() {
        let plan = plan(&[
            (
                "(;after;)",
                r#"(func (export "again") (param "text" string) (canon lift (core func $s "g")
                (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))"#,
            ),
            (
                r#"(func $run (export "run"))"#,
                r#"(func $run (export "run"))
               (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))"#,
            ),
            (
                r#"(table (export "t") 1 funcref)"#,
                r#"(table (export "t") 2 funcref)
               (func (export "g") (param i32 i32)
                   (call_indirect (param i32 i32) (local.get 0) (local.get 1) (i32.const 1)))"#,
            ),
        ]);
        assert!(is_direct(&plan));
        assert_eq!(plan.core_instances.len(), 3);
    }

    #[test]
    fn what_is_no_pair_is_left_alone() {
        let changes: &[&[(&str, &str)]] = &[
            // A start function may call before the table is filled, which is a trap.
            &[("(;main;)", "(start $run)")],
            // Somebody else can write to the table.
            &[
                (
                    "(;after;)",
                    r#"(core instance (instantiate $other (with "" (instance $s))))"#,
                ),
                (
                    "(core instance $s",
                    r#"(core module $other (import "" "t" (table 1 funcref))) (core instance $s"#,
                ),
            ],
            &[(
                "(;after;)",
                r#"(core instance (instantiate $fix-up (with "" (instance
                (export "f" (func $log)) (export "t" (table $s "t"))))))"#,
            )],
            // The table has a second name.
            &[(
                r#"(table (export "t")"#,
                r#"(table (export "t") (export "u")"#,
            )],
            // Slots that do not exist, or are not the first.
            &[
                ("(table 1 funcref))", "(table 0 funcref))"),
                ("1 funcref)", "0 funcref)"),
            ],
            &[("(elem (i32.const 0)", "(elem (i32.const 1)")],
            // A call of another slot, of arguments in another order, of another type, or with something beside it.
            &[("(i32.const 0)))", "(i32.const 1)))")],
            &[("(i32.const 0)))", "(i32.const -1)))")],
            &[("(local.get 0) (local.get 1)", "(local.get 1) (local.get 0)")],
            &[(
                "call_indirect (param i32 i32) (local.get 0) (local.get 1)",
                "call_indirect (param i32) (local.get 0)",
            )],
            &[("(call_indirect", "(drop (i32.const 7)) (call_indirect")],
            // More in the module than a shim or a fix-up has.
            &[(
                r#"(table (export "t") 1 funcref)"#,
                r#"(table (export "t") 1 funcref) (memory 1)"#,
            )],
            &[(
                "(elem (i32.const 0) func $f)",
                "(elem (i32.const 0) func $f) (func $s) (start $s)",
            )],
        ];
        for changes in changes {
            assert!(!is_direct(&plan(changes)), "{changes:?}");
        }
    }
}
