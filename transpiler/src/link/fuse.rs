//! The one predicate that chooses between Wasm and JavaScript adapters.

use crate::plan::{Adapter, Plan};

/// Whether a Wasm adapter can carry this call.
pub fn wasm_adapter_ok(_plan: &Plan, _adapter: &Adapter) -> bool {
    true
}
