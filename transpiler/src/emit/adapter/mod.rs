//! Wasm adapter modules: calls between component instances, and fast/slow trampolines, as core Wasm with `wasm-encoder`.
//!
//! An adapter is a lower fused with a lift (`CanonicalABI.md#canon-lower` around `#canon-lift`): it lifts the arguments from
//! the caller's memory and lowers them into the callee's in one pass, calls, and does the same to the result the other
//! way. This room knows the plan and the canonical ABI; it knows no JavaScript. What it needs from outside it names as an
//! [`AdapterImport`], which `emit/js` supplies; handle tables live there, so `own` and `borrow` cross by imported functions.

mod asm;
mod block;
mod call;
mod cursor;
mod module;
mod scalar;
mod strings;
#[cfg(test)]
mod tests;
mod transfer;
mod unicode;
mod variant;

pub use block::trampoline_module;

use crate::plan::{CoreFuncId, CoreItem, InstanceId, Plan};
use crate::types::ResourceId;

/// A core module that implements a group of adapters.
pub struct AdapterModule {
    pub bytes: Vec<u8>,
    /// What the module imports, each thing once, in order. The module name of every import is the empty string.
    pub imports: Vec<AdapterImport>,
    /// The adapter functions and the names they are exported by.
    pub exports: Vec<(CoreFuncId, String)>,
    /// The module catches core exceptions: the engine has to know `try_table` beside multi-memory.
    pub catches: bool,
}

/// One import of an adapter module: `(import "" "<name>" …)`.
pub struct AdapterImport {
    /// A JavaScript identifier, unique in the module: `core0`, `memory1`, `flags2`, `own3`, `trap`, …
    pub name: String,
    pub what: AdapterImportKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AdapterImportKind {
    /// A core function (the lifted function, a realloc, a post-return) or a memory.
    Core(CoreItem),
    /// The flags of a component instance: a mutable `i32` global, [`FLAG_MAY_LEAVE`] at the start.
    ///
    /// Asked for only where [`crate::plan::Instance::checks_may_leave`] says that it matters.
    Flags(InstanceId),
    /// `(handle: i32) -> i32`: `lift_own` out of the table of `from`, then `lower_own` into the table of `to`.
    TransferOwn {
        resource: ResourceId,
        from: InstanceId,
        to: InstanceId,
    },
    /// `(handle: i32) -> i32`: `lift_borrow` from the table of `from` (the lend is noted in the current scope), then
    /// `lower_borrow` into the table of `to` (the borrow is counted in the current scope), or the rep itself where `to`
    /// defines the resource.
    TransferBorrow {
        resource: ResourceId,
        from: InstanceId,
        to: InstanceId,
    },
    /// `() -> ()`: opens a borrow scope (the spec's `Subtask` and `Task` of one call, seen from both sides). Called before
    /// the first `TransferBorrow` of a call whose parameters hold borrows, and for no other call.
    EnterCall,
    /// `() -> ()`: closes the scope that `EnterCall` opened: traps when borrows of it are still in the callee's table
    /// (`Task.return_`), and gives back the lends (`Subtask.deliver_resolve`). Called after the callee returned, before its
    /// result is lowered.
    ExitCall,
    /// `(code: i32) -> ()`: notes why the adapter is about to trap; a [`TrapCode`]. Returns; the adapter then executes
    /// `unreachable`, because only a trap of the engine passes a guest's `catch_all`. The first note of a
    /// component counts: [`TrapCode::Exception`] may follow on a JavaScript exception that glue threw on purpose.
    Trap,
}

/// Bit of a flags global: the spec's `may_leave`.
pub const FLAG_MAY_LEAVE: i32 = 1;

/// Why an adapter traps. `runtime/adapter.js` has the words for each, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum TrapCode {
    /// The caller called out while it may not (`canon_lower`).
    MayNotLeave,
    /// A pointer to values in memory is not aligned.
    Unaligned,
    /// A pointer to parameters or a result reaches beyond the memory.
    OutOfBounds,
    /// A list reaches beyond the memory.
    ListOutOfBounds,
    /// A string reaches beyond the memory.
    StringOutOfBounds,
    /// A list has more than 2²⁸ − 1 bytes.
    ListTooLong,
    /// A string has more than 2²⁸ − 1 bytes.
    StringTooLong,
    /// `realloc` returned a pointer that is not aligned.
    ReallocUnaligned,
    /// `realloc` returned a range that reaches beyond the memory.
    ReallocOutOfBounds,
    /// Bytes that are not UTF-8.
    InvalidUtf8,
    /// Code units that are not UTF-16: a lone surrogate.
    InvalidUtf16,
    /// Not a Unicode scalar value.
    InvalidChar,
    /// A variant, enum, option or result with a discriminant that it does not have.
    InvalidDiscriminant,
    /// The callee threw a core exception (`call_and_trap_on_throw`).
    Exception,
}

/// The core function that does what the adapter `func` would do, when that is one: no value needs a check or a change, no
/// flag needs traffic, nothing runs after the call. Then the caller is given the callee's function itself, in either form.
pub fn direct(plan: &Plan, func: CoreFuncId) -> Option<&CoreItem> {
    call::is_direct(plan, func).then(|| &call::parts(plan, func).1.core)
}

/// One module for the adapters `funcs` (each a [`crate::plan::CoreFunc::Adapter`] with `wasm` set).
///
/// Not inlined: in the secondary module (see [`super::needs_secondary`]).
#[inline(never)]
pub fn adapter_module(plan: &Plan, funcs: &[CoreFuncId]) -> AdapterModule {
    module::Builder::module(plan, funcs)
}
