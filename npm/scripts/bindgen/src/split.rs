//! Cuts a module in two, so that nobody downloads what they do not call: a primary module, and a secondary one that is
//! instantiated into it when somebody does (the words of Binaryen's wasm-split). Owns where the cut goes and how the two are
//! joined; what is worth cutting off is said by whoever builds, and when it is needed by whoever loads.
//!
//! The secondary module gets some functions by name, and with them every function that is only reached through them. Both share
//! memory, table and globals. The primary module calls into the secondary one through slots of the table, which are empty until
//! that one is there: a call too early traps. The other way functions are imported from [`PRIMARY`].

use crate::relocations::Uses;
use crate::replace::forward;
use crate::unread::{self, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use walrus::ir::Value;
use walrus::{
    ConstExpr, DataKind, ElementItems, ElementKind, FunctionId, FunctionKind, GlobalId, GlobalKind,
    ImportedFunction, Module, TableId,
};

/// The module name under which the secondary module imports what the primary one exports.
const PRIMARY: &str = "primary";

/// The name of the table is that of no other build: modules of two are not instantiated into each other, and instead of a wrong
/// result there is a `LinkError`.
fn table_name(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("table {:08x}", hasher.finish() as u32)
}

/// Which function is on which side. Functions are told by their places in the module, which are the same whenever it is read.
struct Cut {
    secondary: BTreeSet<usize>,
    /// Slots of the table that hold secondary functions, and those functions.
    slots: BTreeMap<u64, usize>,
    /// The slot of each secondary function that a primary one calls.
    called: BTreeMap<usize, u64>,
    /// Primary functions that secondary ones call, and the names by which they do.
    shared: BTreeMap<usize, String>,
    /// Slots that the table has to have.
    table: u64,
    table_name: String,
}

/// The primary and the secondary module of what is in `bytes`. `away` has the names of functions that no primary function refers
/// to, `data` is the same of data.
pub fn split(bytes: &[u8], away: &BTreeSet<String>, data: &[Span]) -> Result<[Vec<u8>; 2], String> {
    let read = || Module::from_buffer(bytes).map_err(|e| format!("{e:#}"));
    let (mut primary, mut secondary) = (read()?, read()?);
    let cut = Cut::of(&primary, away, table_name(bytes))?;
    cut.primary(&mut primary, data)?;
    cut.secondary(&mut secondary, data)?;
    Ok([primary.emit_wasm(), secondary.emit_wasm()])
}

impl Cut {
    fn of(module: &Module, away: &BTreeSet<String>, table_name: String) -> Result<Cut, String> {
        let is_away = |id| match &module.funcs.get(id).name {
            Some(name) => away.contains(name),
            None => false,
        };
        let ids = ids(module);
        let places: BTreeMap<_, _> = ids.iter().copied().zip(0..).collect();
        let (table, slots) = slots(module)?;
        let filled = slots.into_iter().filter(|(_, id)| is_away(*id));
        let mut cut = Cut {
            secondary: (0..ids.len()).filter(|f| is_away(ids[*f])).collect(),
            slots: filled.map(|(slot, id)| (slot, places[&id])).collect(),
            called: BTreeMap::new(),
            shared: BTreeMap::new(),
            table: module.tables.get(table).initial,
            table_name,
        };
        for caller in &ids {
            for callee in Uses::of(module, *caller).functions {
                match (is_away(*caller), is_away(callee)) {
                    (false, true) => {
                        cut.called.insert(places[&callee], 0);
                    }
                    (true, false) if !is_import(module, callee) => {
                        cut.shared.insert(places[&callee], String::new());
                    }
                    _ => {}
                }
            }
        }
        for (number, name) in cut.shared.values_mut().enumerate() {
            // Short, and told from wasm-bindgen's.
            *name = format!("${number:x}");
        }
        for (function, slot) in &mut cut.called {
            *slot = cut.table;
            cut.slots.insert(cut.table, *function);
            cut.table += 1;
        }
        Ok(cut)
    }

    fn primary(&self, module: &mut Module, data: &[Span]) -> Result<(), String> {
        let ids = ids(module);
        let globals = self.globals(module);
        let (table, slots) = slots(module)?;
        for (function, slot) in &self.called {
            let ty = module.funcs.get(ids[*function]).ty();
            forward(module, ids[*function], |body| {
                body.i32_const(*slot as i32).call_indirect(ty, table);
            });
        }
        let kept = slots
            .into_iter()
            .filter(|(slot, _)| !self.slots.contains_key(slot));
        set_slots(module, table, kept.collect());
        self.grow(module, table);
        module.exports.add(&self.table_name, table);
        for (name, global) in globals {
            module.exports.add(&name, global);
        }
        for (function, name) in &self.shared {
            module.exports.add(name, ids[*function]);
        }
        unread::clear(module, data);
        walrus::passes::gc::run(module);
        Ok(())
    }

    fn secondary(&self, module: &mut Module, data: &[Span]) -> Result<(), String> {
        let ids = ids(module);
        let (table, _) = slots(module)?;
        let memory = module.get_memory_id().map_err(|e| format!("{e:#}"))?;
        let globals = self.globals(module);
        let exports: Vec<_> = module.exports.iter().map(|e| e.id()).collect();
        exports.into_iter().for_each(|e| module.exports.delete(e));
        module.start = None;

        module.memories.get_mut(memory).import =
            Some(module.imports.add(PRIMARY, "memory", memory));
        self.grow(module, table);
        module.tables.get_mut(table).import =
            Some(module.imports.add(PRIMARY, &self.table_name, table));
        for (name, global) in globals {
            let import = module.imports.add(PRIMARY, &name, global);
            module.globals.get_mut(global).kind = GlobalKind::Import(import);
        }
        for (function, name) in &self.shared {
            let id = ids[*function];
            let import = module.imports.add(PRIMARY, name, id);
            let function = module.funcs.get_mut(id);
            let ty = function.ty();
            function.kind = FunctionKind::Import(ImportedFunction { import, ty });
        }
        let slots = self
            .slots
            .iter()
            .map(|(slot, function)| (*slot, ids[*function]));
        set_slots(module, table, slots.collect());
        self.set_data(module, data)?;
        walrus::passes::gc::run(module);
        Ok(())
    }

    /// Makes room for the slots by which secondary functions are called.
    fn grow(&self, module: &mut Module, table: TableId) {
        let table = module.tables.get_mut(table);
        table.initial = self.table;
        table.maximum = table.maximum.map(|max| max.max(self.table));
    }

    /// Makes these spans all the data that a module has.
    fn set_data(&self, module: &mut Module, data: &[Span]) -> Result<(), String> {
        let memory = module.get_memory_id().map_err(|e| format!("{e:#}"))?;
        let old: Vec<_> = module.data.iter().map(|d| d.id()).collect();
        module.memories.get_mut(memory).data_segments.clear();
        for span in data {
            let segment = module.data.get(old[span.segment]);
            let DataKind::Active {
                offset: ConstExpr::Value(Value::I32(start)),
                ..
            } = segment.kind
            else {
                return Err("data has no fixed place".to_string());
            };
            let offset = ConstExpr::Value(Value::I32(start + span.bytes.start as i32));
            let bytes = segment.value[span.bytes.clone()].to_vec();
            let id = module.data.add(DataKind::Active { memory, offset }, bytes);
            module.memories.get_mut(memory).data_segments.insert(id);
        }
        old.into_iter().for_each(|id| module.data.delete(id));
        Ok(())
    }

    /// Globals that secondary functions use, and their names.
    fn globals(&self, module: &Module) -> Vec<(String, GlobalId)> {
        let ids = ids(module);
        let used = self
            .secondary
            .iter()
            .flat_map(|f| Uses::of(module, ids[*f]).globals);
        let used: BTreeSet<_> = used.collect();
        used.into_iter()
            .enumerate()
            .map(|(i, id)| (format!("global{i}"), id))
            .collect()
    }
}

/// Takes functions out of the table that nobody finds there.
pub fn empty_slots(module: &mut Module, reached: &BTreeSet<FunctionId>) -> Result<(), String> {
    let (table, mut slots) = slots(module)?;
    slots.retain(|_, id| reached.contains(id));
    set_slots(module, table, slots);
    Ok(())
}

fn ids(module: &Module) -> Vec<FunctionId> {
    module.funcs.iter().map(|f| f.id()).collect()
}

fn is_import(module: &Module, id: FunctionId) -> bool {
    matches!(module.funcs.get(id).kind, FunctionKind::Import(_))
}

/// The table of functions, and what is in its slots.
fn slots(module: &Module) -> Result<(TableId, BTreeMap<u64, FunctionId>), String> {
    let table = module.tables.main_function_table();
    let table = table
        .map_err(|e| format!("{e:#}"))?
        .ok_or("there is no table")?;
    let mut slots = BTreeMap::new();
    for element in module.elements.iter() {
        match (&element.kind, &element.items) {
            (
                ElementKind::Active {
                    table: of,
                    offset: ConstExpr::Value(Value::I32(start)),
                },
                ElementItems::Functions(functions),
            ) if *of == table => slots.extend((*start as u64..).zip(functions.iter().copied())),
            _ => return Err("an element segment of another kind".to_string()),
        }
    }
    Ok((table, slots))
}

/// Puts functions into slots, and nothing else into any: a segment for each run.
fn set_slots(module: &mut Module, table: TableId, slots: BTreeMap<u64, FunctionId>) {
    let old: Vec<_> = module.elements.iter().map(|e| e.id()).collect();
    old.into_iter().for_each(|id| module.elements.delete(id));
    module.tables.get_mut(table).elem_segments.clear();
    let mut runs: Vec<(u64, Vec<FunctionId>)> = Vec::new();
    for (slot, id) in slots {
        match runs.last_mut() {
            Some((start, run)) if *start + run.len() as u64 == slot => run.push(id),
            _ => runs.push((slot, vec![id])),
        }
    }
    for (start, run) in runs {
        let offset = ConstExpr::Value(Value::I32(start as i32));
        let kind = ElementKind::Active { table, offset };
        let id = module.elements.add(kind, ElementItems::Functions(run));
        module.tables.get_mut(table).elem_segments.insert(id);
    }
}
