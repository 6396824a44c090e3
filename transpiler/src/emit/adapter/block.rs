//! Trampolines for imports that may block: a fast call that can say "I have to wait", then a slow call that waits.
//!
//! JSPI suspends at a call of a `WebAssembly.Suspending` even when the answer is at hand; so the plain function is asked
//! first, and only when it raised the flag is the suspending one called. Knows signatures, nothing of components.

use crate::types::abi::FlatType;
use wasm_encoder::{
    BlockType, CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    GlobalType, ImportSection, Module, TypeSection, ValType,
};

/// The core value type of a flat type.
pub(super) fn val_type(t: FlatType) -> ValType {
    match t {
        FlatType::I32 => ValType::I32,
        FlatType::I64 => ValType::I64,
        FlatType::F32 => ValType::F32,
        FlatType::F64 => ValType::F64,
    }
}

/// A module with one trampoline for each signature (parameters, results).
///
/// For the `n`th signature it imports `"fast" "n"` and `"slow" "n"` and exports `"n"`; all share the mutable `i32` global
/// `"" "blocked"`. An exported function calls `fast`; when that left `blocked` at 0 its results are the answer; else
/// `blocked` is set to 0 again and `slow` is called with the same arguments.
pub fn trampoline_module(sigs: &[(Vec<FlatType>, Vec<FlatType>)]) -> Vec<u8> {
    let (mut types, mut imports, mut functions) = (
        TypeSection::new(),
        ImportSection::new(),
        FunctionSection::new(),
    );
    let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
    let blocked = GlobalType {
        val_type: ValType::I32,
        mutable: true,
        shared: false,
    };
    imports.import("", "blocked", EntityType::Global(blocked));
    let count = sigs.len() as u32;
    for (n, (params, results)) in (0u32..).zip(sigs) {
        let vals = |ts: &[FlatType]| ts.iter().copied().map(val_type).collect::<Vec<_>>();
        types.ty().function(vals(params), vals(results));
        imports.import("fast", &n.to_string(), EntityType::Function(n));
        imports.import("slow", &n.to_string(), EntityType::Function(n));
        functions.function(n);
        exports.export(&n.to_string(), ExportKind::Func, 2 * count + n);
        code.function(&trampoline(n, params.len() as u32, results));
    }
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions);
    module.section(&exports).section(&code);
    module.finish()
}

/// The body for the imports `2n` (fast) and `2n + 1` (slow). Locals after the parameters keep fast's results.
fn trampoline(n: u32, params: u32, results: &[FlatType]) -> Function {
    let mut f = Function::new_with_locals_types(results.iter().copied().map(val_type));
    let kept = params..params + results.len() as u32;
    let mut body = f.instructions();
    (0..params).for_each(|p| {
        body.local_get(p);
    });
    body.call(2 * n);
    kept.clone().rev().for_each(|r| {
        body.local_set(r);
    });
    body.global_get(0)
        .if_(BlockType::Empty)
        .i32_const(0)
        .global_set(0);
    (0..params).for_each(|p| {
        body.local_get(p);
    });
    body.call(2 * n + 1).return_().end();
    kept.for_each(|r| {
        body.local_get(r);
    });
    body.end();
    f
}

#[cfg(test)]
mod tests {
    use super::*;
    use FlatType::*;

    #[test]
    fn modules_validate() {
        let sigs = [
            (vec![], vec![]),
            (vec![I32, I64], vec![F64]),
            (vec![F32; 16], vec![I32, I64]),
        ];
        let bytes = trampoline_module(&sigs);
        wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all())
            .validate_all(&bytes)
            .expect("valid");
    }
}
