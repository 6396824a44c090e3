//! Finds functions by their paths in Rust, which the name section of a module holds mangled.

use walrus::{FunctionId, Module};

/// All functions of this path; generic ones have one for each use.
pub fn find(module: &Module, path: &str) -> Vec<FunctionId> {
    let named = |name: &Option<String>| {
        // Without the hashes that tell crates of one name apart.
        let name = name.as_deref().unwrap_or_default();
        plain(&format!("{:#}", rustc_demangle::demangle(name))) == plain(path)
    };
    let found = module.funcs.iter().filter(|f| named(&f.name));
    found.map(|f| f.id()).collect()
}

/// The older way to mangle names has no brackets around the type of a method.
fn plain(path: &str) -> String {
    match path.strip_prefix('<').and_then(|p| p.split_once(">::")) {
        Some((ty, rest)) if !ty.contains(" as ") => [ty, "::", rest].concat(),
        _ => path.to_string(),
    }
}
