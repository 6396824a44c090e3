//! Symbolic instantiation: [`ComponentGraph`] → [`Plan`].
//!
//! The root is instantiated with an explicit stack of frames, one per component instance. Each frame rebuilds its index
//! spaces by walking its component's definitions; an alias is resolved on the spot, so that the plan only ever names what
//! is really there. Resource variables are bound per frame, which is what makes instantiating twice give two resource types
//! and a re-export the same one. Knows nothing of bytes and nothing of JavaScript.

mod blocking;
mod flags;
mod frame;
pub mod fuse;
mod instances;
mod root;
mod shims;

use crate::graph::{
    ComponentGraph, Def, EntityType, ItemRef, Located, Options as GraphOptions, Sort,
};
use crate::map::{Map, Set};
use crate::plan::{
    Adapter, CanonOptions, CoreFunc, CoreFuncId, CoreInstance, CoreInstanceId, CoreItem, CoreKind,
    ImportFunc, ImportFuncId, Instance, InstanceId, Lift, LiftId, ModuleId, ModuleSource, Plan,
    Resource, ResourceOrigin, Start, StartFunc, StartId, Step, Value, ValueId,
};
use crate::types::{FuncTypeId, ResourceId, TypeId};
use crate::{Error, ErrorCode, Options};
use frame::{CoreInstanceItem, Frame, FrameId, FuncItem, InstanceItem, Item, ModuleItem};
use std::rc::Rc;

/// Component instances in one plan: a component that instantiates its predecessor twice, 20 times over, is a bomb.
const MAX_INSTANCES: usize = 10_000;
/// Definitions walked over all instances, and items of the host's instances and of the root's exports.
const MAX_WALKED: usize = 4_000_000;

/// Instantiates the root component symbolically.
pub fn link(graph: &ComponentGraph, options: &Options) -> Result<Plan, Error> {
    let mut linker = Linker {
        graph,
        options,
        plan: Plan {
            types: graph.types.clone(),
            docs: graph.docs.clone(),
            ..Plan::default()
        },
        frames: Vec::new(),
        import_ids: Map::new(),
        walked: 0,
        lifted: Set::new(),
    };
    linker.run()?;
    linker.exports()?;
    shims::bypass(&mut linker.plan, &graph.modules);
    linker.keep_used_modules();
    instances::analyse(&mut linker.plan);
    flags::analyse(&mut linker.plan);
    blocking::analyse(&mut linker.plan);
    Ok(linker.plan)
}

struct Linker<'a> {
    graph: &'a ComponentGraph,
    options: &'a Options,
    plan: Plan,
    /// Never shrinks: closures keep naming frames that have ended.
    frames: Vec<Frame>,
    import_ids: Map<Rc<Vec<String>>, ImportFuncId>,
    walked: usize,
    /// Lifts that some root export shows, or a start function is.
    lifted: Set<LiftId>,
}

impl<'a> Linker<'a> {
    fn run(&mut self) -> Result<(), Error> {
        let root = self.enter(Frame::root(), None, "root".into());
        let mut stack = vec![root];
        while let Some(&at) = stack.last() {
            let frame = &mut self.frames[at.index()];
            let graph = self.graph;
            match graph.components[frame.component.index()].defs.get(frame.pc) {
                Some(def) => {
                    frame.pc += 1;
                    self.walked += 1;
                    self.check_size(def.offset)?;
                    if let Some(child) = self.define(at, def)? {
                        stack.push(child);
                    }
                }
                None => {
                    stack.pop();
                    if let Some(&caller) = stack.last() {
                        self.leave(at, caller);
                    }
                }
            }
        }
        Ok(())
    }

