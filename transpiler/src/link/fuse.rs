//! The one predicate that chooses between Wasm and JavaScript adapters.
//!
//! A Wasm adapter passes values one at a time: it lifts the first argument and lowers it before it looks at the second. The
//! specification lifts them all and then lowers them. Between two instances the difference cannot be seen: their memories
//! and tables are disjoint, realloc may not call out, and a trap at a later argument ends both. When an instance calls
//! itself it can: its realloc may change bytes not yet lifted, and a handle index freed by one argument may be given to the
//! next. JavaScript adapters do it in two steps, and take those calls. No toolchain makes them; the tests of the
//! specification do. Error contexts (and one day streams and futures) are JavaScript's too: they live in its tables.

use crate::plan::{Adapter, Plan};

/// Whether a Wasm adapter can carry this call.
pub fn wasm_adapter_ok(plan: &Plan, adapter: &Adapter) -> bool {
    let lift = plan.lift(adapter.lift);
    let ty = plan.types.func(adapter.ty);
    let itself = adapter.lower.instance == lift.options.instance;
    let mut values = ty.values().into_iter();
    !adapter.lower.async_
        && !lift.options.async_
        && values.all(|t| {
            let abi = plan.types.abi(t);
            !abi.has_async && !(itself && (abi.has_pointer || abi.has_resources))
        })
}
