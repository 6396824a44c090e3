//! Where a constant expression ends: all that is read of one in the Wasm build. Knows no types.
//!
//! Constant expressions are code, and code is the engine's to validate. wasmparser would do it whenever it reads a global, with
//! a table of every operator there is, twice: 17 kB of the download. So the build (`npm/scripts/bindgen`) puts the two functions
//! at the end of this file in the place of wasmparser's.

use wasmparser::{BinaryReader, HeapType, Result};

/// Passes over an expression and its `end`.
fn skip(reader: &mut BinaryReader<'_>) -> Result<()> {
    loop {
        let at = reader.original_position();
        match reader.read_u8()? {
            // end
            0x0b => return Ok(()),
            // i32.const, i64.const, f32.const, f64.const
            0x41 => drop(reader.read_var_i32()?),
            0x42 => drop(reader.read_var_i64()?),
            0x43 => drop(reader.read_bytes(4)?),
            0x44 => drop(reader.read_bytes(8)?),
            // i32 and i64: add, sub, mul
            0x6a..=0x6c | 0x7c..=0x7e => {}
            // global.get, ref.func
            0x23 | 0xd2 => drop(reader.read_var_u32()?),
            // ref.null
            0xd0 => drop(reader.read::<HeapType>()?),
            0xfb => match reader.read_var_u32()? {
                // struct.new and array.new, also with default values or a descriptor: a type
                0 | 1 | 6 | 7 | 32 | 33 => drop(reader.read_var_u32()?),
                // array.new_fixed: a type and a length
                8 => {
                    reader.read_var_u32()?;
                    reader.read_var_u32()?;
                }
                // any.convert_extern, extern.convert_any, ref.i31
                26..=28 => {}
                _ => return not_constant(at),
            },
            // v128.const
            0xfd if reader.read_var_u32()? == 12 => drop(reader.read_bytes(16)?),
            // ref.i31_shared
            0xfe if reader.read_var_u32()? == 0x72 => {}
            _ => return not_constant(at),
        }
    }
}

/// An error of wasmparser's type, which only its readers can make.
#[cold]
fn not_constant(offset: u64) -> Result<()> {
    const WHAT: &str = "constant expression required: an operator of unknown";
    BinaryReader::new(&[1], offset).read_size(0, WHAT).map(drop)
}

#[cfg(target_arch = "wasm32")]
mod replaced {
    #![allow(unsafe_code)]
    use wasmparser::{BinaryReader, ConstExpr, Result};

    // SAFETY of the names: nothing else is called so, and the build takes them away.
    #[export_name = "replaces <wasmparser::readers::core::init::ConstExpr as wasmparser::readers::FromReader>::from_reader"]
    pub fn read<'a>(reader: &mut BinaryReader<'a>) -> Result<ConstExpr<'a>> {
        reader.skip(super::skip).map(ConstExpr::new)
    }

    /// `ModuleState::check_const_expr(&mut self, &ConstExpr, ValType, &TypeList) -> Result<()>` as Wasm has it; always `Ok`.
    #[export_name = "replaces <wasmparser::validator::core::ModuleState>::check_const_expr"]
    pub extern "C" fn accept(_: usize, _: usize, _: u32, _: u32, _: usize) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::skip;
    use wasmparser::{BinaryReader, ConstExpr};

    /// Both have to end in the same place, or fail both.
    fn same(bytes: &[u8]) -> bool {
        let mut ours = BinaryReader::new(bytes, 0);
        let mut theirs = BinaryReader::new(bytes, 0);
        let (a, b) = (skip(&mut ours), theirs.read::<ConstExpr<'_>>());
        assert_eq!(a.is_ok(), b.is_ok(), "{bytes:x?}: {a:?} {b:?}");
        if a.is_ok() {
            assert_eq!(ours.current_position(), theirs.current_position());
        }
        a.is_ok()
    }

    #[test]
    fn ends_where_wasmparser_ends() {
        let plain: [&[u8]; 9] = [
            &[0x41, 0xff, 0x00],
            &[0x42, 0x80, 0x7f],
            &[0x43, 0x0b, 0x0b, 0x0b, 0x0b],
            &[0x44, 0, 0, 0x0b, 0, 0, 0, 0x0b, 0],
            &[0x23, 0x0b],
            &[0xd2, 0x80, 0x01],
            &[0xd0, 0x70],
            &[0x23, 0, 0x41, 1, 0x6a, 0x41, 2, 0x6c],
            &[0x42, 0, 0x42, 1, 0x7d],
        ];
        let gc: [&[u8]; 6] = [
            &[0xfb, 0, 0x0b],
            &[0xfb, 8, 0x0b, 0x0b],
            &[0x41, 0, 0xfb, 28],
            &[0xd0, 0x6e, 0xfb, 27],
            &[0x41, 0, 0xfe, 0x72],
            &[
                0xfd, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x0b, 12, 13, 14, 15,
            ],
        ];
        for expr in plain.iter().chain(&gc) {
            let whole = [expr, &[0x0b, 0x7f][..]].concat();
            assert!(same(&whole), "{whole:x?}");
            for cut in 0..expr.len() {
                skip(&mut BinaryReader::new(&whole[..cut], 0)).unwrap_err();
            }
        }
    }

    #[test]
    fn other_operators_are_refused_where_they_stand() {
        for expr in [&[0x41, 0, 0x20, 0, 0x0b][..], &[0x41, 0, 0xfd, 13, 0x0b]] {
            let error = skip(&mut BinaryReader::new(expr, 100)).unwrap_err();
            assert_eq!(error.offset(), 102);
            assert!(error.message().starts_with("constant expression required"));
        }
    }
}
