//! A component's sections → definitions. Each section is validated as a whole, then read again for what it defines.

use super::invalid;
use super::module::ptr_size;
use super::types::TypeImporter;
use crate::graph::{
    Component, ComponentId, Def, EntityType, ItemRef, Located, Options, Sort, TypeRef,
};
use crate::plan::{CoreKind, ErrorContextOp, ExternName, StringEncoding};
use crate::types::abi::PtrSize;
use crate::Error;
use wasmparser::component_types::ComponentAnyTypeId;
use wasmparser::types::TypesRef;
use wasmparser::{
    BinaryReader, CanonicalFunction, CanonicalOption, ComponentAlias, ComponentExternName,
    ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind, ComponentStartFunction,
    ComponentType, ExternalKind, FromReader, Instance, SectionLimited, Validator, WasmFeatures,
};

/// Section ids of components.
mod id {
    pub const CORE_INSTANCE: u8 = 2;
    pub const CORE_TYPE: u8 = 3;
    pub const INSTANCE: u8 = 5;
    pub const ALIAS: u8 = 6;
    pub const TYPE: u8 = 7;
    pub const CANON: u8 = 8;
    pub const START: u8 = 9;
    pub const IMPORT: u8 = 10;
    pub const EXPORT: u8 = 11;
}

/// A component that is being read.
pub struct ComponentBuilder {
    pub id: ComponentId,
}

/// What reading a section needs: the state of validation before it, and where definitions go.
struct Reader<'a> {
    types: TypesRef<'a>,
    importer: &'a mut TypeImporter,
    defs: &'a mut Vec<Located<Def>>,
}

impl ComponentBuilder {
    pub fn new(id: ComponentId) -> ComponentBuilder {
        ComponentBuilder { id }
    }

    pub fn add_module(
        components: &mut [Component],
        parent: ComponentId,
        module: usize,
        offset: u64,
    ) {
        components[parent.index()].defs.push(Located {
            offset,
            def: Def::CoreModule(module),
        });
    }

    pub fn add_component(
        components: &mut [Component],
        parent: ComponentId,
        child: ComponentId,
        offset: u64,
    ) {
        components[parent.index()].defs.push(Located {
            offset,
            def: Def::Component(child),
        });
    }

    /// Validates and reads one section.
    #[allow(clippy::too_many_arguments)] // the parts of the decoder that a section touches, borrowed apart
    pub fn section(
        &mut self,
        section: u8,
        bytes: &[u8],
        start: u64,
        features: WasmFeatures,
        validator: &mut Validator,
        importer: &mut TypeImporter,
        components: &mut [Component],
    ) -> Result<(), Error> {
        let reader = BinaryReader::new_features(bytes, start, features);
        if section != id::START {
            super::plausible_count(reader.clone())?;
        }
        let (types_before, instances_before) = {
            let types = validator.types(0).expect("a component is open");
            (
                types.component_type_count(),
                types.component_instance_count(),
            )
        };
        validate(validator, section, reader.clone(), start).map_err(invalid)?;
        let mut reading = Reader {
            types: validator.types(0).expect("a component is open"),
            importer,
            defs: &mut components[self.id.index()].defs,
        };
        match section {
            id::CORE_INSTANCE => each(reader, |i, at| reading.core_instance(i, at)),
            id::INSTANCE => {
                let mut index = instances_before;
                each(reader, |i, at| {
                    reading.instance(i, index, at);
                    index += 1;
                    Ok(())
                })
            }
            id::ALIAS => {
                let mut ty = types_before;
                each(reader, |a, at| reading.alias(a, &mut ty, at))
            }
            id::TYPE => {
                let mut index = types_before;
                each(reader, |t, at| {
                    reading.type_(t, index, at);
                    index += 1;
                    Ok(())
                })
            }
            id::CANON => each(reader, |c, at| reading.canon(c, at)),
            id::IMPORT => each(reader, |i, at| reading.import(i, at)),
            id::EXPORT => each(reader, |e, at| reading.export(e, at)),
            id::START => {
                let mut reader = reader;
                let def: ComponentStartFunction = reader.read().map_err(invalid)?;
                if !reader.eof() {
                    let message = "unexpected content in the component start section";
                    return Err(super::malformed(message, reader.original_position()));
                }
                let (func, args) = (def.func_index, def.arguments.to_vec());
                reading.push(start, Def::Start { func, args });
                Ok(())
            }
            // Core types only matter to validation.
            _ => Ok(()),
        }
    }
}

