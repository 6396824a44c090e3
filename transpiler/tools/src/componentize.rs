//! `new` and `embed`: from a core module to a component. What a world means to a core module is wit-component's business.

use crate::error::{Error, Result};
use crate::input::{File, Wit};
use crate::text;
use std::collections::HashMap;
use wasi_preview1_component_adapter_provider as provider;
use wit_component::{embed_component_metadata, ComponentEncoder, StringEncoding};

/// What turns `wasi_snapshot_preview1` imports into WASI 0.2 ones; the name is that of the kind of program.
pub fn bundled_adapter(kind: &str) -> Result<(&'static str, &'static [u8])> {
    let bytes = match kind {
        "command" => provider::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
        "reactor" => provider::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
        "proxy" => provider::WASI_SNAPSHOT_PREVIEW1_PROXY_ADAPTER,
        _ => {
            let message = format!("no adapter is called {kind}: want command, reactor or proxy");
            return Err(Error::new("options", message));
        }
    };
    Ok((provider::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, bytes))
}

#[derive(Clone, Debug)]
pub struct NewOptions {
    /// A bundled adapter: command, reactor or proxy.
    pub wasi: Option<String>,
    /// Imports of the component to rename: old, new.
    pub import_names: Vec<(String, String)>,
    pub validate: bool,
    pub realloc_via_memory_grow: bool,
    pub merge_imports_based_on_semver: bool,
}

impl Default for NewOptions {
    fn default() -> Self {
        NewOptions {
            wasi: None,
            import_names: Vec::new(),
            validate: true,
            realloc_via_memory_grow: false,
            merge_imports_based_on_semver: true,
        }
    }
}

/// A core module with WIT embedded, and adapters by the module name that they stand for, to a component.
pub fn new(module: &File, adapters: &[(String, File)], options: &NewOptions) -> Result<Vec<u8>> {
    let wasm = text::binary(module)?;
    if wasmparser::Parser::is_component(&wasm) {
        return Err(Error::new("invalid", "this is a component already").at(&module.path));
    }
    let failed = |e: &anyhow::Error| explain(Error::from_anyhow("invalid", e)).at(&module.path);
    let renamed: HashMap<String, String> = options.import_names.iter().cloned().collect();
    let mut encoder = ComponentEncoder::default();
    encoder
        .validate(options.validate)
        .realloc_via_memory_grow(options.realloc_via_memory_grow)
        .merge_imports_based_on_semver(options.merge_imports_based_on_semver)
        .import_name_map(renamed)
        .module(&wasm)
        .map_err(|e| failed(&e))?;
    if let Some(kind) = &options.wasi {
        let (name, bytes) = bundled_adapter(kind)?;
        encoder.adapter(name, bytes).map_err(|e| failed(&e))?;
    }
    for (name, file) in adapters {
        let adapter = text::binary(file)?;
        encoder
            .adapter(name, &adapter)
            .map_err(|e| Error::from_anyhow("invalid", &e).at(&file.path))?;
    }
    encoder.encode().map_err(|e| failed(&e))
}

/// Says what to do about the two things that people meet first.
fn explain(error: Error) -> Error {
    let message = error.message();
    let hint = if message.contains("wasi_snapshot_preview1") {
        "pass --wasi command, reactor or proxy (or --adapt)"
    } else if message.contains("component-type") {
        "embed its world first: slipway embed"
    } else {
        return error;
    };
    Error::new(error.code(), format!("{message}; {hint}"))
}

/// A core module with `wit`'s world in a custom section.
pub fn embed(wit: &Wit, world: Option<&str>, encoding: &str, module: &File) -> Result<Vec<u8>> {
    let world = wit.world(world)?;
    let encoding: StringEncoding = encoding.parse().map_err(|_| {
        Error::new(
            "options",
            format!("no string encoding is called {encoding}: want utf8, utf16 or compact-utf16"),
        )
    })?;
    let mut bytes = text::binary(module)?.into_owned();
    if wasmparser::Parser::is_component(&bytes) {
        return Err(
            Error::new("invalid", "this is a component: WIT goes into core modules")
                .at(&module.path),
        );
    }
    embed_component_metadata(&mut bytes, wit.resolve(), world, encoding, false)
        .map_err(|e| Error::from_anyhow("invalid", &e).at(&module.path))?;
    Ok(bytes)
}
