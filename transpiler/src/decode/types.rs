//! wasmparser's type ids → our type table, with one resource variable per wasmparser resource.

use super::module::entity_kind;
use crate::graph::{EntityType, InstanceType, ModuleType, TypeRef};
use crate::map::Map;
use crate::types::{FuncType, FuncTypeId, ResourceId, Type, TypeId, TypeTable};
use std::rc::Rc;
use wasmparser::collections::{IndexMap, IndexSet};
use wasmparser::component_types::{
    AliasableResourceId, ComponentAnyTypeId, ComponentCoreModuleTypeId, ComponentDefinedType,
    ComponentDefinedTypeId, ComponentEntityType, ComponentFuncTypeId, ComponentInstanceTypeId,
    ComponentItem, ComponentTypeId, ComponentValType, ResourceId as ParserResource,
};
use wasmparser::names::KebabString;
use wasmparser::types::TypesRef;
use wasmparser::PrimitiveValType;

/// The table, and what has been imported into it.
#[derive(Default)]
pub struct TypeImporter {
    pub table: TypeTable,
    resources: Map<ParserResource, ResourceId>,
    defined: Map<ComponentDefinedTypeId, TypeId>,
    instances: Map<ComponentInstanceTypeId, Rc<InstanceType>>,
    components: Map<ComponentTypeId, Rc<InstanceType>>,
}

impl TypeImporter {
    /// The variable for a resource type.
    pub fn resource(&mut self, id: AliasableResourceId) -> ResourceId {
        let next = ResourceId(self.resources.len() as u32);
        *self.resources.entry(id.resource()).or_insert(next)
    }

    pub fn value(&mut self, types: TypesRef<'_>, ty: ComponentValType) -> TypeId {
        match ty {
            ComponentValType::Primitive(p) => self.table.intern(primitive(p)),
            ComponentValType::Type(id) => self.defined(types, id),
        }
    }

    /// Recursion is bounded by the validator's limit on the depth of types.
    fn defined(&mut self, types: TypesRef<'_>, id: ComponentDefinedTypeId) -> TypeId {
        if let Some(&t) = self.defined.get(&id) {
            return t;
        }
        let ty = self.definition(types, &types[id]);
        let t = self.table.intern(ty);
        self.defined.insert(id, t);
        t
    }

    fn definition(&mut self, types: TypesRef<'_>, ty: &ComponentDefinedType) -> Type {
        use ComponentDefinedType as D;
        match ty {
            D::Primitive(p) => primitive(*p),
            D::Record(r) => {
                let mut fields = Vec::new();
                for (name, t) in &r.fields {
                    fields.push((name.to_string(), self.value(types, *t)));
                }
                Type::Record(fields.into())
            }
            D::Variant(v) => {
                let mut cases = Vec::new();
                for (name, case) in &v.cases {
                    cases.push((name.to_string(), self.optional(types, case.ty)));
                }
                Type::Variant(cases.into())
            }
            D::List { element, .. } => Type::List(self.value(types, *element)),
            D::FixedLengthList {
                element, length, ..
            } => Type::FixedList(self.value(types, *element), *length),
            D::Map { key, value, .. } => {
                let key = self.value(types, *key);
                Type::Map(key, self.value(types, *value))
            }
            D::Tuple(t) => {
                let mut parts = Vec::new();
                for t in &t.types {
                    parts.push(self.value(types, *t));
                }
                Type::Tuple(parts.into())
            }
            D::Flags(labels) => Type::Flags(strings(labels)),
            D::Enum(labels) => Type::Enum(strings(labels)),
            D::Option { ty, .. } => Type::Option(self.value(types, *ty)),
            D::Result { ok, err, .. } => Type::Result {
                ok: self.optional(types, *ok),
                err: self.optional(types, *err),
            },
            D::Own(r) => Type::Own(self.resource(*r)),
            D::Borrow(r) => Type::Borrow(self.resource(*r)),
            D::Future { ty, .. } => Type::Future(self.optional(types, *ty)),
            D::Stream { ty, .. } => Type::Stream(self.optional(types, *ty)),
        }
    }

