//! Runs wasm-bindgen over one Wasm file: `slipway-bindgen IN.wasm OUT_DIR NAME`. Owns the choice of wasm-bindgen's target;
//! knows nothing of what is in the Wasm, and nothing of how its output is wrapped (`npm/scripts/build/bindgen.js`).

use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let [_, input, out_dir, name] = args.as_slice() else {
        eprintln!("usage: slipway-bindgen IN.wasm OUT_DIR NAME");
        return ExitCode::from(2);
    };
    // The bundler target is the only one whose JavaScript neither fetches nor reads files nor looks at its own address.
    let result = Bindgen::new()
        .input_path(input)
        .out_name(name)
        .bundler(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .remove_producers_section(true)
                .generate(out_dir)
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm-bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}
