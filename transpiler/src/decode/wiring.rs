//! Core modules whose only work is to connect others. A *shim* exports a table, and functions that call what stands in it; a
//! *fix-up* puts functions there. Toolchains make such a pair where a core module imports functions that need its own
//! memory: it gets the shim's, and the real ones follow once it is there. Glue needs no such detour (`link/shims.rs`).
//!
//! They are told by their sections, then by their bytes. This is the only place where a code section is read, and one of
//! more than a few bytes per function is passed over. What does not fit is no error here: it is a module like others.

use super::module::id;
use crate::map::Set;
use crate::plan::{CoreKind, PutFunc, ShimCall, Wiring};
use wasmparser::types::{TypeIdentifier, TypesRef};
use wasmparser::{ExternalKind, RefType};

/// Sections, as a set of bits.
const fn set(ids: &[u8]) -> u16 {
    let (mut bits, mut i) = (0, 0);
    while i < ids.len() {
        bits |= 1 << ids[i];
        i += 1;
    }
    bits
}

const SHIM: u16 = set(&[id::TYPE, id::FUNCTION, id::TABLE, id::EXPORT, id::CODE]);
const FIX_UP: u16 = set(&[id::TYPE, id::IMPORT, id::ELEMENT]);

const LOCAL_GET: u8 = 0x20;
const I32_CONST: u8 = 0x41;
const CALL_INDIRECT: u8 = 0x11;
const END: u8 = 0x0b;

/// What has been seen of a module that may turn out to be one of the two.
#[derive(Default)]
pub struct WiringBuilder {
    /// Sections so far, but for custom ones.
    sections: u16,
    exports: Vec<(String, ExternalKind, u32)>,
    forwards: Vec<Forward>,
    /// Indices of the functions that an element segment holds, from slot 0 on.
    puts: Vec<u32>,
}

/// A body that calls, with the arguments it got, what stands in a slot of the table.
struct Forward {
    arguments: u32,
    slot: u32,
    ty: u32,
}

impl WiringBuilder {
    /// Notes a section. True for one of elements or code that has to be read: all others fit, and it is as short as it would be.
    pub fn enter(&mut self, section: u8, len: u64, functions: u32) -> bool {
        self.sections |= 1 << section;
        let most = match (section, self.sections) {
            (id::CODE, SHIM) => 64,
            (id::ELEMENT, FIX_UP) => 5,
            _ => return false,
        };
        len <= 16 + most * u64::from(functions)
    }

    pub fn export(&mut self, export: &wasmparser::Export<'_>) {
        if self.sections | 1 << id::CODE == SHIM {
            let name = export.name.into();
            self.exports.push((name, export.kind, export.index));
        }
    }

    /// Reads a section that [`WiringBuilder::enter`] asked for.
    pub fn section(&mut self, section: u8, bytes: &[u8]) {
        if section == id::CODE {
            self.forwards = forwards(Bytes(bytes)).unwrap_or_default();
        } else {
            self.puts = elements(Bytes(bytes)).unwrap_or_default();
        }
    }

    /// What the module is, now that it has been seen as a whole.
    pub fn finish(
        self,
        imports: &[(String, String, CoreKind)],
        types: TypesRef<'_>,
    ) -> Option<Wiring> {
        match self.sections {
            SHIM => self.shim(types),
            FIX_UP => self.fix_up(imports, types),
            _ => None,
        }
    }

    fn shim(self, types: TypesRef<'_>) -> Option<Wiring> {
        // A code section of another length is the engine's to refuse.
        if types.table_count() != 1 || self.forwards.len() != types.function_count() as usize {
            return None;
        }
        let declared = types.table_at(0);
        if declared.element_type != RefType::FUNCREF || declared.table64 {
            return None;
        }
        let (mut table, mut calls) = (None, Vec::new());
        for (name, kind, index) in self.exports {
            if kind == ExternalKind::Table {
                if table.replace(name).is_some() {
                    return None;
                }
                continue;
            }
            let Forward {
                arguments,
                slot,
                ty,
            } = self.forwards[index as usize];
            let own = types.core_function_at(index);
            let calls_own = ty < types.core_type_count_in_module()
                && types.core_type_at_in_module(ty) == own
                && types[own].unwrap_func().params().len() == arguments as usize;
            if !calls_own {
                return None;
            }
            let signature = own.index();
            calls.push(ShimCall {
                name,
                slot,
                signature,
            });
        }
        let size = declared.initial;
        table.map(|table| Wiring::Shim { table, size, calls })
    }

    fn fix_up(self, imports: &[(String, String, CoreKind)], types: TypesRef<'_>) -> Option<Wiring> {
        let (mut table, mut functions, mut seen) = (None, Vec::new(), Set::new());
        for (import, (module, name, kind)) in imports.iter().enumerate() {
            match kind {
                CoreKind::Func => functions.push(import),
                CoreKind::Table if table.is_none() => table = Some(import),
                _ => return None,
            }
            if !seen.insert((module, name)) {
                return None;
            }
        }
        let mut puts = Vec::new();
        for function in self.puts {
            puts.push(PutFunc {
                import: *functions.get(function as usize)?,
                signature: types.core_function_at(function).index(),
            });
        }
        table.map(|table| Wiring::FixUp { table, puts })
    }
}

/// Bodies of the form `local.get 0 … local.get n, i32.const slot, call_indirect ty`.
fn forwards(mut bytes: Bytes<'_>) -> Option<Vec<Forward>> {
    let mut all = Vec::new();
    for _ in 0..bytes.number()? {
        let len = bytes.number()? as usize;
        let (body, rest) = bytes.0.split_at_checked(len)?;
        all.push(forward(Bytes(body))?);
        bytes = Bytes(rest);
    }
    bytes.ended(all)
}

fn forward(mut body: Bytes<'_>) -> Option<Forward> {
    // No locals.
    body.expect(0)?;
    let mut arguments = 0;
    while body.0.first() == Some(&LOCAL_GET) {
        body.expect(LOCAL_GET)?;
        if body.number()? != arguments {
            return None;
        }
        arguments += 1;
    }
    body.expect(I32_CONST)?;
    let slot = body.slot()?;
    body.expect(CALL_INDIRECT)?;
    let ty = body.number()?;
    // Table 0.
    body.expect(0)?;
    body.expect(END)?;
    body.ended(Forward {
        arguments,
        slot,
        ty,
    })
}

/// One segment, of functions, to table 0 at `i32.const 0`.
fn elements(mut bytes: Bytes<'_>) -> Option<Vec<u32>> {
    for byte in [1, 0, I32_CONST, 0, END] {
        bytes.expect(byte)?;
    }
    let mut all = Vec::new();
    for _ in 0..bytes.number()? {
        all.push(bytes.number()?);
    }
    bytes.ended(all)
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    /// An unsigned LEB128 number of at most 28 bits.
    fn number(&mut self) -> Option<u32> {
        self.leb128(0)
    }

    /// A signed one that is not negative: the sign is the sixth bit of the last byte.
    fn slot(&mut self) -> Option<u32> {
        self.leb128(0x40)
    }

    fn leb128(&mut self, sign: u8) -> Option<u32> {
        let mut number = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.next()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return (byte & sign == 0).then_some(number);
            }
        }
        None
    }

    fn ended<T>(&self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }
}
