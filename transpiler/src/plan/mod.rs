//! The `Plan`: what has to happen, in order, to bring one component to life. Pure data, the only thing `emit` reads.
//!
//! A plan knows core modules as byte ranges, functions as core signatures with canonical options, and values by interned
//! types. It holds no JavaScript and decides everything: a printer that has to look something up to make a choice points at
//! a field that is missing here. Its text form (`plan/text.rs`) is stable and is what snapshots test.

pub mod text;

use crate::types::abi::PtrSize;
use crate::types::{id, FuncTypeId, ResourceId, TypeId, TypeTable};
use std::ops::Range;

id!(
    /// A core module that stands in the component's bytes.
    ModuleId,
    "m"
);
id!(
    /// One instantiation of a core module.
    CoreInstanceId,
    "c"
);
id!(
    /// A core function that the plan makes: a lowered import, an adapter, a canon built-in.
    CoreFuncId,
    "f"
);
id!(
    /// A component function made by `canon lift`.
    LiftId,
    "x"
);
id!(
    /// A root-level import, or a member of an imported instance, that is a function.
    ImportFuncId,
    "i"
);
id!(
    /// A value of the root's imports, or the result of a start function.
    ValueId,
    "v"
);
id!(
    /// A call of a start function.
    StartId,
    "s"
);
id!(
    /// An instance that the host makes of a component that it supplies.
    HostInstanceId,
    "h"
);
id!(
    /// One symbolic instantiation of a component. 0 is the root.
    InstanceId,
    "inst"
);

/// Everything `emit` needs.
#[derive(Default)]
pub struct Plan {
    pub types: TypeTable,
    /// Core modules in the order of their bytes; only those that some step instantiates or an export hands out.
    pub modules: Vec<Module>,
    pub instances: Vec<Instance>,
    pub resources: Vec<Resource>,
    /// The root component's imports as its type has them (for declarations and link checks).
    pub imports: Vec<Extern>,
    /// Functions of the imports that some step lowers or an export passes on.
    pub import_funcs: Vec<ImportFunc>,
    pub host_instances: Vec<HostInstance>,
    pub core_instances: Vec<CoreInstance>,
    pub core_funcs: Vec<CoreFunc>,
    pub lifts: Vec<Lift>,
    pub values: Vec<Value>,
    pub starts: Vec<Start>,
    /// The side effects of instantiation, in order.
    pub steps: Vec<Step>,
    /// The root component's exports, in order.
    pub exports: Vec<Export>,
    /// WIT docs found in the component (`package-docs`), as raw JSON, if any.
    pub docs: Option<String>,
}

/// A core module as a range of the input.
#[derive(Clone)]
pub struct Module {
    /// Bytes of the module in the component.
    pub range: Range<u64>,
    /// (module, name, kind) of each import, in order; duplicates stay.
    pub imports: Vec<(String, String, CoreKind)>,
    pub exports: Vec<(String, CoreKind)>,
    /// Has a tag section or imports a tag: its code may throw core exceptions.
    pub has_tags: bool,
    /// Code of it runs when it is instantiated.
    pub has_start: bool,
    /// Set for a module that does nothing else: `link` goes around it.
    pub wiring: Option<Wiring>,
}

/// The two kinds of modules whose only work is to connect others.
#[derive(Clone)]
pub enum Wiring {
    /// Exports one table, under one name, and functions that call what stands in it.
    Shim {
        table: String,
        /// Slots of the table.
        size: u64,
        calls: Vec<ShimCall>,
    },
    /// Puts functions that it imports into a table that it imports, from slot 0 on, and exports nothing. No two of its
    /// imports have the same names.
    FixUp {
        /// Which of its imports is the table.
        table: usize,
        puts: Vec<PutFunc>,
    },
}

/// An exported function that passes its arguments on to what stands in a slot.
#[derive(Clone)]
pub struct ShimCall {
    pub name: String,
    pub slot: u32,
    /// The same number for the same core type, in all modules of a component.
    pub signature: usize,
}

/// A function that is put into a table.
#[derive(Clone)]
pub struct PutFunc {
    /// Which import of the module it is.
    pub import: usize,
    /// As in [`ShimCall::signature`].
    pub signature: usize,
}