fn validate(
    validator: &mut Validator,
    section: u8,
    reader: BinaryReader<'_>,
    start: u64,
) -> wasmparser::Result<()> {
    match section {
        id::CORE_INSTANCE => validator.instance_section(&SectionLimited::new(reader)?),
        id::CORE_TYPE => validator.core_type_section(&SectionLimited::new(reader)?),
        id::INSTANCE => validator.component_instance_section(&SectionLimited::new(reader)?),
        id::ALIAS => validator.component_alias_section(&SectionLimited::new(reader)?),
        id::TYPE => validator.component_type_section(&SectionLimited::new(reader)?),
        id::CANON => validator.component_canonical_section(&SectionLimited::new(reader)?),
        id::START => {
            let range = reader.range();
            let mut reader = reader;
            validator.component_start_section(&reader.read()?, &range)
        }
        id::IMPORT => validator.component_import_section(&SectionLimited::new(reader)?),
        id::EXPORT => validator.component_export_section(&SectionLimited::new(reader)?),
        _ => validator.unknown_section(section, &(start - 2..start)),
    }
}

/// Calls `f` with each item of a section and its offset.
fn each<'a, T: FromReader<'a>>(
    reader: BinaryReader<'a>,
    mut f: impl FnMut(T, u64) -> Result<(), Error>,
) -> Result<(), Error> {
    let section = SectionLimited::<T>::new(reader).map_err(invalid)?;
    for item in section.into_iter_with_offsets() {
        let (offset, item) = item.map_err(invalid)?;
        f(item, offset)?;
    }
    Ok(())
}

