//! Puts functions of ours in the place of a dependency's: one that is exported as `replaces PATH` becomes the body of the one
//! whose path that is. Owns the swap and its checks; what is worth swapping is said in the crate that does it.
//!
//! For what no cargo feature leaves out. Callers, arguments and results stay as the compiler made them, so only a function of
//! the same Wasm type fits; one that is not found by name, or does not fit, fails the build. `may replace PATH` is for functions
//! of the standard library, which not every version has.

use crate::names;
use walrus::{ExportItem, FunctionBuilder, FunctionId, FunctionKind, InstrSeqBuilder, Module};

const MUST: &str = "replaces ";
const MAY: &str = "may replace ";

/// Makes a module's replacements; they are no longer exported then.
pub fn replace(module: &mut Module) -> Result<(), String> {
    let mut wanted = Vec::new();
    for export in module.exports.iter() {
        for prefix in [MUST, MAY] {
            if let (Some(path), ExportItem::Function(ours)) =
                (export.name.strip_prefix(prefix), export.item)
            {
                wanted.push((export.id(), prefix == MUST, path.to_string(), ours));
            }
        }
    }
    for (export, must, path, ours) in wanted {
        match names::find(module, &path)[..] {
            [theirs] => swap(module, &path, theirs, ours)?,
            [] if !must => {}
            ref found => return Err(format!("{} functions are called {path}", found.len())),
        }
        module.exports.delete(export);
    }
    Ok(())
}

fn swap(
    module: &mut Module,
    path: &str,
    theirs: FunctionId,
    ours: FunctionId,
) -> Result<(), String> {
    let of = |id| module.types.get(module.funcs.get(id).ty());
    let (params, results) = (of(theirs).params().to_vec(), of(theirs).results().to_vec());
    if of(ours).params() != params || of(ours).results() != results {
        return Err(format!(
            "{path} is {:?}, its replacement {:?}",
            of(theirs),
            of(ours)
        ));
    }
    forward(module, theirs, |body| {
        body.call(ours);
    });
    Ok(())
}

/// Gives a function a body that does one thing with its arguments, and returns what that leaves.
pub fn forward(module: &mut Module, function: FunctionId, then: impl FnOnce(&mut InstrSeqBuilder)) {
    let ty = module.funcs.get(function).ty();
    let (params, results) = module.types.params_results(ty);
    let (params, results) = (params.to_vec(), results.to_vec());
    let args: Vec<_> = params.iter().map(|ty| module.locals.add(*ty)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    let mut body = builder.func_body();
    for arg in &args {
        body.local_get(*arg);
    }
    then(&mut body);
    module.funcs.get_mut(function).kind = FunctionKind::Local(builder.local_func(args));
}