    fn optional(&mut self, types: TypesRef<'_>, ty: Option<ComponentValType>) -> Option<TypeId> {
        ty.map(|t| self.value(types, t))
    }

    pub fn func(&mut self, types: TypesRef<'_>, id: ComponentFuncTypeId) -> FuncTypeId {
        let ty = &types[id];
        let mut params = Vec::new();
        for (name, t) in &ty.params {
            params.push((name.to_string(), self.value(types, *t)));
        }
        let result = self.optional(types, ty.result);
        self.table.intern_func(FuncType {
            params: params.into(),
            result,
            async_: ty.async_,
        })
    }

    pub fn any(&mut self, types: TypesRef<'_>, id: ComponentAnyTypeId) -> TypeRef {
        match id {
            ComponentAnyTypeId::Resource(r) => TypeRef::Resource(self.resource(r)),
            ComponentAnyTypeId::Defined(id) => TypeRef::Value(self.defined(types, id)),
            _ => TypeRef::Other,
        }
    }

    pub fn instance(
        &mut self,
        types: TypesRef<'_>,
        id: ComponentInstanceTypeId,
    ) -> Rc<InstanceType> {
        if let Some(t) = self.instances.get(&id) {
            return t.clone();
        }
        let ty = self.items(types, &types[id].exports);
        self.instances.insert(id, ty.clone());
        ty
    }

    /// What a component type imports.
    fn component(&mut self, types: TypesRef<'_>, id: ComponentTypeId) -> Rc<InstanceType> {
        if let Some(t) = self.components.get(&id) {
            return t.clone();
        }
        let ty = self.items(types, &types[id].imports);
        self.components.insert(id, ty.clone());
        ty
    }

    fn items(
        &mut self,
        types: TypesRef<'_>,
        items: &IndexMap<String, ComponentItem>,
    ) -> Rc<InstanceType> {
        let mut exports = Vec::new();
        for (name, item) in items {
            exports.push((name.clone(), self.entity(types, &item.ty)));
        }
        Rc::new(InstanceType { exports })
    }

    pub fn entity(&mut self, types: TypesRef<'_>, ty: &ComponentEntityType) -> EntityType {
        match ty {
            ComponentEntityType::Module(id) => EntityType::Module(Rc::new(module_type(types, *id))),
            ComponentEntityType::Func(id) => EntityType::Func(self.func(types, *id)),
            ComponentEntityType::Value(t) => EntityType::Value(self.value(types, *t)),
            ComponentEntityType::Type { created, .. } => {
                EntityType::Type(self.any(types, *created))
            }
            ComponentEntityType::Instance(id) => EntityType::Instance(self.instance(types, *id)),
            ComponentEntityType::Component(id) => EntityType::Component(self.component(types, *id)),
        }
    }
}

fn module_type(types: TypesRef<'_>, id: ComponentCoreModuleTypeId) -> ModuleType {
    let ty = &types[id];
    ModuleType {
        imports: ty.imports.keys().cloned().collect(),
        exports: ty
            .exports
            .iter()
            .map(|(n, t)| (n.clone(), entity_kind(t)))
            .collect(),
    }
}

fn strings(labels: &IndexSet<KebabString>) -> Box<[String]> {
    let mut all = Vec::new();
    for label in labels {
        all.push(label.to_string());
    }
    all.into()
}

fn primitive(p: PrimitiveValType) -> Type {
    use PrimitiveValType as P;
    match p {
        P::Bool => Type::Bool,
        P::S8 => Type::S8,
        P::U8 => Type::U8,
        P::S16 => Type::S16,
        P::U16 => Type::U16,
        P::S32 => Type::S32,
        P::U32 => Type::U32,
        P::S64 => Type::S64,
        P::U64 => Type::U64,
        P::F32 => Type::F32,
        P::F64 => Type::F64,
        P::Char => Type::Char,
        P::String => Type::String,
        P::ErrorContext => Type::ErrorContext,
    }
}
