//! How the tools' Wasm is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        // By which the build finds what nothing refers to any more (`npm/scripts/bindgen/src/relocations.rs`).
        println!("cargo::rustc-link-arg-cdylib=--emit-relocs");
    }
}