    fn check_size(&self, offset: u64) -> Result<(), Error> {
        if self.walked <= MAX_WALKED && self.frames.len() <= MAX_INSTANCES {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::TooLarge,
            format!("this component instantiates more than {MAX_INSTANCES} components, or too many things in them"),
            Some(offset),
        ))
    }

    fn enter(&mut self, frame: Frame, parent: Option<InstanceId>, path: String) -> FrameId {
        let id = FrameId(self.frames.len() as u32);
        self.frames.push(frame);
        self.plan.instances.push(Instance {
            parent,
            path,
            has_handles: false,
            checks_may_leave: true,
            may_throw: false,
        });
        id
    }

    /// The instantiation of `child` is complete: its exports are an instance of `caller`.
    fn leave(&mut self, child: FrameId, caller: FrameId) {
        let exports = std::mem::take(&mut self.frames[child.index()].exports);
        let instance = Item::Instance(Rc::new(exports));
        let frame = &mut self.frames[caller.index()];
        if let Some(ty) = frame.pending.take() {
            frame.bind(&EntityType::Instance(ty), &instance);
        }
        frame.push(instance);
    }

    fn frame(&mut self, at: FrameId) -> &mut Frame {
        &mut self.frames[at.index()]
    }

    /// Carries out one definition; a component to instantiate is returned as the frame to go on with.
    fn define(&mut self, at: FrameId, located: &'a Located<Def>) -> Result<Option<FrameId>, Error> {
        match &located.def {
            Def::Import { name, ty } => self.import(at, name, ty),
            Def::CoreModule(index) => {
                let module = ModuleItem::of_graph(self.graph, *index);
                self.frame(at).core_modules.push(module);
            }
            Def::CoreInstantiate { module, args } => self.core_instantiate(at, *module, args),
            Def::CoreFromExports(exports) => self.core_from_exports(at, exports),
            Def::Component(component) => {
                let item = Item::Component(*component, at);
                self.frame(at).push(item);
            }
            Def::Instantiate {
                component,
                args,
                ty,
            } => {
                let args: Vec<(String, Item)> = args
                    .iter()
                    .map(|(name, item)| (name.clone(), self.resolve(at, item)))
                    .collect();
                let (definition, lexical) =
                    match self.frame(at).components[*component as usize].clone() {
                        Item::Component(definition, lexical) => (definition, lexical),
                        Item::ImportedComponent(path, imports) => {
                            let args = (&*imports, args);
                            self.host_instantiate(at, &path, args, ty, located.offset)?;
                            return Ok(None);
                        }
                        _ => unreachable!("the index space holds components"),
                    };
                let args = args.into_iter().collect();
                let frame = self.frame(at);
                frame.pending = Some(ty.clone());
                let index = frame.instances.len();
                let path = format!("{}.{index}", self.plan.instances[at.index()].path);
                let child = Frame::new(definition, lexical, args);
                return Ok(Some(self.enter(child, Some(at.instance()), path)));
            }
            Def::FromExports(exports) => {
                let mut instance = InstanceItem::default();
                for (name, item) in exports {
                    instance.insert(name.clone(), self.resolve(at, item));
                }
                self.frame(at).push(Item::Instance(Rc::new(instance)));
            }
            Def::AliasExport { instance, name, .. } => {
                let frame = self.frame(at);
                let item = frame.instances[*instance as usize].get(name).clone();
                frame.push(item);
            }
            Def::AliasCoreExport {
                instance,
                name,
                kind,
            } => {
                let frame = self.frame(at);
                let item = frame.core_instances[*instance as usize].get(name);
                frame.push_core(*kind, item);
            }
            Def::AliasOuter { sort, count, index } => self.alias_outer(at, *sort, *count, *index),
            Def::Resource { var, dtor } => self.define_resource(at, *var, *dtor),
            Def::Lift {
                core_func,
                ty,
                options,
            } => self.lift(at, *core_func, *ty, options),
            Def::Lower { func, ty, options } => self.lower(at, *func, *ty, options),
            Def::ResourceNew(var) => {
                let (resource, instance) = (self.frame(at).resource(*var), at.instance());
                self.core_func(at, CoreFunc::ResourceNew { resource, instance });
            }
            Def::ResourceRep(var) => {
                let (resource, instance) = (self.frame(at).resource(*var), at.instance());
                self.core_func(at, CoreFunc::ResourceRep { resource, instance });
            }
            Def::ResourceDrop(var) => self.resource_drop(at, *var),
            Def::ErrorContext { op, options } => {
                let options = options.as_ref().map(|o| self.canon_options(at, o));
                let instance = at.instance();
                let op = *op;
                self.core_func(
                    at,
                    CoreFunc::ErrorContext {
                        op,
                        options,
                        instance,
                    },
                );
            }
            Def::Start { func, args } => self.start(at, *func, args),
            Def::Export { name, item, ty } => {
                let item = self.resolve(at, item);
                let frame = self.frame(at);
                frame.bind(ty, &item);
                frame.exports.insert(name.key.clone(), item.clone());
                if !matches!(item, Item::Type(_)) {
                    frame.push(item);
                }
            }
        }
        Ok(None)
    }

    fn resolve(&mut self, at: FrameId, item: &ItemRef) -> Item {
        let frame = self.frame(at);
        match item {
            ItemRef::CoreModule(i) => Item::CoreModule(frame.core_modules[*i as usize].clone()),
            ItemRef::Func(i) => Item::Func(frame.funcs[*i as usize].clone()),
            ItemRef::Value(i) => Item::Value(frame.values[*i as usize]),
            ItemRef::Component(i) => frame.components[*i as usize].clone(),
            ItemRef::Instance(i) => Item::Instance(frame.instances[*i as usize].clone()),
            ItemRef::Type(ty) => Item::Type(frame.bind_type(*ty)),
        }
    }

    fn alias_outer(&mut self, at: FrameId, sort: Sort, count: u32, index: u32) {
        let mut outer = at;
        for _ in 0..count {
            outer = self.frames[outer.index()]
                .lexical
                .expect("validation bounds the count of an outer alias");
        }
        let from = &self.frames[outer.index()];
        let item = match sort {
            Sort::CoreModule => Item::CoreModule(from.core_modules[index as usize].clone()),
            _ => from.components[index as usize].clone(),
        };
        self.frame(at).push(item);
    }

    fn core_instantiate(&mut self, at: FrameId, module: u32, args: &[(String, u32)]) {
        let frame = &self.frames[at.index()];
        let ModuleItem { source, imports } = frame.core_modules[module as usize].clone();
        let mut seen = Set::new();
        let mut passed = Vec::new();
        for (from, name) in imports.iter() {
            if !seen.insert((from, name)) {
                continue;
            }
            let (_, index) = args
                .iter()
                .find(|(arg, _)| arg == from)
                .expect("validation checked that every core import has an argument");
            let item = frame.core_instances[*index as usize].get(name);
            passed.push((from.clone(), name.clone(), item));
        }
        let id = CoreInstanceId(self.plan.core_instances.len() as u32);
        self.plan.core_instances.push(CoreInstance {
            module: source,
            instance: at.instance(),
            args: passed,
        });
        self.plan.steps.push(Step::Instantiate(id));
        self.frame(at)
            .core_instances
            .push(CoreInstanceItem::Made(id));
    }

    fn core_from_exports(&mut self, at: FrameId, exports: &[(String, CoreKind, u32)]) {
        let frame = self.frame(at);
        let mut items = Map::new();
        for (name, kind, index) in exports {
            let item = frame.core_space(*kind)[*index as usize].clone();
            items.insert(name.clone(), item);
        }
        frame
            .core_instances
            .push(CoreInstanceItem::Bundle(Rc::new(items)));
    }

    fn define_resource(&mut self, at: FrameId, var: ResourceId, dtor: Option<u32>) {
        let dtor = dtor.map(|i| self.frame(at).core_funcs[i as usize].clone());
        let instance = at.instance();
        let id = self.resource(Resource {
            origin: ResourceOrigin::Defined { instance, dtor },
            name: String::new(),
            interface: None,
        });
        self.frame(at).resources.insert(var, id);
    }

    fn resource(&mut self, resource: Resource) -> ResourceId {
        let id = ResourceId(self.plan.resources.len() as u32);
        self.plan.resources.push(resource);
        self.plan.steps.push(Step::Resource(id));
        id
    }

    fn core_func(&mut self, at: FrameId, func: CoreFunc) {
        let id = CoreFuncId(self.plan.core_funcs.len() as u32);
        self.plan.core_funcs.push(func);
        self.plan.steps.push(Step::Func(id));
        self.frame(at).core_funcs.push(CoreItem::Func(id));
    }

    fn canon_options(&mut self, at: FrameId, options: &GraphOptions) -> CanonOptions {
        let frame = self.frame(at);
        let func = |i: Option<u32>| i.map(|i| frame.core_funcs[i as usize].clone());
        CanonOptions {
            instance: at.instance(),
            encoding: options.encoding,
            memory: options
                .memory
                .map(|i| frame.core_memories[i as usize].clone()),
            ptr: options.ptr,
            realloc: func(options.realloc),
            post_return: func(options.post_return),
            async_: false,
            callback: None,
        }
    }

    /// A function type of the frame's component with its resources bound.
    fn bind_func(&mut self, at: FrameId, ty: FuncTypeId) -> FuncTypeId {
        let frame = &self.frames[at.index()];
        self.plan
            .types
            .bind_func(ty, &mut |var| frame.resource(var))
    }

    fn lift(&mut self, at: FrameId, core_func: u32, ty: FuncTypeId, options: &GraphOptions) {
        let ty = self.bind_func(at, ty);
        let options = self.canon_options(at, options);
        let core = self.frame(at).core_funcs[core_func as usize].clone();
        let id = LiftId(self.plan.lifts.len() as u32);
        self.plan.lifts.push(Lift {
            core,
            ty,
            options,
            may_block: false,
        });
        self.frame(at).funcs.push(FuncItem::Lift(id));
    }

    fn lower(&mut self, at: FrameId, func: u32, ty: FuncTypeId, options: &GraphOptions) {
        let ty = self.bind_func(at, ty);
        let options = self.canon_options(at, options);
        let func = match self.frame(at).funcs[func as usize].clone() {
            FuncItem::Import(path, ty) => CoreFunc::Lower {
                import: self.import_func(path, ty),
                options,
            },
            FuncItem::Lift(lift) => {
                let mut adapter = Adapter {
                    lift,
                    ty,
                    lower: options,
                    wasm: false,
                };
                adapter.wasm = fuse::wasm_adapter_ok(&self.plan, &adapter);
                CoreFunc::Adapter(adapter)
            }
        };
        self.core_func(at, func);
    }

    fn import_func(&mut self, path: Rc<Vec<String>>, ty: FuncTypeId) -> ImportFuncId {
        let next = ImportFuncId(self.plan.import_funcs.len() as u32);
        let id = *self.import_ids.entry(path.clone()).or_insert(next);
        if id == next {
            let func = self.plan.types.func(ty);
            let may_block = func.async_ || blocking::import_may_block(&path, self.options);
            let result = func.result.map(|t| self.plan.types.get(t));
            let refuses_promise = !may_block && blocking::promise_would_pass(&path, result);
            self.plan.import_funcs.push(ImportFunc {
                may_block,
                refuses_promise,
                path: path.to_vec(),
                ty,
            });
        }
        id
    }

    fn start(&mut self, at: FrameId, func: u32, args: &[u32]) {
        let frame = self.frame(at);
        let args = args.iter().map(|i| frame.values[*i as usize]).collect();
        let (func, ty) = match frame.funcs[func as usize].clone() {
            FuncItem::Lift(lift) => {
                self.step_lift(lift);
                (StartFunc::Lift(lift), self.plan.lift(lift).ty)
            }
            FuncItem::Import(path, ty) => (StartFunc::Import(self.import_func(path, ty)), ty),
        };
        let result = self.plan.types.func(ty).result;
        let result = result.map(|ty| self.value(ty, None));
        let id = StartId(self.plan.starts.len() as u32);
        self.plan.starts.push(Start { func, args, result });
        self.plan.steps.push(Step::Start(id));
        self.frame(at).values.extend(result);
    }

    fn value(&mut self, ty: TypeId, import: Option<Vec<String>>) -> ValueId {
        let id = ValueId(self.plan.values.len() as u32);
        self.plan.values.push(Value { ty, import });
        id
    }

    /// A lift that the glue calls comes to be, once.
    fn step_lift(&mut self, id: LiftId) {
        if self.lifted.insert(id) {
            self.plan.steps.push(Step::Lift(id));
        }
    }

    fn resource_drop(&mut self, at: FrameId, var: ResourceId) {
        let resource = self.frame(at).resource(var);
        let instance = at.instance();
        self.core_func(at, CoreFunc::ResourceDrop { resource, instance });
    }

    /// Numbers the modules that the plan uses, in the order of their bytes, and forgets the others.
    fn keep_used_modules(&mut self) {
        let mut used = vec![None; self.graph.modules.len()];
        root::each_module(&mut self.plan, &mut |source| {
            if let ModuleSource::Static(id) = source {
                used[id.index()] = Some(ModuleId(0));
            }
        });
        for (slot, module) in used.iter_mut().zip(&self.graph.modules) {
            if slot.is_some() {
                *slot = Some(ModuleId(self.plan.modules.len() as u32));
                self.plan.modules.push(module.clone());
            }
        }
        root::each_module(&mut self.plan, &mut |source| {
            if let ModuleSource::Static(id) = source {
                *id = used[id.index()].expect("every module in use was numbered");
            }
        });
    }
}
