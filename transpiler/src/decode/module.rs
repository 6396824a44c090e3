//! A core module's externs and range. Reads the sections that shape its type, never code or data, but for what `wiring` asks for.

use super::malformed;
use super::wiring::WiringBuilder;
use crate::plan::{CoreKind, Module};
use crate::types::abi::PtrSize;
use crate::Error;
use wasmparser::types::{EntityType, TypesRef};
use wasmparser::{BinaryReader, MemoryType, SectionLimited, TypeRef, Validator, WasmFeatures};

/// Section ids of core modules.
pub mod id {
    pub const TYPE: u8 = 1;
    pub const IMPORT: u8 = 2;
    pub const FUNCTION: u8 = 3;
    pub const TABLE: u8 = 4;
    pub const MEMORY: u8 = 5;
    pub const GLOBAL: u8 = 6;
    pub const EXPORT: u8 = 7;
    pub const START: u8 = 8;
    pub const ELEMENT: u8 = 9;
    pub const CODE: u8 = 10;
    pub const DATA: u8 = 11;
    pub const DATA_COUNT: u8 = 12;
    pub const TAG: u8 = 13;
}

/// A core module that is being read.
pub struct ModuleBuilder {
    start: u64,
    order: u8,
    imports: Vec<(String, String, CoreKind)>,
    has_tags: bool,
    functions: u32,
    has_code: bool,
    has_start: bool,
    wiring: WiringBuilder,
}

impl ModuleBuilder {
    pub fn new(start: u64) -> ModuleBuilder {
        ModuleBuilder {
            start,
            order: 0,
            imports: Vec::new(),
            has_tags: false,
            functions: 0,
            has_code: false,
            has_start: false,
            wiring: WiringBuilder::default(),
        }
    }

    /// Whether the section that starts here has to be read. Sections out of order are refused here.
    pub fn enter(&mut self, section: u8, len: u64, offset: u64) -> Result<bool, Error> {
        // Tags stand between memories and globals, the data count between elements and code.
        let order = match section {
            id::TYPE..=id::MEMORY => section,
            id::TAG => 6,
            id::GLOBAL..=id::ELEMENT => section + 1,
            id::DATA_COUNT => 11,
            id::CODE => 12,
            id::DATA => 13,
            _ => {
                return Err(malformed(
                    format!("malformed section id: {section}"),
                    offset,
                ))
            }
        };
        if order <= self.order {
            return Err(malformed("section out of order", offset));
        }
        self.order = order;
        self.has_code |= section == id::CODE;
        self.has_start |= section == id::START;
        let functions = self.functions.max(self.imports.len() as u32);
        let shapes_type = !matches!(section, id::CODE | id::DATA | id::DATA_COUNT | id::ELEMENT);
        Ok(self.wiring.enter(section, len, functions) || shapes_type)
    }

    /// Validates and reads one section.
    pub fn section(
        &mut self,
        section: u8,
        bytes: &[u8],
        start: u64,
        features: WasmFeatures,
        validator: &mut Validator,
    ) -> wasmparser::Result<()> {
        let reader = BinaryReader::new_features(bytes, start, features);
        match section {
            id::TYPE => validator.type_section(&SectionLimited::new(reader)?),
            id::IMPORT => {
                let imports = wasmparser::ImportSectionReader::new(reader)?;
                validator.import_section(&imports)?;
                for import in imports.into_imports() {
                    let import = import?;
                    let kind = import_kind(&import.ty);
                    self.has_tags |= kind == CoreKind::Tag;
                    self.imports
                        .push((import.module.into(), import.name.into(), kind));
                }
                Ok(())
            }
            id::FUNCTION => {
                let functions = SectionLimited::new(reader)?;
                self.functions = functions.count();
                validator.function_section(&functions)
            }
            id::TABLE => validator.table_section(&SectionLimited::new(reader)?),
            id::MEMORY => validator.memory_section(&SectionLimited::new(reader)?),
            id::TAG => {
                self.has_tags = true;
                validator.tag_section(&SectionLimited::new(reader)?)
            }
            id::GLOBAL => validator.global_section(&SectionLimited::new(reader)?),
            id::EXPORT => {
                let exports = wasmparser::ExportSectionReader::new(reader)?;
                validator.export_section(&exports)?;
                for export in exports {
                    self.wiring.export(&export?);
                }
                Ok(())
            }
            id::CODE | id::ELEMENT => {
                self.wiring.section(section, bytes);
                Ok(())
            }
            id::START => {
                let mut reader = reader;
                let range = reader.range();
                validator.start_section(reader.read_var_u32()?, &range)
            }
            _ => unreachable!("`enter` lets no other section through"),
        }
    }

    /// A function section needs its bodies: the engine would say so, but only when the component is used.
    pub fn check_counts(&self, offset: u64) -> Result<(), Error> {
        if self.functions > 0 && !self.has_code {
            return Err(malformed(
                "function and code section have inconsistent lengths",
                offset,
            ));
        }
        Ok(())
    }

    pub fn finish(self, end: u64, types: TypesRef<'_>) -> Module {
        let exports = types
            .core_exports()
            .map(|all| all.map(|(n, t)| (n.into(), entity_kind(&t))).collect())
            .unwrap_or_default();
        Module {
            range: self.start..end,
            wiring: self.wiring.finish(&self.imports, types),
            imports: self.imports,
            exports,
            has_tags: self.has_tags,
            has_start: self.has_start,
        }
    }
}

fn import_kind(ty: &TypeRef) -> CoreKind {
    match ty {
        TypeRef::Func(_) | TypeRef::FuncExact(_) => CoreKind::Func,
        TypeRef::Table(_) => CoreKind::Table,
        TypeRef::Memory(m) => CoreKind::Memory(ptr_size(m)),
        TypeRef::Global(_) => CoreKind::Global,
        TypeRef::Tag(_) => CoreKind::Tag,
    }
}

/// The kind of a core extern.
pub fn entity_kind(ty: &EntityType) -> CoreKind {
    match ty {
        EntityType::Func(_) | EntityType::FuncExact(_) => CoreKind::Func,
        EntityType::Table(_) => CoreKind::Table,
        EntityType::Memory(m) => CoreKind::Memory(ptr_size(m)),
        EntityType::Global(_) => CoreKind::Global,
        EntityType::Tag(_) => CoreKind::Tag,
    }
}

/// The pointer size of a memory.
pub fn ptr_size(memory: &MemoryType) -> PtrSize {
    match memory.memory64 {
        true => PtrSize::P64,
        false => PtrSize::P32,
    }
}