/// The kind of a core extern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoreKind {
    Func,
    Table,
    /// A memory, with its pointer size.
    Memory(PtrSize),
    Global,
    Tag,
}

/// One symbolic component instance (the spec's `ComponentInstance`): owns a handle table and `may_leave`.
pub struct Instance {
    pub parent: Option<InstanceId>,
    /// Where it comes from, for messages: `root > "a"`.
    pub path: String,
    /// Whether anything keeps handles in its table.
    pub has_handles: bool,
    /// Whether some realloc or post-return runs in it while something it could call checks `may_leave`.
    pub checks_may_leave: bool,
    /// Whether its core code may throw core exceptions: a module of it has tags, or is unknown until it runs.
    pub may_throw: bool,
}

/// A resource type with identity.
pub struct Resource {
    pub origin: ResourceOrigin,
    /// The kebab-case name under which it is first exported or imported, for class names; empty if it has none.
    pub name: String,
    /// The interface (import or export) that names it, e.g. `wasi:io/streams@0.2.3`; none at the root or inside.
    pub interface: Option<String>,
}

pub enum ResourceOrigin {
    /// Defined by a component in the tree. The rep is an i32 (or i64) of the guest's.
    Defined {
        instance: InstanceId,
        dtor: Option<CoreItem>,
    },
    /// Supplied by the host: path is the import's name and, inside an instance, the names below it.
    Imported { path: Vec<String> },
}

/// A core function, memory, table, global or tag that exists once the step before has run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CoreItem {
    Export(CoreInstanceId, String),
    Func(CoreFuncId),
}

/// `canonopt`s, resolved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CanonOptions {
    pub instance: InstanceId,
    pub encoding: StringEncoding,
    pub memory: Option<CoreItem>,
    /// Pointer size of `memory` (32-bit when there is none).
    pub ptr: PtrSize,
    pub realloc: Option<CoreItem>,
    pub post_return: Option<CoreItem>,
    /// `async` ABI, with its callback. Refused by `link` for now; here so that plans have a place for it.
    pub async_: bool,
    pub callback: Option<CoreItem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StringEncoding {
    Utf8,
    Utf16,
    /// `latin1+utf16`
    CompactUtf16,
}

/// A function of the root's imports.
pub struct ImportFunc {
    /// The import's name, then names inside instances: `["wasi:io/poll@0.2.0", "[method]pollable.block"]`; one name for a
    /// function imported by the root itself.
    pub path: Vec<String>,
    pub ty: FuncTypeId,
    /// The host may answer with a promise: `emit` makes a fast/slow pair.
    pub may_block: bool,
    /// A promise is refused: it would be taken for the result.
    pub refuses_promise: bool,
}

/// One instantiation of an imported component: its exports are functions and resources of the host's.
pub struct HostInstance {
    /// The component's path, as in [`ImportFunc::path`].
    pub component: Vec<String>,
    /// What paths of its exports begin with, where an import has its name. No import has a name like it.
    pub name: String,
    /// The instantiation's arguments.
    pub args: Vec<(String, ExportItem)>,
}

/// Where a core module comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModuleSource {
    Static(ModuleId),
    /// A core module imported by the root: path as in [`ImportFunc::path`].
    Imported(Vec<String>),
}

pub struct CoreInstance {
    pub module: ModuleSource,
    /// The component instance it is made in.
    pub instance: InstanceId,
    /// (module, name) → what to pass, in the order of the module's imports, each pair once. For an imported module, in
    /// the order of its type's imports.
    pub args: Vec<(String, String, CoreItem)>,
}

