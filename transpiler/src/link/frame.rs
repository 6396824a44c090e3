//! One symbolic component instance while it is made: its index spaces, its arguments, its resource bindings.

use crate::graph::{ComponentGraph, ComponentId, EntityType, InstanceType, TypeRef};
use crate::map::Map;
use crate::plan::{
    CoreInstanceId, CoreItem, CoreKind, InstanceId, LiftId, ModuleId, ModuleSource, ValueId,
};
use crate::types::{id, FuncTypeId, ResourceId};
use std::rc::Rc;

id!(
    /// A frame; the instance it makes has the same number.
    FrameId,
    "frame"
);

impl FrameId {
    pub fn instance(self) -> InstanceId {
        InstanceId(self.0)
    }
}

/// An item of a component's index spaces, resolved to what it is.
#[derive(Clone)]
pub enum Item {
    CoreModule(ModuleItem),
    Func(FuncItem),
    Value(ValueId),
    /// Resources are identities here, no longer variables.
    Type(TypeRef),
    Instance(Rc<InstanceItem>),
    /// A definition closed over the frame it was met in.
    Component(ComponentId, FrameId),
    /// A component that the host supplies under this path, with what it imports.
    ImportedComponent(Rc<Vec<String>>, Rc<InstanceType>),
}

#[derive(Clone)]
pub enum FuncItem {
    Lift(LiftId),
    /// A function of the root's imports, with its bound type.
    Import(Rc<Vec<String>>, FuncTypeId),
}

#[derive(Clone)]
pub struct ModuleItem {
    /// `Static` numbers the graph's modules until the plan's are chosen.
    pub source: ModuleSource,
    pub imports: Rc<Vec<(String, String)>>,
}

impl ModuleItem {
    pub fn of_graph(graph: &ComponentGraph, index: usize) -> ModuleItem {
        let imports = graph.modules[index]
            .imports
            .iter()
            .map(|(module, name, _)| (module.clone(), name.clone()))
            .collect();
        ModuleItem {
            source: ModuleSource::Static(ModuleId(index as u32)),
            imports: Rc::new(imports),
        }
    }
}

/// The exports of a component instance, by name.
#[derive(Default)]
pub struct InstanceItem {
    items: Map<String, Item>,
}

impl InstanceItem {
    pub fn insert(&mut self, name: String, item: Item) {
        self.items.insert(name, item);
    }

    pub fn get(&self, name: &str) -> &Item {
        self.items
            .get(name)
            .expect("validation checked that the instance has the export")
    }
}

/// A core instance: made by a step, or a bundle of items under names.
#[derive(Clone)]
pub enum CoreInstanceItem {
    Made(CoreInstanceId),
    Bundle(Rc<Map<String, CoreItem>>),
}

impl CoreInstanceItem {
    pub fn get(&self, name: &str) -> CoreItem {
        match self {
            CoreInstanceItem::Made(id) => CoreItem::Export(*id, name.into()),
            CoreInstanceItem::Bundle(items) => items
                .get(name)
                .expect("validation checked that the core instance has the export")
                .clone(),
        }
    }
}

pub struct Frame {
    pub component: ComponentId,
    /// The frame of the component that this one is written in, for outer aliases.
    pub lexical: Option<FrameId>,
    /// The next definition.
    pub pc: usize,
    pub args: Option<Map<String, Item>>,
    pub core_modules: Vec<ModuleItem>,
    pub core_instances: Vec<CoreInstanceItem>,
    pub core_funcs: Vec<CoreItem>,
    core_tables: Vec<CoreItem>,
    pub core_memories: Vec<CoreItem>,
    core_globals: Vec<CoreItem>,
    core_tags: Vec<CoreItem>,
    pub funcs: Vec<FuncItem>,
    pub values: Vec<ValueId>,
    pub components: Vec<Item>,
    pub instances: Vec<Rc<InstanceItem>>,
    /// Resource variables of the component's types → identities.
    pub resources: Map<ResourceId, ResourceId>,
    pub exports: InstanceItem,
    /// The type of the instance that is being made by the frame above this one.
    pub pending: Option<Rc<InstanceType>>,
}

impl Frame {
    /// The root's frame: imports come from the host.
    pub fn root() -> Frame {
        Frame {
            component: ComponentId(0),
            lexical: None,
            pc: 0,
            args: None,
            core_modules: Vec::new(),
            core_instances: Vec::new(),
            core_funcs: Vec::new(),
            core_tables: Vec::new(),
            core_memories: Vec::new(),
            core_globals: Vec::new(),
            core_tags: Vec::new(),
            funcs: Vec::new(),
            values: Vec::new(),
            components: Vec::new(),
            instances: Vec::new(),
            resources: Map::new(),
            exports: InstanceItem::default(),
            pending: None,
        }
    }

    pub fn new(component: ComponentId, lexical: FrameId, args: Map<String, Item>) -> Frame {
        Frame {
            component,
            lexical: Some(lexical),
            args: Some(args),
            ..Frame::root()
        }
    }

    /// Adds an item to the index space of its sort. Types have no index space here: `decode` resolved them.
    pub fn push(&mut self, item: Item) {
        match item {
            Item::CoreModule(module) => self.core_modules.push(module),
            Item::Func(func) => self.funcs.push(func),
            Item::Value(value) => self.values.push(value),
            Item::Instance(instance) => self.instances.push(instance),
            Item::Component(..) | Item::ImportedComponent(..) => self.components.push(item),
            Item::Type(_) => {}
        }
    }

    pub fn push_core(&mut self, kind: CoreKind, item: CoreItem) {
        match kind {
            CoreKind::Func => self.core_funcs.push(item),
            CoreKind::Table => self.core_tables.push(item),
            CoreKind::Memory(_) => self.core_memories.push(item),
            CoreKind::Global => self.core_globals.push(item),
            CoreKind::Tag => self.core_tags.push(item),
        }
    }

    pub fn core_space(&self, kind: CoreKind) -> &[CoreItem] {
        match kind {
            CoreKind::Func => &self.core_funcs,
            CoreKind::Table => &self.core_tables,
            CoreKind::Memory(_) => &self.core_memories,
            CoreKind::Global => &self.core_globals,
            CoreKind::Tag => &self.core_tags,
        }
    }

    /// The identity of a resource variable.
    pub fn resource(&self, var: ResourceId) -> ResourceId {
        *self
            .resources
            .get(&var)
            .expect("a resource variable is bound before a type that mentions it is used")
    }

    /// A type item of this component's text, with a resource made an identity.
    pub fn bind_type(&self, ty: TypeRef) -> TypeRef {
        match ty {
            TypeRef::Resource(var) => TypeRef::Resource(self.resource(var)),
            other => other,
        }
    }

    /// Binds the resource variables that `ty` introduces to the resources of `item`.
    ///
    /// Recursion is bounded by the validator's limit on the depth of types.
    pub fn bind(&mut self, ty: &EntityType, item: &Item) {
        match (ty, item) {
            (EntityType::Type(TypeRef::Resource(var)), Item::Type(TypeRef::Resource(id))) => {
                self.resources.entry(*var).or_insert(*id);
            }
            (EntityType::Instance(ty), Item::Instance(instance)) => {
                for (name, ty) in &ty.exports {
                    if matches!(ty, EntityType::Type(_) | EntityType::Instance(_)) {
                        self.bind(ty, instance.get(name));
                    }
                }
            }
            _ => {}
        }
    }
}
