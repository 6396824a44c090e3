//! Runs wasm-bindgen over one Wasm file: `slipway-bindgen IN.wasm OUT_DIR NAME`. Owns the choice of wasm-bindgen's target and
//! what is done before it (`replace`, `unread`) and after it (names); knows nothing of what is in the Wasm, and nothing of how
//! its output is wrapped (`npm/scripts/build/bindgen.js`).

mod replace;
mod unread;

use std::path::Path;
use std::process::ExitCode;
use walrus::Module;
use wasm_bindgen_cli_support::Bindgen;

fn prepared(path: &str) -> Result<Vec<u8>, String> {
    let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
    let notes = unread::notes(&bytes).map_err(|e| e.to_string())?;
    let mut module = Module::from_buffer(&bytes).map_err(|e| format!("{e:#}"))?;
    replace::replace(&mut module)?;
    unread::clear(&mut module, &notes);
    Ok(module.emit_wasm())
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let [_, input, out_dir, name] = args.as_slice() else {
        eprintln!("usage: slipway-bindgen IN.wasm OUT_DIR NAME");
        return ExitCode::from(2);
    };
    let module = match prepared(input) {
        Ok(module) => module,
        Err(error) => {
            eprintln!("{input}: {error}");
            return ExitCode::FAILURE;
        }
    };
    // The bundler target is the only one whose JavaScript neither fetches nor reads files nor looks at its own address.
    let result = Bindgen::new()
        .input_bytes(name, module)
        .out_name(name)
        .bundler(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .remove_producers_section(true)
                .generate(out_dir)
        });
    let result = result
        .map_err(|error| format!("wasm-bindgen: {error:#}"))
        .and_then(|()| shorten(&Path::new(out_dir).join(format!("{name}_bg"))));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
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