/// A core function made by the plan, in the component instance that uses it.
pub enum CoreFunc {
    /// `canon lower` of a host function.
    Lower {
        import: ImportFuncId,
        options: CanonOptions,
    },
    /// `canon lower` of a lift: an adapter between two component instances (or within one).
    Adapter(Adapter),
    ResourceNew {
        resource: ResourceId,
        instance: InstanceId,
    },
    ResourceRep {
        resource: ResourceId,
        instance: InstanceId,
    },
    ResourceDrop {
        resource: ResourceId,
        instance: InstanceId,
    },
    /// A built-in of the async model, reached only where the features allow it.
    ErrorContext {
        op: ErrorContextOp,
        options: Option<CanonOptions>,
        instance: InstanceId,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorContextOp {
    New,
    DebugMessage,
    Drop,
}

/// A lower fused with a lift.
pub struct Adapter {
    pub lift: LiftId,
    /// The function type as the caller sees it: the same shape as the lift's, resources included.
    pub ty: FuncTypeId,
    /// The options of the lower; `instance` is the caller.
    pub lower: CanonOptions,
    /// Whether a Wasm adapter can do it (see `link/fuse.rs`); else it is a JS adapter under every option.
    pub wasm: bool,
}

/// A component function made by `canon lift`.
pub struct Lift {
    pub core: CoreItem,
    pub ty: FuncTypeId,
    /// `instance` is the callee.
    pub options: CanonOptions,
    /// The core function may suspend: some import that may block can be reached from it.
    pub may_block: bool,
}

/// A component value outside of calls.
pub struct Value {
    pub ty: TypeId,
    /// For one that the host supplies: its path, as in [`ImportFunc::path`].
    pub import: Option<Vec<String>>,
}

/// A component's `start`.
pub struct Start {
    pub func: StartFunc,
    pub args: Vec<ValueId>,
    pub result: Option<ValueId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StartFunc {
    Lift(LiftId),
    Import(ImportFuncId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A resource type comes to be (its class, its tables); its destructor is read when first needed.
    Resource(ResourceId),
    /// The core function comes to be. Its options may name items of instances made before.
    Func(CoreFuncId),
    /// The lift's core function, memory, realloc and post-return are there from here on.
    Lift(LiftId),
    /// Instantiate a core module.
    Instantiate(CoreInstanceId),
    /// The host instantiates a component of its own.
    HostInstantiate(HostInstanceId),
    /// A value of the host's is read and checked.
    Value(ValueId),
    Start(StartId),
}

/// A root export.
pub struct Export {
    pub name: ExternName,
    pub item: ExportItem,
    /// Its type as the component states it, for declarations.
    pub ty: ExternType,
}

pub enum ExportItem {
    Lift(LiftId),
    /// A host function handed through: imported by the root and exported again.
    Import(ImportFuncId),
    Instance(Vec<(String, ExportItem)>),
    Value(ValueId),
    Type,
    Resource(ResourceId),
    Module(ModuleSource),
    /// A component. One that the host supplied, under this path, it gets back; another is not there in JavaScript, where
    /// nothing could instantiate it: its code closes over instances that the glue has made.
    Component(Option<Vec<String>>),
}

/// The name of an import or export with its annotations.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ExternName {
    /// As written: what arguments and aliases go by. The same as `name` but for a version suffix.
    pub key: String,
    /// `wasi:io/poll@0.2.0`, `greet`, …
    pub name: String,
    pub implements: Option<String>,
    pub version_suffix: Option<String>,
    pub external_id: Option<String>,
}

/// An import or export by its type; resources are bound.
pub struct Extern {
    pub name: ExternName,
    pub ty: ExternType,
}

/// The type of an import or export, for declarations and for link checks.
#[derive(Clone)]
pub enum ExternType {
    Func(FuncTypeId),
    Type(ExternTypeDef),
    /// In the order written.
    Instance(Vec<(String, ExternType)>),
    Module,
    Component,
    Value(TypeId),
}

#[derive(Clone)]
pub enum ExternTypeDef {
    Value(TypeId),
    Resource(ResourceId),
    /// A function, instance or component type: declares nothing in JavaScript.
    Other,
}

impl Plan {
    pub fn lift(&self, id: LiftId) -> &Lift {
        &self.lifts[id.index()]
    }
    pub fn core_func(&self, id: CoreFuncId) -> &CoreFunc {
        &self.core_funcs[id.index()]
    }
    pub fn import_func(&self, id: ImportFuncId) -> &ImportFunc {
        &self.import_funcs[id.index()]
    }
    pub fn resource(&self, id: ResourceId) -> &Resource {
        &self.resources[id.index()]
    }
    pub fn instance(&self, id: InstanceId) -> &Instance {
        &self.instances[id.index()]
    }
}
