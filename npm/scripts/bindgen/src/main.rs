//! Runs wasm-bindgen over one Wasm file: `slipway-bindgen IN.wasm OUT_DIR NAME [PATH…]`. With paths of functions, what only they
//! need becomes a second file (`split`). Owns the choice of wasm-bindgen's target and what is done before it (`replace`,
//! `unread`) and after it (names, `split`); knows nothing of what is in the Wasm, and nothing of how its output is wrapped
//! (`npm/scripts/build/bindgen.js`).

mod names;
mod relocations;
mod replace;
mod split;
mod unread;

use relocations::{entries, Relocations};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use unread::Span;
use walrus::{FunctionId, Module};
use wasm_bindgen_cli_support::Bindgen;

/// A module without what nobody uses, and what of it goes into the secondary one.
struct Prepared {
    wasm: Vec<u8>,
    /// Names of functions.
    away: BTreeSet<String>,
    data: Vec<Span>,
}

fn prepared(path: &str, roots: &[String]) -> Result<Prepared, String> {
    let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
    let mut module = Module::from_buffer(&bytes).map_err(|e| format!("{e:#}"))?;
    let relocations = Relocations::read(&bytes, &module)?;
    for name in ["linking", "reloc.CODE", "reloc.DATA"] {
        module.customs.remove_raw(name);
    }
    replace::replace(&mut module)?;
    let all = relocations.reach(&module, entries(&module), &BTreeSet::new());
    let unread = unread::unread(&module, &relocations, &all);
    unread::clear(&mut module, &unread);
    split::empty_slots(&mut module, &all.functions)?;

    let roots = roots
        .iter()
        .map(|root| match names::find(&module, root)[..] {
            [found] => Ok(found),
            ref found => Err(format!("{} functions are called {root}", found.len())),
        });
    let roots = roots.collect::<Result<_, _>>()?;
    let primary = relocations.reach(&module, entries(&module), &roots);
    let names = |functions: &BTreeSet<FunctionId>| -> BTreeSet<String> {
        let named = functions.iter().map(|id| &module.funcs.get(*id).name);
        named.flatten().cloned().collect()
    };
    Ok(Prepared {
        // A name that two functions have does not tell them apart: then both stay.
        away: &names(&all.functions) - &names(&primary.functions),
        data: unread::unread(&module, &relocations, &primary),
        wasm: module.emit_wasm(),
    })
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let [_, input, out_dir, name, roots @ ..] = args.as_slice() else {
        eprintln!("usage: slipway-bindgen IN.wasm OUT_DIR NAME [PATH…]");
        return ExitCode::from(2);
    };
    match bind(input, out_dir, name, roots) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{input}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bind(input: &str, out_dir: &str, name: &str, roots: &[String]) -> Result<(), String> {
    let Prepared { wasm, away, data } = prepared(input, roots)?;
    // The bundler target is the only one whose JavaScript neither fetches nor reads files nor looks at its own address.
    Bindgen::new()
        .input_bytes(name, wasm)
        .out_name(name)
        .bundler(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .demangle(false)
                .remove_producers_section(true)
                .generate(out_dir)
        })
        .map_err(|error| format!("wasm-bindgen: {error:#}"))?;
    let bound = Path::new(out_dir).join(format!("{name}_bg"));
    shorten(&bound)?;
    if roots.is_empty() {
        return Ok(());
    }
    let (wasm, rest) = (
        bound.with_extension("wasm"),
        bound.with_extension("secondary.wasm"),
    );
    let whole = std::fs::read(&wasm).map_err(|e| e.to_string())?;
    let [primary, secondary] = split::split(&whole, &away, &data)?;
    std::fs::write(&wasm, primary).map_err(|e| e.to_string())?;
    std::fs::write(&rest, secondary).map_err(|e| e.to_string())
}

/// Gives what the Wasm imports short names: wasm-bindgen's end in hashes, on which gzip has no hold.
fn shorten(path: &Path) -> Result<(), String> {
    let (wasm, js) = (path.with_extension("wasm"), path.with_extension("js"));
    let mut module = Module::from_file(&wasm).map_err(|e| format!("{e:#}"))?;
    let mut source = std::fs::read_to_string(&js).map_err(|e| e.to_string())?;
    for (number, import) in module.imports.iter_mut().enumerate() {
        let short = format!("${number}");
        let definition = format!("export function {}(", import.name);
        if !source.contains(&definition) {
            return Err(format!("nothing defines {}", import.name));
        }
        source = source.replace(&definition, &format!("export function {short}("));
        import.name = short;
    }
    std::fs::write(&wasm, module.emit_wasm()).map_err(|e| e.to_string())?;
    std::fs::write(&js, source).map_err(|e| e.to_string())
}
