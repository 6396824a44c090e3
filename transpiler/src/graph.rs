//! The `ComponentGraph`: components as written, each a list of definitions in order. Pure data, free of wasmparser.
//!
//! Index spaces are not stored: `link` rebuilds them per instance by walking the definitions. Types are resolved already
//! (validation knows them), with resources as variables: see [`crate::types`].

use crate::plan::{CoreKind, ErrorContextOp, ExternName, Module, StringEncoding};
use crate::types::abi::PtrSize;
use crate::types::{id, FuncTypeId, ResourceId, TypeId, TypeTable};
use std::rc::Rc;

id!(
    /// A component definition. 0 is the root.
    ComponentId,
    "component"
);

/// What `decode` found.
pub struct ComponentGraph {
    pub types: TypeTable,
    pub components: Vec<Component>,
    /// All core modules, in the order of their bytes; [`Def::CoreModule`] indexes it.
    pub modules: Vec<Module>,
    /// The content of the root's `package-docs` section.
    pub docs: Option<String>,
}

/// A component definition.
#[derive(Default)]
pub struct Component {
    pub defs: Vec<Located<Def>>,
}

/// A definition with the offset of its bytes, for errors.
pub struct Located<T> {
    pub offset: u64,
    pub def: T,
}

/// A definition; each adds one item to the index space of its sort.
pub enum Def {
    Import {
        name: ExternName,
        ty: EntityType,
    },
    CoreModule(usize),
    CoreInstantiate {
        module: u32,
        args: Vec<(String, u32)>,
    },
    CoreFromExports(Vec<(String, CoreKind, u32)>),
    Component(ComponentId),
    Instantiate {
        component: u32,
        args: Vec<(String, ItemRef)>,
        ty: Rc<InstanceType>,
    },
    FromExports(Vec<(String, ItemRef)>),
    AliasExport {
        instance: u32,
        name: String,
        sort: Sort,
    },
    AliasCoreExport {
        instance: u32,
        name: String,
        kind: CoreKind,
    },
    /// Only modules and components: outer types are resolved by `decode`.
    AliasOuter {
        sort: Sort,
        count: u32,
        index: u32,
    },
    /// A resource type defined here. Also in the type index space, which nobody needs any more.
    Resource {
        var: ResourceId,
        dtor: Option<u32>,
    },
    Lift {
        core_func: u32,
        ty: FuncTypeId,
        options: Options,
    },
    Lower {
        func: u32,
        ty: FuncTypeId,
        options: Options,
    },
    ResourceNew(ResourceId),
    ResourceRep(ResourceId),
    ResourceDrop(ResourceId),
    ErrorContext {
        op: ErrorContextOp,
        options: Option<Options>,
    },
    /// Calls a function, once, with values; its result is one.
    Start {
        func: u32,
        args: Vec<u32>,
    },
    Export {
        name: ExternName,
        item: ItemRef,
        ty: EntityType,
    },
}

/// Sorts whose index spaces `link` keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    CoreModule,
    Func,
    Value,
    Component,
    Instance,
}

/// A reference to an item by index, or a type by what it is.
#[derive(Clone, Debug)]
pub enum ItemRef {
    CoreModule(u32),
    Func(u32),
    Value(u32),
    Type(TypeRef),
    Component(u32),
    Instance(u32),
}

/// A type as an item: what links care about is resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeRef {
    Value(TypeId),
    Resource(ResourceId),
    Other,
}

/// The type of an import or export.
#[derive(Clone)]
pub enum EntityType {
    Module(Rc<ModuleType>),
    Func(FuncTypeId),
    Value(TypeId),
    Type(TypeRef),
    Instance(Rc<InstanceType>),
    /// With its imports.
    Component(Rc<InstanceType>),
}

/// The imports of a core module type, in order.
pub struct ModuleType {
    pub imports: Vec<(String, String)>,
    pub exports: Vec<(String, CoreKind)>,
}

/// The exports of an instance type or the imports of a component type, in order.
pub struct InstanceType {
    pub exports: Vec<(String, EntityType)>,
}

/// `canonopt`s with indices into the core index spaces of the component.
#[derive(Clone, Debug)]
pub struct Options {
    pub encoding: StringEncoding,
    pub memory: Option<u32>,
    pub ptr: PtrSize,
    pub realloc: Option<u32>,
    pub post_return: Option<u32>,
}
