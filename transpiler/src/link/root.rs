//! The root's two faces: imports that the host supplies, exports that it gets.

use super::frame::{FrameId, FuncItem, InstanceItem, Item, ModuleItem};
use super::Linker;
use crate::graph::{Def, EntityType, InstanceType, TypeRef};
use crate::plan::{
    Export, ExportItem, Extern, ExternName, ExternType, ExternTypeDef, HostInstance,
    HostInstanceId, ModuleSource, Plan, Resource, ResourceOrigin, Step,
};
use crate::types::{ResourceId, TypeId};
use crate::Error;
use std::rc::Rc;

impl Linker<'_> {
    /// An import: an argument of the instantiation, or, at the root, something of the host's.
    pub(super) fn import(&mut self, at: FrameId, name: &ExternName, ty: &EntityType) {
        let item = match &self.frames[at.index()].args {
            Some(args) => args
                .get(&name.key)
                .expect("validation checked that every import has an argument")
                .clone(),
            None => {
                let item = self.host_item(at, vec![name.name.clone()], ty);
                let ty = self.extern_type(at, ty);
                let name = name.clone();
                self.plan.imports.push(Extern { name, ty });
                item
            }
        };
        let frame = &mut self.frames[at.index()];
        frame.bind(ty, &item);
        if !matches!(item, Item::Type(_)) {
            frame.push(item);
        }
    }

    /// What the host supplies under `path`, as the root sees it. Recursion is bounded by the depth of types.
    fn host_item(&mut self, at: FrameId, path: Vec<String>, ty: &EntityType) -> Item {
        // With its path, an item weighs as much as many definitions.
        self.walked += 16;
        match ty {
            EntityType::Module(ty) => Item::CoreModule(ModuleItem {
                source: ModuleSource::Imported(path),
                imports: Rc::new(ty.imports.clone()),
            }),
            EntityType::Func(ty) => {
                let ty = self.bind_func(at, *ty);
                Item::Func(FuncItem::Import(Rc::new(path), ty))
            }
            EntityType::Value(ty) => {
                let ty = self.bind_value(at, *ty);
                let id = self.value(ty, Some(path));
                self.plan.steps.push(Step::Value(id));
                Item::Value(id)
            }
            EntityType::Type(TypeRef::Resource(var)) => {
                let bound = self.frames[at.index()].resources.get(var).copied();
                let id = bound.unwrap_or_else(|| self.host_resource(path));
                self.frame(at).resources.insert(*var, id);
                Item::Type(TypeRef::Resource(id))
            }
            EntityType::Type(other) => Item::Type(*other),
            EntityType::Instance(ty) => {
                let mut instance = InstanceItem::default();
                for (name, ty) in &ty.exports {
                    let mut path = path.clone();
                    path.push(name.clone());
                    instance.insert(name.clone(), self.host_item(at, path, ty));
                }
                Item::Instance(Rc::new(instance))
            }
            EntityType::Component(imports) => {
                Item::ImportedComponent(Rc::new(path), imports.clone())
            }
        }
    }

    /// The host makes an instance of a component that it supplies: what the instance exports is the host's.
    pub(super) fn host_instantiate(
        &mut self,
        at: FrameId,
        component: &[String],
        (imports, args): (&InstanceType, Vec<(String, Item)>),
        ty: &Rc<InstanceType>,
        offset: u64,
    ) -> Result<(), Error> {
        let mut items = Vec::new();
        for (name, ty) in &imports.exports {
            let (_, item) = args
                .iter()
                .find(|(arg, _)| arg == name)
                .expect("validation checked that every import has an argument");
            if matches!(item, Item::Component(..)) {
                let what = "passing a component to an imported one";
                return Err(Error::unsupported(what, Some(offset)));
            }
            let interface = matches!(item, Item::Instance(_)).then_some(name.as_str());
            items.push((name.clone(), self.export_item(item, ty, name, interface)));
        }
        let id = HostInstanceId(self.plan.host_instances.len() as u32);
        let last = component.last().map_or("", String::as_str);
        let name = format!("{last}:instance-{}", id.0);
        self.plan.host_instances.push(HostInstance {
            component: component.to_vec(),
            name: name.clone(),
            args: items,
        });
        self.plan.steps.push(Step::HostInstantiate(id));
        let item = self.host_item(at, vec![name], &EntityType::Instance(ty.clone()));
        self.frame(at).push(item);
        Ok(())
    }

    fn host_resource(&mut self, path: Vec<String>) -> ResourceId {
        let name = path.last().cloned().unwrap_or_default();
        let interface = (path.len() > 1).then(|| path[0].clone());
        self.resource(Resource {
            origin: ResourceOrigin::Imported { path },
            name,
            interface,
        })
    }

    /// The root's exports, once everything is instantiated.
    pub(super) fn exports(&mut self) -> Result<(), Error> {
        let graph = self.graph;
        let root = FrameId(0);
        for located in &graph.components[0].defs {
            let Def::Export { name, ty, .. } = &located.def else {
                continue;
            };
            let item = self.frames[0].exports.get(&name.key).clone();
            let interface = matches!(ty, EntityType::Instance(_)).then_some(name.name.as_str());
            let item = self.export_item(&item, ty, &name.name, interface);
            let ty = self.extern_type(root, ty);
            let name = name.clone();
            self.plan.exports.push(Export { name, item, ty });
            self.check_size(located.offset)?;
        }
        Ok(())
    }

    /// `item` cut to what `ty` shows of it.
    fn export_item(
        &mut self,
        item: &Item,
        ty: &EntityType,
        name: &str,
        interface: Option<&str>,
    ) -> ExportItem {
        self.walked += 1;
        match (item, ty) {
            (Item::Func(FuncItem::Lift(id)), _) => {
                self.step_lift(*id);
                ExportItem::Lift(*id)
            }
            (Item::Func(FuncItem::Import(path, ty)), _) => {
                ExportItem::Import(self.import_func(path.clone(), *ty))
            }
            (Item::Instance(instance), EntityType::Instance(ty)) => {
                let mut items = Vec::new();
                for (name, ty) in &ty.exports {
                    let item = self.export_item(instance.get(name), ty, name, interface);
                    items.push((name.clone(), item));
                }
                ExportItem::Instance(items)
            }
            (Item::Type(TypeRef::Resource(id)), _) => {
                let resource = &mut self.plan.resources[id.index()];
                if resource.name.is_empty() {
                    resource.name = name.into();
                    resource.interface = interface.map(String::from);
                }
                ExportItem::Resource(*id)
            }
            (Item::Value(id), _) => ExportItem::Value(*id),
            (Item::CoreModule(module), _) => ExportItem::Module(module.source.clone()),
            (Item::Component(..), _) => ExportItem::Component(None),
            (Item::ImportedComponent(path, _), _) => ExportItem::Component(Some(path.to_vec())),
            _ => ExportItem::Type,
        }
    }

    /// A type of the root's text, bound.
    fn extern_type(&mut self, at: FrameId, ty: &EntityType) -> ExternType {
        match ty {
            EntityType::Module(_) => ExternType::Module,
            EntityType::Func(ty) => ExternType::Func(self.bind_func(at, *ty)),
            EntityType::Value(ty) => ExternType::Value(self.bind_value(at, *ty)),
            EntityType::Type(TypeRef::Value(ty)) => {
                ExternType::Type(ExternTypeDef::Value(self.bind_value(at, *ty)))
            }
            EntityType::Type(TypeRef::Resource(var)) => {
                let id = self.frames[at.index()].resource(*var);
                ExternType::Type(ExternTypeDef::Resource(id))
            }
            EntityType::Type(TypeRef::Other) => ExternType::Type(ExternTypeDef::Other),
            EntityType::Instance(ty) => {
                let mut items = Vec::new();
                for (name, ty) in &ty.exports {
                    items.push((name.clone(), self.extern_type(at, ty)));
                }
                ExternType::Instance(items)
            }
            EntityType::Component(_) => ExternType::Component,
        }
    }

    fn bind_value(&mut self, at: FrameId, ty: TypeId) -> TypeId {
        let frame = &self.frames[at.index()];
        self.plan.types.bind(ty, &mut |var| frame.resource(var))
    }
}

/// Visits every place of the plan that names a core module.
pub(super) fn each_module(plan: &mut Plan, visit: &mut dyn FnMut(&mut ModuleSource)) {
    for instance in &mut plan.core_instances {
        visit(&mut instance.module);
    }
    let mut items: Vec<&mut ExportItem> = plan.exports.iter_mut().map(|e| &mut e.item).collect();
    let args = plan.host_instances.iter_mut().flat_map(|h| &mut h.args);
    items.extend(args.map(|(_, item)| item));
    while let Some(item) = items.pop() {
        match item {
            ExportItem::Module(source) => visit(source),
            ExportItem::Instance(inner) => items.extend(inner.iter_mut().map(|(_, item)| item)),
            _ => {}
        }
    }
}