impl Reader<'_> {
    fn push(&mut self, offset: u64, def: Def) {
        self.defs.push(Located { offset, def });
    }

    fn core_instance(&mut self, instance: Instance<'_>, at: u64) -> Result<(), Error> {
        let def = match instance {
            Instance::Instantiate { module_index, args } => {
                let mut named = Vec::new();
                for arg in &args {
                    named.push((arg.name.into(), arg.index));
                }
                Def::CoreInstantiate {
                    module: module_index,
                    args: named,
                }
            }
            Instance::FromExports(exports) => {
                let mut named = Vec::new();
                for e in &exports {
                    named.push((e.name.into(), self.core_kind(e.kind, e.index), e.index));
                }
                Def::CoreFromExports(named)
            }
        };
        self.push(at, def);
        Ok(())
    }

    fn core_kind(&self, kind: ExternalKind, index: u32) -> CoreKind {
        match kind {
            ExternalKind::Memory => CoreKind::Memory(ptr_size(&self.types.memory_at(index))),
            other => plain_kind(other),
        }
    }

    fn instance(&mut self, instance: ComponentInstance<'_>, index: u32, at: u64) {
        let def = match instance {
            ComponentInstance::Instantiate {
                component_index,
                args,
            } => {
                let mut named = Vec::new();
                for arg in &args {
                    named.push((arg.name.into(), self.item(arg.kind, arg.index)));
                }
                let id = self.types.component_instance_at(index);
                Def::Instantiate {
                    component: component_index,
                    args: named,
                    ty: self.importer.instance(self.types, id),
                }
            }
            ComponentInstance::FromExports(exports) => {
                let mut named = Vec::new();
                for e in &exports {
                    named.push((e.name.name.into(), self.item(e.kind, e.index)));
                }
                Def::FromExports(named)
            }
        };
        self.push(at, def);
    }

    fn item(&mut self, kind: ComponentExternalKind, index: u32) -> ItemRef {
        match kind {
            ComponentExternalKind::Module => ItemRef::CoreModule(index),
            ComponentExternalKind::Func => ItemRef::Func(index),
            ComponentExternalKind::Type => ItemRef::Type(self.type_at(index)),
            ComponentExternalKind::Component => ItemRef::Component(index),
            ComponentExternalKind::Instance => ItemRef::Instance(index),
            ComponentExternalKind::Value => ItemRef::Value(index),
        }
    }

    fn type_at(&mut self, index: u32) -> TypeRef {
        let id = self.types.component_any_type_at(index);
        self.importer.any(self.types, id)
    }

    fn alias(&mut self, alias: ComponentAlias<'_>, ty: &mut u32, at: u64) -> Result<(), Error> {
        let def = match alias {
            ComponentAlias::InstanceExport {
                kind,
                instance_index,
                name,
            } => Def::AliasExport {
                instance: instance_index,
                name: name.into(),
                sort: match kind {
                    ComponentExternalKind::Module => Sort::CoreModule,
                    ComponentExternalKind::Func => Sort::Func,
                    ComponentExternalKind::Component => Sort::Component,
                    ComponentExternalKind::Instance => Sort::Instance,
                    ComponentExternalKind::Value => Sort::Value,
                    ComponentExternalKind::Type => {
                        *ty += 1;
                        return Ok(());
                    }
                },
            },
            ComponentAlias::CoreInstanceExport {
                kind,
                instance_index,
                name,
            } => Def::AliasCoreExport {
                instance: instance_index,
                name: name.into(),
                kind: plain_kind(kind),
            },
            ComponentAlias::Outer { kind, count, index } => Def::AliasOuter {
                sort: match kind {
                    ComponentOuterAliasKind::CoreModule => Sort::CoreModule,
                    ComponentOuterAliasKind::Component => Sort::Component,
                    ComponentOuterAliasKind::Type | ComponentOuterAliasKind::CoreType => {
                        return Ok(())
                    }
                },
                count,
                index,
            },
        };
        self.push(at, def);
        Ok(())
    }

    fn type_(&mut self, ty: ComponentType<'_>, index: u32, at: u64) {
        let ComponentType::Resource { dtor, .. } = ty else {
            return;
        };
        if let ComponentAnyTypeId::Resource(id) = self.types.component_any_type_at(index) {
            let var = self.importer.resource(id);
            self.push(at, Def::Resource { var, dtor });
        }
    }

    fn canon(&mut self, canon: CanonicalFunction, at: u64) -> Result<(), Error> {
        use CanonicalFunction as C;
        let def = match canon {
            C::Lift {
                core_func_index,
                type_index,
                options,
            } => {
                let ComponentAnyTypeId::Func(id) = self.types.component_any_type_at(type_index)
                else {
                    unreachable!("validation checked that a lift has a function type");
                };
                Def::Lift {
                    core_func: core_func_index,
                    ty: self.importer.func(self.types, id),
                    options: self.options(&options, at)?,
                }
            }
            C::Lower {
                func_index,
                options,
            } => {
                let id = self.types.component_function_at(func_index);
                Def::Lower {
                    func: func_index,
                    ty: self.importer.func(self.types, id),
                    options: self.options(&options, at)?,
                }
            }
            C::ResourceNew { resource } => Def::ResourceNew(self.resource(resource)),
            C::ResourceRep { resource } => Def::ResourceRep(self.resource(resource)),
            C::ResourceDrop { resource } => Def::ResourceDrop(self.resource(resource)),
            C::ErrorContextNew { options } => Def::ErrorContext {
                op: ErrorContextOp::New,
                options: Some(self.options(&options, at)?),
            },
            C::ErrorContextDebugMessage { options } => Def::ErrorContext {
                op: ErrorContextOp::DebugMessage,
                options: Some(self.options(&options, at)?),
            },
            C::ErrorContextDrop => Def::ErrorContext {
                op: ErrorContextOp::Drop,
                options: None,
            },
            other => return Err(Error::unsupported(built_in_name(&other), Some(at))),
        };
        self.push(at, def);
        Ok(())
    }

    fn resource(&mut self, index: u32) -> crate::types::ResourceId {
        match self.type_at(index) {
            TypeRef::Resource(var) => var,
            _ => unreachable!("validation checked that this is a resource type"),
        }
    }

    fn options(&self, options: &[CanonicalOption], at: u64) -> Result<Options, Error> {
        let mut out = Options {
            encoding: StringEncoding::Utf8,
            memory: None,
            ptr: PtrSize::P32,
            realloc: None,
            post_return: None,
        };
        for option in options {
            match *option {
                CanonicalOption::UTF8 => out.encoding = StringEncoding::Utf8,
                CanonicalOption::UTF16 => out.encoding = StringEncoding::Utf16,
                CanonicalOption::CompactUTF16 => out.encoding = StringEncoding::CompactUtf16,
                CanonicalOption::Memory(index) => {
                    out.memory = Some(index);
                    out.ptr = ptr_size(&self.types.memory_at(index));
                }
                CanonicalOption::Realloc(index) => out.realloc = Some(index),
                CanonicalOption::PostReturn(index) => out.post_return = Some(index),
                CanonicalOption::Async | CanonicalOption::Callback(_) => {
                    return Err(Error::unsupported("the canonical option `async`", Some(at)))
                }
                CanonicalOption::CoreType(_) | CanonicalOption::Gc => {
                    return Err(Error::unsupported("the canonical option `gc`", Some(at)))
                }
            }
        }
        Ok(out)
    }

    fn import(&mut self, import: wasmparser::ComponentImport<'_>, at: u64) -> Result<(), Error> {
        let item = self
            .types
            .component_item_for_import(import.name.name)
            .expect("a validated import is in its component's type");
        let ty = self.importer.entity(self.types, &item.ty);
        if let EntityType::Value(t) = ty {
            if self.importer.table.abi(t).has_async {
                let what = "a value import with an error-context, a stream or a future";
                return Err(Error::unsupported(what, Some(at)));
            }
        }
        let name = extern_name(&import.name);
        self.push(at, Def::Import { name, ty });
        Ok(())
    }

    fn export(&mut self, export: wasmparser::ComponentExport<'_>, at: u64) -> Result<(), Error> {
        let item = self
            .types
            .component_item_for_export(export.name.name)
            .expect("a validated export is in its component's type");
        let ty: EntityType = self.importer.entity(self.types, &item.ty);
        let def = Def::Export {
            name: extern_name(&export.name),
            item: self.item(export.kind, export.index),
            ty,
        };
        self.push(at, def);
        Ok(())
    }
}

