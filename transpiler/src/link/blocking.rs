//! Which imports may answer with a promise, and which lifted functions can reach one of them.

use crate::plan::{CoreFunc, CoreInstanceId, CoreItem, CoreKind, ModuleSource, Plan};
use crate::types::Type;
use crate::{text, Options};

/// Whether the host's function under `path` may have to wait: what WASI says blocks, and what the caller lists.
pub fn import_may_block(path: &[String], options: &Options) -> bool {
    let (interface, name) = match path {
        [interface, .., name] => (interface.split('@').next().unwrap_or_default(), name),
        [name] => ("", name),
        [] => return false,
    };
    let by_wasi = match interface {
        "wasi:io/poll" => matches!(name.as_str(), "poll" | "[method]pollable.block"),
        "wasi:io/streams" => text::find(name, ".blocking-").is_some(),
        _ => false,
    };
    by_wasi
        || options
            .async_imports
            .iter()
            .any(|p| listed(p, interface, &path[0], name))
}

/// Whether a promise that the host's function returns would be taken for its result. WASI's functions that wait are known, and a
/// constructor returns none.
pub fn promise_would_pass(path: &[String], result: Option<&Type>) -> bool {
    let starts = |name: Option<&String>, with| name.is_some_and(|name| name.starts_with(with));
    !matches!(result, None | Some(Type::Future(_)))
        && !starts(path.first(), "wasi:")
        && !starts(path.last(), "[constructor]")
}

/// `interface#function` or `function`; `*` stands for anything; the interface with or without its version.
fn listed(pattern: &str, interface: &str, versioned: &str, name: &str) -> bool {
    match pattern.split_once('#') {
        Some((i, f)) => (glob(i, interface) || glob(i, versioned)) && glob(f, name),
        None => glob(pattern, name),
    }
}

/// Matches `name` against a pattern in which `*` stands for any run of characters.
pub fn glob(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match text::find(rest, part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Fills `Lift::may_block`.
pub fn analyse(plan: &mut Plan) {
    let blocks = reach(plan, &|item| target(plan, item));
    for at in 0..plan.lifts.len() {
        plan.lifts[at].may_block = match target(plan, &plan.lifts[at].core) {
            Target::Hit => true,
            Target::Instance(id) => blocks[id.index()],
            Target::Nothing => false,
        };
    }
}

/// For each core instance, whether its code can come to something that `target` calls a hit: a core instance can reach what
/// it imports, and what others put into tables it shares.
pub fn reach(plan: &Plan, target: &dyn Fn(&CoreItem) -> Target) -> Vec<bool> {
    let count = plan.core_instances.len();
    let mut hits = vec![false; count];
    // reachers[b]: the core instances that can reach b.
    let mut reachers: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (at, instance) in plan.core_instances.iter().enumerate() {
        for (module, name, item) in &instance.args {
            match target(item) {
                Target::Hit => hits[at] = true,
                Target::Instance(to) => {
                    reachers[to.index()].push(at);
                    if shares_functions(plan, instance, module, name) {
                        reachers[at].push(to.index());
                    }
                }
                Target::Nothing => {}
            }
        }
    }
    let mut work: Vec<usize> = (0..count).filter(|&i| hits[i]).collect();
    while let Some(at) = work.pop() {
        for &reacher in &reachers[at] {
            if !hits[reacher] {
                hits[reacher] = true;
                work.push(reacher);
            }
        }
    }
    hits
}

/// What a core item leads to at once.
pub enum Target {
    Hit,
    Instance(CoreInstanceId),
    Nothing,
}

/// What calling a core item can reach at once, seen through adapters.
fn target(plan: &Plan, item: &CoreItem) -> Target {
    let mut item = item;
    loop {
        match item {
            CoreItem::Export(id, _) => return Target::Instance(*id),
            CoreItem::Func(id) => match plan.core_func(*id) {
                CoreFunc::Lower { import, .. } if plan.import_func(*import).may_block => {
                    return Target::Hit
                }
                CoreFunc::Adapter(adapter) => item = &plan.lift(adapter.lift).core,
                _ => return Target::Nothing,
            },
        }
    }
}

/// Whether an import is something through which the importer can hand functions to the exporter.
fn shares_functions(
    plan: &Plan,
    instance: &crate::plan::CoreInstance,
    module: &str,
    name: &str,
) -> bool {
    let ModuleSource::Static(id) = &instance.module else {
        return true;
    };
    plan.modules[id.index()]
        .imports
        .iter()
        .find(|(m, n, _)| m == module && n == name)
        .is_none_or(|(_, _, kind)| matches!(kind, CoreKind::Table | CoreKind::Global))
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn globs() {
        assert!(glob("a*", "abc") && glob("*c", "abc") && glob("*", "") && glob("a*c", "abc"));
        assert!(!glob("a", "abc") && !glob("a*d", "abc") && !glob("ab*bc", "abc"));
    }
}
