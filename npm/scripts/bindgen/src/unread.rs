//! Clears data that nothing reads. The linker keeps what some function refers to, but functions leave the module after it
//! (`replace`), and with them the last use of messages and tables. Owns finding such data, by the relocations that the linker
//! is asked to leave in (`--emit-relocs`); wasm-opt then leaves out what is zero.

use std::collections::BTreeSet;
use std::ops::Range;
use walrus::Module;
use wasmparser::{
    DefinedDataSymbol, KnownCustom, Linking, Parser, Payload, RelocationEntry, RelocationType,
    Result, SymbolFlags, SymbolInfo,
};

/// What the linker noted. Without `--emit-relocs`, nothing.
#[derive(Default)]
pub struct Notes {
    /// Data symbols with a definition, by their numbers.
    symbols: Vec<Option<DefinedDataSymbol>>,
    /// Where code and data refer to symbols: offsets in their sections.
    code: Vec<RelocationEntry>,
    data: Vec<RelocationEntry>,
    /// Where the bytes of each segment begin, as offsets in the data section.
    segments: Vec<usize>,
}

/// Reads the notes of a module.
pub fn notes(bytes: &[u8]) -> Result<Notes> {
    let mut notes = Notes::default();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::DataSection(section) => {
                let start = section.range().start;
                for segment in section {
                    let segment = segment?;
                    let begin = segment.range.end - segment.data.len() as u64;
                    notes.segments.push((begin - start) as usize);
                }
            }
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::Linking(linking) => {
                    for part in linking.subsections() {
                        if let Linking::SymbolTable(table) = part? {
                            let symbols = table.into_iter().map(|symbol| Ok(data_of(symbol?)));
                            notes.symbols = symbols.collect::<Result<_>>()?;
                        }
                    }
                }
                KnownCustom::Reloc(relocations) => {
                    let entries = relocations.entries().into_iter().collect::<Result<_>>()?;
                    match section.name() {
                        "reloc.CODE" => notes.code = entries,
                        _ => notes.data = entries,
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    Ok(notes)
}

fn data_of(symbol: SymbolInfo) -> Option<DefinedDataSymbol> {
    match symbol {
        // The end of the data, say, is only an address.
        SymbolInfo::Data { flags, symbol, .. } if !flags.contains(SymbolFlags::ABSOLUTE) => symbol,
        _ => None,
    }
}

/// Sets to zero what no function of the module refers to, be it through other data.
pub fn clear(module: &mut Module, notes: &Notes) {
    for name in ["linking", "reloc.CODE", "reloc.DATA"] {
        module.customs.remove_raw(name);
    }
    walrus::passes::gc::run(module);
    let reached = notes.reached(&kept_code(module));
    let segments: Vec<_> = module.data.iter().map(|segment| segment.id()).collect();
    for (index, id) in segments.into_iter().enumerate() {
        let segment = module.data.get_mut(id);
        // Symbols overlap: one string may be the end of another.
        let mut unread = vec![false; segment.value.len()];
        for is_reached in [false, true] {
            for (number, symbol) in notes.symbols_of(index) {
                if reached.contains(&number) == is_reached {
                    unread[range(symbol)].fill(!is_reached);
                }
            }
        }
        let bytes = segment.value.iter_mut().zip(unread);
        bytes
            .filter(|(_, unread)| *unread)
            .for_each(|(byte, _)| *byte = 0);
    }
}

/// Where the functions of a module were in the code section that it was read from, in order.
fn kept_code(module: &Module) -> Vec<Range<usize>> {
    let functions = module.funcs.iter_local();
    let mut ranges: Vec<_> = functions
        .filter_map(|(_, f)| f.original_range.clone())
        .collect();
    ranges.sort_by_key(|range| range.start);
    ranges
}

fn range(symbol: &DefinedDataSymbol) -> Range<usize> {
    let start = symbol.offset as usize;
    start..start + symbol.size as usize
}

impl Notes {
    /// The symbols of a segment and their numbers.
    fn symbols_of(&self, segment: usize) -> impl Iterator<Item = (usize, &DefinedDataSymbol)> {
        let numbered = self.symbols.iter().enumerate();
        numbered
            .filter_map(|(number, symbol)| Some((number, symbol.as_ref()?)))
            .filter(move |(_, symbol)| symbol.index as usize == segment)
    }

    /// The symbols that functions in these ranges refer to, and those that these refer to, and so on.
    fn reached(&self, code: &[Range<usize>]) -> BTreeSet<usize> {
        let in_code = |entry: &&RelocationEntry| {
            let at = entry.offset as usize;
            let after = code.partition_point(|function| function.start <= at);
            after > 0 && at < code[after - 1].end
        };
        let mut reached = BTreeSet::new();
        let mut next: Vec<usize> = self
            .code
            .iter()
            .filter(in_code)
            .filter_map(symbol)
            .collect();
        while let Some(number) = next.pop() {
            let Some(Some(data)) = self.symbols.get(number) else {
                continue;
            };
            if reached.insert(number) {
                let begin = self.segments[data.index as usize];
                let all = range(data);
                let own = begin + all.start..begin + all.end;
                let inside = self
                    .data
                    .iter()
                    .filter(|e| own.contains(&(e.offset as usize)));
                next.extend(inside.filter_map(symbol));
            }
        }
        reached
    }
}

/// The number of the symbol that is referred to; a type is none.
fn symbol(entry: &RelocationEntry) -> Option<usize> {
    (entry.ty != RelocationType::TypeIndexLeb).then_some(entry.index as usize)
}