fn plain_kind(kind: ExternalKind) -> CoreKind {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => CoreKind::Func,
        ExternalKind::Table => CoreKind::Table,
        ExternalKind::Memory => CoreKind::Memory(PtrSize::P32),
        ExternalKind::Global => CoreKind::Global,
        ExternalKind::Tag => CoreKind::Tag,
    }
}

fn extern_name(name: &ComponentExternName<'_>) -> ExternName {
    ExternName {
        key: name.name.into(),
        name: name.full_name().into_owned(),
        implements: name.full_implements().map(|n| n.into_owned()),
        version_suffix: name.version_suffix.map(String::from),
        external_id: name.external_id.map(String::from),
    }
}

/// A canonical built-in that is refused, as the text format names it. The built-ins of threads and of GC share a word.
#[cold]
fn built_in_name(canon: &CanonicalFunction) -> String {
    use CanonicalFunction as C;
    let name = match canon {
        C::BackpressureInc => "backpressure.inc",
        C::BackpressureDec => "backpressure.dec",
        C::TaskReturn { .. } => "task.return",
        C::TaskCancel => "task.cancel",
        C::ContextGet { .. } => "context.get",
        C::ContextSet { .. } => "context.set",
        C::SubtaskDrop => "subtask.drop",
        C::SubtaskCancel { .. } => "subtask.cancel",
        C::StreamNew { .. } => "stream.new",
        C::StreamRead { .. } => "stream.read",
        C::StreamWrite { .. } => "stream.write",
        C::StreamForward { .. } => "stream.forward",
        C::StreamCancelRead { .. } => "stream.cancel-read",
        C::StreamCancelWrite { .. } => "stream.cancel-write",
        C::StreamDropReadable { .. } => "stream.drop-readable",
        C::StreamDropWritable { .. } => "stream.drop-writable",
        C::FutureNew { .. } => "future.new",
        C::FutureRead { .. } => "future.read",
        C::FutureWrite { .. } => "future.write",
        C::FutureForward { .. } => "future.forward",
        C::FutureCancelRead { .. } => "future.cancel-read",
        C::FutureCancelWrite { .. } => "future.cancel-write",
        C::FutureDropReadable { .. } => "future.drop-readable",
        C::FutureDropWritable { .. } => "future.drop-writable",
        C::WaitableSetNew => "waitable-set.new",
        C::WaitableSetWait { .. } => "waitable-set.wait",
        C::WaitableSetPoll { .. } => "waitable-set.poll",
        C::WaitableSetDrop => "waitable-set.drop",
        C::WaitableJoin => "waitable.join",
        _ => "thread.*",
    };
    format!("the canonical built-in `{name}`")
}
