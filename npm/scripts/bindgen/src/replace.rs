//! Puts functions of ours in the place of a dependency's: one that is exported as `replaces PATH` becomes the body of the one
//! whose path that is. Owns the swap and its checks; what is worth swapping is said in the crate that does it.
//!
//! For what no cargo feature leaves out. Callers, arguments and results stay as the compiler made them, so only a function of
//! the same Wasm type fits; one that is not found by name, or does not fit, fails the build.

use walrus::{ExportItem, FunctionBuilder, FunctionId, FunctionKind, Module};

const PREFIX: &str = "replaces ";

/// Makes a module's replacements; they are no longer exported then.
pub fn replace(module: &mut Module) -> Result<(), String> {
    let mut wanted = Vec::new();
    for export in module.exports.iter() {
        if let (Some(path), ExportItem::Function(ours)) =
            (export.name.strip_prefix(PREFIX), export.item)
        {
            wanted.push((export.id(), path.to_string(), ours));
        }
    }
    for (export, path, ours) in wanted {
        swap(module, &path, ours)?;
        module.exports.delete(export);
    }
    Ok(())
}

fn swap(module: &mut Module, path: &str, ours: FunctionId) -> Result<(), String> {
    let named = |name: &Option<String>| {
        // Without the hashes that tell crates of one name apart.
        let name = name.as_deref().unwrap_or_default();
        plain(&format!("{:#}", rustc_demangle::demangle(name))) == plain(path)
    };
    let found = module.funcs.iter().filter(|f| named(&f.name));
    let found: Vec<FunctionId> = found.map(|f| f.id()).collect();
    let [theirs] = found[..] else {
        let n = found.len();
        return Err(format!("{n} functions are called {path}"));
    };
    let of = |id| module.types.get(module.funcs.get(id).ty());
    let (params, results) = (of(theirs).params().to_vec(), of(theirs).results().to_vec());
    if of(ours).params() != params || of(ours).results() != results {
        return Err(format!(
            "{path} is {:?}, its replacement {:?}",
            of(theirs),
            of(ours)
        ));
    }
    let args: Vec<_> = params.iter().map(|ty| module.locals.add(*ty)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    let mut body = builder.func_body();
    for arg in &args {
        body.local_get(*arg);
    }
    body.call(ours);
    module.funcs.get_mut(theirs).kind = FunctionKind::Local(builder.local_func(args));
    Ok(())
}

/// The older way to mangle names has no brackets around the type of a method.
fn plain(path: &str) -> String {
    match path.strip_prefix('<').and_then(|p| p.split_once(">::")) {
        Some((ty, rest)) if !ty.contains(" as ") => [ty, "::", rest].concat(),
        _ => path.to_string(),
    }
}
