//! What refers to what in a module, calls aside: the relocations that the linker is asked to leave in (`--emit-relocs`) say where
//! code and data hold the address of data or the slot of a function. Owns reading them and following them.

use std::collections::BTreeSet;
use std::ops::Range;
use walrus::ir::{dfs_in_order, Visitor};
use walrus::{ExportItem, FunctionId, FunctionKind, GlobalId, Module};
use wasmparser::{
    DefinedDataSymbol, KnownCustom, Linking, Parser, Payload, RelocationEntry, RelocationType,
    SymbolFlags, SymbolInfo,
};

/// What the linker noted.
#[derive(Default)]
pub struct Relocations {
    symbols: Vec<Symbol>,
    /// Where code and data refer to symbols: offsets in their sections, in order.
    code: Vec<RelocationEntry>,
    data: Vec<RelocationEntry>,
    /// Where the bytes of each segment begin, as offsets in the data section.
    segments: Vec<usize>,
    /// Functions by their indices.
    functions: Vec<FunctionId>,
}

enum Symbol {
    Function(u32),
    Data(DefinedDataSymbol),
    /// An address, say, at which nothing is.
    Other,
}

/// Functions, and data symbols by their numbers.
#[derive(Default)]
pub struct Reached {
    pub functions: BTreeSet<FunctionId>,
    pub data: BTreeSet<usize>,
}

/// What a function refers to in its instructions.
#[derive(Default)]
pub struct Uses {
    pub functions: BTreeSet<FunctionId>,
    pub globals: BTreeSet<GlobalId>,
}

/// Functions that can be called from outside.
pub fn entries(module: &Module) -> Vec<FunctionId> {
    let exported = module
        .exports
        .iter()
        .filter_map(|export| match export.item {
            ExportItem::Function(id) => Some(id),
            _ => None,
        });
    module.start.into_iter().chain(exported).collect()
}

impl Relocations {
    /// Reads those of `bytes`, of which `module` was made and in which nothing has changed.
    pub fn read(bytes: &[u8], module: &Module) -> Result<Relocations, String> {
        let found = Relocations::parse(bytes, module).map_err(|e| e.to_string())?;
        // Without them everything would look unused.
        match found.symbols.is_empty() || found.code.is_empty() {
            true => Err("no relocations: it has to be linked with --emit-relocs".to_string()),
            false => Ok(found),
        }
    }

    fn parse(bytes: &[u8], module: &Module) -> wasmparser::Result<Relocations> {
        let mut found = Relocations {
            functions: module.funcs.iter().map(|f| f.id()).collect(),
            ..Relocations::default()
        };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::DataSection(section) => {
                    let start = section.range().start;
                    for segment in section {
                        let segment = segment?;
                        let begin = segment.range.end - segment.data.len() as u64;
                        found.segments.push((begin - start) as usize);
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(linking) => {
                        for part in linking.subsections() {
                            if let Linking::SymbolTable(table) = part? {
                                let symbols = table.into_iter().map(|s| Ok(Symbol::of(s?)));
                                found.symbols = symbols.collect::<wasmparser::Result<_>>()?;
                            }
                        }
                    }
                    KnownCustom::Reloc(relocations) => {
                        let entries = relocations.entries().into_iter();
                        let mut entries = entries.collect::<wasmparser::Result<Vec<_>>>()?;
                        entries.sort_by_key(|entry| entry.offset);
                        match section.name() {
                            "reloc.CODE" => found.code = entries,
                            _ => found.data = entries,
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(found)
    }

    /// What is reached from `next` without going through any of `closed`.
    pub fn reach(
        &self,
        module: &Module,
        mut next: Vec<FunctionId>,
        closed: &BTreeSet<FunctionId>,
    ) -> Reached {
        let mut reached = Reached::default();
        let mut symbols: Vec<u32> = Vec::new();
        loop {
            if let Some(id) = next.pop() {
                if closed.contains(&id) || !reached.functions.insert(id) {
                    continue;
                }
                next.extend(Uses::of(module, id).functions);
                if let FunctionKind::Local(local) = &module.funcs.get(id).kind {
                    let code = local.original_range.clone().unwrap_or_default();
                    symbols.extend(referred(&self.code, code));
                }
            } else if let Some(number) = symbols.pop() {
                match self.symbols.get(number as usize) {
                    Some(Symbol::Function(index)) => next.push(self.functions[*index as usize]),
                    Some(Symbol::Data(data)) if reached.data.insert(number as usize) => {
                        let begin = self.segments[data.index as usize];
                        let bytes = bytes_of(data);
                        let bytes = begin + bytes.start..begin + bytes.end;
                        symbols.extend(referred(&self.data, bytes));
                    }
                    _ => {}
                }
            } else {
                return reached;
            }
        }
    }

    /// The data symbols of a segment: their numbers and bytes.
    pub fn data_of(&self, segment: usize) -> impl Iterator<Item = (usize, Range<usize>)> + '_ {
        let numbered = self.symbols.iter().enumerate();
        numbered.filter_map(move |(number, symbol)| match symbol {
            Symbol::Data(data) if data.index as usize == segment => Some((number, bytes_of(data))),
            _ => None,
        })
    }
}

impl Symbol {
    fn of(symbol: SymbolInfo) -> Symbol {
        match symbol {
            SymbolInfo::Func { index, .. } => Symbol::Function(index),
            SymbolInfo::Data {
                flags,
                symbol: Some(data),
                ..
            } if !flags.contains(SymbolFlags::ABSOLUTE) => Symbol::Data(data),
            _ => Symbol::Other,
        }
    }
}

fn bytes_of(symbol: &DefinedDataSymbol) -> Range<usize> {
    let start = symbol.offset as usize;
    start..start + symbol.size as usize
}

/// The numbers of the symbols that are referred to within a range. Calls are left to [`Uses`], which knows what became of them.
fn referred(entries: &[RelocationEntry], within: Range<usize>) -> impl Iterator<Item = u32> + '_ {
    let first = entries.partition_point(|entry| (entry.offset as usize) < within.start);
    entries[first..]
        .iter()
        .take_while(move |entry| (entry.offset as usize) < within.end)
        .filter(|entry| {
            !matches!(
                entry.ty,
                RelocationType::TypeIndexLeb | RelocationType::FunctionIndexLeb
            )
        })
        .map(|entry| entry.index)
}

impl Uses {
    pub fn of(module: &Module, function: FunctionId) -> Uses {
        let mut uses = Uses::default();
        if let FunctionKind::Local(local) = &module.funcs.get(function).kind {
            dfs_in_order(&mut uses, local, local.entry_block());
        }
        uses
    }
}

impl Visitor<'_> for Uses {
    fn visit_function_id(&mut self, id: &FunctionId) {
        self.functions.insert(*id);
    }

    fn visit_global_id(&mut self, id: &GlobalId) {
        self.globals.insert(*id);
    }
}
